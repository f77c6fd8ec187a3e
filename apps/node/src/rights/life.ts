/**
 * How far a referral has come, as terms of keeping need it: whether it has ended, when, and when the person was handed over.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#when-something-falls-due
 */
import { computeReferral, type Referral, referralReferenceOf, parseStatement } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type StoreWrite } from '../ports.ts'
import {
  type EndedRecord,
  ENDS,
  getRecord,
  putRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { messageInstant, referralStatements } from '../statements/referral-statements.ts'
import { secondsOf } from './rights-facts.ts'

/** States that end a referral before anybody was handed over. */
export const ENDED_EARLY: readonly string[] = ['cancelled', 'declined', 'expired']
const HANDED_OVER: ReadonlySet<string> = new Set(['closed', 'handed_over', 'in_care'])
const ENDING: ReadonlySet<string> = new Set([
  'cancel',
  'close',
  'close_deceased',
  'close_missing',
  'decline',
  'expire',
])

/** What of a referral the terms hang on; instants in seconds since 1970. */
export interface Life {
  readonly state: string
  /** Absent as long as it goes on. */
  readonly endedAt?: number
  readonly handedOverAt?: number
}

type LifeParts = Pick<NodeParts, 'clock' | 'ledger' | 'store'>

/** How a referral had ended when something of it was erased. @throws STORE_DAMAGED */
export async function endedBefore(
  { ledger, store }: Pick<LifeParts, 'ledger' | 'store'>,
  reference: string,
): Promise<EndedRecord | undefined> {
  return getRecord(store, RECORDS.ended, ledger.referralKey(reference))
}

/** The life of a referral now. @throws STORE_DAMAGED */
export async function lifeOf(parts: LifeParts, reference: string): Promise<Life> {
  const before = await endedBefore(parts, reference)
  if (before !== undefined) return before
  const { clock, ledger } = parts
  const records = await ledger.ofReferral(reference)
  const statements = await referralStatements(parts, records)
  return lifeIn(computeReferral(reference, statements, messageInstant(clock.now())))
}

function lifeIn({ custody, state, steps, updatedAt }: Referral): Life {
  const received = custody.findLast(({ status }) => status === 'received')?.receivedAt
  const handedOver = HANDED_OVER.has(state) ? received : undefined
  const ending = steps.findLast(({ event, refused }) => refused.length === 0 && ENDING.has(event))
  const ended = endOf(state) === undefined ? undefined : (ending?.occurredAt ?? updatedAt)
  return {
    state,
    ...(ended === undefined ? {} : { endedAt: secondsOf(ended) }),
    ...(handedOver === undefined ? {} : { handedOverAt: secondsOf(handedOver) }),
  }
}

/** The row that remembers how the referral of a statement ended, before its statements cannot tell it any more. */
export async function endedWrites(
  parts: LifeParts,
  record: StatementRecord,
): Promise<readonly StoreWrite[]> {
  const { ledger } = parts
  const { kind } = parseStatement(record.statement).content
  const reference = referralReferenceOf(kind, ledger.factsOf(record))
  if (reference === undefined) return []
  const { endedAt, state: last, ...life } = await lifeOf(parts, reference)
  const state = endOf(last)
  if (endedAt === undefined || state === undefined) return []
  return [putRecord(RECORDS.ended, ledger.referralKey(reference), { ...life, endedAt, state })]
}

function endOf(state: string): EndedRecord['state'] | undefined {
  return ENDS.find((end) => end === state)
}
