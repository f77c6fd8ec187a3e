/**
 * Digests and the small symmetric primitives, by the names that the specification uses.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */
import { engine } from '#engine'
import { z } from 'zod'
import { concatBytes } from '../bytes/concat.ts'
import { type Sha256Stream } from './engine.ts'

export { type Sha256Stream } from './engine.ts'

/** Gives that many unpredictable bytes; a parameter everywhere, so that core has no chance of its own. */
export type Random = (sizeBytes: number) => Uint8Array

/** Whole seconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  now(): number
}

const DIGEST_CHARS = 43

/** base64url(SHA-256), 43 characters. */
export const DigestSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
  .brand('Digest')
/** base64url(SHA-256) of something signed or hashed. */
export type Digest = z.output<typeof DigestSchema>

/** SHA-256 (FIPS 180-4). */
export function sha256(bytes: Uint8Array): Uint8Array {
  return engine.sha256(bytes)
}

/** SHA-256 written into memory of the caller, 32 bytes from `offset` on. */
export function sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  engine.sha256Into(bytes, target, offset)
}

/** SHA-256 of bytes that come in pieces. */
export function createSha256(): Sha256Stream {
  return engine.createSha256()
}

/** SHA-512 (FIPS 180-4). */
export function sha512(bytes: Uint8Array): Uint8Array {
  return engine.sha512(bytes)
}

/** HMAC-SHA-256 (RFC 2104) of bytes, or of a text's UTF-8. */
export function hmacSha256(key: Uint8Array, data: Uint8Array | string): Uint8Array {
  return engine.hmacSha256(key, data)
}

/** The digest of bytes, or of a text's UTF-8. */
export function digest(data: Uint8Array | string): Digest {
  const text = engine.sha256Text(data)
  if (!isDigest(text)) throw new TypeError('SHA-256')
  return text
}

/** What an engine returned; a text of unknown origin is for `DigestSchema`. */
function isDigest(text: string): text is Digest {
  return text.length === DIGEST_CHARS
}

/** HKDF-SHA-256 (RFC 5869); at most 8,160 bytes. */
export function hkdfSha256(
  key: Uint8Array,
  label: { readonly salt: Uint8Array; readonly info: Uint8Array },
  sizeBytes: number,
): Uint8Array {
  const extracted = engine.hmacSha256(label.salt, key)
  let block: Uint8Array = new Uint8Array()
  let output: Uint8Array = new Uint8Array()
  for (let counter = 1; output.byteLength < sizeBytes; counter += 1) {
    block = engine.hmacSha256(extracted, concatBytes(block, label.info, Uint8Array.of(counter)))
    output = concatBytes(output, block)
  }
  return output.subarray(0, sizeBytes)
}

/** Compares secrets in a time that does not depend on where they differ. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false
  let difference = 0
  for (let index = 0; index < a.byteLength; index += 1) {
    difference |= (a[index] ?? 0) ^ (b[index] ?? 0)
  }
  return difference === 0
}
