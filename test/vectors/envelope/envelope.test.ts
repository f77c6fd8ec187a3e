/**
 * Every vector of `envelope.json` against the code that ships.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#vectors
 */
import { describe, expect, it } from 'vitest'
import {
  assertOpens,
  createTrustView,
  decodeBase64url,
  encodeUtf8,
  GeneralJwsSchema,
  openedValues,
  OpeningSchema,
  parseDispatch,
  parseOpening,
  parsePresentation,
  parseReceipt,
  parseSeal,
  parseStatement,
  privateKeyFromSeed,
  type TrustView,
  verifyDispatch,
  verifyFirstCharter,
  verifyReceipt,
  verifyRoster,
  verifyStatement,
} from '@amana/core'
import { z } from 'zod'
import { openSeal } from '../../../packages/core/src/envelope/seal.ts'
import { codeOf, outcomeOf } from '../../support/envelope-fixture.ts'
import { BODIES } from '../../support/message-bodies.ts'
import { readJson } from '../../support/repository.ts'

const name = z.string()
const code = z.exactOptional(z.string())
const jws = z.unknown()
const FileSchema = z.strictObject({
  about: z.string(),
  trust: z.strictObject({ charter: jws, rosters: z.array(jws) }),
  receiver: z.strictObject({
    agency: z.string(),
    carriedBy: z.string(),
    channel: z.string(),
    deskKeys: z.array(z.strictObject({ kid: z.string(), seed: z.string() })),
    now: z.int(),
    previous: z.string(),
  }),
  statements: z.array(
    z.strictObject({
      name,
      code,
      digest: z.exactOptional(z.string()),
      statement: jws,
      opening: z.exactOptional(z.unknown()),
    }),
  ),
  seals: z.array(
    z.strictObject({
      name,
      code,
      kid: z.string(),
      seed: z.string(),
      keyCommitment: z.string(),
      seal: z.string(),
      openings: z.exactOptional(z.array(OpeningSchema)),
    }),
  ),
  dispatches: z.array(
    z.strictObject({ name, code, digest: z.exactOptional(z.string()), dispatch: jws }),
  ),
  envelopes: z.array(
    z.strictObject({
      name,
      envelope: z.string(),
      place: z.enum(['none', 'taken']),
      results: z.array(z.string()),
    }),
  ),
  receipts: z.array(z.strictObject({ name, code, dispatch: jws, receipt: jws })),
  presentations: z.array(
    z.strictObject({
      name,
      code,
      fields: z.exactOptional(z.array(z.string())),
      presentation: z.string(),
    }),
  ),
})
const vectors = FileSchema.parse(readJson('test/vectors/envelope/envelope.json'))
const { receiver } = vectors

/** Trust from the file alone, as a stranger would build it. */
async function trustOf(): Promise<TrustView> {
  const charter = await verifyFirstCharter(vectors.trust.charter, {})
  const rosters = vectors.trust.rosters.map(async (roster) =>
    verifyRoster(roster, { authority: charter }),
  )
  return createTrustView({ charter, rosters: await Promise.all(rosters) })
}

const trust = await trustOf()
const deskKeys = await Promise.all(
  receiver.deskKeys.map(async ({ seed }) => privateKeyFromSeed('HPKE-9-KE', decodeBase64url(seed))),
)

describe('the vectors', () => {
  it.each(['statements', 'seals', 'dispatches', 'receipts', 'presentations'] as const)(
    'of %s are refused at least as often as accepted',
    (section) => {
      const refused = vectors[section].filter((vector) => vector.code !== undefined).length
      expect(refused).toBeGreaterThanOrEqual(vectors[section].length - refused)
      expect(vectors[section].length).toBeGreaterThan(refused)
    },
  )

  it('of envelopes are refused at least as often as accepted', () => {
    const opened = vectors.envelopes.filter(({ results }) =>
      results.every((result) => result === 'opened'),
    )
    expect(opened.length).toBeGreaterThan(7)
    expect(vectors.envelopes.length - opened.length).toBeGreaterThanOrEqual(opened.length)
  })

  it('name the desk keys by their seeds', () => {
    expect(deskKeys.map(({ keyId }) => keyId)).toEqual(receiver.deskKeys.map(({ kid }) => kid))
  })
})

describe('statements', () => {
  it.each(vectors.statements)('$name', async ({ statement, opening, ...expected }) => {
    const step = async (): Promise<string> => {
      const parsed = parseStatement(statement)
      const { content } = await verifyStatement(parsed, trust)
      if (opening !== undefined) assertOpens(content, parseOpening(opening))
      return parsed.digest
    }
    expect(await codeOf(step)).toBe(expected.code ?? 'none')
    if (expected.code !== undefined) return
    expect(await step()).toBe(expected.digest)
    const { kind } = parseStatement(statement).content
    expect(openedValues(parseOpening(opening))).toEqual(
      new Map<string, unknown>(Object.entries(BODIES)).get(kind),
    )
  })
})

describe('seals', () => {
  it.each(vectors.seals)('$name', async ({ kid, seed, keyCommitment, seal, ...expected }) => {
    const key = await privateKeyFromSeed('HPKE-9-KE', decodeBase64url(seed))
    expect(key.keyId).toBe(kid)
    const step = async (): Promise<unknown> =>
      openSeal(parseSeal(seal, 'A2'), key, { keyCommitment, dispatch: '' })
    expect(await codeOf(step)).toBe(expected.code ?? 'none')
    if (expected.code === undefined) expect(await step()).toEqual(expected.openings)
  })
})

describe('dispatches', () => {
  it.each(vectors.dispatches)('$name', async ({ dispatch, ...expected }) => {
    const step = async (): Promise<string> => {
      const parsed = parseDispatch(dispatch)
      await verifyDispatch(parsed, trust)
      return parsed.digest
    }
    expect(await codeOf(step)).toBe(expected.code ?? 'none')
    if (expected.code === undefined) expect(await step()).toBe(expected.digest)
  })
})

describe('envelopes', () => {
  it.each(vectors.envelopes)('$name', async ({ envelope, place, results }) => {
    const outcome = await outcomeOf(encodeUtf8(envelope), {
      agency: receiver.agency,
      carriedBy: receiver.carriedBy,
      now: receiver.now,
      trust,
      headOf: async () => ({
        sequence: 0,
        digest: receiver.previous,
        sentAt: 0,
        acknowledged: 0,
      }),
      dispatchAt: async () => undefined,
      ownDispatchAt: async () => undefined,
      sentTo: async () => undefined,
      stagedAt: async () => undefined,
      statementOf: async () => undefined,
      deskKey: (keyId) => deskKeys.find((key) => key.keyId === keyId),
    })
    expect(outcome).toEqual({ place, results })
  })
})

describe('receipts', () => {
  it.each(vectors.receipts)('$name', async ({ dispatch, receipt, ...expected }) => {
    const answered = parseDispatch(GeneralJwsSchema.parse(dispatch))
    const step = async (): Promise<unknown> => verifyReceipt(parseReceipt(receipt), answered, trust)
    expect(await codeOf(step)).toBe(expected.code ?? 'none')
  })
})

describe('presentations', () => {
  it.each(vectors.presentations)('$name', async ({ presentation, fields, ...expected }) => {
    expect(await codeOf(() => parsePresentation(presentation))).toBe(expected.code ?? 'none')
    if (expected.code !== undefined) return
    const shown = Object.keys(parsePresentation(presentation).groups)
    expect(new Set(shown)).toEqual(new Set(fields?.map((field) => field.split('.')[0])))
  })
})
