/**
 * Files that leave the node: written whole or not at all, for their owner alone.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AmanaError, encodeBase64url, isAnyAmanaError } from '@amana/core'
import { systemRandom } from '../system.ts'

const FILE_MODE = 0o600
/** Two files that are written for one place at once have names of their own until then. */
const SUFFIX_BYTES = 6

/** A file that nobody sees until `finish`. */
export interface PendingFile {
  write(bytes: Uint8Array): Promise<void>
  /** Puts it in its place; one that was there is replaced. @throws CLI_FILE */
  finish(): Promise<void>
}

/**
 * Lets `fill` write a file; what lies at `path` changes only when it has finished.
 *
 * @throws CLI_FILE when the file cannot be written, and what `fill` throws
 */
export async function writeWhole<T>(
  path: string,
  fill: (file: PendingFile) => Promise<T>,
): Promise<T> {
  const fresh = `${path}.${encodeBase64url(systemRandom(SUFFIX_BYTES))}`
  try {
    await mkdir(dirname(path), { recursive: true })
    await using file = await open(fresh, 'wx', FILE_MODE)
    return await fill(pending(file, fresh, path))
  } catch (cause) {
    await rm(fresh, { force: true }).catch(() => undefined)
    if (isAnyAmanaError(cause)) throw cause
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
}

function pending(file: FileHandle, fresh: string, path: string): PendingFile {
  return {
    write: async (bytes) => {
      await file.appendFile(bytes)
    },
    finish: async () => {
      await file.sync()
      await rename(fresh, path)
    },
  }
}
