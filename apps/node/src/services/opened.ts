/**
 * Who opens a message leaves a leaf, and nothing of it is shown before that leaf is durable.
 *
 * @module
 * @spec docs/spec/08-exchange.md#opening-a-message
 */
import { type NodeParts } from '../node-parts.ts'
import { type StatementRecord } from '../records.ts'
import { type ServiceInput } from '../services.ts'

/** Writes one leaf for each record that is about to be shown, with the purpose that was given. @throws STORE_WRITE */
export async function logOpened(
  { audit }: NodeParts,
  records: readonly StatementRecord[],
  purpose: ServiceInput<'message'>['purpose'],
): Promise<void> {
  const events = records.map((record) => ({
    event: 'a.open' as const,
    actor: 'sys' as const,
    data: { ...namesOf(record), bg: false, purpose },
  }))
  await audit.commit({ events, writes: async () => ({ writes: [], events: [] }) })
}

/** How a leaf names a statement: without a dispatch as long as it waits in the queue. */
export function namesOf({ digest, dispatch }: StatementRecord): {
  readonly std: string
  readonly env?: string
} {
  return { std: digest, ...(dispatch === undefined ? {} : { env: dispatch }) }
}
