/**
 * What a sender takes back: out of the queue, or with a void in place of the envelope.
 *
 * @module
 * @spec docs/spec/08-exchange.md#withdrawal
 */
import {
  AmanaError,
  buildVoidEnvelope,
  decodeBase64url,
  encodeBase64url,
  parseEnvelope,
  type ReceiptContent,
} from '@amana/core'
import { type Store } from '../ports.ts'
import {
  type Delivery,
  getRecord,
  type OutRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { deliveriesOf, withDelivery } from '../statements/deliveries.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'

/** What a withdrawal does. */
export interface WithdrawalPlan {
  /** Nothing went out yet; or a dispatch of it is voided, and the peer may have it already. */
  readonly way: 'queue' | 'void'
  /** Statements of the same dispatches that go into new ones, in their order. */
  readonly others: readonly string[]
  /** Desks that have it already: nothing is taken back there. */
  readonly late?: readonly string[]
}

/** A statement that may be taken back. */
export interface Withdrawing {
  readonly plan: WithdrawalPlan
  readonly record: StatementRecord
  /** Desks for which it waits in the queue. */
  readonly waiting: readonly string[]
  /** Its dispatches that nobody has answered. */
  readonly sent: readonly OutRecord[]
}

/** What is known of a statement that is to be taken back. @throws CLI_NO_MESSAGE, CLI_NOT_WITHDRAWABLE; STORE_DAMAGED */
export async function withdrawing(
  { ledger, store }: { readonly ledger: StatementLedger; readonly store: Store },
  statement: string,
): Promise<Withdrawing> {
  const record = await ledger.get(statement)
  if (record === undefined) throw new AmanaError('CLI_NO_MESSAGE', { digest: statement })
  const { late, open, waiting } = byWay(record)
  const sent = await Promise.all(open.map((delivery) => sentWith(store, delivery)))
  const beside = sent.flatMap(({ statements }) => statements)
  const known = await Promise.all(beside.map(async (one) => ledger.get(one)))
  const others = known
    .filter((one) => one !== undefined)
    .filter(({ digest, withdrawal }) => digest !== statement && withdrawal === undefined)
    .map(({ digest }) => digest)
  const way = sent.length === 0 ? 'queue' : 'void'
  const plan = {
    way,
    others: [...new Set(others)],
    ...(late.length === 0 ? {} : { late }),
  } as const
  return { plan, record, sent, waiting }
}

interface Ways {
  readonly waiting: readonly string[]
  readonly open: readonly Delivery[]
  readonly late: readonly string[]
}

/** Only the sender's own, and only where the peer has not answered. @throws CLI_NOT_WITHDRAWABLE where it has everywhere */
function byWay(record: StatementRecord): Ways {
  const { digest, direction, state } = record
  const deliveries = direction === 'out' ? deliveriesOf(record) : []
  const waiting = deliveries.filter((one) => one.state === 'queued').map(({ desk }) => desk)
  const open = deliveries.filter((one) => one.state === 'sent')
  if (waiting.length + open.length === 0) {
    throw new AmanaError('CLI_NOT_WITHDRAWABLE', { digest, state })
  }
  const late = deliveries
    .filter((one) => one.state !== 'queued' && one.state !== 'sent')
    .map(({ desk }) => desk)
  return { waiting, open, late }
}

async function sentWith(store: Store, { dispatch }: Delivery): Promise<OutRecord> {
  const place = await getRecord(store, RECORDS.dispatch, dispatch ?? '')
  const sent = await getRecord(store, RECORDS.out, place?.key ?? '')
  if (sent === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'out' })
  return sent
}

/** The record of a statement that left the queue for good. */
export function unqueued(record: StatementRecord, desks: readonly string[]): StatementRecord {
  return deliveriesOf(record)
    .filter(({ desk }) => desks.includes(desk))
    .reduce<StatementRecord>(
      (taken, delivery) => withDelivery(taken, { ...delivery, state: 'withdrawn' }),
      record,
    )
}

/** Whether any of the desks has not answered for a statement. */
export function isOpenAt(record: StatementRecord, desks: readonly string[]): boolean {
  return deliveriesOf(record).some(
    ({ desk, state }) => desks.includes(desk) && (state === 'queued' || state === 'sent'),
  )
}

/** The record of a statement whose dispatches to some desks are voided. */
export function takenBack(record: StatementRecord, open: readonly OutRecord[]): StatementRecord {
  const desks = open.map(({ desk }) => desk)
  return deliveriesOf(record)
    .filter(({ desk }) => desks.includes(desk))
    .reduce<StatementRecord>(
      (taken, delivery) => withDelivery(taken, { ...delivery, takenBack: true }),
      record,
    )
}

/** The dispatch with its void in place of seal and statements. @throws STORE_DAMAGED */
export function voided(record: OutRecord): OutRecord {
  if (record.void === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'out' })
  return { ...record, envelope: encodeBase64url(buildVoidEnvelope(record.dispatch, record.void)) }
}

/**
 * Whether a receipt can be the answer to a void. A peer that had placed the dispatch before repeats what it said of each
 * statement then.
 */
export function answersVoid(record: OutRecord, { results }: ReceiptContent): boolean {
  return isVoid(record) && results.every(({ refusal }) => refusal === 'policy')
}

function isVoid({ envelope }: OutRecord): boolean {
  return envelope !== undefined && parseEnvelope(decodeBase64url(envelope)).form === 'void'
}
