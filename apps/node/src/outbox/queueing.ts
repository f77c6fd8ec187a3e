/**
 * Where a statement takes its place in the queue: by urgency, then in the order of submission. What it rests on goes
 * ahead of it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#urgency
 */
import { parseStatement, referralReferenceOf } from '@amana/core'
import { type Store, type StoreWrite } from '../ports.ts'
import { deleteRecord, putRecord, RECORDS, type StatementRecord } from '../records.ts'
import { deliveriesOf } from '../statements/deliveries.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { type Urgency, urgencyOf } from '../statements/urgency.ts'
import { queueKey } from './queue-keys.ts'
import { queuePages } from './queue-rows.ts'

/** Where a statement stands. */
export interface QueuePlace {
  readonly urgency: Urgency
  /** Digests of statements that wait too and must not be overtaken by it. */
  readonly ahead: ReadonlySet<string>
}

/** The place of a statement that is to be queued, or queued again. @throws STORE_DAMAGED */
export async function placeInQueue(
  ledger: StatementLedger,
  record: StatementRecord,
): Promise<QueuePlace> {
  const { content } = parseStatement(record.statement)
  const reference = referralReferenceOf(content.kind, ledger.factsOf(record))
  const before = reference === undefined ? undefined : await ledger.ofReferral(reference)
  const urgency = urgencyOf(record, before)
  const related = await Promise.all((content.relates ?? []).map(({ digest }) => ledger.get(digest)))
  const ahead = [...(before ?? []), ...related]
    .filter((one) => one !== undefined)
    .filter((one) => one.digest !== record.digest && isWaiting(one))
    .map(({ digest }) => digest)
  return { urgency, ahead: new Set(ahead) }
}

function isWaiting(record: StatementRecord): boolean {
  return record.direction === 'out' && deliveriesOf(record).some(({ state }) => state === 'queued')
}

/** Moves what must go ahead to that urgency, in the order in which it came. @throws STORE_DAMAGED */
export async function movedWrites(
  store: Store,
  peer: string,
  { ahead, urgency }: QueuePlace,
): Promise<readonly StoreWrite[]> {
  const writes: StoreWrite[] = []
  for await (const rows of ahead.size === 0 ? [] : queuePages(store, peer)) {
    for (const { key, value } of rows) {
      const moved = queueKey(peer, urgency, Number(key.slice(key.lastIndexOf('/') + 1)))
      if (!ahead.has(value.digest) || key <= moved) continue
      writes.push(deleteRecord(RECORDS.queue, key), putRecord(RECORDS.queue, moved, value))
    }
  }
  return writes
}
