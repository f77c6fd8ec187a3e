/**
 * An event as a step: state and role first, then the other half of a joint act, then what the event itself needs.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#table
 */
import { type ReferralEvent } from '../messages/referral-event.ts'
import { applyEvent, moveTo, reviveExpired } from './event-effects.ts'
import { type EventStep, eventReasons, respondBy } from './event-rules.ts'
import { later } from './instants.ts'
import {
  jointPartOf,
  pairAgreement,
  proposalReasons,
  takeBack,
  withProposal,
} from './joint-acts.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import {
  isKnownTo,
  mayDo,
  type Progress,
  type Proposal,
  recordedBy,
  type Step,
} from './progress.ts'
import { type ReferralReason } from './reasons.ts'
import {
  ANSWERS_IN_TIME,
  type AnyState,
  END_A_SUSPENSION,
  FILE_ROLES,
  JOINT_EVENTS,
  type JointRule,
  KEPT_BENEATH_A_STOP,
  STOPS,
  TRANSITIONS,
} from './table.ts'

/** Where an event finds the referral: in its state, beneath a stop, or in time before an expiry. */
interface Footing {
  readonly from: AnyState
  readonly kind: 'state' | 'beneath' | 'in-time'
}

/** Judges an event. */
export function judgeEvent(progress: Progress, step: Step, body: ReferralEvent): Outcome {
  const footing = footingOf(progress, body, step)
  const reasons: ReferralReason[] = []
  if (footing === undefined) reasons.push('wrong_state')
  if (!mayDo(step, TRANSITIONS[body.event].by) && !isBeginning(progress, step, body)) {
    reasons.push('wrong_role')
  }
  if (footing === undefined || reasons.length > 0) return refuse(reasons)
  const event = { body, progress, step, from: footing.from, at: step.occurredAt }
  const rule = JOINT_EVENTS.get(body.event)
  if (rule !== undefined) return judgeJoint(event, rule)
  if (jointPartOf(step.statement) !== 'proposal') return refuse(['proposal_unknown'])
  return judgeAlone(event, footing)
}

function judgeAlone(event: EventStep, footing: Footing): Outcome {
  const { progress } = event
  if (footing.kind === 'in-time' && progress.expired !== undefined) {
    return judgeInTime(event, progress.expired)
  }
  const reasons = eventReasons(event)
  if (reasons.length > 0) return refuse(reasons)
  return accept(progress, footing.kind === 'beneath' ? keepBeneath(event) : applyEvent(event))
}

/** What the expiry ended takes the answer; then the expiry is judged again, at its own instant. */
function judgeInTime(event: EventStep, expired: NonNullable<Progress['expired']>): Outcome {
  const { progress, step, body } = event
  const outcome = judgeEvent(reviveExpired(progress, expired), step, body)
  if (!('progress' in outcome)) return outcome
  const by = recordedBy(step)
  const answered = outcome.progress
  if (mayExpire(answered, expired.at)) {
    return accept(progress, moveTo(answered, 'expired', { at: expired.at, by }))
  }
  return accept(progress, answered)
}

function mayExpire(progress: Progress, at: string): boolean {
  const { state } = progress
  const due = respondBy(progress, state, at)
  return TRANSITIONS.expire.from.includes(state) && due !== undefined && at >= due
}

function judgeJoint(event: EventStep, rule: JointRule): Outcome {
  const { progress, step } = event
  const part = jointPartOf(step.statement)
  if (part === 'withdrawal') {
    const taken = takeBack(progress, step)
    return 'state' in taken ? accept(progress, taken) : refuse(taken)
  }
  if (part === 'agreement') {
    const { proposal, reasons } = pairAgreement(progress, step, rule)
    return proposal === undefined || reasons.length > 0
      ? refuse(reasons)
      : judgeTogether(event, proposal)
  }
  const reasons = [...proposalReasons(step), ...eventReasons(event)]
  if (reasons.length > 0) return refuse(reasons)
  return { effect: 'proposed', progress: withProposal(progress, step) }
}

/** What two do together happens when the later of them did her part. */
function judgeTogether(event: EventStep, proposal: Proposal): Outcome {
  const { progress } = event
  const at = later(proposal.occurredAt, event.at)
  const reasons = eventReasons({ ...event, at })
  if (reasons.length > 0) return refuse(reasons)
  return accept(progress, applyEvent({ ...event, at }, proposal.statement.digest))
}

/** The answer changes what the stop interrupted; the stop itself remains. */
function keepBeneath(event: EventStep): Progress {
  const { progress, body } = event
  const from = TRANSITIONS[body.event].to ?? event.from
  const by = progress.stop?.by ?? recordedBy(event.step)
  return { ...progress, stop: { from, by }, accepted: progress.accepted || body.event === 'accept' }
}

function footingOf(progress: Progress, body: ReferralEvent, step: Step): Footing | undefined {
  const { from } = TRANSITIONS[body.event]
  const { state } = progress
  if (from.includes(state) || mayCross(progress, body)) return { from: state, kind: 'state' }
  return footingBeneath(progress, body, step) ?? footingInTime(progress, body, step.occurredAt)
}

function mayCross({ state, stop, handedOverAt }: Progress, { event }: ReferralEvent): boolean {
  const { crossing } = TRANSITIONS[event]
  if (crossing?.some((other) => other === state) !== true) return false
  return state === 'closed' ? stop !== undefined : handedOverAt === undefined
}

function footingBeneath(
  { state, stop }: Progress,
  { event }: ReferralEvent,
  step: Step,
): Footing | undefined {
  if (stop === undefined || !STOPS.includes(state)) return undefined
  if (!TRANSITIONS[event].from.includes(stop.from)) return undefined
  if (isKnownTo(step, stop.by)) return undefined
  if (KEPT_BENEATH_A_STOP.includes(event)) return { from: stop.from, kind: 'beneath' }
  const ends = state === 'suspended' && END_A_SUSPENSION.includes(event)
  return ends ? { from: stop.from, kind: 'state' } : undefined
}

function footingInTime(
  progress: Progress,
  { event }: ReferralEvent,
  at: string,
): Footing | undefined {
  const from = progress.expired?.from
  if (from === undefined || !ANSWERS_IN_TIME.includes(event)) return undefined
  if (!TRANSITIONS[event].from.includes(from)) return undefined
  const due = respondBy(progress, from, at)
  return due === undefined || at <= due ? { from, kind: 'in-time' } : undefined
}

/** Before there is a file, nobody has a side: then the first step is refused for want of the file. */
function isBeginning(progress: Progress, { author }: Step, body: ReferralEvent): boolean {
  return (
    body.event === 'create' &&
    progress.file === undefined &&
    FILE_ROLES.some((role) => author.roles.includes(role))
  )
}
