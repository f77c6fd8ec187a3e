/**
 * Rows of the queue, some at a time.
 *
 * @module
 * @spec docs/spec/08-exchange.md#outbox
 */
import { AmanaError } from '@amana/core'
import { type Store, type StoreWrite } from '../ports.ts'
import {
  deleteRecord,
  listRecords,
  type QueueRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { isSameReader, type QueueRow } from './sealing.ts'

/** Statements read of the queue at a time; a dispatch takes 64 at most. */
const QUEUE_ROWS = 128

/** @yields the rows of the queue to a peer, some at a time */
export async function* queuePages(store: Store, peer: string): AsyncGenerator<readonly QueueRow[]> {
  for (let gte = `${peer}/`; ;) {
    const range = { gte, lt: `${peer}0`, limit: QUEUE_ROWS }
    const rows = await listRecords(store, RECORDS.queue, range)
    yield rows
    gte = `${rows.at(-1)?.key ?? ''}\0`
    if (rows.length < QUEUE_ROWS) return
  }
}

/**
 * What waits for each desk. Rows that the caller finds locked, and adds to `locked`, are passed over: others for the same
 * desk go.
 *
 * @yields for each desk, as it was when it was asked for, what waits from its first statement on
 */
export async function* deskQueues(
  store: Store,
  peer: string,
  locked: ReadonlySet<string>,
): AsyncGenerator<readonly QueueRow[]> {
  const seen: QueueRecord[] = []
  for await (const rows of queuePages(store, peer)) {
    for (const [index, { key, value }] of rows.entries()) {
      if (locked.has(key) || seen.some((one) => isSameReader(one, value))) continue
      yield rows.slice(index)
      if (!locked.has(key)) seen.push(value)
    }
  }
}

/** How many rows wait for a peer. */
export async function queueLength(store: Store, peer: string): Promise<number> {
  let length = 0
  for await (const rows of queuePages(store, peer)) length += rows.length
  return length
}

/** The writes that take a statement out of the queue to some desks, for each of which it waits. @throws STORE_DAMAGED */
export async function unqueuedWrites(
  store: Store,
  { digest, peer }: Pick<StatementRecord, 'digest' | 'peer'>,
  desks: readonly string[],
): Promise<readonly StoreWrite[]> {
  const keys: string[] = []
  for await (const rows of desks.length === 0 ? [] : queuePages(store, peer)) {
    const own = rows.filter(({ value }) => value.digest === digest && desks.includes(value.desk))
    keys.push(...own.map(({ key }) => key))
  }
  if (keys.length !== desks.length) throw new AmanaError('STORE_DAMAGED', { space: 'queue' })
  return keys.map((key) => deleteRecord(RECORDS.queue, key))
}
