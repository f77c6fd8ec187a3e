/**
 * What a placed dispatch leaves behind: leaves, results of the receipt, records.
 *
 * @module
 * @spec docs/spec/08-exchange.md#inbox
 */
import {
  AmanaError,
  DigestSchema,
  openedGroupsDigest,
  type OpenedStatement,
  type ReceiptResult,
  refusalClassOf,
  type RefusedStatement,
  signaturesDigest,
  type UnverifiedDispatch,
} from '@amana/core'
import { type AppendedLeaf, type AuditEvent } from '../ports.ts'
import { type StatementRecord } from '../records.ts'
import { signerRecords } from '../statements/statement-ledger.ts'

/** What became of a statement. */
export type Outcome = OpenedStatement | RefusedStatement

/** The statement's digest. */
export function digestOf(outcome: Outcome): string {
  return outcome.result === 'opened' ? outcome.verified.digest : outcome.digest
}

/** One leaf a statement; `osig` proves the origin without the contents. */
export function receivedEvents(dispatch: UnverifiedDispatch): readonly AuditEvent[] {
  const { from, statements } = dispatch.content
  const osig = signaturesDigest(dispatch.signed.jws)
  return statements.map((std) => ({
    event: 'x.received',
    actor: 'sys',
    data: { env: dispatch.digest, from: from.agency, osig, std },
  }))
}

/** The leaves that tell the outcome; a refusal's true code stays in the own log. */
export function outcomeEvents(env: string, outcome: Outcome, rcpt: string): readonly AuditEvent[] {
  const std = digestOf(outcome)
  const data = { env, outcome: outcome.result, rcpt, std }
  const receipt = { event: 'x.receipt', actor: 'sys', data }
  if (outcome.result === 'opened') return [receipt]
  const { code } = outcome.error
  return [{ event: 'x.refused', actor: 'sys', data: { code, env, std } }, receipt]
}

/** What the receipt says of a statement; the peer is told the class of a refusal, never its code. */
export function resultOf(outcome: Outcome, appended: AppendedLeaf | undefined): ReceiptResult {
  if (appended === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'leaf' })
  const { hash, sequence } = appended
  const leaf = { hash: DigestSchema.parse(hash), sequence }
  if (outcome.result === 'opened') {
    const groups = openedGroupsDigest(outcome.opening)
    return { leaf, groups, result: 'opened', statement: outcome.verified.digest }
  }
  const refusal = refusalClassOf(outcome.error)
  return { leaf, refusal, result: 'refused', statement: outcome.digest }
}

/** The record of a statement; nothing for one that a void kept back. */
export function recordOf(
  dispatch: UnverifiedDispatch,
  outcome: Outcome,
  receipt: string,
): StatementRecord | undefined {
  if (outcome.statement === undefined) return undefined
  const { from, to } = dispatch.content
  const common = {
    desk: to.desk,
    digest: digestOf(outcome),
    direction: 'in' as const,
    dispatch: dispatch.digest,
    peer: from.agency,
    receipt,
    statement: outcome.statement.signed.jws,
  }
  if (outcome.result === 'refused') {
    return { ...common, refusal: outcome.error.code, signers: [], state: 'refused' }
  }
  const { opening, verified } = outcome
  return { ...common, opening, signers: signerRecords(verified.signers), state: 'received' }
}
