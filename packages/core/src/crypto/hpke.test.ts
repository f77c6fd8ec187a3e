import { webcrypto } from 'node:crypto'
import { x25519 } from '@noble/curves/ed25519.js'
import { sha3_256, shake256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { aesGcmOpen, aesGcmSeal } from './aead.ts'
import { hpkeOpenKey, hpkePublicKeyOf, hpkeSealKey, isHpkePublicKey } from './hpke.ts'

const random = seededBytes('hpke')
const EMPTY = new Uint8Array()
const jose = readVectors(
  'crypto/hpke-9-ke.json',
  z.object({
    jwk: z.object({ pub: z.string(), priv: z.string(), kid: z.string() }),
    flattened: z.object({
      protected: z.string(),
      aad: z.string(),
      iv: z.string(),
      ciphertext: z.string(),
      tag: z.string(),
      encrypted_key: z.string(),
    }),
  }),
)
const ML_KEM_CIPHERTEXT_BYTES = 1088
const X25519_BYTES = 32
/** draft-connolly-cfrg-xwing-kem section 5.3. */
const X_WING_LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c)
const { tests: mlKem } = readVectors(
  'standards/ml-kem-768-decapsulation.json',
  z.object({
    tests: z.array(
      z.object({
        tcId: z.int(),
        comment: z.string(),
        seed: Hex,
        c: Hex,
        K: Hex,
        result: z.enum(['valid', 'invalid']),
      }),
    ),
  }),
)
const { vectors: xWing } = readVectors(
  'crypto/x-wing.json',
  z.object({
    vectors: z.array(z.object({ seed: Hex, ss: Hex, pk: z.string(), ct: Hex })),
  }),
)

describe('the vector of draft-ietf-jose-hpke-pq-pqt', () => {
  const { jwk, flattened } = jose
  const header = z
    .object({ alg: z.literal('HPKE-9-KE'), ek: z.string() })
    .parse(JSON.parse(Buffer.from(flattened.protected, 'base64url').toString()))
  const wrapped = {
    encryptedKey: decodeBase64url(flattened.encrypted_key),
    encapsulated: decodeBase64url(header.ek),
  }
  const key = { keyId: jwk.kid, seed: decodeBase64url(jwk.priv) }
  const info = joseInfo()

  it('has the public key of its private key', async () => {
    expect(encodeBase64url(await hpkePublicKeyOf(key.seed))).toBe(jwk.pub)
  })

  it('opens to the content key, and that opens the content', async () => {
    const contentKey = await hpkeOpenKey({ key, wrapped, info })
    const aad = encodeUtf8(`${flattened.protected}.${flattened.aad}`)
    const content = { key: contentKey, iv: decodeBase64url(flattened.iv), aad }
    const opened = await aesGcmOpen(content, {
      ciphertext: decodeBase64url(flattened.ciphertext),
      tag: decodeBase64url(flattened.tag),
    })
    expect(new TextDecoder().decode(opened)).toMatch(/^You can trust us to stick with you/)
  })

  it('does not open with another info, key or byte', async () => {
    const refusal = { code: 'WIRE_DECRYPT', details: { keyId: jwk.kid } }
    const other = { ...key, seed: random(32) }
    expect(await refusalOf(() => hpkeOpenKey({ key, wrapped, info: EMPTY }))).toEqual(refusal)
    expect(await refusalOf(() => hpkeOpenKey({ key: other, wrapped, info }))).toEqual(refusal)
    for (const part of ['encryptedKey', 'encapsulated'] as const) {
      const bytes = wrapped[part].map((byte, index) => (index === 3 ? byte ^ 1 : byte))
      const changed = { ...wrapped, [part]: bytes }
      expect(await refusalOf(() => hpkeOpenKey({ key, wrapped: changed, info }))).toEqual(refusal)
    }
  })

  it.each([0, 1119, 1121])('is refused with an encapsulation of %i bytes', async (sizeBytes) => {
    const encapsulated = new Uint8Array(sizeBytes)
    encapsulated.set(wrapped.encapsulated.subarray(0, sizeBytes))
    const cut = { ...wrapped, encapsulated }
    expect(await refusalOf(() => hpkeOpenKey({ key, wrapped: cut, info }))).toEqual({
      code: 'WIRE_JWE',
      details: { part: 'ek' },
    })
  })
})

describe('the vectors of X-Wing', () => {
  it.each(xWing)('case $#: the public key of the seed', async ({ seed, pk }) => {
    const publicKey = await hpkePublicKeyOf(seed)
    expect(publicKey).toHaveLength(1216)
    expect(hexOf(publicKey)).toBe(pk)
  })

  it.each(xWing)('case $#: the shared secret opens what was sealed to it', async (vector) => {
    const info = encodeUtf8('any info')
    const contentKey = random(32)
    const { ciphertext, tag } = await aesGcmSeal(keySchedule(vector.ss, info), contentKey)
    const wrapped = { encryptedKey: concatBytes(ciphertext, tag), encapsulated: vector.ct }
    const key = { keyId: '', seed: vector.seed }
    expect(hexOf(await hpkeOpenKey({ key, wrapped, info }))).toBe(hexOf(contentKey))
  })
})

/** The decapsulation that the library for HPKE calls, on d ‖ z. */
async function decapsulate(seed: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array> {
  const { subtle } = webcrypto
  const key = await subtle.importKey('raw-seed', Uint8Array.from(seed), 'ML-KEM-768', false, [
    'decapsulateBits',
  ])
  return new Uint8Array(
    await subtle.decapsulateBits('ML-KEM-768', key, Uint8Array.from(ciphertext)),
  )
}

describe('ML-KEM-768 as HPKE-9-KE has it inside (FIPS 203, Wycheproof)', () => {
  const whole = mlKem.filter(({ c }) => c.length === ML_KEM_CIPHERTEXT_BYTES)

  it.each(mlKem)('$tcId is $result: $comment', async ({ K, c, result, seed }) => {
    const secret = await decapsulate(seed, c).then(hexOf, () => 'none')
    expect(secret).toBe(result === 'valid' ? hexOf(K) : 'none')
  })

  it.each(whole)('$tcId opens by a seed of ours what its secret sealed', async ({ c }) => {
    const seed = random(32)
    const publicKey = (await hpkePublicKeyOf(seed)).subarray(-X25519_BYTES)
    const expanded = shake256(seed, { dkLen: 64 + X25519_BYTES })
    const ephemeral = x25519.getPublicKey(random(32))
    const secret = concatBytes(
      await decapsulate(expanded.subarray(0, 64), c),
      x25519.getSharedSecret(expanded.subarray(64), ephemeral),
      ephemeral,
      publicKey,
      X_WING_LABEL,
    )
    const contentKey = random(32)
    const info = encodeUtf8('any info')
    const { ciphertext, tag } = await aesGcmSeal(keySchedule(sha3_256(secret), info), contentKey)
    const wrapped = {
      encryptedKey: concatBytes(ciphertext, tag),
      encapsulated: concatBytes(c, ephemeral),
    }
    const opened = await hpkeOpenKey({ key: { keyId: '', seed }, wrapped, info })
    expect(hexOf(opened)).toBe(hexOf(contentKey))
  })

  it('has ciphertexts of every kind, and some of another length', () => {
    expect(whole.length).toBeGreaterThan(40)
    expect(mlKem.length - whole.length).toBe(8)
  })

  it.each(mlKem.filter(({ c }) => c.length !== ML_KEM_CIPHERTEXT_BYTES))(
    '$tcId is refused before it is opened: $comment',
    async ({ c }) => {
      const wrapped = { encryptedKey: random(48), encapsulated: concatBytes(c, random(32)) }
      const opening = { key: { keyId: '', seed: random(32) }, wrapped, info: EMPTY }
      expect(await refusalOf(() => hpkeOpenKey(opening))).toMatchObject({ code: 'WIRE_JWE' })
    },
  )
})

describe('a wrapped key', () => {
  it('is opened by its recipient, and looks different every time', async () => {
    const seed = random(32)
    const recipient = { pub: encodeBase64url(await hpkePublicKeyOf(seed)) }
    const contentKey = random(32)
    const info = random(70)
    const first = await hpkeSealKey({ recipient, contentKey, info })
    const second = await hpkeSealKey({ recipient, contentKey, info })
    expect(first.encryptedKey).toHaveLength(48)
    expect(first.encapsulated).toHaveLength(1120)
    expect(hexOf(first.encapsulated)).not.toBe(hexOf(second.encapsulated))
    for (const wrapped of [first, second]) {
      const opened = await hpkeOpenKey({ key: { keyId: '', seed }, wrapped, info })
      expect(hexOf(opened)).toBe(hexOf(contentKey))
    }
  })
})

describe('a public key', () => {
  const sound = Buffer.from(xWing[0]?.pk ?? '', 'hex')
  const changed = (from: number, to: number, byte: number): Uint8Array =>
    Uint8Array.from(sound).fill(byte, from, to)

  it.each([
    ['as it is', Uint8Array.from(sound), true],
    ['one byte short', Uint8Array.from(sound.subarray(1)), false],
    ['one byte long', concatBytes(sound, Uint8Array.of(1)), false],
    ['without its X25519 half', Uint8Array.from(sound.subarray(0, 1184)), false],
    ['with an X25519 half of zeros', changed(1184, 1216, 0), false],
    ['with ML-KEM coefficients above the modulus', changed(0, 3, 0xff), false],
    ['of nothing', EMPTY, false],
  ])('%s: sound is %3$s', async (_name, bytes, expected) => {
    expect(await isHpkePublicKey(bytes)).toBe(expected)
  })
})

/** Key and nonce of HPKE base mode with the one-stage KDF SHAKE256, written from the draft. */
function keySchedule(
  sharedSecret: Uint8Array,
  info: Uint8Array,
): { key: Uint8Array; iv: Uint8Array; aad: Uint8Array } {
  const [keyBytes, nonceBytes, exporterBytes] = [32, 12, 64]
  const size = keyBytes + nonceBytes + exporterBytes
  const suite = concatBytes(encodeUtf8('HPKE'), Uint8Array.of(0x64, 0x7a, 0, 0x11, 0, 2))
  const labelled = concatBytes(
    prefixed(EMPTY),
    prefixed(sharedSecret),
    encodeUtf8('HPKE-v1'),
    suite,
    prefixed(encodeUtf8('secret')),
    Uint8Array.of(0, size, 0),
    prefixed(EMPTY),
    prefixed(info),
  )
  const secret = shake256(labelled, { dkLen: size })
  return {
    key: secret.subarray(0, keyBytes),
    iv: secret.subarray(keyBytes, keyBytes + nonceBytes),
    aad: EMPTY,
  }
}

function prefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes)
}

function joseInfo(): Uint8Array {
  const end = Uint8Array.of(0xff)
  return concatBytes(encodeUtf8('JOSE-HPKE rcpt'), end, encodeUtf8('A256GCM'), end)
}
