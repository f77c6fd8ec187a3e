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
import { parseText } from '../../../../test/support/json.ts'
import { readText } from '../../../../test/support/repository.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { decodeBase64url } from '../bytes/base64.ts'
import { privateKeyFromSeed, type PrivateKey } from '../crypto/jwk.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { createOpening, type Opening, OpeningSchema } from './opening.ts'
import { openSeal, parseSeal, sealOpenings } from './seal.ts'

vi.setConfig({ testTimeout: 30_000 })

const AAD = { from: 'x', statements: [], to: 'y' }

let world: World
let opening: Opening
let keys: readonly PrivateKey<'HPKE-9-KE'>[]

beforeAll(async () => {
  world = await makeWorld()
  opening = (await statementOf(world)).opening
  keys = await Promise.all(
    [1, 2, 3].map(async (n) => privateKeyFromSeed('HPKE-9-KE', new Uint8Array(32).fill(n))),
  )
})

function recipients(count: number): ReturnType<typeof admitted>[] {
  return keys
    .slice(0, count)
    .map((key) => admitted(key))
    .toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
}

async function sealed(openings: readonly Opening[], count = 1) {
  const random = seededRandom('seal')
  return sealOpenings({ openings, aad: AAD, recipients: recipients(count), random })
}

describe('a seal', () => {
  it.each([1, 2, 3])('opens with the key of each of %i recipients', async (count) => {
    const { seal, keyCommitment } = await sealed([opening], count)
    const parsed = parseSeal(seal)
    expect(parsed.aad).toEqual(AAD)
    expect(parsed.keyIds).toEqual(recipients(count).map(({ keyId }) => keyId))
    for (const key of keys.slice(0, count)) {
      expect(await openSeal(parsed, key, { keyCommitment, dispatch: 'd' })).toEqual([opening])
    }
  })

  it('does not open with a key that is no recipient', async () => {
    const { seal, keyCommitment } = await sealed([opening], 2)
    const [, , third] = keys
    if (third === undefined) throw new Error('no key')
    const step = async (): Promise<unknown> =>
      openSeal(parseSeal(seal), third, { keyCommitment, dispatch: 'd' })
    expect(await codeOf(step)).toBe('WIRE_NOT_FOR_ME')
  })

  it('names the dispatch whose commitment its key does not fit', async () => {
    const { seal } = await sealed([opening])
    const [key] = keys
    if (key === undefined) throw new Error('no key')
    const expected = { keyCommitment: 'A'.repeat(43), dispatch: 'the dispatch' }
    await expect(openSeal(parseSeal(seal), key, expected)).rejects.toMatchObject({
      code: 'WIRE_KEY_COMMIT',
      details: { dispatch: 'the dispatch' },
    })
  })

  it('has the same form as one made from the specification alone', async () => {
    const crafted = parseSeal((await craft(world)).seal)
    const own = parseSeal((await sealed([opening])).seal)
    expect(Object.keys(own.jwe)).toEqual(Object.keys(crafted.jwe))
    expect(own.jwe.protected).toBe(crafted.jwe.protected)
    expect(readText('docs/spec/03-statement-and-seal.md')).toContain(`\n${own.jwe.protected}\n`)
    expect(own.jwe.ciphertext.length).toBe(crafted.jwe.ciphertext.length)
  })

  it('repeats neither key nor vector', async () => {
    const random = seededRandom('two seals')
    const options = { openings: [opening], aad: AAD, recipients: recipients(1), random }
    const [one, two] = [await sealOpenings(options), await sealOpenings(options)]
    expect(parseSeal(one.seal).jwe.iv).not.toBe(parseSeal(two.seal).jwe.iv)
    expect(one.keyCommitment).not.toBe(two.keyCommitment)
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
    expect(await codeOf(() => parseSeal(seal.padEnd(WIRE_LIMITS.sealBytes + 1)))).toBe('WIRE_SIZE')
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
      expect(await codeOf(() => parseSeal(JSON.stringify(value)))).toBe('WIRE_JWE')
    }
  })
})

function textOf(chars: number): Opening {
  return OpeningSchema.parse(
    createOpening({ body: { text: 'x'.repeat(chars) } }, seededRandom('text')),
  )
}

function plainBytes({ seal }: { readonly seal: string }): number {
  return decodeBase64url(parseSeal(seal).jwe.ciphertext).byteLength
}
