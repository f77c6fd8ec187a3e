/**
 * What each event needs: one rule, one reason. All that apply are named, so that a screen can show them together.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#table
 */
import { type CodeOf } from '../messages/code-lists.ts'
import { type ReferralEvent } from '../messages/referral-event.ts'
import { type ReferralFacts } from '../messages/victim-referral.ts'
import { dueAt } from './clocks.ts'
import { openGates } from './gates.ts'
import {
  basisReasons,
  isIdentified,
  mayBeChild,
  stoppingWithdrawals,
  transferReasons,
} from './person.ts'
import { isKnownTo, type Progress, type Step, urgencyOf } from './progress.ts'
import { isReleasePending } from './joint-acts.ts'
import { isSoftGate, type ReferralReason } from './reasons.ts'
import { type AnyState, CARRYING_ON } from './table.ts'

/** An event, what is known before it, and the instant at which it is judged. */
export interface EventStep {
  readonly body: ReferralEvent
  readonly progress: Progress
  readonly step: Step
  /** The state that the event leaves. */
  readonly from: AnyState
  readonly at: string
}

/** Refuses when the condition holds. */
type Rule = readonly [ReferralReason, (event: EventStep) => boolean]

const EVACUATED: readonly CodeOf<'riskLevel'>[] = ['life_threatening', 'high']
const CROSSING_LEGS: readonly CodeOf<'legType'>[] = ['cross_border', 'onward']
const NEED_A_REASON = ['decline', 'reopen', 'cancel', 'suspend', 'waive_gate'] as const

const RULES: readonly Rule[] = [
  ['file_missing', ({ body, progress }) => body.event === 'create' && progress.file === undefined],
  ['screening_missing', ({ body }) => body.event === 'create' && body.screening === undefined],
  ['same_agency', ({ body, progress }) => receiverOf(body) === progress.sending],
  ['identity_missing', submitted((facts) => !isIdentified(facts))],
  ['no_contact_unanswered', submitted((facts) => facts.safety?.doNotContact === undefined)],
  ['risk_missing', submitted((facts) => facts.safety?.riskLevel === undefined)],
  ['screening_positive', ({ body, progress }) => body.event === 'submit' && isVictim(progress)],
  ['question_missing', ({ body }) => body.event === 'request_info' && body.question === undefined],
  ['reason_missing', ({ body }) => needsReason(body) && !hasReason(body)],
  [
    'reception_unnamed',
    ({ body }) => body.event === 'accept' && body.receptionOrganisation === undefined,
  ],
  ['head_and_alternative_needed', isHasty],
  ['too_early', (event) => event.body.event === 'expire' && !isTimeUp(event)],
  ['release_missing', (event) => event.body.event === 'depart' && !isReleased(event)],
  [
    'consent_withdrawn',
    ({ body, progress, step, at }) =>
      CARRYING_ON.includes(body.event) &&
      stoppingWithdrawals(progress, at).some(
        ({ recordedBy }) => recordedBy === undefined || isKnownTo(step, recordedBy),
      ),
  ],
  ['hard_gate', ({ body }) => body.event === 'waive_gate' && !isSoftGate(body.gate)],
  [
    'risk_too_low',
    ({ body, progress }) => body.event === 'declare_emergency' && !isAtRisk(progress.file?.facts),
  ],
  [
    'destination_missing',
    ({ body }) => body.event === 'declare_emergency' && body.destination === undefined,
  ],
  ['escort_missing', ({ body }) => body.event === 'declare_emergency' && body.escorts.length === 0],
  [
    'crosses_border',
    ({ body }) => body.event === 'declare_emergency' && CROSSING_LEGS.includes(body.legType),
  ],
  [
    'arrival_unconfirmed',
    ({ body }) => body.event === 'start_care' && body.arrivalConfirmed !== 'yes',
  ],
  ['outcome_missing', ({ body }) => isWithoutOutcome(body)],
  ['person_not_informed', ({ body }) => body.event === 'close' && body.personInformed !== 'yes'],
  ['case_owner', (event) => event.body.event === 'close' && isCaseOwner(event)],
  ['family_enquiry_missing', isReunitedUnasked],
  [
    'not_a_service',
    ({ body, progress }) =>
      body.event === 'start_service' && progress.file?.facts.routing.referralKind !== 'service',
  ],
  ['cause_not_cleared', ({ body }) => 'causeCleared' in body && body.causeCleared !== 'yes'],
  ['never_accepted', ({ body, progress }) => body.event === 'resume' && !progress.accepted],
  ['already_accepted', ({ body, progress }) => body.event === 'resume_early' && progress.accepted],
]

/** Every reason for which the event, signed by who may sign it and in a state that allows it, is refused. */
export function eventReasons(event: EventStep): readonly ReferralReason[] {
  const { body, progress, at } = event
  const ruled = RULES.filter(([, refuses]) => refuses(event)).map(([reason]) => reason)
  return [...ruled, ...sharingReasons(event), ...departureReasons(body, progress, at)]
}

/** The last instant at which an answer is in time, in the state that waits for it. */
export function respondBy(progress: Progress, state: AnyState, at: string): string | undefined {
  return dueAt(progress.clocks, state === 'submitted' ? 'acknowledge' : 'decide', at)
}

function sharingReasons({ body, progress, at }: EventStep): readonly ReferralReason[] {
  if (body.event !== 'submit' || progress.file === undefined) return []
  return [...basisReasons(progress, at), ...transferReasons(progress)]
}

function departureReasons(
  body: ReferralEvent,
  progress: Progress,
  at: string,
): readonly ReferralReason[] {
  const journey = body.event === 'mark_ready' ? body : progress.plan
  const isDeparture = body.event === 'mark_ready' || body.event === 'depart'
  if (!isDeparture || journey === undefined) return []
  return openGates(progress, journey, at).map(({ reason }) => reason)
}

function submitted(lacks: (facts: ReferralFacts) => boolean): Rule[1] {
  return ({ body, progress }) =>
    body.event === 'submit' && progress.file !== undefined && lacks(progress.file.facts)
}

/** Who may be a victim is referred as one: her file has groups for what happened, and other protection. */
function isVictim({ file }: Progress): boolean {
  const result = file?.stranded?.screening.result
  return result !== undefined && result !== 'NotAVictimOfTrafficking'
}

function receiverOf(body: ReferralEvent): string | undefined {
  return body.event === 'create' || body.event === 'reroute' ? body.receivingAgency : ''
}

function needsReason(body: ReferralEvent): boolean {
  return NEED_A_REASON.some((event) => event === body.event)
}

function hasReason(body: ReferralEvent): boolean {
  return 'reason' in body && body.reason !== undefined
}

/** An emergency is declined by the head of the agency, who says what else helps. */
function isHasty({ body, progress, step }: EventStep): boolean {
  if (body.event !== 'decline' || urgencyOf(progress) !== 'emergency') return false
  return body.alternative === undefined || !step.roles.includes('head:receiving')
}

function isTimeUp({ progress, from, at }: EventStep): boolean {
  const due = respondBy(progress, from, at)
  return due === undefined || at >= due
}

function isReleased({ progress, step }: EventStep): boolean {
  return progress.legs.some(
    (leg) => leg.legType === 'cross_border' && isReleasePending(progress, leg, step.statement.iat),
  )
}

function isAtRisk(facts: ReferralFacts | undefined): boolean {
  const level = facts?.safety?.riskLevel
  return level !== undefined && EVACUATED.includes(level)
}

function isWithoutOutcome(body: ReferralEvent): boolean {
  if (body.event === 'close_deceased') return body.outcome !== 'deceased'
  const isEnd = body.event === 'close' || body.event === 'close_missing'
  return isEnd && body.outcome === undefined
}

function isCaseOwner({ progress, step }: EventStep): boolean {
  const { file } = progress
  const { agency, officer } = step.author
  return file?.agency === agency && file.facts.routing.caseOwner === officer
}

function isReunitedUnasked({ body, progress }: EventStep): boolean {
  if (body.event !== 'close' || body.outcome !== 'family_reunified') return false
  return (
    body.familyEnquiry !== 'yes' && progress.file !== undefined && mayBeChild(progress.file.facts)
  )
}
