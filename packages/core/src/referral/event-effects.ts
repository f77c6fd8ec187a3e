/**
 * What an event that stands changes: the state, the clocks that begin and end with it, and what it says.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#states
 */
import { type CodeOf } from '../messages/code-lists.ts'
import { type ReferralEvent } from '../messages/referral-event.ts'
import {
  type ClockName,
  continueClock,
  endClocks,
  pauseClock,
  reviveClocks,
  startClock,
  type ClockStart,
} from './clocks.ts'
import { type EventStep } from './event-rules.ts'
import { withoutProposals } from './joint-acts.ts'
import { stoppingWithdrawals } from './person.ts'
import { type Progress, type Recorded, recordedBy, urgencyOf } from './progress.ts'
import { isSoftGate } from './reasons.ts'
import {
  type AnyState,
  type ReferralState,
  STOPPED_BY_WITHDRAWAL,
  STOPS,
  TRANSITIONS,
} from './table.ts'

const ANSWERS = ['acknowledge', 'decide'] as const satisfies readonly ClockName[]
const ENDED_WITH_IT: readonly ClockName[] = [
  'arrival',
  'evacuation',
  'travel_document',
  'check_in',
  'bed_hold',
]
const DONE_BY = new Map<string, readonly ClockName[]>([
  ['acknowledge', ['acknowledge']],
  ['accept', ANSWERS],
  ['decline', ANSWERS],
  ['start_care', ['arrival']],
])
/** A stop leaves what was agreed for a departure until it is decided how to go on. */
const KEEP_DEPARTURE: readonly AnyState[] = ['ready', 'in_transit', 'handed_over', ...STOPS]
const AWAITING: readonly AnyState[] = ['submitted', 'acknowledged', 'info_requested']
const OVER: readonly AnyState[] = ['cancelled', 'closed']

type Change = (progress: Progress, event: EventStep, proposal: string) => Progress

/** Each changes one thing for the events that it knows, and leaves all others alone; in this order. */
const CHANGES: readonly Change[] = [
  settleClocks,
  changeState,
  rememberMissing,
  nameReceiver,
  beginClocks,
  keepAgreed,
  withdrawConsent,
  (progress, { step, at }) => stopWithdrawn(progress, { at, by: recordedBy(step) }),
]

/** What is known after an event; `proposal` is the first half of a joint act. */
export function applyEvent(event: EventStep, proposal = ''): Progress {
  return CHANGES.reduce((progress, change) => change(progress, event, proposal), event.progress)
}

/** When a move happens, and by which statement. */
export interface Cause {
  readonly at: string
  readonly by: Recorded
}

/** As if it had not expired. */
export function reviveExpired(
  progress: Progress,
  expired: NonNullable<Progress['expired']>,
): Progress {
  const { expired: _undone, ...known } = progress
  const { at, from } = expired
  return { ...known, state: from, clocks: reviveClocks(progress.clocks, at) }
}

/** Moves the state, and ends what ends with the old one. */
export function moveTo(progress: Progress, to: ReferralState, cause: Cause): Progress {
  const { at } = cause
  const { stop: _stop, expired: _expired, ...known } = progress
  const moved: Progress = {
    ...(KEEP_DEPARTURE.includes(to) ? known : withoutDeparture(known)),
    state: to,
    ...whatWasLeft(progress, to, cause),
  }
  const lapsed = AWAITING.includes(to) ? moved : lapse(moved, ANSWERS, at)
  return OVER.includes(to) ? lapse(lapsed, ENDED_WITH_IT, at) : lapsed
}

/** What a stop or an expiry must remember of the state that it ends. */
function whatWasLeft(
  { state, stop }: Progress,
  to: ReferralState,
  { at, by }: Cause,
): Pick<Progress, 'stop' | 'expired'> {
  const from = stop?.from ?? state
  if (STOPS.includes(to)) return { stop: { from, by: stop?.by ?? by } }
  return to === 'expired' && stop === undefined ? { expired: { at, from } } : {}
}

function targetOf(progress: Progress, body: ReferralEvent): ReferralState | undefined {
  const { to, toAfterHandOver } = TRANSITIONS[body.event]
  return progress.handedOverAt === undefined ? to : (toAfterHandOver ?? to)
}

/** What was agreed for a departure is agreed for that departure only. */
function withoutDeparture(progress: Progress): Progress {
  const { plan: _plan, ...known } = progress
  const legs = known.legs.map((leg) =>
    leg.legType === 'cross_border' && leg.status === 'released'
      ? { ...leg, status: 'void' as const }
      : leg,
  )
  const voided = new Set(legs.filter(({ status }) => status === 'void').map((leg) => leg.release))
  return withoutProposals({ ...known, legs, waivers: [] }, ({ statement, content }) => {
    const isOfDeparture =
      content.type === 'event' &&
      (content.body.event === 'mark_ready' || content.body.event === 'waive_gate')
    return isOfDeparture || voided.has(statement.digest)
  })
}

function lapse(progress: Progress, names: readonly ClockName[], at: string): Progress {
  return endNamed(progress, names, { at, as: 'lapsed' })
}

function endNamed(
  progress: Progress,
  names: readonly ClockName[],
  ending: Parameters<typeof endClocks>[2],
): Progress {
  const clocks = endClocks(progress.clocks, ({ clock }) => names.includes(clock), ending)
  return { ...progress, clocks }
}

/** What a clock waited for happens, or the other side is asked. */
function settleClocks(progress: Progress, { body, at }: EventStep): Progress {
  const { clocks } = progress
  const done = DONE_BY.get(body.event)
  if (done !== undefined) return endNamed(progress, done, { at, as: 'done' })
  if (body.event === 'close_deceased') return lapse(progress, ['follow_up'], at)
  if (body.event === 'request_info') {
    return { ...progress, clocks: pauseClock(clocks, 'decide', at) }
  }
  return body.event === 'provide_info'
    ? { ...progress, clocks: continueClock(clocks, 'decide', at) }
    : progress
}

function changeState(progress: Progress, { body, step, at }: EventStep): Progress {
  const to = targetOf(progress, body)
  return to === undefined ? progress : moveTo(progress, to, { at, by: recordedBy(step) })
}

/** Who was given up as missing may be found: then the referral goes on from where it was. */
function rememberMissing(progress: Progress, { body, progress: before }: EventStep): Progress {
  const { stop } = before
  if (body.event !== 'close_missing' || stop === undefined) return progress
  return { ...progress, stop }
}

function nameReceiver(progress: Progress, { body }: EventStep): Progress {
  if (body.event !== 'create' && body.event !== 'reroute') return progress
  return { ...progress, receiving: body.receivingAgency, accepted: false }
}

function beginClocks(progress: Progress, { body, at }: EventStep): Progress {
  if (body.event === 'submit' || body.event === 'resume_early') return begin(progress, ANSWERS, at)
  return body.event === 'declare_emergency' ? begin(progress, ['evacuation'], at) : progress
}

/** Begins clocks of the urgency that the file has now; a later one does not shift them. */
function begin(progress: Progress, names: readonly ClockStart['clock'][], at: string): Progress {
  const urgency = urgencyOf(progress)
  const begun = names.map((clock) => startClock({ clock, at, urgency }))
  return { ...progress, clocks: [...progress.clocks, ...begun] }
}

/** What the two agreed: the journey, the evacuation, the gate that need not be passed. */
function keepAgreed(progress: Progress, { body, step, at }: EventStep, proposal: string): Progress {
  const known = withoutProposals(progress, ({ statement }) => statement.digest === proposal)
  const both = { proposal, agreement: step.statement.digest }
  if (body.event === 'accept') return { ...known, accepted: true }
  if (body.event === 'mark_ready') return { ...known, plan: body }
  if (body.event === 'declare_emergency' && body.destination !== undefined) {
    return { ...known, emergency: { declaredAt: at, destination: body.destination, ...both } }
  }
  if (body.event === 'waive_gate' && isSoftGate(body.gate) && body.reason !== undefined) {
    const waiver = { gate: body.gate, reason: body.reason, occurredAt: at, ...both }
    return { ...known, waivers: [...known.waivers, waiver] }
  }
  return known
}

function withdrawConsent(progress: Progress, { body, step, at }: EventStep): Progress {
  if (body.event !== 'withdraw_consent') return progress
  return recordWithdrawal(progress, body.scope, { at, by: recordedBy(step) })
}

/** What the person took back; of `follow_up`, nobody asks her any more. */
export function recordWithdrawal(
  progress: Progress,
  scope: CodeOf<'consentScope'>,
  { at, by }: Cause,
): Progress {
  const withdrawal = { scope, occurredAt: at, order: progress.order, recordedBy: by }
  const known = { ...progress, withdrawals: [...progress.withdrawals, withdrawal] }
  return scope === 'follow_up' ? lapse(known, ['follow_up'], at) : known
}

/** A withdrawal that stands stops the referral in whatever state it finds it before a hand-over. */
export function stopWithdrawn(progress: Progress, { at, by }: Cause): Progress {
  const { state, handedOverAt } = progress
  if (handedOverAt !== undefined || !STOPPED_BY_WITHDRAWAL.includes(state)) return progress
  const [withdrawal] = stoppingWithdrawals(progress, at)
  if (withdrawal === undefined) return progress
  return moveTo(progress, 'suspended', { at, by: withdrawal.recordedBy ?? by })
}
