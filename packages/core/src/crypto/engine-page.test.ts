import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { Hex, readVectors } from '../../../../test/support/vectors.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { engine as node } from './engine-node.ts'
import { engine as page } from './engine-page.ts'
import { confirmEd25519, DisagreementError } from './second-opinion.ts'

const { groups } = readVectors(
  'crypto/ed25519.json',
  z.object({
    groups: z.array(
      z.object({
        publicKey: Hex,
        tests: z.array(
          z.object({ tcId: z.number(), msg: Hex, sig: Hex, result: z.enum(['valid', 'invalid']) }),
        ),
      }),
    ),
  }),
)
const cases = groups.flatMap(({ publicKey, tests }) =>
  tests.map((test) => ({ ...test, publicKey })),
)
const random = seededRandom('page')
/** The point of order 8. */
const TORSION = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'

async function pointOf(): Promise<Uint8Array> {
  return node.publicKeyOf('Ed25519', random(32))
}

describe('the engine of the page', () => {
  it.each(cases)(
    'case $tcId of Wycheproof is $result, and both say so',
    async ({ msg, publicKey, result, sig }) => {
      const signed = { bytes: msg, signature: sig }
      expect(await page.verify('Ed25519', publicKey, signed)).toBe(result === 'valid')
    },
  )

  it('hashes as the other engines do', () => {
    for (const sizeBytes of [0, 1, 111, 112, 127, 128, 1000]) {
      const bytes = random(sizeBytes)
      expect(page.sha256(bytes)).toEqual(new Uint8Array(node.sha256(bytes)))
      expect(page.sha512(bytes)).toEqual(new Uint8Array(node.sha512(bytes)))
      expect(page.hmacSha256(bytes, 'text')).toEqual(new Uint8Array(node.hmacSha256(bytes, 'text')))
      expect(page.sha256Text(bytes)).toBe(node.sha256Text(bytes))
    }
  })

  it('takes the points that the curve library takes, and no others', async () => {
    const sound = await Promise.all(Array.from({ length: 8 }, pointOf))
    const moved = sound.map((bytes, times) =>
      ed25519.Point.fromBytes(bytes)
        .add(ed25519.Point.fromHex(TORSION).multiplyUnsafe(BigInt(times)))
        .toBytes(),
    )
    const small = Array.from({ length: 8 }, (_, times) =>
      ed25519.Point.fromHex(TORSION).multiplyUnsafe(BigInt(times)).toBytes(),
    )
    const others = Array.from({ length: 16 }, () => random(32))
    const spelled = ['ed', 'ee', 'ff'].map((low) => Buffer.from(`${low}${'f'.repeat(62)}`, 'hex'))
    const negativeZero = Buffer.from(`01${'0'.repeat(60)}80`, 'hex')
    const all = [...sound, ...moved, ...small, ...others, ...spelled, negativeZero, random(31)]
    expect(all.map((bytes) => page.isSoundPoint(bytes))).toEqual(
      all.map((bytes) => node.isSoundPoint(bytes)),
    )
    expect(sound.every((bytes) => page.isSoundPoint(bytes))).toBe(true)
  })

  it('takes the hybrid keys that the library takes, and no others', async () => {
    const sound = await node.hybridPublicKeyOf(random(32))
    const all = [
      sound,
      Uint8Array.from(sound).fill(0, 1184),
      Uint8Array.from(sound).fill(0xff, 0, 3),
      sound.subarray(1),
    ]
    expect(await Promise.all(all.map(async (bytes) => page.isHybridKey(bytes)))).toEqual([
      true,
      false,
      false,
      false,
    ])
    expect(await Promise.all(all.map(async (bytes) => node.isHybridKey(bytes)))).toEqual([
      true,
      false,
      false,
      false,
    ])
  })

  it('says neither yes nor no where the two opinions differ', async () => {
    const seed = random(32)
    const publicKey = await node.publicKeyOf('Ed25519', seed)
    const bytes = encodeUtf8('amana')
    const good = { bytes, signature: await node.sign('Ed25519', seed, bytes) }
    const bad = { bytes: encodeUtf8('amanb'), signature: good.signature }
    expect(() => {
      confirmEd25519(publicKey, good, true)
      confirmEd25519(publicKey, bad, false)
    }).not.toThrow()
    expect(() => {
      confirmEd25519(publicKey, good, false)
    }).toThrow(DisagreementError)
    expect(() => {
      confirmEd25519(publicKey, bad, true)
    }).toThrow(DisagreementError)
  })
})
