/**
 * SHA-256 in pieces for platforms whose own has none: WebCrypto takes a message whole.
 *
 * @module
 * @spec docs/spec/01-bytes.md#primitives
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { type Sha256Stream } from './engine.ts'

/** A digest that may be asked for at any time. */
export function createNobleSha256(): Sha256Stream {
  const hashing = sha256.create()
  return {
    update: (bytes) => void hashing.update(bytes),
    digest: () => hashing.clone().digest(),
  }
}
