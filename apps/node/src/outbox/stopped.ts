/**
 * A withdrawn consent stops what waits: as soon as it is known here, whoever recorded it, nothing that would disclose what
 * was taken back leaves for that reader any more.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#stopped-disclosures
 */
import {
  AmanaError,
  parseStatement,
  type ReadingDesk,
  referralReferenceOf,
  stoppedGroups,
  takesConsentBack,
  type TrustView,
  type WithdrawnDisclosure,
  withdrawnDisclosures,
} from '@amana/core'
import { type Store } from '../ports.ts'
import { type StatementRecord } from '../records.ts'
import { deliveriesOf } from '../statements/deliveries.ts'
import { referralStatement, referralStatements } from '../statements/referral-statements.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { valuesOf } from '../statements/statement-values.ts'
import { type CheckedSubmission } from './submission.ts'

/** What is read. */
export interface StopParts {
  readonly ledger: StatementLedger
  readonly store: Store
  readonly trust: () => TrustView
}

/** Takes a statement back from some desks. */
export interface Stopper {
  stop(statement: string, desks: readonly string[]): Promise<void>
}

/** A statement that is to be sent discloses nothing that stands withdrawn. @throws REFERRAL_WITHDRAWN */
export async function assertDisclosable(
  parts: StopParts,
  { desks, record }: CheckedSubmission,
): Promise<void> {
  const withdrawn = await withdrawnOf(parts, record)
  for (const desk of desks) {
    const groups = stoppedFor(withdrawn, record, desk)
    if (groups.length > 0) {
      throw new AmanaError('REFERRAL_WITHDRAWN', { desk: desk.id, groups: groups.join(', ') })
    }
  }
}

/** Stops what waits, where `said` takes a consent back. @throws STORE_WRITE */
export async function stopDisclosures(
  parts: StopParts,
  outbox: Stopper,
  said: StatementRecord,
): Promise<void> {
  if (referenceIn(parts, said) === undefined) return
  if (!takesConsentBack(referralStatement(parts.ledger, said))) return
  for (const { desks, digest } of await disclosuresToStop(parts, said)) {
    await outbox.stop(digest, desks)
  }
}

/** Stops what was still waiting when the node ended just after a withdrawal came. @throws STORE_WRITE */
export async function stopLeftOver(
  parts: StopParts,
  outbox: Stopper & { unanswered(peer: string): AsyncGenerator<string> },
  peer: string,
): Promise<void> {
  const first = new Map<string, StatementRecord>()
  for await (const digest of outbox.unanswered(peer)) {
    const record = await parts.ledger.get(digest)
    const reference = record === undefined ? undefined : referenceIn(parts, record)
    if (record !== undefined && reference !== undefined) first.set(reference, record)
  }
  for (const record of first.values()) {
    for (const { desks, digest } of await disclosuresToStop(parts, record)) {
      await outbox.stop(digest, desks)
    }
  }
}

/** A statement that waits, and the desks to which it must not go. */
export interface WaitingDisclosure {
  readonly digest: string
  readonly desks: readonly string[]
}

/** What of a referral waits and would disclose what is withdrawn, once `said` is known. @throws STORE_DAMAGED */
export async function disclosuresToStop(
  parts: StopParts,
  said: StatementRecord,
): Promise<readonly WaitingDisclosure[]> {
  const withdrawn = await withdrawnOf(parts, said)
  const records = await parts.ledger.ofReferral(referenceIn(parts, said) ?? '')
  return waitingDisclosures(parts, records, withdrawn)
}

/** What of these records waits and would disclose what is withdrawn. */
export function waitingDisclosures(
  parts: Pick<StopParts, 'trust'>,
  records: readonly StatementRecord[],
  withdrawn: readonly WithdrawnDisclosure[],
): readonly WaitingDisclosure[] {
  return records
    .filter(({ direction }) => direction === 'out')
    .map((record) => {
      const desks = deliveriesOf(record)
        .filter(({ state }) => state === 'queued' || state === 'sent')
        .map(({ desk }) => deskOf(parts, record.peer, desk))
        .filter((desk) => stoppedFor(withdrawn, record, desk).length > 0)
      return { digest: record.digest, desks: desks.map(({ id }) => id) }
    })
    .filter(({ desks }) => desks.length > 0)
}

async function withdrawnOf(
  parts: StopParts,
  said: StatementRecord,
): Promise<readonly WithdrawnDisclosure[]> {
  const { ledger } = parts
  const reference = referenceIn(parts, said)
  if (reference === undefined) return []
  const known = await ledger.ofReferral(reference)
  const isNew = known.every(({ digest }) => digest !== said.digest)
  const statements = await referralStatements(parts, known)
  const all = isNew ? [...statements, referralStatement(ledger, said)] : statements
  return withdrawnDisclosures(reference, all)
}

function referenceIn({ ledger }: StopParts, record: StatementRecord): string | undefined {
  const { kind } = parseStatement(record.statement).content
  return referralReferenceOf(kind, ledger.factsOf(record))
}

function stoppedFor(
  withdrawn: readonly WithdrawnDisclosure[],
  record: StatementRecord,
  desk: ReadingDesk,
): readonly string[] {
  if (withdrawn.length === 0) return []
  const { kind } = parseStatement(record.statement).content
  return stoppedGroups(withdrawn, { kind, desk, groups: valuesOf(record) })
}

/** A desk as the newest roster lists it; one that it does not list is sent nothing that anybody took back. */
export function deskOf({ trust }: Pick<StopParts, 'trust'>, peer: string, id: string): ReadingDesk {
  const listed = trust()
    .rosterOf(peer)
    .payload.desks.find((desk) => desk.id === id)
  return listed ?? { external: false, id, roles: [] }
}
