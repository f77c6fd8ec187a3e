/**
 * Files as a verifier reads them: in memory, or in pieces from wherever they lie, so that a bundle of any size needs no
 * more memory than its longest line.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */
import { AmanaError, concatBytes, createSha256, isAnyAmanaError } from '@amana/core'

/** A file that is in memory; only its name says what it is. */
export interface NamedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * A file that is read when it is needed, more than once and not always to its end. In a browser `chunks` is
 * `(from, to) => file.slice(from, to).stream()`; whoever opens something ends it when the iteration ends early.
 */
export interface StreamedFile {
  readonly name: string
  /**
   * The bytes from `from` (0 unless told) to before `to` (the end unless told), in pieces of any size. A piece is done
   * with when the next one is asked for.
   */
  chunks(from?: number, to?: number): AsyncIterable<Uint8Array>
}

/** Any file to verify. */
export type FileSource = NamedFile | StreamedFile

/** As it is read. */
export function streamed(file: FileSource): StreamedFile {
  if ('chunks' in file) return file
  const { name, bytes } = file
  return { name, chunks: (from, to) => once(bytes.subarray(from, to)) }
}

/** A refused file is read on for its SHA-256 as far as this: 1 GiB. */
const DIGEST_BYTES = 2 ** 30

/**
 * The SHA-256 of a whole file in hexadecimal; nothing where it is longer than 1 GiB, or never ends. What has been
 * verified to its end brings its own.
 */
export async function fileDigest(file: StreamedFile): Promise<string | undefined> {
  const hash = createSha256()
  let sizeBytes = 0
  try {
    for await (const chunk of file.chunks()) {
      sizeBytes += chunk.length
      if (sizeBytes > DIGEST_BYTES) return undefined
      hash.update(chunk)
    }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return undefined
  }
  return hexadecimal(hash.digest())
}

/** Bytes as lower-case hexadecimal. */
export function hexadecimal(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * A file of one object, whole.
 *
 * @throws AUDIT_BUNDLE_LIMIT when it has more bytes than that
 */
export async function wholeFile(file: StreamedFile, limitBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of file.chunks()) {
    sizeBytes += chunk.length
    if (sizeBytes > limitBytes) throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: 1 })
    parts.push(chunk.slice())
  }
  return concatBytes(...parts)
}

/** @yields the whole */
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}
