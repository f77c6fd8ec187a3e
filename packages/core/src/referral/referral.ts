/**
 * A referral as it stands: computed from its verified statements in the order in which a node knows them.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referral
 */
import { AmanaError } from '../errors.ts'
import { type CodeOf } from '../messages/code-lists.ts'
import { type ReferralEvent } from '../messages/referral-event.ts'
import { type Deadline, readClock } from './clocks.ts'
import { custodianOf, judgeCustody } from './custody-step.ts'
import { judgeEvent } from './event-step.ts'
import { judgeFile } from './file-step.ts'
import { type Journey, openGates, type OpenGate } from './gates.ts'
import { hoursBetween } from './instants.ts'
import { isAgreement } from './joint-acts.ts'
import { type Effect, type Outcome, refuse } from './outcome.ts'
import { stoppingWithdrawals } from './person.ts'
import {
  beginProgress,
  type CustodyLeg,
  type Emergency,
  type Heard,
  type Progress,
  type Proposal,
  readStep,
  type ReferralTask,
  responsibleAgency,
  type Step,
  type ToldAct,
  type Waiver,
} from './progress.ts'
import { type ReferralReason, type StepWarning } from './reasons.ts'
import { placeOf, type ReferralStatement, stepName } from './statement.ts'
import { confirmTold, judgeRecord } from './record-step.ts'
import { inCausalOrder } from './causal-order.ts'
import { judgeTask } from './task-step.ts'
import { type AnyState, TO_BE_READY } from './table.ts'

/** One statement of a referral, and what became of it. */
export interface ReferralStep {
  readonly statement: string
  /** Name of the event; `file`, `release`, `receipt`, `task_request` and `task_answer` for the other kinds. */
  readonly event: string
  readonly occurredAt: string
  readonly by: { readonly agency: string; readonly organisation: string; readonly officer: string }
  /** State after it. */
  readonly state: AnyState
  readonly effect: Effect | 'refused'
  /** Why it is refused; empty when it stands. */
  readonly refused: readonly ReferralReason[]
  readonly warnings: readonly StepWarning[]
}

/** A proposal that waits for the other half. */
export interface PendingProposal {
  readonly statement: string
  readonly event: string
  readonly agency: string
  readonly occurredAt: string
  /** Seconds since 1970. */
  readonly exp: number
}

/** A referral as it stands. */
export interface Referral {
  readonly reference: string
  /** Its statements are marked `test:data`, all of them. */
  readonly exercise?: true
  readonly state: AnyState
  readonly sending?: string
  readonly receiving?: string
  /** The agency that is responsible for the person now. */
  readonly responsible?: string
  readonly urgency?: CodeOf<'urgency'>
  readonly referralKind?: CodeOf<'referralKind'>
  readonly caseOwner?: string
  /** Digest of the version of the file that is in force. */
  readonly file?: string
  readonly updatedAt?: string
  /** Who has the person; `receipt` is the statement that proves it, and absent where only the file says so. */
  readonly custodian?: ReturnType<typeof custodianOf>
  readonly custody: readonly CustodyLeg[]
  readonly steps: readonly ReferralStep[]
  readonly pending: readonly PendingProposal[]
  readonly tasks: readonly ReferralTask[]
  readonly waivers: readonly Waiver[]
  /** What stops a departure now; empty once the person has left, and for a service. */
  readonly openGates: readonly OpenGate[]
  readonly emergency?: Emergency
  /** Acts that were told; what is not confirmed waits for a signature. */
  readonly told: readonly ToldAct[]
  /** What was last heard from the way. */
  readonly heard?: Heard
  /** Scopes whose withdrawal stands and stops the referral. */
  readonly withdrawn: readonly CodeOf<'consentScope'>[]
  readonly deadlines: readonly Deadline[]
  /** Days on which somebody asks how the person is. */
  readonly followUps: readonly Deadline[]
}

const SKEW_HOURS = 5 / 60

/**
 * The referral as it stands after `statements`, which are those of this reference in the order in which the node knows
 * them, verified and opened; they are read in causal order, and a digest that comes again is passed over. `now` (an instant as in messages) moves clocks and
 * gates only, never the state.
 *
 * @throws WIRE_SCHEMA when a statement is of no kind of a referral, its groups do not fit, or it has no author
 */
export function computeReferral(
  reference: string,
  statements: readonly ReferralStatement[],
  now: string,
): Referral {
  const { progress, steps } = replay(reference, statements)
  return viewOf(progress, steps, now)
}

/**
 * Judges a statement before it is sent: as the next one after `statements`, by one who knows them all.
 *
 * @throws REFERRAL_REFUSED with every reason
 * @throws WIRE_SCHEMA as `computeReferral`
 */
export function judgeStep(
  reference: string,
  statements: readonly ReferralStatement[],
  statement: ReferralStatement,
): ReferralStep {
  const { progress } = replay(reference, statements)
  const acknowledges = statements.map(({ digest }) => digest)
  const { step } = takeStep(progress, { ...statement, acknowledges })
  if (step.refused.length === 0) return step
  throw new AmanaError('REFERRAL_REFUSED', { event: step.event, reasons: step.refused })
}

/** What is known after statements, and what became of each. */
export interface Replay {
  readonly progress: Progress
  readonly steps: readonly ReferralStep[]
}

/** Reads the statements of a referral in causal order. @throws WIRE_SCHEMA as `computeReferral` */
export function replay(reference: string, statements: readonly ReferralStatement[]): Replay {
  const steps: ReferralStep[] = []
  let progress = beginProgress(reference)
  for (const statement of inCausalOrder(statements)) {
    const taken = takeStep(progress, statement)
    steps.push(taken.step)
    progress = taken.progress
  }
  return { progress, steps }
}

function takeStep(
  progress: Progress,
  statement: ReferralStatement,
): { readonly progress: Progress; readonly step: ReferralStep } {
  const step = readStep(progress, statement)
  const outcome = judge(progress, step)
  const stands = 'progress' in outcome
  const next = noted(stands ? outcome.progress : progress, step, stands)
  return {
    progress: next,
    step: {
      statement: statement.digest,
      event: stepName(step.content, statement.relates),
      occurredAt: step.occurredAt,
      by: {
        agency: step.author.agency,
        organisation: step.author.organisation,
        officer: step.author.officer,
      },
      state: next.state,
      effect: stands ? outcome.effect : 'refused',
      refused: stands ? [] : outcome.reasons,
      warnings: warningsOf(progress, step),
    },
  }
}

function judge(progress: Progress, step: Step): Outcome {
  const { content } = step
  if (placeOf(content).referral !== progress.reference) return refuse(['other_referral'])
  if (isMixed(progress, step)) return refuse(['exercise_mixed'])
  if (content.type === 'file') return judgeFile(progress, step, content)
  if (content.type === 'event') return judgeEvent(progress, step, content.body)
  if (content.type === 'custody') return judgeCustody(progress, step, content.body)
  if ('task' in content) return judgeTask(progress, step, content)
  return judgeRecord(progress, step, content)
}

/** An exercise and a real case never meet in one referral: what stands first decides which it is. */
function isMixed({ exercise }: Progress, { statement }: Step): boolean {
  return exercise !== undefined && exercise !== (statement.exercise === true)
}

/** What every statement leaves behind, whether it stands or not: its place, and that it agrees with another. */
function noted(
  progress: Progress,
  { statement, content, author, occurredAt }: Step,
  stands: boolean,
): Progress {
  const { sequence } = placeOf(content)
  const { digest } = statement
  const places = new Map(progress.places).set(author.agency, { sequence, digest })
  const agreements = isAgreement(statement.relates)
    ? new Set(progress.agreements).add(digest)
    : progress.agreements
  const exercise = progress.exercise ?? statement.exercise === true
  const latestAt = stands ? { exercise, latestAt: occurredAt } : {}
  const order = progress.order + 1
  const known = { ...progress, places, agreements, order, ...latestAt }
  const act = {
    act: stepName(content, statement.relates),
    agency: author.agency,
    occurredAt,
    statement: digest,
  }
  return confirmTold(known, act)
}

function warningsOf(
  progress: Progress,
  { content, author, occurredAt }: Step,
): readonly StepWarning[] {
  const last = progress.places.get(author.agency)
  const { sequence, previous } = placeOf(content)
  const warnings: StepWarning[] = []
  if (sequence !== (last?.sequence ?? 0) + 1) warnings.push('sequence_gap')
  if (previous !== last?.digest) warnings.push('previous_differs')
  const { latestAt } = progress
  if (latestAt !== undefined && hoursBetween(occurredAt, latestAt) > SKEW_HOURS) {
    warnings.push('clock_skew')
  }
  return warnings
}

function viewOf(progress: Progress, steps: readonly ReferralStep[], now: string): Referral {
  const { reference, state, file, legs, tasks, waivers, told } = progress
  const clocks = progress.clocks.map((clock) => readClock(clock, now))
  return {
    reference,
    state,
    custody: legs,
    steps,
    pending: pendingOf(progress),
    tasks,
    waivers,
    told,
    openGates: TO_BE_READY.includes(state) ? gatesAt(progress, now) : [],
    withdrawn: [...new Set(stoppingWithdrawals(progress, now).map(({ scope }) => scope))],
    deadlines: clocks.filter(({ clock }) => clock !== 'follow_up'),
    followUps: clocks.filter(({ clock }) => clock === 'follow_up'),
    ...partiesOf(progress),
    ...(file === undefined ? {} : fileOf(file)),
  }
}

function partiesOf(progress: Progress): Partial<Referral> {
  const { exercise, sending, receiving, emergency, latestAt, heard } = progress
  const responsible = responsibleAgency(progress)
  const custodian = custodianOf(progress)
  return {
    ...(exercise === true ? { exercise } : {}),
    ...(sending === undefined ? {} : { sending }),
    ...(receiving === undefined ? {} : { receiving }),
    ...(responsible === undefined ? {} : { responsible }),
    ...(custodian === undefined ? {} : { custodian }),
    ...(emergency === undefined ? {} : { emergency }),
    ...(heard === undefined ? {} : { heard }),
    ...(latestAt === undefined ? {} : { updatedAt: latestAt }),
  }
}

function fileOf({ digest, facts }: NonNullable<Progress['file']>): Partial<Referral> {
  const { urgency, referralKind, caseOwner } = facts.routing
  return { file: digest, urgency, referralKind, caseOwner }
}

/** Proposals that an agreement could still complete. */
function pendingOf({ proposals, legs }: Progress): readonly PendingProposal[] {
  const received = new Set(
    legs.filter(({ status }) => status === 'received').map((leg) => leg.release),
  )
  return [...proposals.values()]
    .filter(
      ({ statement, withdrawnBy }) => withdrawnBy === undefined && !received.has(statement.digest),
    )
    .map(({ statement, content, occurredAt }) => ({
      statement: statement.digest,
      event: stepName(content),
      agency: statement.signers[0]?.agency ?? '',
      occurredAt,
      exp: statement.exp ?? 0,
    }))
}

/** The gates by the journey that is agreed or proposed; without one, by a departure at `now` with nobody beside her. */
function gatesAt(progress: Progress, now: string): readonly OpenGate[] {
  if (progress.file?.facts.routing.referralKind === 'service') return []
  const journey: Journey = progress.plan ??
    proposedJourney([...progress.proposals.values()]) ?? { escorts: [], plannedArrival: now }
  return openGates(progress, journey, now)
}

function proposedJourney(proposals: readonly Proposal[]): Journey | undefined {
  const bodies = proposals.map(({ content }) =>
    content.type === 'event' ? content.body : undefined,
  )
  return bodies.findLast(isMarkReady)
}

function isMarkReady(
  body: ReferralEvent | undefined,
): body is Extract<ReferralEvent, { readonly event: 'mark_ready' }> {
  return body?.event === 'mark_ready'
}
