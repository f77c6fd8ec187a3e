/**
 * Seals: only the key of a recipient opens one, its length tells little, and it is read before any key is used.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#seal
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { admitted, craft, put } from '../../../../test/support/crafted-envelope.ts'
import {
  codeOf,
  makeWorld,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { editAt, onBytes } from '../../../../test/support/hostile-edits.ts'
import { asJson, parseText } from '../../../../test/support/json.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { readText } from '../../../../test/support/repository.ts'
import { canonicalize, encodeCanonical } from '../bytes/jcs.ts'
import { decodeBase64url } from '../bytes/base64.ts'
import { type OpeningKey, privateKeyFromSeed } from '../crypto/jwk.ts'
import { keysOfSuite, type SealKeys, type Suite } from '../crypto/suites.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { createOpening, type Opening, OpeningSchema } from './opening.ts'
import { openSeal, parseSeal, sealOpenings } from './seal.ts'

vi.setConfig({ testTimeout: 30_000 })

const AAD = { from: 'x', statements: [], to: 'y' }

let opening: Opening
let worlds: Readonly<Record<Suite, World>>
let keys: Readonly<Record<Suite, readonly OpeningKey[]>>

beforeAll(async () => {
  worlds = { A1: await makeWorld('A1'), A2: await makeWorld() }
  opening = (await statementOf(worlds.A2)).opening
  keys = { A1: await threeKeys('ECDH-ES+A256KW'), A2: await threeKeys('HPKE-9-KE') }
})

async function threeKeys(algorithm: OpeningKey['algorithm']): Promise<readonly OpeningKey[]> {
  const seeds = [1, 2, 3].map((n) => new Uint8Array(32).fill(n))
  return algorithm === 'HPKE-9-KE'
    ? Promise.all(seeds.map(async (seed) => privateKeyFromSeed('HPKE-9-KE', seed)))
    : Promise.all(seeds.map(async (seed) => privateKeyFromSeed('ECDH-ES+A256KW', seed)))
}

function keysFor(suite: Suite, count: number): SealKeys {
  return keysOfSuite(
    suite,
    keys[suite].slice(0, count).map((key) => admitted(key)),
  )
}

async function sealed(openings: readonly Opening[], suite: Suite = 'A2', count = 1) {
  const random = seededRandom('seal')
  return sealOpenings({ openings, aad: AAD, keys: keysFor(suite, count), random })
}

function keyAt(suite: Suite, index: number): OpeningKey {
  const key = keys[suite][index]
  if (key === undefined) throw new Error('no key')
  return key
}

describe.each(['A1', 'A2'] as const)('a seal of %s', (suite) => {
  it.each([1, 2, 3])('opens with the key of each of %i recipients', async (count) => {
    const { seal, keyCommitment } = await sealed([opening], suite, count)
    const parsed = parseSeal(seal, suite)
    expect(parsed.aad).toEqual(AAD)
    expect(parsed.keyIds).toEqual(keysFor(suite, count).recipients.map(({ keyId }) => keyId))
    for (const key of keys[suite].slice(0, count)) {
      expect(await openSeal(parsed, key, { keyCommitment, dispatch: 'd' })).toEqual([opening])
    }
  })

  it('does not open with a key that is no recipient', async () => {
    const { seal, keyCommitment } = await sealed([opening], suite, 2)
    const step = async (): Promise<unknown> =>
      openSeal(parseSeal(seal, suite), keyAt(suite, 2), { keyCommitment, dispatch: 'd' })
    expect(await codeOf(step)).toBe('WIRE_NOT_FOR_ME')
  })

  it('names the dispatch whose commitment its key does not fit', async () => {
    const { seal } = await sealed([opening], suite)
    const expected = { keyCommitment: 'A'.repeat(43), dispatch: 'the dispatch' }
    const step = openSeal(parseSeal(seal, suite), keyAt(suite, 0), expected)
    await expect(step).rejects.toMatchObject({
      code: 'WIRE_KEY_COMMIT',
      details: { dispatch: 'the dispatch' },
    })
  })

  it('has the same form as one made from the specification alone', async () => {
    const crafted = parseSeal((await craft(worlds[suite])).seal, suite)
    const own = parseSeal((await sealed([opening], suite)).seal, suite)
    expect(Object.keys(own.jwe)).toEqual(Object.keys(crafted.jwe))
    expect(own.jwe.protected).toBe(crafted.jwe.protected)
    expect(readText('docs/spec/03-statement-and-seal.md')).toContain(`\n${own.jwe.protected}\n`)
    expect(own.jwe.ciphertext.length).toBe(crafted.jwe.ciphertext.length)
  })

  it('repeats neither key nor vector', async () => {
    const random = seededRandom('two seals')
    const options = { openings: [opening], aad: AAD, keys: keysFor(suite, 1), random }
    const [one, two] = [await sealOpenings(options), await sealOpenings(options)]
    expect(parseSeal(one.seal, suite).jwe.iv).not.toBe(parseSeal(two.seal, suite).jwe.iv)
    expect(one.keyCommitment).not.toBe(two.keyCommitment)
  })

  it('is not one of the other suite', async () => {
    const other = suite === 'A1' ? 'A2' : 'A1'
    const { seal } = await sealed([opening], suite)
    expect(await refusalOf(() => parseSeal(seal, other))).toEqual({
      code: 'WIRE_SUITE',
      details: { suite },
    })
  })

  it('does not open with a key of the other suite, though it names that key', async () => {
    const { seal, keyCommitment } = await sealed([opening], suite)
    const key = keyAt(suite === 'A1' ? 'A2' : 'A1', 0)
    const named = put(['recipients', 0, 'header', 'kid'], key.keyId)(parseText(seal))
    const parsed = parseSeal(canonicalize(asJson(named)), suite)
    const step = async (): Promise<unknown> =>
      openSeal(parsed, key, { keyCommitment, dispatch: 'd' })
    expect(await refusalOf(step)).toEqual({
      code: 'WIRE_KEY_USE',
      details: { keyId: key.keyId },
    })
  })
})

describe('a seal of A1', () => {
  it('comes out the same of the same randomness, and has a fresh key for each recipient', async () => {
    const [one, two] = [await sealed([opening], 'A1', 3), await sealed([opening], 'A1', 3)]
    expect(two.seal).toBe(one.seal)
    const { recipients } = parseSeal(one.seal, 'A1')
    if (recipients.suite !== 'A1') throw new Error('not of A1')
    expect(new Set(recipients.entries.map(({ header }) => header.epk.x)).size).toBe(3)
  })

  it('is 1,427 characters shorter than one of A2 for each recipient', async () => {
    const { seal: classic } = await sealed([opening], 'A1', 3)
    const { seal: hybrid } = await sealed([opening], 'A2', 3)
    const headers =
      parseSeal(hybrid, 'A2').jwe.protected.length - parseSeal(classic, 'A1').jwe.protected.length
    expect(hybrid.length - classic.length - headers).toBe(3 * 1427)
  })
})

describe('the length of a seal', () => {
  it.each([
    [0, 256],
    [20, 256],
    [500, 672],
    [1000, 1216],
    [10_000, 10_240],
    [100_000, 100_352],
  ])(
    'with %i characters of text tells only that the plaintext is %i bytes',
    async (chars, bytes) => {
      expect(plainBytes(await sealed([textOf(chars)]))).toBe(bytes)
    },
  )

  it('is the same for texts of nearly the same length, and never 6.25 % above them', async () => {
    const bare = encodeCanonical({ pad: '', statements: [{ ...textOf(0) }] }).byteLength
    for (let chars = 300; chars < 6000; chars += 97) {
      const padded = plainBytes(await sealed([textOf(chars)]))
      expect(padded).toBeGreaterThanOrEqual(bare + chars)
      expect(padded).toBeLessThan((bare + chars) * 1.0625)
    }
  })

  it('is at most 900 KiB', async () => {
    const big = textOf(440 * 1024)
    const { seal } = await sealed([big])
    expect(seal.length).toBeLessThan(WIRE_LIMITS.sealBytes)
    expect(await codeOf(async () => sealed([big, big]))).toBe('WIRE_SIZE')
    expect(await codeOf(() => parseSeal(seal.padEnd(WIRE_LIMITS.sealBytes + 1), 'A2'))).toBe(
      'WIRE_SIZE',
    )
  })
})

describe('the form of a seal', () => {
  it('is read without a key', async () => {
    const { seal } = await sealed([opening])
    const short = editAt(
      ['tag'],
      onBytes((tag) => tag.subarray(1)),
    )(parseText(seal))
    const names = put(['recipients', 0, 'header', 'kid'], 'desk')(parseText(seal))
    for (const value of [short, names]) {
      expect(await codeOf(() => parseSeal(JSON.stringify(value), 'A2'))).toBe('WIRE_JWE')
    }
  })
})

function textOf(chars: number): Opening {
  return OpeningSchema.parse(
    createOpening({ body: { text: 'x'.repeat(chars) } }, seededRandom('text')),
  )
}

function plainBytes({ seal }: { readonly seal: string }): number {
  return decodeBase64url(parseSeal(seal, 'A2').jwe.ciphertext).byteLength
}
