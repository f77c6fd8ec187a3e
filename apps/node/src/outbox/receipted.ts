/**
 * What a receipt changes in the records of the sender.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#receipt
 */
import {
  AmanaError,
  type GeneralJws,
  openedGroupsDigest,
  openingForDesk,
  parseOpening,
  parseReceipt,
  parseStatement,
  type ReceiptResult,
} from '@amana/core'
import { type StatementRecord } from '../records.ts'

/** A receipt that holds a statement back is followed by another; every other one is the last word. */
export function isFinal(receipt: GeneralJws): boolean {
  return parseReceipt(receipt).content.results.every(({ result }) => result !== 'held')
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
