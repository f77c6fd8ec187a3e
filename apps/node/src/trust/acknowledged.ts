/**
 * Which own roster the peer said to know, in its heads: how a node learns that a revocation has arrived.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#revocation
 */
import { type AuditWriter, type Store } from '../ports.ts'
import { getRecord, orderKey, putRecord, RECORDS } from '../records.ts'

/** What is read and written with. */
export interface AcknowledgedParts {
  readonly audit: AuditWriter
  readonly store: Store
  readonly trust: { readonly ownChain: number }
}

/** The version of the own chain in force that `peer` acknowledged last; 0 before it did. @throws STORE_DAMAGED */
export async function acknowledgedBy(
  { store, trust }: Omit<AcknowledgedParts, 'audit'>,
  peer: string,
): Promise<number> {
  return (await getRecord(store, RECORDS.counter, keyOf(peer, trust.ownChain)))?.last ?? 0
}

/** Notes a version that a peer's verified heads name; a lower one changes nothing. @throws STORE_WRITE */
export async function noteAcknowledged(
  parts: AcknowledgedParts,
  peer: string,
  version: number,
): Promise<void> {
  if (version <= (await acknowledgedBy(parts, peer))) return
  const key = keyOf(peer, parts.trust.ownChain)
  const writes = [putRecord(RECORDS.counter, key, { last: version })]
  await parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
}

/** Versions are counted anew in another chain: what a peer knew of the one before says nothing of this one. */
function keyOf(peer: string, chain: number): string {
  return chain === 1 ? `acknowledged/${peer}` : `acknowledged/${peer}/${orderKey(chain)}`
}
