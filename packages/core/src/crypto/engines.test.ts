import { createHash } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { engine as node } from './engine-node.ts'
import { engine as web } from './engine-web.ts'
import { type SignatureAlgorithm } from './engine.ts'

const Result = z.enum(['valid', 'invalid'])
const Signatures = z.object({
  groups: z.array(
    z.object({
      publicKey: Hex,
      tests: z.array(
        z.object({
          tcId: z.number(),
          flags: z.array(z.string()).transform((flags) => flags.join(' ')),
          msg: Hex,
          sig: Hex,
          result: Result,
        }),
      ),
    }),
  ),
})
const Named = z.enum(['Ed25519', 'ML-DSA-44', 'ML-DSA-65'])
const jwk = readVectors(
  'crypto/jwk.json',
  z.object({
    keys: z.array(z.object({ algorithm: Named, seed: z.string(), thumbprint: z.string() })),
    ed25519: z.object({ seed: z.string(), signed: z.string(), signature: z.string() }),
    mlDsa44: z.object({ seed: z.string(), signed: z.string(), signature: z.string() }),
  }),
)
const gcm = readVectors(
  'crypto/aes-256-gcm.json',
  z.object({
    tests: z.array(
      z.object({
        tcId: z.number(),
        key: Hex,
        iv: Hex,
        aad: Hex,
        msg: Hex,
        ct: z.string(),
        tag: z.string(),
        result: Result,
      }),
    ),
  }),
)
const wraps = readVectors(
  'crypto/aes-256-wrap.json',
  z.object({
    tests: z.array(
      z.object({
        tcId: z.number(),
        flags: z.array(z.string()).transform((flags) => flags.join(' ')),
        key: Hex,
        msg: z.string(),
        ct: Hex,
        result: z.enum(['valid', 'invalid', 'acceptable']),
      }),
    ),
  }),
)
const argon = readVectors(
  'crypto/argon2id.json',
  z.object({
    cases: z.array(
      z.object({
        passphrase: Hex,
        salt: Hex,
        associatedData: Hex,
        memoryKib: z.number(),
        passes: z.number(),
        lanes: z.number(),
        tag: z.string(),
      }),
    ),
  }),
)
const hmac = readVectors(
  'crypto/hmac-sha256.json',
  z.object({
    tests: z.array(
      z.object({ tcId: z.number(), key: Hex, msg: Hex, tag: z.string(), result: Result }),
    ),
  }),
)
const seeds = readVectors(
  'crypto/ml-dsa-65-seeds.json',
  z.object({ seeds: z.array(z.object({ seed: Hex, publicKeySha256: z.string() })) }),
).seeds

describe.each([
  ['node', node],
  ['web', web],
])('the engine of %s', (_name, engine) => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('SHA-256 of “%s” is that of FIPS 180-4', (text, hex) => {
    expect(hexOf(engine.sha256(encodeUtf8(text)))).toBe(hex)
  })

  it('SHA-512 of “abc” is that of FIPS 180-4', () => {
    expect(hexOf(engine.sha512(encodeUtf8('abc')))).toBe(
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
        '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    )
  })

  it.each(hmac.tests)('HMAC-SHA-256 case $tcId is $result', ({ key, msg, tag, result }) => {
    expect(hexOf(engine.hmacSha256(key, msg)) === tag).toBe(result === 'valid')
  })

  it('encrypts blocks as FIPS 197 C.3 does, each by itself', async () => {
    const key = Uint8Array.from({ length: 32 }, (_, index) => index)
    const block = '00112233445566778899aabbccddeeff'
    const encrypt = engine.aesBlocks(key)
    const twice = hexOf(await encrypt(Buffer.from(`${block}${block}`, 'hex')))
    expect(twice).toBe('8ea2b7ca516745bfeafc49904b496089'.repeat(2))
    expect(hexOf(await encrypt(Buffer.from(`${block}${block}`, 'hex')))).toBe(twice)
  })

  it.each(gcm.tests)('AES-256-GCM case $tcId is $result', async (test) => {
    const sealed = Buffer.from(test.ct + test.tag, 'hex')
    const opened = await engine.aesGcmOpen(test, sealed)
    expect(opened === undefined ? undefined : hexOf(opened)).toBe(
      test.result === 'valid' ? hexOf(test.msg) : undefined,
    )
    if (test.result === 'valid') {
      expect(hexOf(await engine.aesGcmSeal(test, test.msg))).toBe(hexOf(sealed))
    }
  })

  it.each([0, 1, 15])('opens nothing of %i bytes, which is less than a tag', async (sizeBytes) => {
    const input = { key: new Uint8Array(32), iv: new Uint8Array(12), aad: new Uint8Array() }
    expect(await engine.aesGcmOpen(input, new Uint8Array(sizeBytes))).toBeUndefined()
  })

  it.each(wraps.tests)('AES-256 key wrap case $tcId ($flags) is $result', async (test) => {
    const isOurs = test.result === 'valid' && test.ct.byteLength === 40
    const opened = await engine.aesKeyUnwrap(test.key, test.ct)
    expect(opened === undefined ? 'none' : hexOf(opened)).toBe(isOurs ? test.msg : 'none')
    if (!isOurs) return
    const made = await engine.aesKeyWrap(test.key, Buffer.from(test.msg, 'hex'))
    expect(hexOf(made)).toBe(hexOf(test.ct))
  })

  it.each(argon.cases)(
    'Argon2id with $memoryKib KiB, $passes passes, $lanes lanes is that of the reference',
    async ({ passphrase, salt, associatedData, tag, ...cost }) => {
      const key = await engine.argon2id(passphrase, salt, { cost, associatedData })
      expect(hexOf(key)).toBe(tag)
    },
  )

  it.each(jwk.keys)('$algorithm has the public key of its seed', async (key) => {
    const publicKey = await engine.publicKeyOf(key.algorithm, decodeBase64url(key.seed))
    expect(thumbprintOf(key.algorithm, publicKey)).toBe(key.thumbprint)
  })

  it.each(seeds)('ML-DSA-65 has the public key of case $#', async ({ seed, publicKeySha256 }) => {
    expect(hexOf(engine.sha256(await engine.publicKeyOf('ML-DSA-65', seed)))).toBe(publicKeySha256)
  })

  it('signs with Ed25519 as RFC 8037 A.4 does', async () => {
    const { seed, signed, signature } = jwk.ed25519
    const made = await engine.sign('Ed25519', decodeBase64url(seed), encodeUtf8(signed))
    expect(encodeBase64url(made)).toBe(signature)
  })

  it('checks an Ed25519 signature without the cofactor', async () => {
    const { seed, publicKey, signed } = signedWithTorsion()
    const good = await engine.sign('Ed25519', seed, signed.bytes)
    const sound = { bytes: signed.bytes, signature: good }
    expect(await engine.verify('Ed25519', publicKey, sound)).toBe(true)
    const { signature, bytes } = signed
    expect(ed25519.verify(signature, bytes, publicKey, { zip215: true })).toBe(true)
    expect(await engine.verify('Ed25519', publicKey, signed)).toBe(false)
  })

  it('verifies the ML-DSA-44 signature of draft-ietf-cose-dilithium, and no other', async () => {
    const { seed, signed, signature } = jwk.mlDsa44
    const publicKey = await engine.publicKeyOf('ML-DSA-44', decodeBase64url(seed))
    const verify = async (text: string): Promise<boolean> =>
      engine.verify('ML-DSA-44', publicKey, {
        bytes: encodeUtf8(text),
        signature: decodeBase64url(signature),
      })
    expect(await verify(signed)).toBe(true)
    expect(await verify(`${signed} `)).toBe(false)
  })

  describe.each([
    ['Ed25519', readVectors('crypto/ed25519.json', Signatures)],
    ['ML-DSA-65', readVectors('crypto/ml-dsa-65.json', Signatures)],
  ] as const)('%s', (algorithm, { groups }) => {
    const tests = groups.flatMap(({ publicKey, tests: list }) =>
      list.map((test) => ({ ...test, publicKey })),
    )

    it.each(tests)('case $tcId ($flags) is $result', async ({ publicKey, msg, sig, result }) => {
      const signed = { bytes: msg, signature: sig }
      expect(await engine.verify(algorithm, publicKey, signed)).toBe(result === 'valid')
    })
  })

  it.each(['Ed25519', 'ML-DSA-44', 'ML-DSA-65'] as const)(
    'verifies nothing of %s under a key or signature of another length, and does not throw',
    async (algorithm) => {
      for (const sizeBytes of [0, 31, 33, 5000]) {
        const garbage = new Uint8Array(sizeBytes)
        const signed = { bytes: garbage, signature: garbage }
        expect(await engine.verify(algorithm, garbage, signed)).toBe(false)
        const seed = new Uint8Array(32)
        const publicKey = await engine.publicKeyOf(algorithm, seed)
        expect(await engine.verify(algorithm, publicKey, signed)).toBe(false)
      }
    },
  )
})

/** A signature whose R is moved by the point of order 8: good with the cofactor, and bad without. */
function signedWithTorsion(): {
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
  readonly signed: { readonly bytes: Uint8Array; readonly signature: Uint8Array }
} {
  const seed = new Uint8Array(32).fill(7)
  const bytes = encodeUtf8('amana')
  const { Point, utils } = ed25519
  const { scalar, pointBytes } = utils.getExtendedPublicKey(seed)
  const torsion = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'
  const nonce = 12_345n
  const moved = Point.BASE.multiply(nonce).add(Point.fromHex(torsion)).toBytes()
  const hash = createHash('sha512').update(moved).update(pointBytes).update(bytes).digest()
  const factor = Point.Fn.create(bigintOf(hash))
  const answer = Point.Fn.add(nonce, Point.Fn.mul(factor, scalar))
  const signature = concatBytes(moved, littleEndian(answer))
  return { seed, publicKey: pointBytes, signed: { bytes, signature } }
}

function bigintOf(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n)
}

function littleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, index) => Number((value >> BigInt(8 * index)) & 255n))
}

function thumbprintOf(algorithm: SignatureAlgorithm, publicKey: Uint8Array): string {
  const text = encodeBase64url(publicKey)
  const members =
    algorithm === 'Ed25519'
      ? { crv: 'Ed25519', kty: 'OKP', x: text }
      : { alg: algorithm, kty: 'AKP', pub: text }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}
