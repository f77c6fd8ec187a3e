/**
 * Time, chance and waiting as the machine gives them; everything else takes them as parameters.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type NodeClock, type Timer } from './ports.ts'

const MS_PER_SECOND = 1000

/** The system's clock. */
export const systemClock: NodeClock = {
  now: () => Math.floor(new Date().getTime() / MS_PER_SECOND),
  nowMs: () => new Date().getTime(),
}

/** Milliseconds since this program started, by a clock that nobody sets. */
export function monotonicMs(): number {
  return performance.now()
}

/** The system's timers. */
export const systemTimer: Timer = {
  wait: async (ms, signal) => {
    try {
      await wait(ms, undefined, { signal, ref: false })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  },
  deadline: (ms) => AbortSignal.timeout(ms),
}

/** The system's randomness, as plain bytes. */
export function systemRandom(sizeBytes: number): Uint8Array {
  return new Uint8Array(randomBytes(sizeBytes))
}
