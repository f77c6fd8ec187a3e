/**
 * What is written when an attachment is whole, or is not what its statement says: the leaf and its rows in one batch.
 *
 * @module
 * @spec docs/spec/10-attachments.md#leaves
 */
import { type ErrorCode } from '@amana/core'
import { type AuditWriter, type Store } from '../ports.ts'
import { type StatementRecord } from '../records.ts'
import { withSettled } from '../statements/at-rest-form.ts'
import { attachmentRow, settledWrites, type Wanted } from '../statements/attachment-rows.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'

/** How it ended: nothing where no statement names it any more. */
export interface Settling {
  readonly record: StatementRecord
  readonly code?: ErrorCode
}

/** What it is written with. */
export interface SettleParts {
  readonly audit: AuditWriter
  readonly ledger: StatementLedger
  readonly store: Store
  /** Runs a step while nothing else writes statements that came. */
  readonly alone: <T>(step: () => Promise<T>) => Promise<T>
}

/** Ends that it is wanted; its key is the node’s no longer. @throws STORE_WRITE */
export async function settleAttachment(
  { alone, audit, ledger, store }: SettleParts,
  wanted: Wanted,
  outcome: Settling | undefined,
): Promise<void> {
  const row = await attachmentRow(store, wanted.digest, wanted.statement)
  if (row === undefined) return
  const code = outcome?.code
  const { digest: att, statement: std } = wanted
  const env = outcome?.record.dispatch
  const data = { att, env, std }
  const event =
    code === undefined
      ? { event: 'x.attached', actor: 'sys', data }
      : { event: 'x.unfit', actor: 'sys', data: { ...data, code } }
  const state = code === undefined ? ('whole' as const) : ('unfit' as const)
  const settled = { ...row, state, ...(code === undefined ? {} : { code }) }
  const events = env === undefined ? [] : [event]
  await alone(async () => {
    const record = await ledger.get(std)
    const known = record === undefined ? [] : [ledger.updated(withSettled(record, att))]
    const writes = [...settledWrites(wanted, settled), ...known]
    await audit.commit({ events, writes: async () => ({ writes, events: [] }) })
  })
}
