/**
 * The files that a program was given: opened once, read in pieces, closed at the end. How a file is opened is a
 * parameter, so that nothing here belongs to one platform.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#command-line
 */
import { AmanaError, concatBytes } from '@amana/core'
import { type StreamedFile } from './source.ts'

const CHUNK_BYTES = 131_072
/** What can be read only once, a pipe, is held in memory as far as this. */
const PIPE_BYTES = 67_108_864

/** An open file, as `open` of `node:fs/promises` gives it. */
export interface FileHandle {
  stat(): Promise<{ isFile(): boolean }>
  /** From the place where the last call ended where `position` is null. */
  read(
    target: Uint8Array,
    offset: number,
    sizeBytes: number,
    position: number | null,
  ): Promise<{ readonly bytesRead: number }>
  close(): Promise<void>
}

/** Files that are open until they are disposed of. */
export interface OpenFiles extends AsyncDisposable {
  readonly files: readonly StreamedFile[]
}

/** Opens files under their base names; where two have one name, under the paths that were given. */
export async function openFiles(
  paths: readonly string[],
  open: (path: string) => Promise<FileHandle>,
): Promise<OpenFiles> {
  const handles: FileHandle[] = []
  const close = async (): Promise<void> => {
    for (const handle of handles) await handle.close()
  }
  try {
    const names = paths.map((path) => basename(path))
    const isAmbiguous = new Set(names).size < names.length
    const files: StreamedFile[] = []
    for (const path of paths) {
      const handle = await open(path)
      handles.push(handle)
      files.push(await fileOf(isAmbiguous ? path : basename(path), handle))
    }
    return { files, [Symbol.asyncDispose]: close }
  } catch (error) {
    await close()
    throw error
  }
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

async function fileOf(name: string, handle: FileHandle): Promise<StreamedFile> {
  const isSeekable = (await handle.stat()).isFile()
  if (isSeekable) return { name, chunks: (from, to) => rangeOf(handle, from, to) }
  let held: Promise<Uint8Array> | undefined
  return {
    name,
    async *chunks(from, to) {
      held ??= allOf(handle)
      yield (await held).subarray(from, to)
    },
  }
}

/** @yields the bytes of a range, in memory that is used again for the next piece */
async function* rangeOf(
  handle: FileHandle,
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(Math.min(CHUNK_BYTES, to - from))
  for (let position = from; position < to;) {
    const { bytesRead } = await handle.read(
      piece,
      0,
      Math.min(piece.length, to - position),
      position,
    )
    if (bytesRead === 0) return
    position += bytesRead
    yield piece.subarray(0, bytesRead)
  }
}

/** @throws AUDIT_BUNDLE_LIMIT when a pipe gives more than is held */
async function allOf(handle: FileHandle): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for (let sizeBytes = 0; ;) {
    const piece = new Uint8Array(CHUNK_BYTES)
    const { bytesRead } = await handle.read(piece, 0, piece.length, null)
    if (bytesRead === 0) return concatBytes(...pieces)
    sizeBytes += bytesRead
    if (sizeBytes > PIPE_BYTES) throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: 1 })
    pieces.push(piece.subarray(0, bytesRead))
  }
}
