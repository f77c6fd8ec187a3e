/**
 * The guard against an older copy of the store: the heads of the log, one a line (`commits size root`), in a folder that is backed up and
 * restored apart from it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AmanaError, decodeBase64, encodeBase64 } from '@amana/core'

/** The head of a log. */
export interface LogHead {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** A head with the number of batches behind it: a batch without leaves leaves the head as it was. */
export interface RecordedHead extends LogHead {
  readonly commits: number
}

/** Beyond this size the file is cut down to its newest line when it is opened: half a year of exchange. */
const KEEP_BYTES = 16 * 1024 * 1024
const LINE = /^(?<commits>[1-9][0-9]{0,15}) (?<size>[1-9][0-9]{0,15}) (?<root>[A-Za-z0-9+/]{43}=)$/

/** The file, opened for appending. */
export interface CheckpointFile {
  /** Resolves when the head is on the disk. @throws STORE_GUARD */
  append(head: RecordedHead): Promise<void>
  close(): Promise<void>
}

/** Where heads are recorded; the simulation keeps them in memory. */
export interface HeadFiles {
  readonly has: (path: string) => Promise<boolean>
  readonly newest: (path: string) => Promise<RecordedHead>
  readonly open: (path: string) => Promise<CheckpointFile>
}

/** Whether the guard holds a head already. @throws STORE_GUARD when the file is there and cannot be read */
export async function hasCheckpointFile(path: string): Promise<boolean> {
  try {
    return (await readFile(path)).byteLength > 0
  } catch (cause) {
    if (isMissing(cause)) return false
    throw new AmanaError('STORE_GUARD', { path }, { cause })
  }
}

/**
 * The newest head of the file. Lines that a crash cut off are passed over.
 *
 * @throws STORE_GUARD when the file is missing, holds no head, or one with a count above 2^53 - 1
 */
export async function readCheckpointFile(path: string): Promise<RecordedHead> {
  const text = await guarded(path, () => readFile(path, 'utf8'))
  const newest = text
    .split('\n')
    .slice(0, -1)
    .findLast((line) => LINE.test(line))
  const { commits, size, root } = LINE.exec(newest ?? '')?.groups ?? {}
  if (root === undefined) throw new AmanaError('STORE_GUARD', { path })
  // a count that is not exact could pass for that of an older store
  if (!isExact(commits) || !isExact(size)) throw new AmanaError('STORE_GUARD', { path })
  const head = {
    commits: Number(commits),
    size: Number(size),
    root: await guarded(path, () => decodeBase64(root)),
  }
  if (text.length > KEEP_BYTES) await replace(path, head)
  return head
}

function isExact(count: string | undefined): boolean {
  return Number.isSafeInteger(Number(count))
}

/** Opens the file for appending, or makes it and its folder. @throws STORE_GUARD */
export async function openCheckpointFile(path: string): Promise<CheckpointFile> {
  const file = await guarded(path, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return open(path, 'a', 0o600)
  })
  return {
    append: (head) =>
      guarded(path, async () => {
        await file.appendFile(lineOf(head))
        await file.datasync()
      }),
    close: () => file.close(),
  }
}

async function replace(path: string, head: RecordedHead): Promise<void> {
  const fresh = `${path}.new`
  await guarded(path, async () => {
    await using file = await open(fresh, 'w', 0o600)
    await file.writeFile(lineOf(head))
    await file.sync()
    await rename(fresh, path)
  })
}

/** The line begins with a newline of its own: after a line that a crash cut off, the new one still stands alone. */
function lineOf({ commits, size, root }: RecordedHead): string {
  return `\n${String(commits)} ${String(size)} ${encodeBase64(root)}\n`
}

async function guarded<T>(path: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new AmanaError('STORE_GUARD', { path }, { cause })
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

/** Files on the disk of this machine. */
export const headFiles: HeadFiles = {
  has: hasCheckpointFile,
  newest: readCheckpointFile,
  open: openCheckpointFile,
}
