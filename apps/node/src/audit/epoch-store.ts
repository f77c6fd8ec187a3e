/**
 * Several logs in one store, one after the other: each has rows of its own, and a row says which one is written.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import { type Store, type StoreRange, type StoreWrite } from '../ports.ts'
import { getRecord, putRecord, RECORDS } from '../records.ts'

/** Spaces that every log has for itself. */
const OF_ONE_LOG: ReadonlySet<string> = new Set([
  'actor',
  'disclosure',
  'leaf',
  'log',
  'node',
  'note',
  'review',
  'scrub',
])
const KEY = 'current'

/** The number of the log that is written; 1 before there was another. @throws STORE_DAMAGED */
export async function currentEpoch(store: Store): Promise<number> {
  return (await getRecord(store, RECORDS.counter, `epoch/${KEY}`))?.last ?? 1
}

/** The write that begins with another log. */
export function epochWrite(epoch: number): StoreWrite {
  return putRecord(RECORDS.counter, `epoch/${KEY}`, { last: epoch })
}

/** Where the heads of a log are recorded outside of the store. */
export function headsFileOf(path: string, epoch: number): string {
  return epoch === 1 ? path : `${path}.${String(epoch)}`
}

/** The store as the parts of a node see it while that log is written. */
export function storeOfEpoch(store: Store, epoch: number): Store {
  if (epoch === 1) return store
  const placed = <T extends { readonly space: string }>(place: T): T =>
    OF_ONE_LOG.has(place.space) ? { ...place, space: spaceOf(place.space, epoch) } : place
  return {
    get: (space, key) => store.get(placed({ space }).space, key),
    range: (range: StoreRange) => store.range(placed(range)),
    keys: (range) => store.keys(placed(range)),
    batch: (writes) => store.batch(writes.map((write) => placed(write))),
    compact: (spaces) => store.compact(spaces.map((space) => placed({ space }).space)),
    close: () => store.close(),
  }
}

function spaceOf(space: string, epoch: number): string {
  return `${space}.${String(epoch)}`
}
