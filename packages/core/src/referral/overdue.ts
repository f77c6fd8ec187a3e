/**
 * How many steps are overdue, without anything about a person: counts by clock, urgency and side, with small cells left out.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#overdue-steps
 */
import { CODE_LISTS, type CodeOf } from '../messages/code-lists.ts'
import { type ClockName, type Deadline } from './clocks.ts'
import { type Referral } from './referral.ts'
import { type Side } from './table.ts'

const SIDES: readonly Side[] = ['sending', 'receiving']

/** The smallest count that is shown; what is smaller could be one known person. */
export const SMALLEST_CELL = 11

/** A count, or that it is too small to be shown. */
export type ShownCount = number | 'suppressed'

/** One clock of one urgency and side: how many are in time, overdue or ended late. */
export interface OverdueRow {
  readonly clock: ClockName
  readonly urgency: CodeOf<'urgency'>
  /** Which agency is waited for: the one that sends the person, or the one that receives her. */
  readonly side: Side
  readonly inTime: ShownCount
  readonly overdue: ShownCount
  readonly late: ShownCount
}

/** What is read of a referral. */
export type ReferralClocks = Pick<
  Referral,
  'deadlines' | 'followUps' | 'urgency' | 'sending' | 'receiving' | 'steps' | 'told'
>

/** Days in UTC, both included, in which a clock falls due. */
export interface Period {
  readonly from: string
  readonly until: string
}

/** A clock that nobody met, of one referral. */
export interface OverdueStep {
  readonly clock: ClockName
  readonly urgency: CodeOf<'urgency'>
  readonly side: Side
  readonly dueAt: string
  readonly escalation: Deadline['escalation']
}

/** Counts of the clocks of many referrals by clock, urgency and side; what none of them has is left out. */
export function overdueSteps(
  referrals: readonly ReferralClocks[],
  period?: Period,
): readonly OverdueRow[] {
  const all = referrals.flatMap((referral) =>
    clocksOf(referral)
      .filter(({ dueAt }) => isWithin(dueAt, period))
      .map((deadline) => ({ ...placeOf(referral, deadline), deadline })),
  )
  return CODE_LISTS.deadlineClock.flatMap((clock) =>
    CODE_LISTS.urgency.flatMap((urgency) =>
      SIDES.flatMap((side) => {
        const own = all
          .filter((one) => one.urgency === urgency && one.side === side)
          .map(({ deadline }) => deadline)
          .filter((deadline) => deadline.clock === clock)
        return own.length === 0 ? [] : [{ clock, urgency, side, ...countsOf(own) }]
      }),
    ),
  )
}

/** The clocks of a referral that nobody met in time and that are still waited for, the longest overdue first. */
export function overdueIn(referral: ReferralClocks): readonly OverdueStep[] {
  return clocksOf(referral)
    .filter(({ status }) => status === 'overdue')
    .map((deadline) => {
      const { clock, dueAt, escalation } = deadline
      return { clock, ...placeOf(referral, deadline), dueAt, escalation }
    })
    .toSorted((one, other) => one.dueAt.localeCompare(other.dueAt))
}

/**
 * Counts of which none is from 1 to 10. Where one alone would be left out, it could be found from a total that somebody
 * else knows: then the smallest of the others is left out too. 0 is shown.
 */
export function suppressSmall(counts: readonly number[]): readonly ShownCount[] {
  const small = new Set(counts.flatMap((count, index) => (isSmall(count) ? [index] : [])))
  if (small.size === 1) {
    const [next] = [...counts.keys()]
      .filter((index) => !small.has(index) && counts[index] !== 0)
      .toSorted((one, other) => (counts[one] ?? 0) - (counts[other] ?? 0))
    if (next !== undefined) small.add(next)
  }
  return counts.map((count, index) => (small.has(index) ? 'suppressed' : count))
}

function clocksOf({ deadlines, followUps }: ReferralClocks): readonly Deadline[] {
  return [...deadlines, ...followUps]
}

function isWithin(dueAt: string, period: Period | undefined): boolean {
  const day = dueAt.slice(0, 'YYYY-MM-DD'.length)
  return period === undefined || (day >= period.from && day <= period.until)
}

function placeOf(
  referral: ReferralClocks,
  deadline: Deadline,
): { readonly urgency: CodeOf<'urgency'>; readonly side: Side } {
  return { urgency: referral.urgency ?? 'emergency', side: awaitedSide(referral, deadline) }
}

/** Whose clocks they are, whoever began them. */
const AWAITED: Partial<Readonly<Record<ClockName, Side>>> = {
  acknowledge: 'receiving',
  decide: 'receiving',
  arrival: 'receiving',
  follow_up: 'receiving',
}

function awaitedSide(referral: ReferralClocks, { clock, request }: Deadline): Side {
  const { receiving, steps, told } = referral
  const sideOf = (agency: string | undefined): Side =>
    agency !== undefined && agency === receiving ? 'receiving' : 'sending'
  const asker = steps.find(({ statement }) => statement === request)?.by.agency
  if (clock === 'travel_document') return sideOf(asker) === 'sending' ? 'receiving' : 'sending'
  if (clock === 'bed_hold') return sideOf(asker)
  if (clock === 'told') return sideOf(told.find(({ statement }) => statement === request)?.agency)
  if (clock === 'consent_review') return sideOf(request?.split(' ')[1])
  return AWAITED[clock] ?? 'sending'
}

function countsOf(own: readonly Deadline[]): Pick<OverdueRow, 'inTime' | 'overdue' | 'late'> {
  const count = (...statuses: readonly Deadline['status'][]): number =>
    own.filter(({ status }) => statuses.includes(status)).length
  const [inTime = 0, overdue = 0, late = 0] = suppressSmall([
    count('running', 'paused', 'met'),
    count('overdue'),
    count('late'),
  ])
  return { inTime, overdue, late }
}

function isSmall(count: number): boolean {
  return count > 0 && count < SMALLEST_CELL
}
