/**
 * Who opens a message leaves a leaf, and nothing of it is shown before that leaf is durable.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#log-before-act
 */
import { AmanaError } from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { reasonOf, recordAct } from '../access/recorded.ts'
import { reviewDueAt } from '../access/reviews.ts'
import { type NodeParts } from '../node-parts.ts'
import { orderKey, putRecord, RECORDS, type StatementRecord } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type MessageView } from '../service-views.ts'

type Asked = Pick<ServiceInput<'message'>, 'breakGlass' | 'purpose' | 'reason'>

/** Writes one leaf for each record that is about to be shown, with the purpose that was given. @throws STORE_WRITE */
export async function logOpened(
  parts: NodeParts,
  records: readonly StatementRecord[],
  { asked, who }: { readonly asked: Asked; readonly who: Actor },
): Promise<void> {
  const { purpose } = asked
  await recordAct(parts, {
    who,
    leaves: records.map((opened) => ({
      event: 'a.open',
      data: { ...namesOf(opened), bg: false, purpose },
    })),
    fields: reasonOf(asked),
  })
}

/**
 * Opens against the usual rule: by an officer, for a reason, and another one has to judge it.
 *
 * @throws AUDIT_BREAK_GLASS without an officer's signature or a reason; STORE_WRITE
 */
export async function logBrokenGlass(
  parts: NodeParts,
  opened: StatementRecord,
  { asked, who }: { readonly asked: Asked; readonly who: Actor },
): Promise<NonNullable<MessageView['review']>> {
  const { purpose, reason } = asked
  const missing = who.officer === undefined ? '--officer' : '--reason'
  if (who.officer === undefined || reason === undefined) {
    throw new AmanaError('AUDIT_BREAK_GLASS', { missing })
  }
  const openedAt = parts.clock.nowMs()
  const { year } = parts.years
  const waiting = { actor: who.actor, openedAt, statement: opened.digest, year }
  const [leaf] = await recordAct(parts, {
    who,
    leaves: [{ event: 'a.open', data: { ...namesOf(opened), bg: true, purpose } }],
    fields: reasonOf(asked),
    writes: (placed) =>
      placed.map(({ index }) => putRecord(RECORDS.review, orderKey(index), waiting)),
  })
  const index = leaf?.index ?? 0
  parts.reviews.broken(index, who.actor)
  return { index, dueAt: reviewDueAt(openedAt) }
}

/** How a leaf names a statement: without a dispatch as long as it waits in the queue. */
export function namesOf({ digest, dispatch }: StatementRecord): {
  readonly std: string
  readonly env?: string
} {
  return { std: digest, ...(dispatch === undefined ? {} : { env: dispatch }) }
}
