/**
 * HPKE-9-KE: base mode, MLKEM768-X25519 (X-Wing), SHAKE256, AES-256-GCM, used to wrap one content key for one desk.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap
 */
import { x25519 } from '@noble/curves/ed25519.js'
import { shake256 } from '@noble/hashes/sha3.js'
import { AEAD_AES_256_GCM, CipherSuite, KDF_SHAKE256, KEM_MLKEM768_X25519, type Key } from 'hpke'
import { hex } from '@scure/base'
import { decodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { AmanaError } from '../errors.ts'

const PUBLIC_KEY_BYTES = 1216
const ENCAPSULATED_BYTES = 1120
const X25519_BYTES = 32
const ML_KEM_SEED_BYTES = 64
/** DER of an ML-KEM-768 private key (RFC 9935) up to its 64-byte seed. */
const ML_KEM_PKCS8_PREFIX = hex.decode('3054020100300b060960864801650304040204428040')
const RECIPIENT_KEYS = 64

/** WebCrypto's name for it, which the DOM's types do not list yet. */
const DECAPSULATE = ['decapsulateBits'].filter(isKeyUsage)

const suite = new CipherSuite(KEM_MLKEM768_X25519, KDF_SHAKE256, AEAD_AES_256_GCM)
const recipients = new Map<string, Key>()

/** A content key as one recipient gets it. */
export interface WrappedKey {
  /** HPKE ciphertext of the content key: 48 bytes. */
  readonly encryptedKey: Uint8Array
  /** HPKE encapsulated secret: 1,120 bytes. */
  readonly encapsulated: Uint8Array
}

/** Wraps a 32-byte content key for `recipient`, bound to `info`. */
export async function hpkeSealKey(options: {
  readonly recipient: { readonly pub: string }
  readonly contentKey: Uint8Array
  readonly info: Uint8Array
}): Promise<WrappedKey> {
  const key = await publicKeyOf(options.recipient.pub)
  const sealed = await suite.Seal(key, options.contentKey, { info: options.info })
  return { encryptedKey: sealed.ciphertext, encapsulated: sealed.encapsulatedSecret }
}

/**
 * Opens a wrapped content key with the recipient's seed.
 *
 * @throws WIRE_JWE when a length is wrong, WIRE_DECRYPT when the key or `info` is another
 */
export async function hpkeOpenKey(options: {
  readonly key: { readonly keyId: string; readonly seed: Uint8Array }
  readonly wrapped: WrappedKey
  readonly info: Uint8Array
}): Promise<Uint8Array> {
  const { key, wrapped, info } = options
  if (wrapped.encapsulated.byteLength !== ENCAPSULATED_BYTES) {
    throw new AmanaError('WIRE_JWE', { part: 'ek' })
  }
  try {
    const privateKey = await suite.DeserializePrivateKey(key.seed)
    return await suite.Open(privateKey, wrapped.encapsulated, wrapped.encryptedKey, { info })
  } catch (cause) {
    throw new AmanaError('WIRE_DECRYPT', { keyId: key.keyId }, { cause })
  }
}

/** The 1,216-byte public key of a 32-byte seed: X-Wing's expansion into ML-KEM-768 and X25519 halves. */
export async function hpkePublicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  const expanded = shake256(seed, { dkLen: ML_KEM_SEED_BYTES + X25519_BYTES })
  const mlKem = await mlKemPublicKeyOf(expanded.subarray(0, ML_KEM_SEED_BYTES))
  return concatBytes(mlKem, x25519.getPublicKey(expanded.subarray(ML_KEM_SEED_BYTES)))
}

async function mlKemPublicKeyOf(seed: Uint8Array): Promise<Uint8Array> {
  const pkcs8 = concatBytes(ML_KEM_PKCS8_PREFIX, seed)
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'ML-KEM-768', true, DECAPSULATE)
  const jwk = new Map(Object.entries(await crypto.subtle.exportKey('jwk', key)))
  const pub: unknown = jwk.get('pub')
  if (typeof pub !== 'string') throw new AmanaError('WIRE_KEY', { reason: 'hybrid key' })
  return decodeBase64url(pub)
}

/** Whether the bytes are a public key of the suite whose X25519 half is not zero. */
export async function isHpkePublicKey(bytes: Uint8Array): Promise<boolean> {
  if (bytes.byteLength !== PUBLIC_KEY_BYTES) return false
  if (bytes.subarray(-X25519_BYTES).every((byte) => byte === 0)) return false
  try {
    await suite.DeserializePublicKey(bytes)
    return true
  } catch {
    return false
  }
}

async function publicKeyOf(pub: string): Promise<Key> {
  const kept = recipients.get(pub)
  if (kept !== undefined) return kept
  const key = await suite.DeserializePublicKey(decodeBase64url(pub))
  if (recipients.size >= RECIPIENT_KEYS) recipients.clear()
  recipients.set(pub, key)
  return key
}

function isKeyUsage(name: string): name is KeyUsage {
  return name.length > 0
}
