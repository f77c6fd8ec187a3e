/**
 * ECDH-ES+A256KW with X25519 (RFC 7518 section 4.6, RFC 8037 section 3.2), used to wrap one content key for one desk.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap-of-a1
 */
import { engine } from '#engine'
import { hex } from '@scure/base'
import { decodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError } from '../errors.ts'
import { type Random } from './digest.ts'

const KEY_BYTES = 32
/** The five u-coordinates below the prime whose multiples by 8 are the neutral element, on the curve or its twist. */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])
/** 2^255−19 in little-endian, from its highest byte down. */
const PRIME_DOWNWARDS = [0x7f, ...Array.from({ length: 30 }, () => 0xff), 0xed]
/** Round 1 of the Concat KDF: what stands before and after the shared secret, for one key of 256 bits. */
const KDF_COUNTER = Uint8Array.of(0, 0, 0, 1)
const KDF_OTHER_INFO = concatBytes(
  lengthPrefixed(encodeUtf8('ECDH-ES+A256KW')),
  lengthPrefixed(new Uint8Array()),
  lengthPrefixed(new Uint8Array()),
  Uint8Array.of(0, 0, 1, 0),
)

/** A content key as one recipient gets it. */
export interface EcdhWrappedKey {
  /** AES key wrap of the content key: 40 bytes. */
  readonly encryptedKey: Uint8Array
  /** The sender's X25519 public key, made for this wrap: 32 bytes. */
  readonly ephemeral: Uint8Array
}

/**
 * Wraps a 32-byte content key for `recipient` under a key pair that is made for this and forgotten.
 *
 * @throws WIRE_KEY when the recipient's key was not admitted and is of small order
 */
export async function ecdhSealKey(options: {
  readonly recipient: { readonly x: string }
  readonly contentKey: Uint8Array
  readonly random: Random
}): Promise<EcdhWrappedKey> {
  const secret = options.random(KEY_BYTES)
  const ephemeral = await engine.publicKeyOf('X25519', secret)
  const key = await wrappingKey(secret, decodeBase64url(options.recipient.x))
  secret.fill(0)
  if (key === undefined) throw new AmanaError('WIRE_KEY', { reason: 'X25519 key' })
  const encryptedKey = await engine.aesKeyWrap(key, options.contentKey)
  key.fill(0)
  return { encryptedKey, ephemeral }
}

/**
 * Opens a wrapped content key with the recipient's seed.
 *
 * @throws WIRE_DECRYPT when it was wrapped for another key, was changed, or the ephemeral key is of small order
 */
export async function ecdhOpenKey(options: {
  readonly key: { readonly keyId: string; readonly seed: Uint8Array }
  readonly wrapped: EcdhWrappedKey
}): Promise<Uint8Array> {
  const { key, wrapped } = options
  const unwrapping = await wrappingKey(key.seed, wrapped.ephemeral)
  const contentKey =
    unwrapping === undefined
      ? undefined
      : await engine.aesKeyUnwrap(unwrapping, wrapped.encryptedKey)
  unwrapping?.fill(0)
  if (contentKey === undefined) throw new AmanaError('WIRE_DECRYPT', { keyId: key.keyId })
  return contentKey
}

/** RFC 7518 section 4.6.2: SHA-256 over the counter, the shared secret, the algorithm's name and what is left empty. */
export function wrappingKeyOf(shared: Uint8Array): Uint8Array {
  return engine.sha256(concatBytes(KDF_COUNTER, shared, KDF_OTHER_INFO))
}

/** Whether the bytes are an X25519 public key in its one encoding and not of small order. */
export function isX25519PublicKey(bytes: Uint8Array): boolean {
  return (
    bytes.byteLength === KEY_BYTES && isBelowPrime(bytes) && !SMALL_ORDER.has(hex.encode(bytes))
  )
}

/** RFC 7748 readers take any 32 bytes and reduce them; here a key has one spelling. */
function isBelowPrime(bytes: Uint8Array): boolean {
  const downwards = bytes.toReversed()
  const place = PRIME_DOWNWARDS.findIndex((byte, index) => byte !== downwards[index])
  return place >= 0 && (downwards[place] ?? 0) < (PRIME_DOWNWARDS[place] ?? 0)
}

async function wrappingKey(
  seed: Uint8Array,
  publicKey: Uint8Array,
): Promise<Uint8Array | undefined> {
  const shared = await engine.x25519(seed, publicKey)
  if (shared === undefined) return undefined
  const key = wrappingKeyOf(shared)
  shared.fill(0)
  return key
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0, 0, 0, bytes.byteLength), bytes)
}
