/**
 * Whether a disk has room for what is about to be written.
 *
 * @module
 * @spec docs/spec/09-carriers.md#files
 */
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AmanaError } from '@amana/core'

/** @throws CLI_ROOM when the disk of that path, which need not be there yet, has less room */
export async function assertRoom(path: string, needBytes: number): Promise<void> {
  const freeBytes = await freeBytesAt(path)
  if (freeBytes < needBytes) throw new AmanaError('CLI_ROOM', { freeBytes, needBytes, path })
}

async function freeBytesAt(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    const above = dirname(path)
    return above === path ? Number.MAX_SAFE_INTEGER : freeBytesAt(above)
  }
}
