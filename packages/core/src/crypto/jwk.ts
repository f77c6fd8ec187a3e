/**
 * Keys: their JWK forms, their ids, their private halves, and the admission test that every key of a charter or roster
 * has to pass.
 *
 * @module
 * @spec docs/spec/01-bytes.md#keys
 */
import { engine } from '#engine'
import { calculateJwkThumbprint } from 'jose'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { AmanaError } from '../errors.ts'
import { type Random } from './digest.ts'
import { isX25519PublicKey } from './ecdh.ts'

const SEED_BYTES = 32
const ENCODED_BYTES = { Ed25519: 43, X25519: 43, 'ML-DSA-65': 2603, 'HPKE-9-KE': 1622 } as const

const base64urlOf = (length: number): z.ZodString =>
  z
    .string()
    .length(length)
    .regex(/^[A-Za-z0-9_-]*$/)

/** RFC 7638 SHA-256 thumbprint of a public key. */
export const KeyIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
  .brand('KeyId')
/** RFC 7638 SHA-256 thumbprint, 43 characters. */
export type KeyId = z.output<typeof KeyIdSchema>

/** Ed25519 public key (RFC 8037, RFC 9864). */
export const Ed25519JwkSchema = z.strictObject({
  alg: z.literal('Ed25519'),
  crv: z.literal('Ed25519'),
  kty: z.literal('OKP'),
  x: base64urlOf(ENCODED_BYTES.Ed25519),
})
/** ML-DSA-65 public key (RFC 9964 AKP form). */
export const MlDsaJwkSchema = z.strictObject({
  alg: z.literal('ML-DSA-65'),
  kty: z.literal('AKP'),
  pub: base64urlOf(ENCODED_BYTES['ML-DSA-65']),
})
/** Encryption key of suite A2: ML-KEM-768 and X25519 in one. */
export const HpkeJwkSchema = z.strictObject({
  alg: z.literal('HPKE-9-KE'),
  kty: z.literal('AKP'),
  pub: base64urlOf(ENCODED_BYTES['HPKE-9-KE']),
})
/** Encryption key of suite A1 (RFC 8037). */
export const X25519JwkSchema = z.strictObject({
  alg: z.literal('ECDH-ES+A256KW'),
  crv: z.literal('X25519'),
  kty: z.literal('OKP'),
  x: base64urlOf(ENCODED_BYTES.X25519),
})
/** Any public key of the project. */
export const PublicJwkSchema = z.discriminatedUnion('alg', [
  Ed25519JwkSchema,
  MlDsaJwkSchema,
  HpkeJwkSchema,
  X25519JwkSchema,
])

export interface Ed25519Jwk extends z.output<typeof Ed25519JwkSchema> {}
export interface MlDsaJwk extends z.output<typeof MlDsaJwkSchema> {}
export interface HpkeJwk extends z.output<typeof HpkeJwkSchema> {}
export interface X25519Jwk extends z.output<typeof X25519JwkSchema> {}
/** Any public key of the project. */
export type PublicJwk = Ed25519Jwk | MlDsaJwk | HpkeJwk | X25519Jwk
/** Algorithms by their JOSE names; one key has one. */
export type Algorithm = PublicJwk['alg']
interface Jwks {
  readonly Ed25519: Ed25519Jwk
  readonly 'ML-DSA-65': MlDsaJwk
  readonly 'HPKE-9-KE': HpkeJwk
  readonly 'ECDH-ES+A256KW': X25519Jwk
}
/** The public form that belongs to an algorithm. */
export type JwkOf<A extends Algorithm> = Jwks[A]

/** A private key as its 32-byte seed. Whoever holds it wipes `seed` when done. */
export interface PrivateKey<A extends Algorithm = Algorithm> {
  readonly algorithm: A
  readonly keyId: KeyId
  readonly publicJwk: JwkOf<A>
  readonly seed: Uint8Array
}

/** A private key that signs. */
export type SigningKey = PrivateKey<'Ed25519'> | PrivateKey<'ML-DSA-65'>

/** A private key of a desk: it opens seals. */
export type OpeningKey = PrivateKey<'ECDH-ES+A256KW'> | PrivateKey<'HPKE-9-KE'>

/** A public key that passed the admission test, with its id. */
export interface AdmittedKey<out A extends Algorithm = Algorithm> {
  readonly keyId: KeyId
  readonly jwk: JwkOf<A>
  readonly admitted: true
}

/** Makes a key from fresh randomness. */
export async function generateKey<A extends Algorithm>(
  algorithm: A,
  random: Random,
): Promise<PrivateKey<A>> {
  return privateKeyFromSeed(algorithm, random(SEED_BYTES))
}

/** The key of a 32-byte seed. @throws WIRE_KEY when the seed has another length */
export async function privateKeyFromSeed<A extends Algorithm>(
  algorithm: A,
  seed: Uint8Array,
): Promise<PrivateKey<A>> {
  if (seed.byteLength !== SEED_BYTES) throw new AmanaError('WIRE_KEY', { reason: 'seed length' })
  const publicJwk = await jwkOfSeed(algorithm, seed)
  return { algorithm, publicJwk, seed, keyId: await thumbprint(publicJwk) }
}

/** The id of a public key (RFC 7638): recomputed from the trusted key, never taken on faith. */
export async function thumbprint(jwk: PublicJwk): Promise<KeyId> {
  return KeyIdSchema.parse(await calculateJwkThumbprint({ ...jwk }, 'sha256'))
}

/**
 * The admission test: exact members and lengths; an Ed25519 point canonical, not of small order, free of torsion; an
 * X25519 key canonical and not of small order; a hybrid encryption key that deserialises and whose X25519 half is not zero.
 *
 * @throws WIRE_KEY when one of these fails, WIRE_B64 when the key has another spelling than its one
 */
export async function admitKey(jwk: unknown): Promise<AdmittedKey> {
  const parsed = PublicJwkSchema.safeParse(jwk)
  if (!parsed.success) throw new AmanaError('WIRE_KEY', { reason: 'members' })
  await assertSound(parsed.data)
  return { keyId: await thumbprint(parsed.data), jwk: parsed.data, admitted: true }
}

/** Narrows an admitted key to one algorithm. @throws WIRE_KEY when it has another */
export function requireAlgorithm<A extends Algorithm>(
  key: AdmittedKey,
  algorithm: A,
): AdmittedKey<A> {
  const { jwk } = key
  if (!isOf(jwk, algorithm)) throw new AmanaError('WIRE_KEY', { reason: 'algorithm' })
  return { keyId: key.keyId, jwk, admitted: true }
}

/** Plain signature over bytes, for proofs that are not JWS. */
export async function signRaw(key: SigningKey, bytes: Uint8Array): Promise<Uint8Array> {
  return engine.sign(key.algorithm, key.seed, bytes)
}

/** Checks a plain signature; false for whatever does not verify. */
export async function verifyRaw(
  jwk: Ed25519Jwk | MlDsaJwk,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return engine.verify(jwk.alg, rawPublicKey(jwk), { bytes, signature })
}

/** The public key's raw bytes. */
export function rawPublicKey(jwk: PublicJwk): Uint8Array {
  return decodeBase64url(publicKeyText(jwk))
}

/** The public key's bytes as the JWK has them, in base64url. */
export function publicKeyText(jwk: PublicJwk): string {
  return jwk.kty === 'OKP' ? jwk.x : jwk.pub
}

async function jwkOfSeed<A extends Algorithm>(algorithm: A, seed: Uint8Array): Promise<JwkOf<A>> {
  const text = encodeBase64url(await publicKeyOfSeed(algorithm, seed))
  const curve = CURVES.get(algorithm)
  const jwk = PublicJwkSchema.parse(
    curve === undefined
      ? { alg: algorithm, kty: 'AKP', pub: text }
      : { alg: algorithm, crv: curve, kty: 'OKP', x: text },
  )
  if (!isOf(jwk, algorithm)) throw new AmanaError('WIRE_KEY', { reason: 'algorithm' })
  return jwk
}

const CURVES: ReadonlyMap<Algorithm, string> = new Map([
  ['Ed25519', 'Ed25519'],
  ['ECDH-ES+A256KW', 'X25519'],
])

async function publicKeyOfSeed(algorithm: Algorithm, seed: Uint8Array): Promise<Uint8Array> {
  if (algorithm === 'HPKE-9-KE') return engine.hybridPublicKeyOf(seed)
  return engine.publicKeyOf(algorithm === 'ECDH-ES+A256KW' ? 'X25519' : algorithm, seed)
}

function isOf<A extends Algorithm>(jwk: PublicJwk, algorithm: A): jwk is JwkOf<A> {
  return jwk.alg === algorithm
}

async function assertSound(jwk: PublicJwk): Promise<void> {
  const bytes = rawPublicKey(jwk)
  if (jwk.alg === 'Ed25519' && !engine.isSoundPoint(bytes)) {
    throw new AmanaError('WIRE_KEY', { reason: 'point' })
  }
  if (jwk.alg === 'ECDH-ES+A256KW' && !isX25519PublicKey(bytes)) {
    throw new AmanaError('WIRE_KEY', { reason: 'X25519 key' })
  }
  if (jwk.alg === 'HPKE-9-KE' && !(await engine.isHybridKey(bytes))) {
    throw new AmanaError('WIRE_KEY', { reason: 'hybrid key' })
  }
}
