/**
 * The chunks of a sealed attachment: where they lie, and the cipher of one of them. The form is the payload of age v1.
 *
 * @module
 * @spec docs/spec/10-attachments.md#sealed-form
 */
import { engine } from '#engine'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { hkdfSha256 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { ATTACHMENT_LIMITS } from '../limits/attachment.ts'

const { chunkBytes, plaintextBytes, saltBytes, tagBytes } = ATTACHMENT_LIMITS
const KEY_BYTES = 32
const NONCE_BYTES = 12
const COUNTER_AT = 3
const FLAG_AT = 11
const INFO = encodeUtf8('payload')

/** A whole chunk with its tag. */
export const SEALED_CHUNK_BYTES = chunkBytes + tagBytes

/** The largest sealed attachment. */
export const SEALED_BYTES_MAX = sealedLength(plaintextBytes)

/** Bytes of the sealed form of so many bytes. */
export function sealedLength(plainBytes: number): number {
  const chunks = Math.max(1, Math.ceil(plainBytes / chunkBytes))
  return saltBytes + plainBytes + chunks * tagBytes
}

/** Whether anything seals to that many bytes: only the last chunk is short, and it is empty only where it is the one. */
export function isSealedLength(sealedBytes: number): boolean {
  return sealedLength(plainLength(sealedBytes)) === sealedBytes && sealedBytes <= SEALED_BYTES_MAX
}

/** Bytes of the plaintext of a sealed form of a possible length. */
export function plainLength(sealedBytes: number): number {
  const rest = sealedBytes - saltBytes
  return Math.max(0, rest - Math.max(1, Math.ceil(rest / SEALED_CHUNK_BYTES)) * tagBytes)
}

/** Where a chunk stands. */
export interface ChunkPlace {
  /** From 0. */
  readonly index: number
  readonly isLast: boolean
}

/** The key under which the chunks are sealed. */
export function payloadKey(fileKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return hkdfSha256(fileKey, { salt, info: INFO }, KEY_BYTES)
}

/** Seals one chunk: ciphertext followed by the tag. */
export function sealChunk(key: Uint8Array, place: ChunkPlace, plaintext: Uint8Array): Uint8Array {
  return engine.chachaSeal({ key, nonce: nonceOf(place) }, plaintext)
}

/** @throws WIRE_ATTACHMENT_CHUNK when the tag does not fit: changed, moved, repeated, cut off, or of another key */
export function openChunk(key: Uint8Array, place: ChunkPlace, sealed: Uint8Array): Uint8Array {
  const opened = engine.chachaOpen({ key, nonce: nonceOf(place) }, sealed)
  if (opened === undefined) throw new AmanaError('WIRE_ATTACHMENT_CHUNK', { index: place.index })
  return opened
}

/** 11 bytes that count, then one that says whether it is the last. */
function nonceOf({ index, isLast }: ChunkPlace): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  new DataView(nonce.buffer).setBigUint64(COUNTER_AT, BigInt(index))
  nonce[FLAG_AT] = isLast ? 1 : 0
  return nonce
}
