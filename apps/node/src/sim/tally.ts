/**
 * What many histories came to.
 *
 * @module
 * @spec docs/spec/12-simulation.md#command
 */
import { type History } from './history.ts'

const HOUR_MS = 3_600_000
/** More failing histories than this say nothing new. */
const MOST_FAILURES = 100

/** The sum so far. */
export interface Total {
  readonly histories: number
  /** In how many of them there was what, beside messages over a line. */
  readonly dimensions: Readonly<Record<string, number>>
  /** By kind. */
  readonly faults: Readonly<Record<string, number>>
  readonly frames: number
  /** Hours of the histories' own time, rounded down. */
  readonly virtualHours: number
  /** The first hundred. */
  readonly failures: readonly { readonly seed: number; readonly problems: readonly string[] }[]
}

/** Adds histories up. */
export function tallyOf(): { add(history: History): void; total(): Total } {
  const faults: Record<string, number> = {}
  const dimensions: Record<string, number> = {}
  const failures: { readonly seed: number; readonly problems: readonly string[] }[] = []
  let histories = 0
  let frames = 0
  let virtualMs = 0
  return {
    add: (history) => {
      histories += 1
      frames += history.frames.length
      virtualMs += history.tookMs
      for (const one of history.dimensions) dimensions[one] = (dimensions[one] ?? 0) + 1
      for (const [kind, times] of Object.entries(history.faults)) {
        faults[kind] = (faults[kind] ?? 0) + times
      }
      const { problems, seed } = history
      if (problems.length > 0 && failures.length < MOST_FAILURES) failures.push({ seed, problems })
    },
    total: () => ({
      histories,
      dimensions,
      faults,
      frames,
      virtualHours: Math.floor(virtualMs / HOUR_MS),
      failures,
    }),
  }
}
