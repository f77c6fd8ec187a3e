/**
 * Every vector of `envelope-a1.json` against the code that ships.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap-of-a1
 */
import { describe, expect, it } from 'vitest'
import {
  admitKey,
  createTrustView,
  decodeBase64url,
  encodeUtf8,
  keysOfSuite,
  OpeningSchema,
  parseSeal,
  privateKeyFromSeed,
  type Random,
  type TrustView,
  verifyFirstCharter,
  verifyRoster,
} from '@amana/core'
import { z } from 'zod'
import { openSeal, sealOpenings } from '../../../packages/core/src/envelope/seal.ts'
import { codeOf, outcomeOf } from '../../support/envelope-fixture.ts'
import { readJson } from '../../support/repository.ts'

const name = z.string()
const FileSchema = z.strictObject({
  about: z.string(),
  trust: z.strictObject({ charter: z.unknown(), rosters: z.array(z.unknown()) }),
  receiver: z.strictObject({
    agency: z.string(),
    carriedBy: z.string(),
    channel: z.string(),
    deskKeys: z.array(z.strictObject({ kid: z.string(), seed: z.string() })),
    now: z.int(),
    previous: z.string(),
  }),
  seals: z.array(
    z.strictObject({
      name,
      code: z.exactOptional(z.string()),
      suite: z.literal('A1'),
      kid: z.string(),
      seed: z.string(),
      keyCommitment: z.string(),
      seal: z.string(),
      openings: z.exactOptional(z.array(OpeningSchema)),
      drawn: z.exactOptional(z.string()),
    }),
  ),
  envelopes: z.array(
    z.strictObject({
      name,
      envelope: z.string(),
      place: z.enum(['none', 'taken']),
      results: z.array(z.string()),
    }),
  ),
})
const vectors = FileSchema.parse(readJson('test/vectors/envelope/envelope-a1.json'))
const { receiver } = vectors
const honest = vectors.seals.filter(({ code }) => code === undefined)

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
  receiver.deskKeys.map(async ({ seed }) =>
    privateKeyFromSeed('ECDH-ES+A256KW', decodeBase64url(seed)),
  ),
)

describe('the vectors of suite A1', () => {
  it('are under a charter that lists it alone', () => {
    expect(trust.charter.payload.suites).toEqual(['A1'])
    expect(deskKeys.map(({ keyId }) => keyId)).toEqual(receiver.deskKeys.map(({ kid }) => kid))
  })

  it('are refused at least as often as accepted', () => {
    expect(honest.length).toBeGreaterThan(2)
    expect(vectors.seals.length - honest.length).toBeGreaterThanOrEqual(honest.length)
    const opened = vectors.envelopes.filter(({ results }) =>
      results.every((result) => result === 'opened'),
    )
    expect(opened.length).toBeGreaterThan(7)
    expect(vectors.envelopes.length - opened.length).toBeGreaterThanOrEqual(opened.length)
  })
})

describe('seals of suite A1', () => {
  it.each(vectors.seals)('$name', async ({ kid, seed, keyCommitment, seal, ...expected }) => {
    const key = await privateKeyFromSeed('ECDH-ES+A256KW', decodeBase64url(seed))
    expect(key.keyId).toBe(kid)
    const step = async (): Promise<unknown> =>
      openSeal(parseSeal(seal, 'A1'), key, { keyCommitment, dispatch: '' })
    expect(await codeOf(step)).toBe(expected.code ?? 'none')
    if (expected.code === undefined) expect(await step()).toEqual(expected.openings)
  })

  it.each(honest)('$name comes out the same of what was drawn for it', async (vector) => {
    const { aad, keyIds } = parseSeal(vector.seal, 'A1')
    const made = await sealOpenings({
      openings: vector.openings ?? [],
      aad,
      keys: keysOfSuite('A1', await admittedKeys(vector.seed, keyIds)),
      random: drawing(decodeBase64url(vector.drawn ?? '')),
    })
    expect(made.seal).toBe(vector.seal)
    expect(made.keyCommitment).toBe(vector.keyCommitment)
  })
})

describe('envelopes of suite A1', () => {
  it.each(vectors.envelopes)('$name', async ({ envelope, place, results }) => {
    const outcome = await outcomeOf(encodeUtf8(envelope), {
      agency: receiver.agency,
      carriedBy: receiver.carriedBy,
      now: receiver.now,
      trust,
      headOf: async () => ({ sequence: 0, digest: receiver.previous, sentAt: 0, acknowledged: 0 }),
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

/** Gives the bytes that were drawn, in their order. */
function drawing(drawn: Uint8Array): Random {
  let offset = 0
  return (sizeBytes) => {
    offset += sizeBytes
    return drawn.slice(offset - sizeBytes, offset)
  }
}

/** Keys by their ids: the vector's own, and the desks'. */
async function admittedKeys(
  seed: string,
  keyIds: readonly string[],
): Promise<Awaited<ReturnType<typeof admitKey>>[]> {
  const own = await privateKeyFromSeed('ECDH-ES+A256KW', decodeBase64url(seed))
  const known = [own, ...deskKeys.filter(({ keyId }) => keyId !== own.keyId)]
  const named = known.filter(({ keyId }) => keyIds.some((kid) => kid === keyId))
  return Promise.all(named.map(async ({ publicJwk }) => admitKey(publicJwk)))
}
