/**
 * How the log lies in the store: leaves, the hashes above them, and the writer's state.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import {
  AmanaError,
  decodeCursor,
  encodeCursor,
  encodeUint64,
  leafHash,
  type LogCursor,
  type NextLeaves,
  type NodeReader,
} from '@amana/core'
import { type Store, type StoreWrite } from '../ports.ts'

/** Digits of an index in a key: keys sort by number up to a million million leaves. */
const INDEX_DIGITS = 12
const LEVEL_DIGITS = 2
/** Leaves a read: a few megabytes at most. */
const READ_LEAVES = 512
/** Names a read. */
const READ_NAMES = 10_000
const COUNT_BYTES = 8
const LOG_SPACE = 'log'
const CURSOR_KEY = 'cursor'
const COMMITS_KEY = 'commits'

/** What the writer keeps: where the log stands, and how many batches it wrote, with leaves or without. */
export interface LogState {
  readonly cursor: LogCursor
  readonly commits: number
}

/** The writes that store new leaves, without the state: that is written once a batch. */
export function leafWrites(next: NextLeaves): readonly StoreWrite[] {
  return [
    ...next.leaves.map(({ index, bytes }) => put('leaf', indexKey(index), bytes)),
    ...next.nodes.map(({ level, index, hash }) => put('node', nodeKey(level, index), hash)),
  ]
}

/** The writes of the writer's state. */
export function stateWrites({ cursor, commits }: LogState): readonly StoreWrite[] {
  return [
    put(LOG_SPACE, CURSOR_KEY, encodeCursor(cursor)),
    put(LOG_SPACE, COMMITS_KEY, encodeUint64(commits)),
  ]
}

/** The stored state; nothing where there is no log yet. @throws AUDIT_CURSOR, STORE_DAMAGED */
export async function readState(store: Store): Promise<LogState | undefined> {
  const cursor = await store.get(LOG_SPACE, CURSOR_KEY)
  if (cursor === undefined) return undefined
  const commits = await store.get(LOG_SPACE, COMMITS_KEY)
  if (commits?.length !== COUNT_BYTES) throw new AmanaError('STORE_DAMAGED', { space: LOG_SPACE })
  const view = new DataView(commits.buffer, commits.byteOffset)
  return { cursor: decodeCursor(cursor), commits: Number(view.getBigUint64(0)) }
}

/**
 * Leaf bytes of [from, to), in order.
 *
 * @throws STORE_HOLE when one of them is not there
 * @throws STORE_DAMAGED when there is something between them
 */
export async function readLeaves(
  store: Store,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  return readSubtrees(store, 0, { from, to })
}

/**
 * What lies there of one level of the tree: leaf bytes of level 0, else hashes.
 *
 * @throws STORE_HOLE, STORE_DAMAGED as `readLeaves`
 */
export async function readSubtrees(
  store: Store,
  level: number,
  { from, to }: IndexRange,
): Promise<readonly Uint8Array[]> {
  const { space, nameOf } = rowsOf(level)
  const values: Uint8Array[] = []
  for (let start = from; start < to; start += READ_LEAVES) {
    const end = Math.min(start + READ_LEAVES, to)
    const bounds = { gte: nameOf(start), lt: nameOf(end), limit: end - start + 1 }
    const rows = await store.range({ space, ...bounds })
    const keys = rows.map(({ key }) => key)
    assertNames(level, keys, { from: start, to: end })
    values.push(...rows.map(({ value }) => value))
  }
  return values
}

/**
 * The leaves of [from, to) and the hashes above them that are complete at `to`, the end of the log, are there by their
 * names, and nothing is there beyond.
 *
 * @throws STORE_HOLE, STORE_DAMAGED as `readLeaves`
 */
export async function assertNewestNamed(store: Store, { from, to }: IndexRange): Promise<void> {
  await assertLevelNamed(store, 0, { from, to })
  for (let level = 1; level === 1 || to >= 2 ** level; level += 1) {
    const width = 2 ** level
    const range = { from: Math.floor(from / width), to: Math.floor(to / width) }
    await assertLevelNamed(store, level, range)
  }
}

/** Up to where the next level begins; of leaves and of the highest level up to the end of the space. */
async function assertLevelNamed(
  store: Store,
  level: number,
  { from, to }: IndexRange,
): Promise<void> {
  const { space, nameOf } = rowsOf(level)
  const isHighest = level === 0 || to < 2
  const end = isHighest ? {} : { lt: nodeKey(level + 1, 0) }
  let gte = from === 0 && level < 2 ? '' : nameOf(from)
  for (let at = from; ;) {
    const limit = Math.min(READ_NAMES, to - at + 1)
    const keys = await store.keys({ space, gte, ...end, limit })
    assertNames(level, keys, { from: at, to: Math.min(at + limit, to) })
    at += keys.length
    if (at === to && keys.length < limit) return
    gte = `${keys.at(-1) ?? gte}\0`
  }
}

interface IndexRange {
  readonly from: number
  readonly to: number
}

function rowsOf(level: number): {
  readonly space: string
  readonly nameOf: (index: number) => string
} {
  return level === 0
    ? { space: 'leaf', nameOf: indexKey }
    : { space: 'node', nameOf: (index) => nodeKey(level, index) }
}

/** These keys and no others. */
function assertNames(level: number, keys: readonly string[], { from, to }: IndexRange): void {
  const { space, nameOf } = rowsOf(level)
  for (let index = from; index < to; index += 1) {
    const key = keys[index - from]
    const name = nameOf(index)
    if (key === undefined || key > name) throw new AmanaError('STORE_HOLE', { level, index })
    if (key < name) throw new AmanaError('STORE_DAMAGED', { space })
  }
  if (keys.length > to - from) throw new AmanaError('STORE_DAMAGED', { space })
}

/** Reads hashes of complete subtrees; those of leaves are made from the leaves. It throws STORE_HOLE where one is missing. */
export function createNodeReader(store: Store): NodeReader {
  return async (level, index) => {
    const found =
      level === 0
        ? await store.get('leaf', indexKey(index))
        : await store.get('node', nodeKey(level, index))
    if (found === undefined) {
      throw new AmanaError('STORE_HOLE', { level, index })
    }
    return level === 0 ? leafHash(found) : found
  }
}

function indexKey(index: number): string {
  return String(index).padStart(INDEX_DIGITS, '0')
}

function nodeKey(level: number, index: number): string {
  return `${String(level).padStart(LEVEL_DIGITS, '0')}/${indexKey(index)}`
}

function put(space: string, key: string, value: Uint8Array): StoreWrite {
  return { type: 'put', space, key, value }
}
