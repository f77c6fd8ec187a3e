/**
 * ECDH-ES+A256KW: published steps of it come out as published, and a wrap opens with its key and no other.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap-of-a1
 */
import { createECDH } from 'node:crypto'
import { x25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { aesGcmOpen } from './aead.ts'
import { ecdhOpenKey, ecdhSealKey, isX25519PublicKey, wrappingKeyOf } from './ecdh.ts'
import { engine as node } from './engine-node.ts'
import { engine as web } from './engine-web.ts'
import { privateKeyFromSeed } from './jwk.ts'

const Point = z.object({ crv: z.string(), x: z.string(), y: z.string() })
const PointKey = Point.extend({ d: z.string() })
const published = readVectors(
  'crypto/ecdh-es.json',
  z.object({
    rfc8037: z.object({ seed: Hex, ephemeralSeed: Hex, publicKey: z.string(), shared: z.string() }),
    rfc7520: z.object({
      privateKey: PointKey,
      epk: Point,
      encryptedKey: z.string(),
      contentKey: z.string(),
    }),
    wycheproof: z.object({
      privateKey: PointKey,
      tests: z.array(
        z.object({ tcId: z.number(), enc: z.string(), jwe: z.string(), result: z.string() }),
      ),
    }),
  }),
)
const { tests } = readVectors(
  'crypto/x25519.json',
  z.object({
    tests: z.array(
      z.object({
        tcId: z.number(),
        flags: z.array(z.string()).transform((flags) => flags.join(' ')),
        public: Hex,
        private: Hex,
        shared: z.string(),
      }),
    ),
  }),
)

const random = seededRandom('ecdh')

describe.each([
  ['node', node],
  ['web', web],
])('X25519 of %s', (_name, engine) => {
  it.each(tests)('case $tcId ($flags) is that of Wycheproof', async (test) => {
    const shared = await engine.x25519(test.private, test.public)
    const isZero = test.flags.includes('ZeroSharedSecret')
    expect(shared === undefined ? 'none' : hexOf(shared)).toBe(isZero ? 'none' : test.shared)
  })

  it('gives the keys and the secret of RFC 8037 A.6', async () => {
    const { seed, ephemeralSeed, publicKey, shared } = published.rfc8037
    const own = await engine.publicKeyOf('X25519', seed)
    expect(encodeBase64url(own)).toBe(publicKey)
    const secret = await engine.x25519(ephemeralSeed, own)
    expect(secret === undefined ? 'none' : hexOf(secret)).toBe(shared)
  })

  it.each([0, 31, 33])('gives nothing for a public key of %i bytes', async (sizeBytes) => {
    expect(await engine.x25519(random(32), new Uint8Array(sizeBytes).fill(9))).toBeUndefined()
  })
})

describe('a public key', () => {
  it.each(tests)('of case $tcId ($flags) is taken unless it is another’s', (test) => {
    const isRefused = /LowOrderPublic|NonCanonicalPublic/.test(test.flags)
    expect(isX25519PublicKey(test.public)).toBe(!isRefused)
  })

  it('is refused for another length, and at the prime and above', () => {
    const prime = new Uint8Array(32).fill(0xff).with(0, 0xed).with(31, 0x7f)
    const below = prime.with(0, 0xeb)
    expect(isX25519PublicKey(below)).toBe(true)
    expect(isX25519PublicKey(prime)).toBe(false)
    expect(isX25519PublicKey(below.with(31, 0xff))).toBe(false)
    expect(isX25519PublicKey(below.subarray(1))).toBe(false)
    expect(isX25519PublicKey(concatBytes(below, Uint8Array.of(0)))).toBe(false)
  })

  it('is refused exactly where its product with any clamped scalar is zero', () => {
    const refused = tests.filter(({ flags }) => flags.includes('LowOrderPublic'))
    expect(refused.length).toBeGreaterThan(10)
    for (const { public: key } of tests) {
      const isSmall = !isX25519PublicKey(key) && !isReduced(key)
      expect(isZeroProduct(key)).toBe(isSmall)
    }
  })
})

describe('published steps', () => {
  it('of RFC 7520 5.13: the content key unwraps under the derived key', async () => {
    const { privateKey, epk, encryptedKey, contentKey } = published.rfc7520
    const key = wrappingKeyOf(sharedSecret(privateKey, epk))
    for (const engine of [node, web]) {
      const opened = await engine.aesKeyUnwrap(key, decodeBase64url(encryptedKey))
      expect(opened === undefined ? 'none' : encodeBase64url(opened)).toBe(contentKey)
    }
  })

  it('of Wycheproof: a text that a foreign program sealed opens', async () => {
    const { privateKey, tests: cases } = published.wycheproof
    const found = cases.filter(({ enc, result }) => enc === 'A256GCM' && result === 'valid')
    expect(found).toHaveLength(1)
    for (const { jwe } of found) {
      const [header = '', ...rest] = jwe.split('.')
      const [encryptedKey, iv, ciphertext, tag] = rest.map((part) => decodeBase64url(part))
      const { epk } = z
        .object({ epk: Point })
        .parse(JSON.parse(decodeUtf8(decodeBase64url(header))))
      const wrapping = wrappingKeyOf(sharedSecret(privateKey, epk))
      const key = await node.aesKeyUnwrap(wrapping, encryptedKey ?? new Uint8Array())
      const opened = await aesGcmOpen(
        {
          key: key ?? new Uint8Array(32),
          iv: iv ?? new Uint8Array(12),
          aad: encodeUtf8(header),
        },
        { ciphertext: ciphertext ?? new Uint8Array(), tag: tag ?? new Uint8Array() },
      )
      expect(opened === undefined ? 'none' : decodeUtf8(opened)).toBe('foo')
    }
  })
})

describe('a wrapped content key', async () => {
  const key = await privateKeyFromSeed('ECDH-ES+A256KW', random(32))
  const other = await privateKeyFromSeed('ECDH-ES+A256KW', random(32))
  const contentKey = random(32)
  const wrapped = await ecdhSealKey({ recipient: key.publicJwk, contentKey, random })
  const refusal = { code: 'WIRE_DECRYPT', details: { keyId: key.keyId } }

  it('is 40 bytes beside an ephemeral key of 32, and opens to the content key', async () => {
    expect([wrapped.encryptedKey.byteLength, wrapped.ephemeral.byteLength]).toEqual([40, 32])
    expect(isX25519PublicKey(wrapped.ephemeral)).toBe(true)
    expect(hexOf(await ecdhOpenKey({ key, wrapped }))).toBe(hexOf(contentKey))
  })

  it('never has the same ephemeral key twice', async () => {
    const again = await ecdhSealKey({ recipient: key.publicJwk, contentKey, random })
    expect(hexOf(again.ephemeral)).not.toBe(hexOf(wrapped.ephemeral))
    expect(hexOf(again.encryptedKey)).not.toBe(hexOf(wrapped.encryptedKey))
  })

  it('does not open with another key', async () => {
    expect(await refusalOf(() => ecdhOpenKey({ key: other, wrapped }))).toEqual({
      code: 'WIRE_DECRYPT',
      details: { keyId: other.keyId },
    })
  })

  it.each([
    ['one bit of it changed', { ...wrapped, encryptedKey: flip(wrapped.encryptedKey) }],
    ['eight bytes less', { ...wrapped, encryptedKey: wrapped.encryptedKey.subarray(8) }],
    ['another ephemeral key', { ...wrapped, ephemeral: flip(wrapped.ephemeral) }],
    ['an ephemeral key of small order', { ...wrapped, ephemeral: new Uint8Array(32) }],
    ['an ephemeral key of 31 bytes', { ...wrapped, ephemeral: wrapped.ephemeral.subarray(1) }],
  ])('does not open with %s', async (_name, changed) => {
    expect(await refusalOf(() => ecdhOpenKey({ key, wrapped: changed }))).toEqual(refusal)
  })

  it('is not made for a key of small order', async () => {
    const recipient = { x: encodeBase64url(new Uint8Array(32)) }
    expect(await refusalOf(() => ecdhSealKey({ recipient, contentKey, random }))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'X25519 key' },
    })
  })
})

function flip(bytes: Uint8Array): Uint8Array {
  return bytes.with(5, (bytes[5] ?? 0) ^ 1)
}

const CURVES = new Map([
  ['P-256', 'prime256v1'],
  ['P-384', 'secp384r1'],
])

function sharedSecret(own: z.output<typeof PointKey>, other: z.output<typeof Point>): Uint8Array {
  const exchange = createECDH(CURVES.get(own.crv) ?? '')
  exchange.setPrivateKey(decodeBase64url(own.d))
  const point = [other.x, other.y].map((text) => decodeBase64url(text))
  return exchange.computeSecret(concatBytes(Uint8Array.of(4), ...point))
}

/** Whether RFC 7748 reads the bytes as another number than they spell. */
function isReduced(bytes: Uint8Array): boolean {
  const number = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
  return number >= 2n ** 255n - 19n && !isZeroProduct(bytes)
}

function isZeroProduct(publicKey: Uint8Array): boolean {
  try {
    x25519.scalarMult(new Uint8Array(32).fill(8), publicKey)
    return false
  } catch {
    return true
  }
}
