/**
 * Findings that no other test asks for by their code: each is the only one that says what is wrong.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */
import {
  buildPresentation,
  decodeBase64url,
  decodeUtf8,
  type Digest,
  digest,
  encodeBase64url,
  encodeCanonical,
  encodeUtf8,
  type GeneralJws,
  parseCanonicalText,
  parseEnvelope,
  signJws,
} from '@amana/core'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  beginExchange,
  buildExchange,
  cosign,
  type Exchange,
  send,
  type Sending,
} from '../../../test/support/built-exchange.ts'
import { fileOf, inPieces } from '../../../test/support/pieces.ts'
import { forgeBundle, recordsOf } from '../../../test/support/test-log.ts'
import { edited } from '../../../test/support/trust-fixture.ts'
import { type Finding } from './findings.ts'
import { readPolicy } from './policy.ts'
import { checkPresentation } from './single-files.ts'
import { verifyBundle } from './verify-bundle.ts'
import { verifyMessageFile } from './verify-message.ts'

const PAIR: Sending = {
  from: 'naptip',
  sequence: 1,
  kinds: ['jtwg.minutes/1', 'jtwg.minutes/1'],
  at: 60,
}

let exchange: Exchange
beforeEach(async () => {
  exchange = await beginExchange()
})

/** What is found in NAPTIP’s bundle once both logs are closed. */
async function findings(): Promise<readonly Finding[]> {
  await cosign(exchange, 300)
  const bundle = await exchange.naptip.log.bundle(exchange)
  return (await verifyBundle(fileOf(bundle), readPolicy(exchange.policyText))).findings
}

/** NAPTIP’s log says that these statements were sealed under a dispatch, which it keeps. */
function logSealed(dispatch: GeneralJws, statements: readonly Digest[]): string {
  const env = digest(dispatch.payload)
  const to = 'ne.anltp-tim'
  const sealed = statements.map((std) => ({
    event: 'x.sealed',
    data: { env, kind: 'jtwg.minutes/1', std, to },
  }))
  exchange.naptip.log.append(60, [...sealed, { event: 'x.sent', data: { env, to, try: 1 } }])
  exchange.naptip.log.keep('dispatch', dispatch)
  return env
}

/** A dispatch of two statements as it was made in an exchange of the same keys. */
async function dispatched(): Promise<{
  readonly dispatch: GeneralJws
  readonly statements: readonly Digest[]
}> {
  const other = await beginExchange()
  await send(other, PAIR)
  const [sent] = other.sent
  if (sent === undefined) throw new TypeError('nothing was sent')
  for (const { statement } of sent.statements) exchange.naptip.log.keep('statement', statement)
  const { dispatch } = parseEnvelope(sent.bytes)
  return {
    dispatch: dispatch.signed.jws,
    statements: sent.statements.map((statement) => statement.digest),
  }
}

describe('a log is at fault', () => {
  it('where it names one of two statements that its dispatch binds: DISPATCH_MISMATCH', async () => {
    const { dispatch, statements } = await dispatched()
    const env = logSealed(dispatch, statements.slice(0, 1))
    expect(await findings()).toContainEqual(
      expect.objectContaining({ code: 'DISPATCH_MISMATCH', where: `dispatch ${env}` }),
    )
  })

  it('where its dispatch stands in the channel of the other direction: CHANNEL_BROKEN', async () => {
    const { dispatch, statements } = await dispatched()
    const content = parseCanonicalText(decodeUtf8(decodeBase64url(dispatch.payload)))
    const signed = await signJws({
      payload: encodeCanonical(edited(content, [[['channel'], 'ne.anltp-tim>ng.naptip']])),
      typ: 'amana-dispatch+jws',
      signers: [{ key: exchange.naptip.agency.sealKey }],
    })
    const env = logSealed(signed, statements)
    expect(await findings()).toContainEqual(
      expect.objectContaining({ code: 'CHANNEL_BROKEN', where: `dispatch ${env}` }),
    )
  })

  it('where it seals one statement twice under one dispatch: LIFECYCLE', async () => {
    const { dispatch, statements } = await dispatched()
    logSealed(dispatch, [...statements, ...statements.slice(0, 1)])
    expect(await findings()).toContainEqual(
      expect.objectContaining({ code: 'LIFECYCLE', severity: 'fail' }),
    )
  })
})

describe('a bundle', () => {
  it.each([
    ['charter', 'no version', '{"v":1}'],
    ['roster', 'no version', '{"v":1}'],
    [
      'roster',
      'an agency as what every object has',
      '{"agency":"constructor","previous":null,"version":1}',
    ],
  ])('with a %s that names %s: TRUST_INVALID', async (kind, _what, text) => {
    const whole = await buildExchange()
    const records = recordsOf(await whole.naptip.log.bundle(whole))
    const payload = encodeBase64url(encodeUtf8(text))
    const forged = records.map((record) =>
      record['kind'] === kind
        ? {
            ...record,
            content: edited(record['content'], [[['payload'], payload]]),
            digest: digest(payload),
          }
        : record,
    )
    const bundle = forgeBundle(forged)
    const found = await verifyBundle(fileOf(bundle), readPolicy(whole.policyText))
    expect(found.findings).toContainEqual(
      expect.objectContaining({ code: 'TRUST_INVALID', cause: 'WIRE_MEMBER' }),
    )
  })

  it('that withholds where a checkpoint was signed says so: NOT_COMPARED', async () => {
    const whole = await buildExchange()
    for (const at of [300, 360, 420, 480]) await cosign(whole, at)
    const bundle = await whole.naptip.log.bundle({ ...whole, classes: ['g'] })
    const found = await verifyBundle(fileOf(bundle), readPolicy(whole.policyText))
    expect(found.findings).toContainEqual(
      expect.objectContaining({ code: 'NOT_COMPARED', severity: 'info' }),
    )
  })
})

it('a message file that is none is malformed: BUNDLE_MALFORMED', async () => {
  const policy = readPolicy(exchange.policyText)
  const pieces = inPieces(encodeUtf8('{"v":1}\n'))
  const { findings: found, verdict } = await verifyMessageFile('x', pieces, policy)
  expect(found).toMatchObject([{ code: 'BUNDLE_MALFORMED', party: 'x' }])
  expect(verdict).not.toBe('verified')
})

it('a presentation that shows an approval in place of its author is refused: WIRE_HDR', async () => {
  const whole = await buildExchange()
  const [statement] = whole.sent[1]?.statements ?? []
  const [, approval] = statement?.statement.signatures ?? []
  if (statement === undefined || approval === undefined) throw new TypeError('no approval')
  const [, ...disclosures] = buildPresentation(statement.statement, statement.opening, []).split(
    '~',
  )
  const jwt = `${approval.protected}.${statement.statement.payload}.${approval.signature}`
  const text = [jwt, ...disclosures].join('~')
  const { findings: found } = await checkPresentation('x', encodeUtf8(text), whole.trust)
  expect(found).toMatchObject([{ code: 'PRESENTATION_INVALID', cause: 'WIRE_HDR' }])
})
