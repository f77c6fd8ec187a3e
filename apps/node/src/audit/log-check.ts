/**
 * Whether the stored log is whole and the newest: a quick check at every opening, and the reading of all of it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import {
  AmanaError,
  appendLeafHash,
  type CompactRange,
  createCursor,
  equalBytes,
  followLeaf,
  leafHash,
  loadRange,
  type LogCursor,
  parseCheckpoint,
  parseNote,
  rootOf,
  type TreeNode,
} from '@amana/core'
import { type Store } from '../ports.ts'
import { listRecords, RECORDS } from '../records.ts'
import { type LogHead, type RecordedHead } from './checkpoint-file.ts'
import { createNodeReader, hasLeafFrom, type LogState, readLeaves } from './log-rows.ts'

/** Leaves that are read again at every opening: as many as a tile has, and what follows the last whole tile. */
const WINDOW = 256
const READ_LEAVES = 512

/**
 * The newest leaves lead to the hashes above them and to the root of the state, nothing lies beyond them, and the log continues the newest head
 * that was recorded outside the store.
 *
 * @throws STORE_HOLE when a leaf or a hash is missing
 * @throws STORE_DAMAGED when leaves, hashes and state do not agree
 * @throws STORE_ROLLBACK when the store is older than `recorded`, or its log is another
 */
export async function checkOpenedLog(
  store: Store,
  { cursor, commits }: LogState,
  recorded: RecordedHead,
): Promise<void> {
  const { size } = cursor.range
  if (size < recorded.size || commits < recorded.commits) throw rollback(size, recorded)
  await assertWindow(store, cursor)
  if (await hasLeafFrom(store, size)) throw new AmanaError('STORE_DAMAGED', { space: 'leaf' })
  const then = await loadRange(createNodeReader(store), recorded.size)
  if (!equalBytes(rootOf(then), recorded.root)) throw rollback(size, recorded)
}

/**
 * Reads every leaf of the log up to the state (`onProgress` hears how many were read), follows the order of each class, and compares every stored hash.
 *
 * @throws STORE_HOLE when a leaf or a hash is missing
 * @throws STORE_DAMAGED when leaves, hashes and state do not agree
 * @throws what `followLeaf` throws of a leaf that has no place in this log
 */
export async function verifyWholeLog(
  store: Store,
  cursor: LogCursor,
  onProgress: (read: number) => void = () => undefined,
): Promise<LogHead> {
  const { size } = cursor.range
  let state = createCursor(cursor.log)
  for (let from = 0; from < size; from += READ_LEAVES) {
    const leaves = await readLeaves(store, from, Math.min(from + READ_LEAVES, size))
    for (const bytes of leaves) {
      const followed = followLeaf(state, bytes)
      await assertNodes(store, followed.nodes)
      state = followed.cursor
    }
    onProgress(state.range.size)
  }
  assertSameRoot(rootOf(state.range), cursor)
  return { size, root: rootOf(state.range) }
}

/**
 * The log continues the newest head that the other agency cosigned: a store of which the log alone is older does not open.
 *
 * @throws STORE_ROLLBACK, STORE_HOLE, STORE_DAMAGED
 */
export async function assertContinuesCosigned(store: Store, size: number): Promise<void> {
  const [row] = await listRecords(store, RECORDS.note, { limit: 1, reverse: true })
  if (row === undefined) return
  const cosigned = parseCheckpoint(parseNote(row.value.note).text)
  if (cosigned.size > size) throw rollback(size, cosigned)
  const then = await loadRange(createNodeReader(store), cosigned.size)
  if (!equalBytes(rootOf(then), cosigned.root)) throw rollback(size, cosigned)
}

async function assertWindow(store: Store, cursor: LogCursor): Promise<void> {
  const { size } = cursor.range
  const from = Math.max(0, Math.floor(size / WINDOW) - 1) * WINDOW
  assertSameRoot(rootOf(await checkLeaves(store, from, size)), cursor)
}

/**
 * The leaves of [from, to) lead to every hash above them that is complete at `to`. Gives the log at `to`, whose hashes
 * before `from` are taken as they are stored.
 *
 * @throws STORE_HOLE when a leaf or a hash is missing, STORE_DAMAGED when they do not agree
 */
export async function checkLeaves(store: Store, from: number, to: number): Promise<CompactRange> {
  let range = await loadRange(createNodeReader(store), from)
  for (let start = from; start < to; start += READ_LEAVES) {
    for (const leaf of await readLeaves(store, start, Math.min(start + READ_LEAVES, to))) {
      const appended = appendLeafHash(range, leafHash(leaf))
      await assertNodes(store, appended.nodes)
      range = appended.range
    }
  }
  return range
}

async function assertNodes(store: Store, nodes: readonly TreeNode[]): Promise<void> {
  const read = createNodeReader(store)
  for (const { level, index, hash } of nodes) {
    if (!equalBytes(await read(level, index), hash)) {
      throw new AmanaError('STORE_DAMAGED', { space: 'node' })
    }
  }
}

function assertSameRoot(root: Uint8Array, cursor: LogCursor): void {
  if (!equalBytes(root, rootOf(cursor.range))) {
    throw new AmanaError('STORE_DAMAGED', { space: 'log' })
  }
}

function rollback(size: number, recorded: LogHead): AmanaError {
  return new AmanaError('STORE_ROLLBACK', { size, recorded: recorded.size })
}
