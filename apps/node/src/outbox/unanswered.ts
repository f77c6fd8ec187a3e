/**
 * Dispatches without the last word: which they are, and which of them nobody can answer in time any more.
 *
 * @module
 * @spec docs/spec/08-exchange.md#outbox
 */
import { type TrustView } from '@amana/core'
import { type AuditEvent, type Store, type StoreWrite } from '../ports.ts'
import { getRecord, type OutRecord, putRecord, RECORDS, sequenceKey } from '../records.ts'
import { heldUntil } from './receipted.ts'

/** From the newest one of the channel, at `sequence`, back. */
export async function unreceipted(
  store: Store,
  peer: string,
  sequence: number,
): Promise<readonly OutRecord[]> {
  const open: OutRecord[] = []
  for (let at = sequence; at > 0; at -= 1) {
    const record = await getRecord(store, RECORDS.out, sequenceKey(peer, at))
    if (record?.envelope === undefined) break
    open.push(record)
  }
  return open
}

/** What is written of those that got no receipt in the time that their charter gives; once each. */
export function expiring(
  open: readonly OutRecord[],
  { now, peer, trust }: { readonly now: number; readonly peer: string; readonly trust: TrustView },
): { readonly events: readonly AuditEvent[]; readonly writes: readonly StoreWrite[] } {
  const over = open.filter(
    (record) =>
      record.receipt === undefined && record.expired !== true && now > heldUntil(record, trust),
  )
  return {
    events: over.flatMap(({ digest: env, statements }) =>
      statements.map((std) => ({
        event: 'x.expired',
        actor: 'sys',
        data: { env, std, to: peer },
      })),
    ),
    writes: over.map((record) =>
      putRecord(RECORDS.out, sequenceKey(peer, record.sequence), { ...record, expired: true }),
    ),
  }
}
