/**
 * What is recorded of a person, of her way and of what was told, as steps: none of them moves the referral forward, and a
 * withdrawal among them stops it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#records
 */
import { checkInClocks, type Clock, endClocks, startClock } from './clocks.ts'
import { type Cause, recordWithdrawal, stopWithdrawn } from './event-effects.ts'
import { factsWith } from './facts.ts'
import { addHours, hoursBetween } from './instants.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import {
  mayDo,
  type Progress,
  recordedBy,
  type SignedAct,
  type Step,
  type ToldAct,
  urgencyOf,
} from './progress.ts'
import { type ReferralReason } from './reasons.ts'
import { type RecordContent } from './statement.ts'
import { type AnyState, RECORD_ROLES } from './table.ts'

type ContentOf<T extends RecordContent['type']> = Extract<RecordContent, { readonly type: T }>

const HANDED_OVER: readonly AnyState[] = ['handed_over', 'in_care', 'closed', 'missing']
/** A told act and the signed one are the same when no more than a day lies between. */
const SAME_ACT_HOURS = 24
const CONFIRMED_BY = new Map([['hand_over', 'receipt']])

/** Judges a record. */
export function judgeRecord(progress: Progress, step: Step, content: RecordContent): Outcome {
  const reasons = [...roleReasons(step, content), ...placeReasons(progress, step, content)]
  return reasons.length > 0 ? refuse(reasons) : accept(progress, recorded(progress, step, content))
}

/** The signed act takes the place of what was told of it. */
export function confirmTold(progress: Progress, act: SignedAct): Progress {
  const acts = [...progress.acts, act]
  const index = progress.told.findIndex((entry) => confirms(entry, act))
  if (index === -1) return { ...progress, acts }
  const confirmed = progress.told.map((each, place) =>
    place === index ? { ...each, confirmedBy: act.statement } : each,
  )
  const request = confirmed[index]?.statement
  const clocks = endClocks(progress.clocks, (clock) => isToldClock(clock, request), {
    at: act.occurredAt,
    as: 'done',
  })
  return { ...progress, acts, told: confirmed, clocks }
}

/** Only a clinician finds somebody fit to travel; everything else is recorded by who has the role for its kind. */
function roleReasons(step: Step, content: RecordContent): readonly ReferralReason[] {
  const needsClinician =
    content.type === 'assessment' && content.said.fitness?.fitToTravel !== undefined
  const by = needsClinician ? RECORD_ROLES.fitness : RECORD_ROLES[content.type]
  return mayDo(step, by) ? [] : ['wrong_role']
}

function placeReasons(
  progress: Progress,
  { author }: Step,
  content: RecordContent,
): readonly ReferralReason[] {
  if (content.type === 'told') {
    return content.body.agency === author.agency ? ['same_agency'] : []
  }
  if (content.type === 'consent') {
    const isAlone = content.said.consent.secondOrganisation === author.organisation
    return isAlone ? ['same_organisation'] : []
  }
  if (progress.file === undefined) return ['file_missing']
  const isEarly = content.type === 'follow_up' && !HANDED_OVER.includes(progress.state)
  return isEarly ? ['wrong_state'] : []
}

function recorded(progress: Progress, step: Step, content: RecordContent): Progress {
  if (content.type === 'assessment') return assessed(progress, step, content)
  if (content.type === 'consent') return consented(progress, step, content)
  if (content.type === 'follow_up') return followedUp(progress, step, content)
  if (content.type === 'escort_plan') return planned(progress, content)
  if (content.type === 'told') return noteTold(progress, step, content)
  return checkedIn(progress, step, content)
}

function assessed(
  progress: Progress,
  { author }: Step,
  { said }: ContentOf<'assessment'>,
): Progress {
  const assessment = { said, by: author.officer, order: progress.order }
  const assessments = [...progress.assessments, assessment]
  const { file } = progress
  if (file === undefined) return { ...progress, assessments }
  return { ...progress, assessments, file: { ...file, facts: factsWith(file.own, assessments) } }
}

/** What is done without her consent is looked at by a second officer, who approves it at once or records it again. */
function consented(progress: Progress, step: Step, { said }: ContentOf<'consent'>): Progress {
  const { scope, status } = said.consent
  const at = step.occurredAt
  const consents = [...progress.consents, { record: said.consent, order: progress.order }]
  const cause: Cause = { at, by: recordedBy(step) }
  const known = { ...progress, consents, clocks: reviewClocks(progress, step, said.consent) }
  if (status !== 'withdrawn') return known
  return stopWithdrawn(recordWithdrawal(known, scope, cause), cause)
}

function reviewClocks(
  { clocks, file }: Progress,
  { author, statement, occurredAt: at }: Step,
  { scope, status }: ContentOf<'consent'>['said']['consent'],
): readonly Clock[] {
  const own = `${scope} ${author.agency} ${author.officer}`
  const waits = ({ clock, request, endedAt }: Clock): boolean =>
    clock === 'consent_review' &&
    endedAt === undefined &&
    request !== own &&
    request?.startsWith(`${scope} `) === true
  if (clocks.some((clock) => waits(clock))) return endClocks(clocks, waits, { at, as: 'done' })
  const isWithout = status === 'not_relied_on' || status === 'not_possible'
  const isApproved = statement.signers.some(
    ({ act, officer }) => act === 'approve' && officer !== author.officer,
  )
  if (!isWithout || isApproved) return clocks
  const urgency = file?.facts.routing.urgency ?? 'emergency'
  return [...clocks, startClock({ clock: 'consent_review', at, urgency, request: own })]
}

function followedUp(progress: Progress, step: Step, { said }: ContentOf<'follow_up'>): Progress {
  const { dueOn } = said.routing
  const clocks = endClocks(
    progress.clocks,
    ({ clock, dueAt }) => clock === 'follow_up' && dueAt.startsWith(dueOn),
    { at: step.occurredAt, as: 'done' },
  )
  return { ...progress, clocks }
}

function planned(progress: Progress, { said }: ContentOf<'escort_plan'>): Progress {
  const instants = (said.custody.checkIns ?? []).map(({ at }) => at)
  return { ...progress, clocks: [...progress.clocks, ...checkInClocks(instants)] }
}

function noteTold(progress: Progress, step: Step, { body }: ContentOf<'told'>): Progress {
  const { act, agency, actAt, readBack } = body
  const entry: ToldAct = { statement: step.statement.digest, act, agency, actAt, readBack }
  const signed = progress.acts.find((known) => confirms(entry, known))
  if (signed !== undefined) {
    return { ...progress, told: [...progress.told, { ...entry, confirmedBy: signed.statement }] }
  }
  const request = entry.statement
  const urgency = urgencyOf(progress)
  const clock = startClock({ clock: 'told', at: step.occurredAt, urgency, request })
  return { ...progress, told: [...progress.told, entry], clocks: [...progress.clocks, clock] }
}

/** A word from the way answers for every instant before it, and for the one that is next within the hour. */
function checkedIn(
  progress: Progress,
  { occurredAt: at }: Step,
  { body }: ContentOf<'check_in'>,
): Progress {
  const clocks = endClocks(
    progress.clocks,
    ({ clock, startedAt }) => clock === 'check_in' && startedAt <= addHours(at, 1),
    { at, as: 'done' },
  )
  const { leg, place } = body
  const incident = body.well === 'no' ? { incident: body.incident.kind } : {}
  const isNewest = progress.heard === undefined || progress.heard.at <= at
  return { ...progress, clocks, ...(isNewest ? { heard: { leg, place, at, ...incident } } : {}) }
}

function confirms(entry: ToldAct, { agency, act, occurredAt }: SignedAct): boolean {
  const expected = CONFIRMED_BY.get(entry.act) ?? entry.act
  return (
    entry.confirmedBy === undefined &&
    entry.agency === agency &&
    expected === act &&
    Math.abs(hoursBetween(entry.actAt, occurredAt)) <= SAME_ACT_HOURS
  )
}

function isToldClock({ clock, request }: Clock, statement: string | undefined): boolean {
  return clock === 'told' && request === statement
}
