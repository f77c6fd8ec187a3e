/**
 * What is written when an attachment is whole, or is not what its statement says: the leaf and its rows in one batch.
 *
 * @module
 * @spec docs/spec/10-attachments.md#leaves
 */
import { type ErrorCode } from '@amana/core'
import { type AuditWriter, type Store } from '../ports.ts'
import { type StatementRecord } from '../records.ts'
import { attachmentRow, settledWrites, type Wanted } from '../statements/attachment-rows.ts'

/** How it ended: nothing where no statement names it any more. */
export interface Settling {
  readonly record: StatementRecord
  readonly code?: ErrorCode
}

/** Ends that it is wanted. @throws STORE_WRITE */
export async function settleAttachment(
  { audit, store }: { readonly audit: AuditWriter; readonly store: Store },
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
  await audit.commit({
    events: env === undefined ? [] : [event],
    writes: async () => ({ writes: settledWrites(wanted, settled), events: [] }),
  })
}
