/**
 * A part of a sealed attachment as a carrier brings it: some chunks that follow each other, each of which shows by its tag
 * that it stands where it is said to.
 *
 * @module
 * @spec docs/spec/10-attachments.md#ranges
 */
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { AmanaError } from '../errors.ts'
import { ATTACHMENT_LIMITS } from '../limits/attachment.ts'
import { openChunk, payloadKey, SEALED_CHUNK_BYTES } from './chunks.ts'

const { saltBytes } = ATTACHMENT_LIMITS
const DIGEST_BYTES = 32
const INDEX_BYTES = 4
const HEADER_BYTES = DIGEST_BYTES + saltBytes + INDEX_BYTES
/** So many fit into a deposit of 1 MiB. */
const RANGE_CHUNKS = 15

/** Bytes of a range that is not the last one. */
export const RANGE_BYTES = RANGE_CHUNKS * SEALED_CHUNK_BYTES

/** A range as it is carried. */
export interface AttachmentRange {
  /** Of the sealed attachment. */
  readonly digest: string
  /** The first bytes of the sealed attachment. */
  readonly salt: Uint8Array
  /** From 0. */
  readonly index: number
  /** Sealed chunks. */
  readonly bytes: Uint8Array
}

/** Ranges of a sealed attachment of a possible length. */
export function rangeCount(sealedBytes: number): number {
  return Math.ceil((sealedBytes - saltBytes) / RANGE_BYTES)
}

/** Where a range stands in the sealed attachment; of no bytes beyond its end. */
export function rangeSpan(
  sealedBytes: number,
  index: number,
): { readonly offset: number; readonly length: number } {
  const offset = saltBytes + index * RANGE_BYTES
  return { offset, length: Math.max(0, Math.min(RANGE_BYTES, sealedBytes - offset)) }
}

/** The bytes of a range. */
export function encodeRange({ bytes, digest, index, salt }: AttachmentRange): Uint8Array {
  const place = new Uint8Array(INDEX_BYTES)
  new DataView(place.buffer).setUint32(0, index)
  return concatBytes(decodeBase64url(digest), salt, place, bytes)
}

/** Reads a range; nothing of it is checked but that it has chunks. @throws NET_BLOB */
export function parseRange(bytes: Uint8Array): AttachmentRange {
  const sizeBytes = bytes.byteLength - HEADER_BYTES
  if (sizeBytes < 1 || sizeBytes > RANGE_BYTES) throw new AmanaError('NET_BLOB', { reason: 'form' })
  const place = bytes.subarray(DIGEST_BYTES + saltBytes, HEADER_BYTES)
  return {
    digest: encodeBase64url(bytes.subarray(0, DIGEST_BYTES)),
    salt: bytes.slice(DIGEST_BYTES, DIGEST_BYTES + saltBytes),
    index: new DataView(place.buffer, place.byteOffset).getUint32(0),
    bytes: bytes.slice(HEADER_BYTES),
  }
}

/**
 * Checks each chunk of a range under the key that the statement gives.
 *
 * @throws NET_BLOB when the attachment has no such range; WIRE_ATTACHMENT_CHUNK
 */
export function assertRange(
  { key, length }: { readonly key: string; readonly length: number },
  { bytes, index, salt }: AttachmentRange,
): void {
  const span = rangeSpan(length, index)
  if (span.length !== bytes.byteLength) throw new AmanaError('NET_BLOB', { reason: 'range' })
  const payload = payloadKey(decodeBase64url(key), salt)
  for (let at = 0, chunk = index * RANGE_CHUNKS; at < span.length; chunk += 1) {
    const end = Math.min(at + SEALED_CHUNK_BYTES, span.length)
    const isLast = span.offset + end === length
    openChunk(payload, { index: chunk, isLast }, bytes.subarray(at, end))
    at = end
  }
}
