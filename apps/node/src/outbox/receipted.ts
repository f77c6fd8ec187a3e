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
  openedGroupsDigest,
  openingForDesk,
  parseOpening,
  parseReceipt,
  parseStatement,
  type ReceiptResult,
  type UnverifiedReceipt,
} from '@amana/core'
import { type StatementRecord } from '../records.ts'

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

function isEqual(first: ReceiptResult, second: ReceiptResult | undefined): boolean {
  return second !== undefined && canonicalize({ ...first }) === canonicalize({ ...second })
}

/**
 * The record of a statement after its receipt. The sender compares which groups the receiver says to have opened with
 * those that it sent.
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
  return { ...record, receipt, state: result, ...(refusal === undefined ? {} : { refusal }) }
}

function sentGroups({ desk, opening, statement }: StatementRecord): string {
  const { kind } = parseStatement(statement).content
  return openedGroupsDigest(openingForDesk(kind, desk, parseOpening(opening)))
}
