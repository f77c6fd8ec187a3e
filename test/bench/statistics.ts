/**
 * Medians and spreads. The machine is shared: a mean would tell of the neighbours.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */

/** A median with the lowest and the highest of what it is the median of. */
export interface Spread {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly rounds: number
}

/** The median, the lowest and the highest of one value a round. Throws without any. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    median: percentile(values, 0.5),
    low: Math.min(...values),
    high: Math.max(...values),
    rounds: values.length,
  }
}

/** The value below which so large a share lies (nearest rank). Throws without any value. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

/** Whether the rounds of a reference differ by more than a fifth of it: then ratios to it are to be read with care. */
export function isNoisy({ median, low, high }: Spread): boolean {
  return high - low > median / 5
}
