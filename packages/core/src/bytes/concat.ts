/**
 * Joining and comparing bytes.
 *
 * @module
 * @spec docs/spec/01-bytes.md#numbers-and-joins
 */

/** Joins parts in order into new memory. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.byteLength
  }
  return joined
}

/** Compares public bytes; not for secrets, see `constantTimeEqual`. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index])
}

/** A non-negative integer as 8 bytes, big-endian. */
export function encodeUint64(value: number | bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}
