/**
 * What a statement says, as far as this node may see it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { type Attachment, attachmentsOf } from '@amana/core'
import { type StatementRecord } from '../records.ts'

/** The values of the groups that are open to this node. */
export function valuesOf({
  opening,
}: {
  readonly opening?: StatementRecord['opening']
}): Readonly<Record<string, unknown>> {
  const groups = Object.entries(opening?.groups ?? {})
  return Object.fromEntries(groups.map(([name, { value }]) => [name, value] as const))
}

/** The attachments that these groups name. */
export function attachmentsIn(record: StatementRecord): readonly Attachment[] {
  return attachmentsOf(valuesOf(record))
}
