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
  openedGroupsDigest,
  openingForDesk,
  parseDispatch,
  parseOpening,
  parseReceipt,
  parseStatement,
  type ReceiptResult,
  type TrustView,
  type UnverifiedReceipt,
} from '@amana/core'
import { type OutRecord, type StatementRecord } from '../records.ts'

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

/**
 * The record of a statement after its receipt. The sender compares which groups the receiver says to have opened with
 * those that it sent. What was taken back and is refused is withdrawn.
 *
 * @throws WIRE_RECEIPT when they differ
 */
export function receipted(
  record: StatementRecord,
  { groups, refusal, result }: ReceiptResult,
  receipt: string,
): StatementRecord {
  if (groups !== undefined && groups !== sentGroups(record)) {
    throw new AmanaError('WIRE_RECEIPT', { reason: 'groups' })
  }
  const state = result === 'refused' && record.withdrawal !== undefined ? 'withdrawn' : result
  return { ...record, receipt, state, ...(refusal === undefined ? {} : { refusal }) }
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
  { dispatch, sentAt }: Pick<OutRecord, 'dispatch' | 'sentAt'>,
  { now, trust }: ComingAgain,
): boolean {
  if (result !== 'refused') return false
  const { context, to } = parseDispatch(dispatch).content
  if (refusal === 'order') return now - sentAt > holdUnder(trust, context.charter)
  return refusal === 'content' && to.kids.join(' ') !== currentKeyIds(trust, to, now).join(' ')
}

/** The receiver judged by the charter that the dispatch names. */
function holdUnder({ charter, charters }: TrustView, named: string): number {
  const ruling = charters.find((one) => one.digest === named) ?? charter
  return ruling.payload.limits.hold
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

function sentGroups({ desk, opening, statement }: StatementRecord): string {
  const { kind } = parseStatement(statement).content
  return openedGroupsDigest(openingForDesk(kind, desk, parseOpening(opening)))
}
