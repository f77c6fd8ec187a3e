/**
 * What a receipt changes in the records of the sender.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#receipt
 */
import {
  AmanaError,
  canonicalize,
  type GeneralJws,
  isAnyAmanaError,
  parseDispatch,
  parseReceipt,
  type ReadingDesk,
  type ReceiptResult,
  type TrustView,
  type UnverifiedReceipt,
} from '@amana/core'
import { type Store, type StoreWrite } from '../ports.ts'
import { type OutRecord, type StatementRecord } from '../records.ts'
import { readingDesk, sentGroups, settledWrites } from '../statements/answers.ts'
import { deliveryTo, withDelivery } from '../statements/deliveries.ts'
import { stageSettledWrites } from '../statements/stages.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'

/** A receipt that holds a statement back is followed by another; every other one is the last word. */
export function isFinal(receipt: GeneralJws): boolean {
  return parseReceipt(receipt).content.results.every(({ result }) => result !== 'held')
}

/**
 * Whether `next` may follow `before`, the receipt that was accepted last: what was said of a statement stands, unless it
 * was held back; after a receipt that holds nothing back comes no other.
 */
export function isSameWord(before: GeneralJws, next: UnverifiedReceipt): boolean {
  const said = parseReceipt(before).content.results.filter(({ result }) => result !== 'held')
  const again = new Map(next.content.results.map((result) => [result.statement, result]))
  return !isFinal(before) && said.every((result) => isEqual(result, again.get(result.statement)))
}

/**
 * The results of which `before`, the receipt that was accepted last, has not given the last word. What it said already
 * must not be done twice: a statement that was refused may be on its way in another dispatch by now. A receipt that holds
 * back all that the one before held back settles nothing.
 */
export function newlySettled(
  before: GeneralJws | undefined,
  { content }: UnverifiedReceipt,
): readonly ReceiptResult[] {
  if (before === undefined) return content.results
  const said = parseReceipt(before).content.results.filter(({ result }) => result !== 'held')
  const settled = new Set<string>(said.map(({ statement }) => statement))
  return content.results.filter(
    ({ result, statement }) => result !== 'held' && !settled.has(statement),
  )
}

function isEqual(first: ReceiptResult, second: ReceiptResult | undefined): boolean {
  return second !== undefined && canonicalize({ ...first }) === canonicalize({ ...second })
}

/** What a receipt says, for a dispatch of ours. */
export interface Settling {
  readonly record: OutRecord
  /** Digest of the receipt. */
  readonly receipt: string
  readonly results: readonly ReceiptResult[]
  readonly rules: ComingAgain & { readonly isVoided: boolean }
}

/** What a receipt changes, and which statements go into a new dispatch. */
export interface Settled {
  readonly writes: readonly StoreWrite[]
  readonly again: readonly StatementRecord[]
}

/** Does what a receipt says of each statement. @throws WIRE_RECEIPT as `receipted` */
export async function settle(
  { ledger, store }: { readonly ledger: StatementLedger; readonly store: Store },
  { record, receipt, results, rules }: Settling,
): Promise<Settled> {
  const desk = readingDesk(record, rules.trust)
  const updates: StatementRecord[] = []
  const again: StatementRecord[] = []
  const last: { record: StatementRecord; result: string }[] = []
  for (const result of results) {
    const known = await ledger.get(result.statement)
    if (known === undefined) continue
    const update = receipted(known, { desk, receipt, result })
    const isBack = deliveryTo(update, desk.id)?.state === 'refused'
    if (isBack && (rules.isVoided || mayComeAgain(result, record, rules))) {
      again.push(withDelivery(known, { desk: desk.id, state: 'queued' }))
    } else {
      updates.push(update)
      last.push({ record: known, result: result.result })
    }
  }
  const writes = [...updates, ...again].map((one) => ledger.updated(one))
  const answers = await settledWrites({ ledger, store }, last)
  const stages = await Promise.all(last.map((one) => stageSettledWrites({ ledger, store }, one)))
  return { writes: [...writes, ...answers, ...stages.flat()], again }
}

/** What a receipt says of one statement for one desk. */
export interface Receipted {
  readonly desk: ReadingDesk
  readonly receipt: string
  readonly result: ReceiptResult
}

/**
 * The record of a statement after its receipt. The sender compares which groups the receiver says to have opened with
 * those that it sent; what was for a partner desk no node has opened. What was taken back and is refused is withdrawn.
 *
 * @throws WIRE_RECEIPT when the groups differ, or a node says `opened` for a partner desk or `stored` for its own
 */
export function receipted(
  record: StatementRecord,
  { desk, receipt, result: { groups, refusal, result } }: Receipted,
): StatementRecord {
  if (result === (desk.external ? 'opened' : 'stored')) {
    throw new AmanaError('WIRE_RECEIPT', { reason: 'desk' })
  }
  if (groups !== undefined && groups !== sentGroups(record, desk)) {
    throw new AmanaError('WIRE_RECEIPT', { reason: 'groups' })
  }
  const before = deliveryTo(record, desk.id)
  const isTaken = record.withdrawal !== undefined || before?.takenBack === true
  const state = result === 'refused' && isTaken ? 'withdrawn' : result
  return withDelivery(record, {
    ...before,
    desk: desk.id,
    receipt,
    state,
    ...(refusal === undefined ? {} : { refusal }),
  })
}

/** What a sender holds a refusal against. */
export interface ComingAgain {
  readonly trust: TrustView
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * Whether a refused statement goes into a new dispatch by itself: where the refusal can be of the old one alone, because
 * it was sealed to other keys than the desk has now, or was too long on its way. So it comes again once for each such
 * change, and never for what is wrong with itself.
 */
export function mayComeAgain(
  { refusal, result }: ReceiptResult,
  sent: Pick<OutRecord, 'dispatch' | 'sentAt'>,
  { now, trust }: ComingAgain,
): boolean {
  if (result !== 'refused') return false
  if (refusal === 'order') return now > heldUntil(sent, trust)
  const { to } = parseDispatch(sent.dispatch).content
  return refusal === 'content' && to.kids.join(' ') !== currentKeyIds(trust, to, now).join(' ')
}

/**
 * Until when the receiver takes a dispatch, in seconds since 1970: it judges by the charter that the dispatch names.
 */
export function heldUntil(
  { dispatch, sentAt }: Pick<OutRecord, 'dispatch' | 'sentAt'>,
  { charter, charters }: TrustView,
): number {
  const { context } = parseDispatch(dispatch).content
  const ruling = charters.find((one) => one.digest === context.charter) ?? charter
  return sentAt + ruling.payload.limits.hold
}

/** None where nobody can seal at present: then it waits in the queue. */
function currentKeyIds(
  trust: TrustView,
  { agency, desk }: { readonly agency: string; readonly desk: string },
  now: number,
): readonly string[] {
  try {
    const { recipients } = trust.deskKeys(agency, desk, now)
    return recipients.map(({ keyId }) => keyId).toSorted()
  } catch (error) {
    if (isAnyAmanaError(error) && error.code.startsWith('TRUST_')) return []
    throw error
  }
}
