/**
 * The rows that a withdrawal changes: out of the queue for good, and voids in place of what was sealed.
 *
 * @module
 * @spec docs/spec/08-exchange.md#withdrawal
 */
import { type Store, type StoreWrite } from '../ports.ts'
import { putRecord, RECORDS, sequenceKey, type WithdrawalReason } from '../records.ts'
import { unansweredWrites } from '../statements/answers.ts'
import { undoneWrites } from '../statements/stages.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { unqueuedWrites } from './queue-rows.ts'
import { takenBack, unqueued, voided, type Withdrawing } from './withdrawal.ts'

interface Known {
  readonly ledger: StatementLedger
  readonly store: Store
}

/** A statement is taken back from every desk that has not answered. @throws STORE_DAMAGED */
export async function withdrawalWrites(
  { ledger, store }: Known,
  { record, sent, waiting }: Withdrawing,
  reason: WithdrawalReason,
): Promise<readonly StoreWrite[]> {
  return [
    ledger.updated(unqueued({ withdrawal: reason, ...record }, waiting)),
    ...(await unqueuedWrites(store, record, waiting)),
    ...voidWrites(record.peer, sent),
    ...(sent.length === 0 ? unansweredWrites(record) : []),
    ...(sent.length === 0 ? await undoneWrites({ ledger, store }, record) : []),
  ]
}

/** A statement is taken back from some desks; where these are all that have not answered, it is withdrawn. @throws STORE_DAMAGED */
export async function stopWrites(
  { ledger, store }: Known,
  { record, sent, waiting }: Withdrawing,
  desks: readonly string[],
): Promise<readonly StoreWrite[]> {
  const open = sent.filter(({ desk }) => desks.includes(desk))
  const queued = waiting.filter((desk) => desks.includes(desk))
  const isAll = open.length === sent.length && queued.length === waiting.length
  const taken = isAll ? { withdrawal: 'consent' as const, ...record } : record
  return [
    ledger.updated(takenBack(unqueued(taken, queued), open)),
    ...(await unqueuedWrites(store, record, queued)),
    ...voidWrites(record.peer, open),
    ...(isAll && sent.length === 0 ? unansweredWrites(record) : []),
  ]
}

function voidWrites(peer: string, sent: Withdrawing['sent']): readonly StoreWrite[] {
  return sent.map((one) => putRecord(RECORDS.out, sequenceKey(peer, one.sequence), voided(one)))
}
