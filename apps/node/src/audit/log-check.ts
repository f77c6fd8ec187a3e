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
import {
  assertNewestNamed,
  createNodeReader,
  type LogState,
  readLeaves,
  readSubtrees,
} from './log-rows.ts'

/** Leaves that are read again at every opening, and those after the last whole part of so many. */
const READ_AGAIN = 2048
/** Leaves that are looked for by their names at every opening: more than the journal of a store can lose. */
const LOOKED_FOR = 65_536
const READ_LEAVES = 512

/**
 * The newest leaves are there by their names, with the hashes above them and nothing beyond; the last of them lead to these
 * hashes and to the root of the state; and the log continues the newest head that was recorded outside the store.
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
  await assertNewestNamed(store, { from: Math.max(0, size - LOOKED_FOR), to: size })
  await assertWindow(store, cursor)
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
    const nodes: TreeNode[] = []
    for (const bytes of leaves) {
      const followed = followLeaf(state, bytes)
      nodes.push(...followed.nodes)
      state = followed.cursor
    }
    await assertNodes(store, nodes)
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
  const from = Math.max(0, Math.floor(size / READ_AGAIN) - 1) * READ_AGAIN
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
    const nodes: TreeNode[] = []
    for (const leaf of await readLeaves(store, start, Math.min(start + READ_LEAVES, to))) {
      const appended = appendLeafHash(range, leafHash(leaf))
      nodes.push(...appended.nodes)
      range = appended.range
    }
    await assertNodes(store, nodes)
  }
  return range
}

/** Hashes of neighbours, so that those of a level follow one another: they lie there so, and nothing between them. */
async function assertNodes(store: Store, nodes: readonly TreeNode[]): Promise<void> {
  for (const [level, all] of Map.groupBy(nodes, (node) => node.level)) {
    const from = all[0]?.index ?? 0
    const stored = await readSubtrees(store, level, { from, to: from + all.length })
    if (!all.every(({ hash }, at) => equalBytes(stored[at] ?? hash.subarray(1), hash))) {
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
