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

/**
 * Those of a peer in rising order, after a place and up to the newest one of the channel, at `sequence`. Carriers bring
 * receipts in any order, so one may be missing below others: looking begins above what was noted as settled to the end.
 *
 * @yields each
 * @throws STORE_DAMAGED
 */
export async function* unreceipted(
  store: Store,
  peer: string,
  { after, sequence }: { readonly after: number; readonly sequence: number },
): AsyncGenerator<OutRecord> {
  const first = Math.max(await settledUpTo(store, peer), after) + 1
  for (let at = first; at <= sequence; at += 1) {
    const record = await getRecord(store, RECORDS.out, sequenceKey(peer, at))
    if (record?.envelope !== undefined) yield record
  }
}

/** What is noted with the final receipt of a dispatch: up to where none lacks its own. Nothing where one below it does. */
export async function settledWrites(
  store: Store,
  peer: string,
  sequence: number,
): Promise<readonly StoreWrite[]> {
  if (sequence !== (await settledUpTo(store, peer)) + 1) return []
  let last = sequence
  for (;;) {
    const next = await getRecord(store, RECORDS.out, sequenceKey(peer, last + 1))
    if (next === undefined || next.envelope !== undefined) break
    last += 1
  }
  return [putRecord(RECORDS.counter, settledKey(peer), { last })]
}

async function settledUpTo(store: Store, peer: string): Promise<number> {
  return (await getRecord(store, RECORDS.counter, settledKey(peer)))?.last ?? 0
}

function settledKey(peer: string): string {
  return `settled/${peer}`
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
