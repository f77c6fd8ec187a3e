/**
 * The clocks of a referral: when each began, when it is due, whether it was met. A clock alerts; it never stops a step.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#clocks
 */
import { FOLLOW_UP_DAYS, REFERRAL_TERMS_HOURS } from '../limits/messages.ts'
import { type CodeOf } from '../messages/code-lists.ts'
import { addHours, hoursBetween } from './instants.ts'

/** What a clock measures. */
export type ClockName = CodeOf<'deadlineClock'>

/** A clock as it runs. */
export interface Clock {
  readonly clock: ClockName
  /** The request that it is about, for `travel_document`. */
  readonly request?: string
  readonly startedAt: string
  readonly dueAt: string
  /** Hours over which it escalates; a pause does not add to them. */
  readonly termHours: number
  readonly pausedAt?: string
  readonly endedAt?: string
  /** Whether what it waited for happened, or was no longer to be waited for. */
  readonly ending?: 'done' | 'lapsed'
}

/** Who is told of a clock, in this order, as its term passes by. */
export type Escalation = 'none' | 'owner' | 'supervisor' | 'head' | 'chairs'

/** A clock as it stands at an instant. */
export interface Deadline {
  readonly clock: ClockName
  readonly request?: string
  readonly startedAt: string
  readonly dueAt: string
  readonly status: 'running' | 'paused' | 'overdue' | 'met' | 'late' | 'lapsed'
  readonly escalation: Escalation
}

/** Which clock, from when, and what it is about. */
export interface ClockStart {
  readonly clock: Exclude<ClockName, 'follow_up' | 'check_in' | 'bed_hold'>
  readonly at: string
  readonly urgency: CodeOf<'urgency'>
  readonly request?: string
}

const HOURS_A_DAY = 24
const always = (hours: number): Readonly<Record<CodeOf<'urgency'>, number>> => ({
  emergency: hours,
  urgent: hours,
  routine: hours,
})

/** Hours of each clock by urgency. */
const TERMS: Readonly<Record<ClockStart['clock'], Readonly<Record<CodeOf<'urgency'>, number>>>> = {
  acknowledge: REFERRAL_TERMS_HOURS.acknowledge,
  decide: REFERRAL_TERMS_HOURS.decide,
  travel_document: REFERRAL_TERMS_HOURS.travelDocument,
  evacuation: always(REFERRAL_TERMS_HOURS.evacuation),
  afterwards_file: always(REFERRAL_TERMS_HOURS.afterwardsFile),
  arrival: always(REFERRAL_TERMS_HOURS.arrival),
  told: always(REFERRAL_TERMS_HOURS.told),
  consent_review: always(REFERRAL_TERMS_HOURS.consentReview),
}

/** From this part of the term on, in percent, this one is told; the last that fits counts. */
const ESCALATIONS = [
  [50, 'owner'],
  [100, 'supervisor'],
  [200, 'head'],
  [300, 'chairs'],
] as const

/** A clock that begins. */
export function startClock({ clock, at, urgency, request }: ClockStart): Clock {
  const hours = TERMS[clock][urgency]
  return {
    clock,
    startedAt: at,
    dueAt: addHours(at, hours),
    termHours: hours,
    ...(request === undefined ? {} : { request }),
  }
}

/** The clocks of the days after a hand-over on which somebody asks how the person is. */
export function followUpClocks(handedOverAt: string): readonly Clock[] {
  return FOLLOW_UP_DAYS.map((days) => ({
    clock: 'follow_up',
    startedAt: handedOverAt,
    dueAt: addHours(handedOverAt, days * HOURS_A_DAY),
    termHours: HOURS_A_DAY,
  }))
}

/** The clock of what is held for the person until an instant. */
export function heldClock(held: {
  readonly at: string
  readonly request: string
  readonly until: string
}): Clock {
  return {
    clock: 'bed_hold',
    request: held.request,
    startedAt: held.at,
    dueAt: held.until,
    termHours: hoursBetween(held.at, held.until),
  }
}

/** The clocks of the instants at which who escorts the person says how it goes; each is due an hour later. */
export function checkInClocks(instants: readonly string[]): readonly Clock[] {
  return instants.map((at) => ({
    clock: 'check_in',
    startedAt: at,
    dueAt: addHours(at, REFERRAL_TERMS_HOURS.checkIn),
    termHours: REFERRAL_TERMS_HOURS.checkIn,
  }))
}

/** Ends the running clocks that `ends` names. */
export function endClocks(
  clocks: readonly Clock[],
  ends: (clock: Clock) => boolean,
  ending: { readonly at: string; readonly as: 'done' | 'lapsed' },
): readonly Clock[] {
  return clocks.map((clock) =>
    clock.endedAt === undefined && ends(clock)
      ? { ...clock, endedAt: ending.at, ending: ending.as }
      : clock,
  )
}

/** Stops the running clock of a name while the other side is asked. */
export function pauseClock(
  clocks: readonly Clock[],
  name: ClockName,
  at: string,
): readonly Clock[] {
  return clocks.map((clock) =>
    clock.clock === name && clock.endedAt === undefined ? { ...clock, pausedAt: at } : clock,
  )
}

/** Lets a paused clock run again: it is due later by as long as it stood. */
export function continueClock(
  clocks: readonly Clock[],
  name: ClockName,
  at: string,
): readonly Clock[] {
  return clocks.map((clock) => {
    if (clock.clock !== name || clock.pausedAt === undefined || clock.endedAt !== undefined) {
      return clock
    }
    const { pausedAt, ...running } = clock
    return { ...running, dueAt: shiftedDue(clock.dueAt, pausedAt, at) }
  })
}

/** Lets clocks run again that lapsed at `at`. */
export function reviveClocks(clocks: readonly Clock[], at: string): readonly Clock[] {
  return clocks.map((clock) => {
    if (clock.endedAt !== at || clock.ending !== 'lapsed') return clock
    const { endedAt: _endedAt, ending: _ending, ...running } = clock
    return running
  })
}

/** When the newest clock of a name is due, seen from `at`; a paused one moves along with the time. */
export function dueAt(clocks: readonly Clock[], name: ClockName, at: string): string | undefined {
  const clock = clocks.findLast((candidate) => candidate.clock === name)
  if (clock?.pausedAt === undefined) return clock?.dueAt
  return shiftedDue(clock.dueAt, clock.pausedAt, at)
}

/** A clock as it stands at `now`. */
export function readClock(clock: Clock, now: string): Deadline {
  const { clock: name, request, startedAt } = clock
  const status = statusOf(clock, now)
  return {
    clock: name,
    ...(request === undefined ? {} : { request }),
    startedAt,
    dueAt: clock.dueAt,
    status,
    escalation: status === 'running' || status === 'overdue' ? escalationOf(clock, now) : 'none',
  }
}

function statusOf(
  { dueAt: due, pausedAt, endedAt, ending }: Clock,
  now: string,
): Deadline['status'] {
  if (endedAt !== undefined && endedAt > due) return 'late'
  if (endedAt !== undefined) return ending === 'lapsed' ? 'lapsed' : 'met'
  if (pausedAt !== undefined) return 'paused'
  return now > due ? 'overdue' : 'running'
}

/** The part of the term that is gone, counted back from the due instant. */
function escalationOf({ dueAt: due, termHours: term }: Clock, now: string): Escalation {
  const gone = 100 * (1 - hoursBetween(now, due) / term)
  return ESCALATIONS.findLast(([percent]) => gone >= percent)?.[1] ?? 'none'
}

function shiftedDue(due: string, pausedAt: string, at: string): string {
  return addHours(due, Math.max(0, hoursBetween(pausedAt, at)))
}
