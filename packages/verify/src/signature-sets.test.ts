import {
  approveStatement,
  canonicalize,
  digest,
  type Digest,
  type SignedStatement,
} from '@amana/core'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  beginExchange,
  cosign,
  type Exchange,
  revokeAuthor,
  send,
  type Sending,
  signStatements,
} from '../../../test/support/built-exchange.ts'
import { fileOf } from '../../../test/support/pieces.ts'
import {
  brokenSignature,
  forgeBundle,
  type RawRecord,
  recordsOf,
} from '../../../test/support/test-log.ts'
import { readPolicy } from './policy.ts'
import { type BundleVerification, verifyBundle } from './verify-bundle.ts'

const REPORT: Sending = { from: 'naptip', sequence: 1, kinds: ['intel.report/1'], at: 60 }
const MINUTES: Sending = { ...REPORT, kinds: ['jtwg.minutes/1'] }
const AUTHOR = 'author author, ng.naptip'
const APPROVER = 'approve approver, ng.naptip'

let exchange: Exchange
beforeEach(async () => {
  exchange = await beginExchange()
})

/** One statement of a kind: as its author and an approver signed it, and as its author signed it alone. */
async function bothSets(
  sending: Sending,
): Promise<{ readonly whole: SignedStatement; readonly half: SignedStatement }> {
  const [signed] = await signStatements(exchange, sending)
  const { approver } = exchange.naptip.agency.officers
  if (signed === undefined || approver === undefined) throw new Error('nothing signed')
  const isApproved = signed.statement.signatures.length > 1
  const whole = isApproved ? signed : await approveStatement(signed, approver)
  return { whole, half: withSignatures(whole, whole.statement.signatures.slice(0, 1)) }
}

function withSignatures(
  signed: SignedStatement,
  signatures: SignedStatement['statement']['signatures'],
): SignedStatement {
  return { ...signed, statement: { ...signed.statement, signatures } }
}

type Refused = 'none' | 'first' | 'second'

/** Sends one statement in two dispatches, each time with other signatures; of one the receiver may refuse it. */
async function sendTwice(
  sending: Sending,
  sets: readonly [SignedStatement, SignedStatement],
  refused: Refused = 'none',
): Promise<readonly [Digest, Digest]> {
  const refusal = { refusal: 'TRUST_SECOND_OFFICER' } as const
  const [first, second] = sets
  const previous = await send(exchange, {
    ...sending,
    statements: [first],
    ...(refused === 'first' ? refusal : {}),
  })
  const again = { ...sending, sequence: 2, previous, at: 90, statements: [second] }
  const last = await send(exchange, { ...again, ...(refused === 'second' ? refusal : {}) })
  return [previous, last]
}

/** The records of the receiver's bundle, cosigned. */
async function receiverRecords(): Promise<readonly RawRecord[]> {
  await cosign(exchange, 300)
  return recordsOf(await exchange.anltp.log.bundle(exchange))
}

async function verify(records: readonly RawRecord[]): Promise<BundleVerification> {
  return verifyBundle(fileOf(forgeBundle(records)), readPolicy(exchange.policyText))
}

function without(records: readonly RawRecord[], { statement }: SignedStatement): RawRecord[] {
  const text = canonicalize({ ...statement })
  const left = records.filter(({ content }) => canonicalize(content ?? '') !== text)
  expect(left).toHaveLength(records.length - 1)
  return left
}

function evidenceOf({ statement, digest: own }: SignedStatement): RawRecord {
  return { content: { ...statement }, digest: own, kind: 'statement', record: 'evidence' }
}

/** A set that no dispatch bound. */
function unbound({ whole }: { readonly whole: SignedStatement }): SignedStatement {
  return withSignatures(whole, whole.statement.signatures.toReversed())
}

describe('a statement that came in two dispatches with other signatures', () => {
  it.each(['before', 'after'] as const)(
    'is verified where the receiver refused it without its approval %s',
    async (when) => {
      const { half, whole } = await bothSets(REPORT)
      const pair = when === 'before' ? ([half, whole] as const) : ([whole, half] as const)
      await sendTwice(REPORT, pair, when === 'before' ? 'first' : 'second')
      const { findings, timeline, verdict } = await verify(await receiverRecords())
      expect(findings).toEqual([
        {
          code: 'REFUSED',
          severity: 'info',
          level: 'INFO',
          party: 'ng.naptip',
          where: `statement ${whole.digest}`,
          cause: 'TRUST_SECOND_OFFICER',
        },
      ])
      expect(verdict).toBe('verified')
      const signers = [[], [AUTHOR, APPROVER]]
      expect(timeline.map((row) => row.signers)).toEqual(
        when === 'before' ? signers : signers.toReversed(),
      )
    },
  )

  it('shows of each dispatch who signed what it bound', async () => {
    const { half, whole } = await bothSets(MINUTES)
    await sendTwice(MINUTES, [whole, half])
    const { findings, timeline } = await verify(await receiverRecords())
    expect(findings).toEqual([])
    expect(timeline.map(({ signers, statement }) => [statement, signers])).toEqual([
      [whole.digest, [AUTHOR, APPROVER]],
      [whole.digest, [AUTHOR]],
    ])
  })

  it('is no less at fault in the one because the other was refused', async () => {
    const { half, whole } = await bothSets(REPORT)
    await sendTwice(REPORT, [half, whole], 'second')
    const { findings, verdict } = await verify(await receiverRecords())
    expect(findings).toMatchObject([
      {
        code: 'SIGNATURE_INVALID',
        level: 'PROVEN',
        party: 'ng.naptip',
        cause: 'TRUST_SECOND_OFFICER',
      },
    ])
    expect(verdict).toBe('failed')
  })

  it('is at fault where the same set was opened once and refused once', async () => {
    const { half } = await bothSets(REPORT)
    await sendTwice(REPORT, [half, half], 'second')
    const { findings } = await verify(await receiverRecords())
    expect(findings).toMatchObject([{ code: 'SIGNATURE_INVALID', level: 'PROVEN' }])
  })

  it('is verified where the second was voided and never came', async () => {
    const { half, whole } = await bothSets(REPORT)
    await sendTwice(REPORT, [whole, half], 'second')
    const { findings, timeline, verdict } = await verify(without(await receiverRecords(), half))
    expect(findings).toEqual([])
    expect(verdict).toBe('verified')
    expect(timeline).toHaveLength(1)
  })
})

describe('a receipt from before the author’s key was revoked', () => {
  it('covers the same signatures in a later dispatch', async () => {
    const { whole } = await bothSets(MINUTES)
    const previous = await send(exchange, { ...MINUTES, statements: [whole] })
    await revokeAuthor(exchange, { since: 100, at: 200 })
    await send(exchange, { ...MINUTES, sequence: 2, previous, at: 250, statements: [whole] })
    expect((await verify(await receiverRecords())).findings).toEqual([])
  })

  it('does not cover others, though his is among them', async () => {
    const { half, whole } = await bothSets(MINUTES)
    const previous = await send(exchange, { ...MINUTES, statements: [whole] })
    await revokeAuthor(exchange, { since: 100, at: 200 })
    await send(exchange, { ...MINUTES, sequence: 2, previous, at: 250, statements: [half] })
    const { findings } = await verify(await receiverRecords())
    expect(findings).toMatchObject([{ code: 'SIGNATURE_INVALID', cause: 'WIRE_KEY_REVOKED' }])
  })
})

describe('a bundle in which signatures are not those that the dispatches bound', () => {
  it('is EVIDENCE_MISMATCH where only the other set is there, and EVIDENCE_MISSING where none is', async () => {
    const { half, whole } = await bothSets(MINUTES)
    await sendTwice(MINUTES, [whole, half])
    const records = await receiverRecords()
    const where = `statement ${whole.digest}`
    const one = await verify(without(records, half))
    expect(one.findings).toMatchObject([{ code: 'EVIDENCE_MISMATCH', severity: 'fail', where }])
    expect(one.timeline.map(({ signers }) => signers)).toEqual([[AUTHOR, APPROVER]])
    const none = await verify(without(without(records, half), whole))
    expect(none.findings).toMatchObject([
      { code: 'EVIDENCE_MISSING', severity: 'fail', where },
      { code: 'EVIDENCE_MISSING', severity: 'fail', where },
    ])
    expect([one.verdict, none.verdict]).toEqual(['failed', 'failed'])
  })

  it('names no signer of a set that took another’s place', async () => {
    const sets = await bothSets(MINUTES)
    await sendTwice(MINUTES, [sets.whole, sets.half])
    const records = await receiverRecords()
    const forged = [...without(records, sets.half), evidenceOf(unbound(sets))]
    const { findings, timeline, verdict } = await verify(forged)
    expect(findings.map(({ code }) => code)).toEqual(['EVIDENCE_MISMATCH'])
    expect(timeline.map(({ signers }) => signers)).toEqual([[AUTHOR, APPROVER], []])
    expect(verdict).toBe('failed')
  })

  it('says once what is wrong with a set that stands for nothing', async () => {
    const { half, whole } = await bothSets(MINUTES)
    await sendTwice(MINUTES, [whole, half])
    const records = without(without(await receiverRecords(), half), whole)
    const { findings } = await verify([...records, brokenSignature(evidenceOf(whole))])
    expect(findings.map(({ code, level }) => [code, level])).toEqual([
      ['EVIDENCE_MISMATCH', 'LOCAL'],
      ['SIGNATURE_INVALID', 'LOCAL'],
      ['EVIDENCE_MISMATCH', 'LOCAL'],
    ])
  })

  it('is EVIDENCE_MISMATCH for one that was refused too: it may be absent, not another', async () => {
    const sets = await bothSets(REPORT)
    await sendTwice(REPORT, [sets.whole, sets.half], 'second')
    const records = await receiverRecords()
    const forged = [...without(records, sets.half), evidenceOf(unbound(sets))]
    const { findings, verdict } = await verify(forged)
    expect(findings).toMatchObject([{ code: 'EVIDENCE_MISMATCH', level: 'LOCAL' }])
    expect(verdict).toBe('failed')
  })

  it('is EVIDENCE_UNNAMED where one more set is there that stands for nothing', async () => {
    const sets = await bothSets(MINUTES)
    await sendTwice(MINUTES, [sets.whole, sets.half])
    const { findings, verdict } = await verify([
      ...(await receiverRecords()),
      evidenceOf(unbound(sets)),
    ])
    const where = `statement ${sets.whole.digest}`
    expect(findings).toMatchObject([{ code: 'EVIDENCE_UNNAMED', severity: 'warn', where }])
    expect(verdict).toBe('verified')
  })

  it('takes the first set where the dispatch that would say is not there', async () => {
    const { half, whole } = await bothSets(MINUTES)
    const [, second] = await sendTwice(MINUTES, [whole, half])
    const records = await receiverRecords()
    const { findings, timeline } = await verify(
      records.filter((record) => record['digest'] !== second),
    )
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'EVIDENCE_MISSING', where: `dispatch ${second}` }),
    )
    expect(findings.map(({ code }) => code)).not.toContain('EVIDENCE_MISMATCH')
    expect(timeline.map(({ signers }) => signers)).toEqual([
      [AUTHOR, APPROVER],
      [AUTHOR, APPROVER],
    ])
  })
})

describe('evidence that stands in a bundle more than once', () => {
  it('byte for byte the same is one', async () => {
    const { half, whole } = await bothSets(MINUTES)
    await sendTwice(MINUTES, [whole, half])
    const records = await receiverRecords()
    const again = records.filter(({ record }) => record === 'evidence')
    expect(again.length).toBeGreaterThan(6)
    const { findings, verdict } = await verify([...records, ...again])
    expect(findings).toEqual([])
    expect(verdict).toBe('verified')
  })

  it.each([
    ['dispatch', ['EVIDENCE_UNNAMED']],
    ['receipt', ['EVIDENCE_UNNAMED']],
    ['charter', []],
    ['roster', []],
  ])('with other signatures after the first %s takes nothing from it', async (kind, codes) => {
    await send(exchange, MINUTES)
    const records = await receiverRecords()
    const other = brokenSignature(records.find((record) => record['kind'] === kind))
    const { findings, verdict } = await verify([...records, other])
    expect(findings.map(({ code }) => code)).toEqual(codes)
    expect(verdict).toBe('verified')
  })
})

it('a dispatch that took no place and that a leaf names is no stranger in a bundle', async () => {
  await send(exchange, MINUTES)
  const payload = 'eyJ2IjoxfQ'
  const data = { code: 'WIRE_FORK', count: 1, env: digest(payload), from: 'ng.naptip' }
  exchange.anltp.log.append(100, [{ event: 'x.rejected', data }])
  exchange.anltp.log.keep('dispatch', {
    payload,
    signatures: [{ protected: 'e30', signature: 'AA' }],
  })
  expect((await verify(await receiverRecords())).findings).toEqual([])
})
