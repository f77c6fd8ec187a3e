/**
 * What a placed dispatch leaves behind: leaves, results of the receipt, records.
 *
 * @module
 * @spec docs/spec/08-exchange.md#inbox
 */
import {
  AmanaError,
  answerOf,
  DigestSchema,
  openedGroupsDigest,
  type OpenedStatement,
  type ReceiptResult,
  refusalClassOf,
  signaturesDigest,
  type StatementOutcome,
  type UnverifiedDispatch,
} from '@amana/core'
import { type AppendedLeaf, type AuditEvent, type StoreWrite } from '../ports.ts'
import { type StatementRecord } from '../records.ts'
import { answerWrite } from '../statements/answers.ts'
import { signerRecords } from '../statements/statement-ledger.ts'

/** The statement's digest. */
export function digestOf(outcome: StatementOutcome): string {
  return outcome.result === 'refused' ? outcome.digest : outcome.verified.digest
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
export function outcomeEvents(
  env: string,
  outcome: StatementOutcome,
  rcpt: string,
): readonly AuditEvent[] {
  const std = digestOf(outcome)
  const data = { env, outcome: outcome.result, rcpt, std }
  const receipt = { event: 'x.receipt', actor: 'sys', data }
  if (outcome.result === 'stored') return [receipt]
  if (outcome.result === 'opened') return [receipt, ...excessEvents(env, outcome)]
  const { code } = outcome.error
  return [{ event: 'x.refused', actor: 'sys', data: { code, env, std } }, receipt]
}

/** What the desk may not see came open; it was destroyed before anything was written. */
function excessEvents(env: string, { excess, verified }: OpenedStatement): readonly AuditEvent[] {
  if (excess.length === 0) return []
  const data = { env, groups: excess, std: verified.digest }
  return [{ event: 'x.excess', actor: 'sys', data }]
}

/** What the receipt says of a statement; the peer is told the class of a refusal, never its code. */
export function resultOf(
  outcome: StatementOutcome,
  appended: AppendedLeaf | undefined,
): ReceiptResult {
  if (appended === undefined) throw new AmanaError('STORE_DAMAGED', { space: 'leaf' })
  const { hash, sequence } = appended
  const leaf = { hash: DigestSchema.parse(hash), sequence }
  if (outcome.result === 'opened') {
    const groups = openedGroupsDigest(outcome.opening)
    return { leaf, groups, result: 'opened', statement: outcome.verified.digest }
  }
  if (outcome.result === 'stored') {
    return { leaf, result: 'stored', statement: outcome.verified.digest }
  }
  const refusal = refusalClassOf(outcome.error)
  return { leaf, refusal, result: 'refused', statement: outcome.digest }
}

/** The record of a statement; nothing for one that a void kept back. */
export function recordOf(
  dispatch: UnverifiedDispatch,
  outcome: StatementOutcome,
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
  const signers = signerRecords(outcome.verified.signers)
  if (outcome.result === 'stored') return { ...common, signers, state: 'stored' }
  return { ...common, opening: outcome.opening, signers, state: 'received' }
}

/** What a partner desk answered is known from the batch that takes the answer in. */
export function answerWrites(outcome: StatementOutcome): readonly StoreWrite[] {
  if (outcome.result !== 'opened') return []
  const { message, verified } = outcome
  const answer = answerOf(verified.content, message)
  return answer === undefined ? [] : [answerWrite(answer, verified.digest, true)]
}
