import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import {
  admitKey,
  generateKey,
  KeyIdSchema,
  privateKeyFromSeed,
  rawPublicKey,
  requireAlgorithm,
  type SigningKey,
  signRaw,
  thumbprint,
  verifyRaw,
} from './jwk.ts'

const random = seededBytes('jwk')
const published = readVectors(
  'crypto/jwk.json',
  z.object({
    keys: z.array(z.object({ algorithm: z.string(), seed: z.string(), thumbprint: z.string() })),
  }),
).keys
const x25519Points = readVectors(
  'crypto/x25519.json',
  z.object({ tests: z.array(z.object({ flags: z.array(z.string()), public: Hex })) }),
).tests
const x25519Jwks = readVectors(
  'crypto/x25519-jwk.json',
  z.object({
    tests: z.array(
      z.object({
        tcId: z.number(),
        comment: z.string(),
        flags: z.array(z.string()),
        public: z.record(z.string(), z.string()),
        result: z.enum(['valid', 'acceptable', 'invalid']),
      }),
    ),
  }),
).tests
const hpke = readVectors(
  'crypto/hpke-9-ke.json',
  z.object({ jwk: z.object({ pub: z.string(), priv: z.string(), kid: z.string() }) }),
).jwk

describe('the key of a seed', () => {
  it.each(['Ed25519', 'ML-DSA-65'] as const)('%s has its published thumbprint', async (name) => {
    const vector = published.find(({ algorithm }) => algorithm === name)
    const key = await privateKeyFromSeed(name, decodeBase64url(vector?.seed ?? ''))
    expect(key.keyId).toBe(vector?.thumbprint)
    expect(await thumbprint(key.publicJwk)).toBe(key.keyId)
  })

  it('HPKE-9-KE has its published public key and thumbprint', async () => {
    const key = await privateKeyFromSeed('HPKE-9-KE', decodeBase64url(hpke.priv))
    expect(key.publicJwk).toEqual({ alg: 'HPKE-9-KE', kty: 'AKP', pub: hpke.pub })
    expect(key.keyId).toBe(hpke.kid)
  })

  it('ECDH-ES+A256KW has the thumbprint of RFC 7638 and RFC 8037', async () => {
    const { publicJwk, keyId } = await privateKeyFromSeed('ECDH-ES+A256KW', new Uint8Array(32))
    const { crv, kty, x } = publicJwk
    expect({ crv, kty }).toEqual({ crv: 'X25519', kty: 'OKP' })
    const hash = createHash('sha256').update(JSON.stringify({ crv, kty, x }))
    expect(keyId).toBe(hash.digest('base64url'))
  })

  it.each([
    ['Ed25519', 32],
    ['ML-DSA-65', 1952],
    ['HPKE-9-KE', 1216],
    ['ECDH-ES+A256KW', 32],
  ] as const)('%s has a public key of %i bytes that is admitted', async (name, sizeBytes) => {
    const key = await generateKey(name, random)
    const admitted = await admitKey(key.publicJwk)
    expect(rawPublicKey(key.publicJwk)).toHaveLength(sizeBytes)
    expect(admitted).toEqual({ keyId: key.keyId, jwk: key.publicJwk, admitted: true })
  })

  it.each([0, 31, 33, 64])('is refused for a seed of %i bytes', async (sizeBytes) => {
    const seed = new Uint8Array(sizeBytes)
    expect(await refusalOf(() => privateKeyFromSeed('Ed25519', seed))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'seed length' },
    })
  })

  it('is made from 32 bytes of the randomness that is passed in', async () => {
    const seed = random(32)
    const made = await generateKey('Ed25519', (sizeBytes) => seed.subarray(0, sizeBytes))
    expect(made).toEqual(await privateKeyFromSeed('Ed25519', seed))
  })
})

describe('a key id', () => {
  const ID = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'

  it.each([ID.slice(1), `${ID}A`, `${ID.slice(0, -1)}l`, `${ID}=`, ID.replace('_', '/'), ''])(
    'is not “%s”',
    (text) => {
      expect(KeyIdSchema.safeParse(ID).success).toBe(true)
      expect(KeyIdSchema.safeParse(text).success).toBe(false)
    },
  )
})

describe('admission by members', async () => {
  const ed = (await generateKey('Ed25519', random)).publicJwk
  const mlDsa = (await generateKey('ML-DSA-65', random)).publicJwk
  const kem = (await generateKey('HPKE-9-KE', random)).publicJwk
  const x25519 = (await generateKey('ECDH-ES+A256KW', random)).publicJwk
  const { alg: _alg, ...unnamed } = ed

  it.each([
    ['no object', 'key'],
    ['nothing', undefined],
    ['a private half', { ...ed, d: encodeBase64url(random(32)) }],
    ['a private seed', { ...mlDsa, priv: encodeBase64url(random(32)) }],
    ['a private hybrid seed', { ...kem, priv: encodeBase64url(random(32)) }],
    ['a key id', { ...ed, kid: 'x' }],
    ['a use', { ...ed, use: 'sig' }],
    ['no algorithm', unnamed],
    ['the algorithm EdDSA', { ...ed, alg: 'EdDSA' }],
    ['the algorithm ML-DSA-44', { ...mlDsa, alg: 'ML-DSA-44' }],
    ['the algorithm HPKE-9', { ...kem, alg: 'HPKE-9' }],
    ['the algorithm of another form', { ...ed, alg: 'ML-DSA-65' }],
    ['another key type', { ...ed, kty: 'EC' }],
    ['another curve', { ...ed, crv: 'X25519' }],
    ['a shorter Ed25519 key', { ...ed, x: ed.x.slice(1) }],
    ['a longer Ed25519 key', { ...ed, x: `${ed.x}A` }],
    ['a padded Ed25519 key', { ...ed, x: `${ed.x.slice(0, -1)}=` }],
    ['a shorter ML-DSA-65 key', { ...mlDsa, pub: mlDsa.pub.slice(4) }],
    ['a shorter HPKE key', { ...kem, pub: kem.pub.slice(4) }],
    ['a private X25519 half', { ...x25519, d: encodeBase64url(random(32)) }],
    ['the algorithm ECDH-ES', { ...x25519, alg: 'ECDH-ES' }],
    ['the algorithm ECDH-ES+A128KW', { ...x25519, alg: 'ECDH-ES+A128KW' }],
    ['a signing curve to encrypt with', { ...x25519, crv: 'Ed25519' }],
    ['a curve of 448 bits', { ...x25519, crv: 'X448' }],
    ['a shorter X25519 key', { ...x25519, x: x25519.x.slice(1) }],
    ['a longer X25519 key', { ...x25519, x: `${x25519.x}A` }],
    ['a key of another alphabet', { ...kem, pub: `+/${kem.pub.slice(2)}` }],
  ])('refuses %s', async (_name, value) => {
    expect(await refusalOf(() => admitKey(value))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'members' },
    })
  })

  it.each([
    ['Ed25519', { ...ed, x: `${ed.x.slice(0, -1)}B` }],
    ['ML-DSA-65', { ...mlDsa, pub: `${mlDsa.pub.slice(0, -1)}B` }],
    ['HPKE-9-KE', { ...kem, pub: `${kem.pub.slice(0, -1)}B` }],
    ['ECDH-ES+A256KW', { ...x25519, x: `${x25519.x.slice(0, -1)}B` }],
  ])('refuses a second spelling of a key of %s by its trailing bits', async (_name, value) => {
    expect((await refusalOf(() => admitKey(value)))?.code).toBe('WIRE_B64')
  })

  it.each([
    ['an X25519 half of zeros', Uint8Array.from(rawPublicKey(kem)).fill(0, 1184)],
    ['coefficients above the modulus', Uint8Array.from(rawPublicKey(kem)).fill(0xff, 0, 3)],
  ])('refuses a hybrid key with %s', async (_name, bytes) => {
    const pub = encodeBase64url(bytes)
    expect(await refusalOf(() => admitKey({ ...kem, pub }))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'hybrid key' },
    })
  })
})

describe('admission of an X25519 key', () => {
  it('refuses every point of Wycheproof that is of small order or spelled otherwise', async () => {
    const refusal = { code: 'WIRE_KEY', details: { reason: 'X25519 key' } }
    for (const { flags, public: bytes } of x25519Points) {
      const jwk = { alg: 'ECDH-ES+A256KW', crv: 'X25519', kty: 'OKP', x: encodeBase64url(bytes) }
      expect(await refusalOf(() => admitKey(jwk))).toEqual(
        isSoundX25519(flags) ? undefined : refusal,
      )
    }
  })

  it.each(x25519Jwks)('case $tcId of Wycheproof as it stands: $comment', async (test) => {
    const refusal = await refusalOf(() => admitKey(test.public))
    expect(refusal).toEqual({ code: 'WIRE_KEY', details: { reason: 'members' } })
  })

  it.each(x25519Jwks)('case $tcId with our algorithm and no key id: $comment', async (test) => {
    const { kid: _kid, ...members } = test.public
    const refusal = await refusalOf(() => admitKey({ ...members, alg: 'ECDH-ES+A256KW' }))
    const isTaken = test.result !== 'invalid' && isSoundX25519(test.flags)
    expect(refusal?.code).toBe(isTaken ? undefined : 'WIRE_KEY')
  })
})

function isSoundX25519(flags: readonly string[]): boolean {
  return !flags.includes('LowOrderPublic') && !flags.includes('NonCanonicalPublic')
}

/** The point of order 8; its multiples are the whole small-order group. */
const TORSION = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'

describe('admission of an Ed25519 point', () => {
  it.each([
    ['the neutral element', '01'.padEnd(64, '0')],
    ['the point of order 2', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
    ['a point of order 4', ''.padEnd(64, '0')],
    ['the other point of order 4', '80'.padStart(64, '0')],
    ['a point of order 8', TORSION],
    ['another point of order 8', `${TORSION.slice(0, -2)}fa`],
    [
      'a third point of order 8',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    ],
    [
      'a fourth point of order 8',
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    ],
    ['zero written as the prime', `ed${'f'.repeat(60)}7f`],
    ['one written as the prime plus one', `ee${'f'.repeat(60)}7f`],
    ['a coordinate of all ones', 'f'.repeat(64)],
    ['a negative zero', `01${'0'.repeat(60)}80`],
    ['a coordinate that is on no point', '02'.padEnd(64, '0')],
  ])('refuses %s', async (_name, hex) => {
    expect(await refusalOf(() => admitKey(jwkOf(hex)))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'point' },
    })
  })

  it.each([1, 2, 3, 4, 5, 6, 7])('refuses a sound key moved by torsion of %i', async (times) => {
    const { publicJwk } = await generateKey('Ed25519', random)
    const sound = ed25519.Point.fromHex(hexOf(rawPublicKey(publicJwk)))
    const moved = sound.add(ed25519.Point.fromHex(TORSION).multiplyUnsafe(BigInt(times)))
    expect(moved.isSmallOrder()).toBe(false)
    expect(await refusalOf(() => admitKey(jwkOf(moved.toHex())))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'point' },
    })
  })
})

describe('the algorithm of an admitted key', () => {
  it('narrows to what it is, and to nothing else', async () => {
    const { publicJwk } = await generateKey('Ed25519', random)
    const admitted = await admitKey(publicJwk)
    expect(requireAlgorithm(admitted, 'Ed25519')).toEqual(admitted)
    expect(await refusalOf(() => requireAlgorithm(admitted, 'HPKE-9-KE'))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'algorithm' },
    })
  })
})

describe('a plain signature', async () => {
  it.each<SigningKey>([
    await generateKey('Ed25519', random),
    await generateKey('ML-DSA-65', random),
  ])('by $algorithm is good for its bytes and its key only', async (key) => {
    const signed = encodeUtf8('amana/1/bind')
    const signature = await signRaw(key, signed)
    const { publicJwk: other } =
      key.algorithm === 'Ed25519'
        ? await generateKey('Ed25519', random)
        : await generateKey('ML-DSA-65', random)
    expect(await verifyRaw(key.publicJwk, signed, signature)).toBe(true)
    expect(await verifyRaw(key.publicJwk, encodeUtf8('amana/1/pop'), signature)).toBe(false)
    expect(await verifyRaw(other, signed, signature)).toBe(false)
  })
})

function jwkOf(hex: string): unknown {
  const x = encodeBase64url(Buffer.from(hex, 'hex'))
  return { alg: 'Ed25519', crv: 'Ed25519', kty: 'OKP', x }
}
