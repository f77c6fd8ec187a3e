/**
 * How far a clock was off, as coarsely as the log says it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#clocks
 */
import { CLOCK_BUCKETS } from './events-witness.ts'

/** The bucket of an offset in seconds: the one nearest to 0 that is not below it in size, a day at most. */
export function clockBucket(seconds: number): (typeof CLOCK_BUCKETS)[number] {
  const found = CLOCK_BUCKETS.filter((bucket) => Math.sign(bucket) === (seconds < 0 ? -1 : 1))
    .toSorted((a, b) => Math.abs(a) - Math.abs(b))
    .find((bucket) => Math.abs(bucket) >= Math.abs(seconds))
  return found ?? (seconds < 0 ? -86_400 : 86_400)
}
