/**
 * Which own roster the peer said to know, in its heads: how a node learns that a revocation has arrived.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#revocation
 */
import { type AuditWriter, type Store } from '../ports.ts'
import { getRecord, putRecord, RECORDS } from '../records.ts'

/** What is read and written with. */
export interface AcknowledgedParts {
  readonly audit: AuditWriter
  readonly store: Store
}

/** The version that `peer` acknowledged last; 0 before it did. @throws STORE_DAMAGED */
export async function acknowledgedBy(store: Store, peer: string): Promise<number> {
  return (await getRecord(store, RECORDS.counter, keyOf(peer)))?.last ?? 0
}

/** Notes a version that a peer's verified heads name; a lower one changes nothing. @throws STORE_WRITE */
export async function noteAcknowledged(
  { audit, store }: AcknowledgedParts,
  peer: string,
  version: number,
): Promise<void> {
  if (version <= (await acknowledgedBy(store, peer))) return
  const writes = [putRecord(RECORDS.counter, keyOf(peer), { last: version })]
  await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
}

function keyOf(peer: string): string {
  return `acknowledged/${peer}`
}
