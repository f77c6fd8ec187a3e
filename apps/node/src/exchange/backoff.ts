/**
 * How long to wait before the next dial: full jitter under a bound that doubles.
 *
 * @module
 * @spec docs/spec/08-exchange.md#reconnecting
 */
import { type Random } from '@amana/core'

const LEAST_MS = 250
const FIRST_BOUND_MS = 1000
const MOST_MS = 300_000

/** Milliseconds to wait after `failures` dials without a session; never 0, never above five minutes. */
export function backoffMs(failures: number, random: Random): number {
  const bound = Math.min(MOST_MS, FIRST_BOUND_MS * 2 ** Math.min(failures, 20))
  const [high = 0, low = 0] = random(2)
  return LEAST_MS + Math.floor(((bound - LEAST_MS) * (high * 256 + low)) / 65_536)
}
