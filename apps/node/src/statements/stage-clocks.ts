/**
 * How long the officers of the receiver may take: by urgency, until the receipt of their node, until somebody has read a
 * message, and until somebody has acted on it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#overdue-messages
 */
import { hasStages, parseStatement, referralReferenceOf, type Stage } from '@amana/core'
import { type Store, type StoreWrite } from '../ports.ts'
import {
  deleteRecord,
  getRecord,
  putRecord,
  RECORDS,
  type StageRecord,
  type StatementRecord,
} from '../records.ts'
import { type StatementLedger } from './statement-ledger.ts'
import { ownUrgency, type Urgency, urgencyOf } from './urgency.ts'

/** What is known of the stages of a message. */
export type KnownStages = { readonly [S in Stage]?: StageRecord }

/** What a message waits for. */
export type Awaited = 'received' | 'read' | 'acted'

const HOUR_SECONDS = 3600

/** Hours after signing. */
export const STAGE_HOURS: Readonly<Record<Urgency, Readonly<Record<Awaited, number>>>> = {
  'life-at-risk': { received: 1, read: 2, acted: 6 },
  urgent: { received: 24, read: 48, acted: 168 },
  routine: { received: 72, read: 336, acted: 336 },
}

/** Steps that tell what was done: the referral shows them, and nobody waits until one was read by itself. */
const STEPS: ReadonlySet<string> = new Set([
  'handover.check-in/1',
  'handover.receipt/1',
  'referral.event/1',
  'referral.told/1',
])

/** What the receiver’s officers still owe for a message that their node opened; nothing where that is all. */
export function owedOf(record: StatementRecord, { acted, read }: KnownStages): Awaited | undefined {
  const { kind } = parseStatement(record.statement).content
  if (!hasStages(kind) || STEPS.has(kind) || acted !== undefined) return undefined
  if (read === undefined) return 'read'
  const own = ownUrgency(record)
  return own === 'life-at-risk' || own === 'urgent' ? 'acted' : undefined
}

/** What keeps in view that something is owed for an own message, or lets it out of view. @throws STORE_DAMAGED */
export async function owedWrites(
  store: Store,
  record: StatementRecord,
  known: KnownStages,
): Promise<readonly StoreWrite[]> {
  const { digest } = record
  const isOwed = owedOf(record, known) !== undefined
  if (isOwed === ((await getRecord(store, RECORDS.owed, digest)) !== undefined)) return []
  return [isOwed ? putRecord(RECORDS.owed, digest, {}) : deleteRecord(RECORDS.owed, digest)]
}

/** Until when it may take, in seconds since 1970; after `hours`, where somebody asks so. @throws STORE_DAMAGED */
export async function dueAt(
  ledger: StatementLedger,
  record: StatementRecord,
  { awaited, hours }: { readonly awaited: Awaited; readonly hours: number | undefined },
): Promise<number> {
  const { iat, kind } = parseStatement(record.statement).content
  if (hours !== undefined) return iat + hours * HOUR_SECONDS
  const reference = referralReferenceOf(kind, ledger.factsOf(record))
  const before = reference === undefined ? undefined : await ledger.ofReferral(reference)
  return iat + STAGE_HOURS[urgencyOf(record, before)][awaited] * HOUR_SECONDS
}
