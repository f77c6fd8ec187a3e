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
 */
export async function readLeaves(
  store: Store,
  from: number,
  to: number,
): Promise<readonly Uint8Array[]> {
  const leaves: Uint8Array[] = []
  for (let start = from; start < to; start += READ_LEAVES) {
    const end = Math.min(start + READ_LEAVES, to)
    const rows = await store.range({
      space: 'leaf',
      gte: indexKey(start),
      lt: indexKey(end),
      limit: READ_LEAVES,
    })
    rows.forEach(({ key, value }, offset) => {
      if (key === indexKey(start + offset)) leaves.push(value)
    })
    if (leaves.length !== end - from) throw new AmanaError('STORE_HOLE', holeIn(rows, start))
  }
  return leaves
}

/** Whether a leaf lies at or above `size`. */
export async function hasLeafFrom(store: Store, size: number): Promise<boolean> {
  return (await store.range({ space: 'leaf', gte: indexKey(size), limit: 1 })).length > 0
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

/** The first leaf from `start` on that is not there. */
function holeIn(
  rows: readonly { readonly key: string }[],
  start: number,
): { readonly level: number; readonly index: number } {
  const offset = rows.findIndex(({ key }, at) => key !== indexKey(start + at))
  return { level: 0, index: start + (offset < 0 ? rows.length : offset) }
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
