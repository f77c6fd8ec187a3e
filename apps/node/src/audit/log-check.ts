/**
 * Whether the stored log is whole and the newest: a quick check at every opening, and the reading of all of it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import {
  AmanaError,
  appendLeafHash,
  createCursor,
  equalBytes,
  followLeaf,
  leafHash,
  loadRange,
  type LogCursor,
  rootOf,
  type TreeNode,
} from '@amana/core'
import { type Store } from '../ports.ts'
import { type LogHead, type RecordedHead } from './checkpoint-file.ts'
import { createNodeReader, hasLeafFrom, type LogState, readLeaves } from './log-rows.ts'

/** Leaves that are read again at every opening: as many as a tile has, and what follows the last whole tile. */
const WINDOW = 256
const READ_LEAVES = 512

/**
 * The newest leaves lead to the hashes above them and to the root of the state, nothing lies beyond them, and the log continues the newest head
 * that was recorded outside the store.
 *
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
 * Reads every leaf of the log up to the state, follows the order of each class, and compares every stored hash.
 *
 * @throws STORE_DAMAGED when leaves, hashes and state do not agree
 * @throws what `followLeaf` throws of a leaf that has no place in this log
 */
export async function verifyWholeLog(store: Store, cursor: LogCursor): Promise<LogHead> {
  const { size } = cursor.range
  let state = createCursor(cursor.log)
  for (let from = 0; from < size; from += READ_LEAVES) {
    const leaves = await readLeaves(store, from, Math.min(from + READ_LEAVES, size))
    for (const bytes of leaves) {
      const followed = followLeaf(state, bytes)
      await assertNodes(store, followed.nodes)
      state = followed.cursor
    }
  }
  assertSameRoot(rootOf(state.range), cursor)
  return { size, root: rootOf(state.range) }
}

async function assertWindow(store: Store, cursor: LogCursor): Promise<void> {
  const { size } = cursor.range
  const from = Math.max(0, Math.floor(size / WINDOW) - 1) * WINDOW
  let range = await loadRange(createNodeReader(store), from)
  for (const leaf of await readLeaves(store, from, size)) {
    const appended = appendLeafHash(range, leafHash(leaf))
    await assertNodes(store, appended.nodes)
    range = appended.range
  }
  assertSameRoot(rootOf(range), cursor)
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
