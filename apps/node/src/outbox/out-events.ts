/**
 * Leaves of the way out.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#events
 */
import { parseStatement, type ReceiptResult, type UnverifiedReceipt } from '@amana/core'
import { type AuditEvent, type Carrier } from '../ports.ts'
import { type OutRecord, type StatementRecord } from '../records.ts'

/** A statement went into a dispatch. */
export function sealedEvent(peer: string, env: string, record: StatementRecord): AuditEvent {
  const { kind } = parseStatement(record.statement).content
  return { event: 'x.sealed', actor: 'sys', data: { env, kind, std: record.digest, to: peer } }
}

/** A dispatch is about to leave: over a link where no carrier is named. */
export function sentEvent(
  peer: string,
  { digest: env, tries }: OutRecord,
  by: Carrier | undefined,
): AuditEvent {
  const data = { env, to: peer, try: tries, ...(by === undefined ? {} : { by }) }
  return { event: 'x.sent', actor: 'sys', data }
}

/** The peer answered for a statement. */
export function deliveredEvent(
  peer: string,
  receipt: UnverifiedReceipt,
  result: ReceiptResult,
): AuditEvent {
  const { leaf, result: outcome, statement } = result
  return {
    event: 'x.delivered',
    actor: 'sys',
    data: {
      env: receipt.content.dispatch,
      outcome,
      peerHash: leaf.hash,
      peerSequence: leaf.sequence,
      rcpt: receipt.digest,
      std: statement,
      to: peer,
    },
  }
}
