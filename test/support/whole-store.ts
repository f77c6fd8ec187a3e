/**
 * Whether a store with a log holds what it acknowledged, after whatever happened to its process or its files.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { openStoredLog, ROW_SPACES, rowsOf } from './store-fixture.ts'

/** What a store was found to hold. */
export interface StoreFound {
  /** Highest number of a commit that is there. */
  readonly newest: number
  /** Numbers that were acknowledged and are not there whole, and those that are there by half. */
  readonly lost: readonly number[]
  /** Commits that are there. */
  readonly commits: number
  /** Leaves of the log, every one read again. */
  readonly leaves: number
}

/**
 * Opens the log in `folder` and reads everything.
 *
 * @throws what an opening throws: STORE_DAMAGED, STORE_ROLLBACK, STORE_OPEN, STORE_GUARD
 */
export async function examineStore(
  folder: string,
  acknowledged: Iterable<number>,
): Promise<StoreFound> {
  await using log = await openStoredLog(folder)
  const found = new Set<number>()
  for (const space of ROW_SPACES) {
    for (const { key } of await log.store.range({ space, limit: 100_000 })) found.add(Number(key))
  }
  const lost: number[] = []
  for (const number of new Set([...acknowledged, ...found])) {
    for (const { space, key, ...write } of rowsOf(number)) {
      const value = await log.store.get(space, key)
      const written = write.type === 'put' ? write.value : undefined
      if (value === undefined || Buffer.compare(value, written ?? new Uint8Array()) !== 0) {
        lost.push(number)
      }
    }
  }
  const { size } = await log.writer.verify()
  return { newest: Math.max(0, ...found), lost, commits: found.size, leaves: size }
}
