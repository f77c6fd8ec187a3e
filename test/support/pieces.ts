/**
 * Bytes as a stream in pieces.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */

/** @yields `bytes`, in pieces of at most `sizeBytes` */
export async function* inPieces(
  bytes: Uint8Array,
  sizeBytes = bytes.length,
): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += sizeBytes) {
    yield await Promise.resolve(bytes.subarray(offset, offset + sizeBytes))
  }
}

/** A file in memory without a name, given in pieces of at most `sizeBytes`. */
export function fileOf(
  bytes: Uint8Array,
  sizeBytes = bytes.length,
): { readonly name: string; chunks(from?: number, to?: number): AsyncGenerator<Uint8Array> } {
  return { name: '', chunks: (from, to) => inPieces(bytes.subarray(from, to), sizeBytes) }
}
