/**
 * How many steps are overdue, without anything about a person: counts by clock, with small cells left out.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#overdue-steps
 */
import { CODE_LISTS } from '../messages/code-lists.ts'
import { type ClockName, type Deadline } from './clocks.ts'

/** The smallest count that is shown; what is smaller could be one known person. */
export const SMALLEST_CELL = 11

/** One clock: how many run, are overdue or ended late; `suppressed` where the count is small. */
export interface OverdueRow {
  readonly clock: ClockName
  readonly inTime: number | 'suppressed'
  readonly overdue: number | 'suppressed'
  readonly late: number | 'suppressed'
}

/** The clocks of one referral. */
export interface ReferralClocks {
  readonly deadlines: readonly Deadline[]
  readonly followUps: readonly Deadline[]
}

/** Counts of all clocks of many referrals, by clock; a clock that none of them has is left out. */
export function overdueSteps(referrals: readonly ReferralClocks[]): readonly OverdueRow[] {
  const all = referrals.flatMap(({ deadlines, followUps }) => [...deadlines, ...followUps])
  return CODE_LISTS.deadlineClock.flatMap((clock) => {
    const own = all.filter((deadline) => deadline.clock === clock)
    return own.length === 0 ? [] : [rowOf(clock, own)]
  })
}

/**
 * Counts of which none is from 1 to 10. Where one alone would be left out, it could be found from a total that somebody
 * else knows: then the smallest of the others is left out too. 0 is shown.
 */
export function suppressSmall(counts: readonly number[]): readonly (number | 'suppressed')[] {
  const small = new Set(counts.flatMap((count, index) => (isSmall(count) ? [index] : [])))
  if (small.size === 1) {
    const [next] = [...counts.keys()]
      .filter((index) => !small.has(index) && counts[index] !== 0)
      .toSorted((one, other) => (counts[one] ?? 0) - (counts[other] ?? 0))
    if (next !== undefined) small.add(next)
  }
  return counts.map((count, index) => (small.has(index) ? 'suppressed' : count))
}

function rowOf(clock: ClockName, own: readonly Deadline[]): OverdueRow {
  const count = (...statuses: readonly Deadline['status'][]): number =>
    own.filter(({ status }) => statuses.includes(status)).length
  const [inTime = 0, overdue = 0, late = 0] = suppressSmall([
    count('running', 'paused', 'met'),
    count('overdue'),
    count('late'),
  ])
  return { clock, inTime, overdue, late }
}

function isSmall(count: number): boolean {
  return count > 0 && count < SMALLEST_CELL
}
