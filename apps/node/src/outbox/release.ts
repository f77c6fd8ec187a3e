/**
 * Whether a statement of a referral may leave for a desk by what the node knows now: looked at when it is handed in, when it
 * is sealed, at every further try and when a partner desk's envelope is handed out.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#looked-at-again
 */
import {
  AmanaError,
  canBeLocked,
  type LockReason,
  parseStatement,
  type ReadingDesk,
  referralReferenceOf,
  releaseLock,
  type TrustView,
} from '@amana/core'
import { type NodeClock, type Store } from '../ports.ts'
import { type OutRecord, type StatementRecord } from '../records.ts'
import { readingDesk } from '../statements/answers.ts'
import { referralStatement, referralStatements } from '../statements/referral-statements.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { attachmentsIn } from '../statements/statement-values.ts'
import { voided } from './withdrawal.ts'

/** What is looked into. */
export interface ReleaseParts {
  readonly clock: NodeClock
  readonly ledger: StatementLedger
  readonly store: Store
}

/** Why a statement does not leave for a desk now; nothing where it may, or is of no referral. @throws STORE_DAMAGED */
export async function lockOf(
  { clock, ledger, store }: ReleaseParts,
  record: StatementRecord,
  desk: ReadingDesk,
): Promise<LockReason | undefined> {
  const { kind } = parseStatement(record.statement).content
  const photographs = attachmentsIn(record).some(({ media }) => media.startsWith('image/'))
  if (!canBeLocked({ desk, photographs })) return undefined
  const reference = referralReferenceOf(kind, ledger.factsOf(record))
  if (reference === undefined) return undefined
  const records = await ledger.ofReferral(reference)
  const known = await referralStatements({ ledger, store }, records)
  const isKnown = records.some(({ digest }) => digest === record.digest)
  const all = isKnown ? known : [...known, referralStatement(ledger, record)]
  return releaseLock({ desk, kind, now: clock.now(), photographs, reference }, all)
}

/** `lockOf` with these parts. */
export function lockingBy(
  parts: ReleaseParts,
): (record: StatementRecord, desk: ReadingDesk) => Promise<LockReason | undefined> {
  return async (record, desk) => lockOf(parts, record, desk)
}

/** A dispatch as it may be sent now: its void where one of its statements may not leave any more. @throws STORE_DAMAGED */
export async function fitOf(
  parts: ReleaseParts & { readonly trust: () => TrustView },
  record: OutRecord,
): Promise<OutRecord> {
  if (record.envelope === undefined) return record
  const desk = readingDesk(record, parts.trust())
  for (const statement of record.statements) {
    const known = await parts.ledger.get(statement)
    if (known === undefined || (await lockOf(parts, known, desk)) === undefined) continue
    const without = voided(record)
    return without.envelope === record.envelope ? record : without
  }
  return record
}

/** @throws REFERRAL_LOCKED when a statement may not leave for one of the desks */
export async function assertMayLeave(
  parts: ReleaseParts,
  record: StatementRecord,
  desks: readonly ReadingDesk[],
): Promise<void> {
  for (const desk of desks) {
    const reason = await lockOf(parts, record, desk)
    if (reason !== undefined) throw new AmanaError('REFERRAL_LOCKED', { desk: desk.id, reason })
  }
}
