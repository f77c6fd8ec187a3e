/**
 * What a statement says, as far as this node may see it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { type Attachment, attachmentsOf } from '@amana/core'
import { z } from 'zod'
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

/** The attachments that the open groups name, with their keys. */
export function attachmentsIn(record: StatementRecord): readonly Attachment[] {
  return attachmentsOf(valuesOf(record))
}

/** A file that a statement names: nothing of its key and name. */
export type NamedFile = NonNullable<StatementRecord['attachments']>[number]

/** The files that a statement names, also where its groups lie sealed. */
export function filesOf(record: StatementRecord): readonly NamedFile[] {
  if (record.attachments !== undefined) return record.attachments
  return Object.entries(valuesOf(record)).flatMap(([group, value]) =>
    attachmentsOf({ [group]: value }).map(({ digest, length, media }) => ({
      digest,
      group,
      length,
      media,
    })),
  )
}

/** Groups as people are shown them: the key of an attachment is for the program that opens it. */
export function withoutKeys(
  groups: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const shown = Object.entries(groups).map(([name, value]) => {
    const group = AttachingSchema.safeParse(value)
    if (!group.success) return [name, value] as const
    const attachments = group.data.attachments.map(({ key: _key, ...one }) => one)
    return [name, { ...group.data, attachments }] as const
  })
  return Object.fromEntries(shown)
}

const AttachingSchema = z.looseObject({ attachments: z.array(z.looseObject({ key: z.string() })) })
