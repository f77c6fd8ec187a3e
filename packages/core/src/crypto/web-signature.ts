/**
 * Keys from seeds and signatures by WebCrypto, for every platform that is not Node.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { type KeyPairAlgorithm, type SignatureAlgorithm } from './engine.ts'

const PKCS8_PREFIX = {
  Ed25519: '302e020100300506032b657004220420',
  'ML-DSA-44': '3034020100300b060960864801650304031104228020',
  'ML-DSA-65': '3034020100300b060960864801650304031204228020',
  X25519: '302e020100300506032b656e04220420',
} as const

/** False for any signature or key that does not verify, and where the platform lacks the algorithm; never throws. */
export async function verifyWithWebCrypto(
  algorithm: SignatureAlgorithm,
  publicKey: Uint8Array,
  { bytes, signature }: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
): Promise<boolean> {
  try {
    const jwk = publicJwk(algorithm, publicKey)
    const key = await crypto.subtle.importKey('jwk', jwk, { name: algorithm }, true, ['verify'])
    const own = [new Uint8Array(signature), new Uint8Array(bytes)] as const
    return await crypto.subtle.verify({ name: algorithm }, key, ...own)
  } catch {
    return false
  }
}

function publicJwk(algorithm: SignatureAlgorithm, publicKey: Uint8Array): JsonWebKey {
  const text = encodeBase64url(publicKey)
  const jwk =
    algorithm === 'Ed25519'
      ? { kty: 'OKP', crv: 'Ed25519', x: text }
      : { kty: 'AKP', alg: algorithm, pub: text }
  return jwk
}

/** The private key of a 32-byte seed, extractable. */
export async function importPrivate(
  algorithm: KeyPairAlgorithm,
  seed: Uint8Array,
): Promise<CryptoKey> {
  const prefix = PKCS8_PREFIX[algorithm].match(/../g)?.map((pair) => Number.parseInt(pair, 16))
  const pkcs8 = concatBytes(Uint8Array.from(prefix ?? []), seed)
  const use: KeyUsage = algorithm === 'X25519' ? 'deriveBits' : 'sign'
  return crypto.subtle.importKey('pkcs8', pkcs8, { name: algorithm }, true, [use])
}

/** The public key of a 32-byte seed. */
export async function publicKeyOf(
  algorithm: KeyPairAlgorithm,
  seed: Uint8Array,
): Promise<Uint8Array> {
  const key = await importPrivate(algorithm, seed)
  const jwk = new Map(Object.entries(await crypto.subtle.exportKey('jwk', key)))
  const text: unknown = jwk.get(algorithm.startsWith('ML-DSA') ? 'pub' : 'x')
  return typeof text === 'string' ? decodeBase64url(text) : new Uint8Array()
}

/** A signature with the private key of a 32-byte seed; of ML-DSA, a new one each time. */
export async function signWithWebCrypto(
  algorithm: SignatureAlgorithm,
  seed: Uint8Array,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const key = await importPrivate(algorithm, seed)
  const own = new Uint8Array(bytes)
  return new Uint8Array(await crypto.subtle.sign({ name: algorithm }, key, own))
}
