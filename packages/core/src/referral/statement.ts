/**
 * What the machine sees of a statement: verified elsewhere, opened, with its signers and what the roster says of them.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#what-the-machine-sees
 */
import { z } from 'zod'
import { ASSESSMENT_GROUPS } from '../messages/assessment.ts'
import { CheckInSchema } from '../messages/check-in.ts'
import { CONSENT_GROUPS } from '../messages/consent-record.ts'
import { ESCORT_PLAN_GROUPS } from '../messages/escort-plan.ts'
import { FOLLOW_UP_GROUPS } from '../messages/follow-up.ts'
import { HandoverReceiptSchema, type HandoverReceipt } from '../messages/handover-receipt.ts'
import { type Relation } from '../messages/message.ts'
import { ReferralEventSchema, type ReferralEvent } from '../messages/referral-event.ts'
import { type ReferralPlace, ReferralPlaceSchema } from '../messages/referral-place.ts'
import { ASSISTANCE_GROUPS, SERVICE_GROUPS } from '../messages/service.ts'
import { STRANDED_MIGRANT_GROUPS } from '../messages/stranded-migrant.ts'
import { CLEARANCE_GROUPS, TRAVEL_DOCUMENT_GROUPS } from '../messages/tasks.ts'
import { type Told, ToldSchema } from '../messages/told.ts'
import { ReferralFactsSchema, type ReferralFacts } from '../messages/victim-referral.ts'
import { VICTIM_REFERRAL_2_GROUPS } from '../messages/victim-referral-2.ts'
import { AmanaError } from '../errors.ts'

/** One who signed, as the agency’s roster has her at the time of signing. */
export interface ReferralSigner {
  readonly act: 'author' | 'approve'
  readonly agency: string
  readonly organisation: string
  readonly officer: string
  readonly roles: readonly string[]
}

/** A verified statement of a referral with its opened groups; a withheld group is absent. */
export interface ReferralStatement {
  readonly digest: string
  readonly kind: string
  /** Seconds since 1970. */
  readonly iat: number
  /** Seconds since 1970; a proposal has it. */
  readonly exp?: number
  readonly relates: readonly Relation[]
  readonly signers: readonly ReferralSigner[]
  /** Digests of the other agency’s statements that the dispatch carrying this one acknowledged, where that is known. */
  readonly acknowledges?: readonly string[]
  /** Marked `test:data`: nothing in it is about a real person. */
  readonly exercise?: true
  readonly groups: Readonly<Record<string, unknown>>
}

const TravelTaskSchema = z.object({
  routing: TRAVEL_DOCUMENT_GROUPS.routing,
  travel: z.exactOptional(TRAVEL_DOCUMENT_GROUPS.travel),
})
const ClearanceTaskSchema = z.object({
  routing: CLEARANCE_GROUPS.routing,
  travel: z.exactOptional(CLEARANCE_GROUPS.travel),
})

const ServiceTaskSchema = z.object({ routing: SERVICE_GROUPS.routing })
const AssistanceTaskSchema = z.object({ routing: ASSISTANCE_GROUPS.routing })
const AssessmentSchema = z.object({
  routing: ASSESSMENT_GROUPS.routing,
  safety: z.exactOptional(ASSESSMENT_GROUPS.safety),
  fitness: z.exactOptional(ASSESSMENT_GROUPS.fitness),
  child: z.exactOptional(ASSESSMENT_GROUPS.child),
})
const ConsentSchema = z.object(CONSENT_GROUPS)
const FollowUpSchema = z.object({ routing: FOLLOW_UP_GROUPS.routing })
const EscortPlanSchema = z.object({
  routing: ESCORT_PLAN_GROUPS.routing,
  custody: ESCORT_PLAN_GROUPS.custody,
})
const Victim2FileSchema = z.object({
  ...ReferralFactsSchema.shape,
  routing: VICTIM_REFERRAL_2_GROUPS.routing,
  identity: z.exactOptional(VICTIM_REFERRAL_2_GROUPS.identity),
  travel: z.exactOptional(VICTIM_REFERRAL_2_GROUPS.travel),
})
const StrandedFileSchema = z.object({
  ...ReferralFactsSchema.shape,
  routing: STRANDED_MIGRANT_GROUPS.routing,
  travel: z.exactOptional(STRANDED_MIGRANT_GROUPS.travel),
  risk: z.exactOptional(STRANDED_MIGRANT_GROUPS.risk),
  screening: STRANDED_MIGRANT_GROUPS.screening,
})

/** A request for a service, or an answer to one. */
export interface ServiceTask extends z.output<typeof ServiceTaskSchema> {}
/** A request for emergency assistance, or an answer to one. */
export interface AssistanceTask extends z.output<typeof AssistanceTaskSchema> {}
/** What the machine reads of an assessment. */
export interface Assessment extends z.output<typeof AssessmentSchema> {}
/** What a person said to one scope. */
export interface ConsentStatement extends z.output<typeof ConsentSchema> {}
/** What the machine reads of a follow-up. */
export interface FollowUp extends z.output<typeof FollowUpSchema> {}
/** What the machine reads of an escort plan. */
export interface EscortPlan extends z.output<typeof EscortPlanSchema> {}
/** The file of who is stranded. */
export interface StrandedFile extends z.output<typeof StrandedFileSchema> {}
/** What who escorts the person said on the way. */
export type CheckIn = z.output<typeof CheckInSchema>

/** A request for a travel document, or an answer to one. */
export interface TravelTask extends z.output<typeof TravelTaskSchema> {}
/** A request for a clearance, or an answer to one. */
export interface ClearanceTask extends z.output<typeof ClearanceTaskSchema> {}

/** What a statement says, by its kind. */
export type ReferralContent =
  | { readonly type: 'file'; readonly file: ReferralFacts; readonly stranded?: StrandedFile }
  | { readonly type: 'event'; readonly body: ReferralEvent }
  | { readonly type: 'custody'; readonly body: HandoverReceipt }
  | { readonly type: 'travel'; readonly task: TravelTask }
  | { readonly type: 'clearance'; readonly task: ClearanceTask }
  | { readonly type: 'service'; readonly task: ServiceTask }
  | { readonly type: 'assistance'; readonly task: AssistanceTask }
  | RecordContent

/** What is recorded of the person, of her way, and of what was told. */
export type RecordContent =
  | { readonly type: 'assessment'; readonly said: Assessment }
  | { readonly type: 'consent'; readonly said: ConsentStatement }
  | { readonly type: 'follow_up'; readonly said: FollowUp }
  | { readonly type: 'escort_plan'; readonly said: EscortPlan }
  | { readonly type: 'told'; readonly body: Told }
  | { readonly type: 'check_in'; readonly body: CheckIn }

/** The reference of the referral that a message of `kind` is about; none for other kinds. */
export function referralReferenceOf(kind: string, groups: unknown): string | undefined {
  const group = PLACE_GROUP.get(kind)
  const parsed = z.record(z.string(), z.unknown()).safeParse(groups)
  if (group === undefined || !parsed.success) return undefined
  return ReferralPlaceSchema.safeParse(parsed.data[group]).data?.referral
}

/** Whether the machine of referrals reads messages of a kind. */
export function isOfReferral(kind: string): boolean {
  return PLACE_GROUP.has(kind)
}

const PLACE_GROUP: ReadonlyMap<string, string> = new Map([
  ['victim.referral/1', 'routing'],
  ['victim.referral/2', 'routing'],
  ['referral.event/1', 'body'],
  ['handover.receipt/1', 'body'],
  ['task.travel-document/1', 'routing'],
  ['task.clearance/1', 'routing'],
  ['task.service/1', 'routing'],
  ['task.assistance/1', 'routing'],
  ['referral.stranded-migrant/1', 'routing'],
  ['referral.assessment/1', 'routing'],
  ['referral.consent/1', 'routing'],
  ['referral.follow-up/1', 'routing'],
  ['referral.told/1', 'body'],
  ['handover.escort-plan/1', 'routing'],
  ['handover.check-in/1', 'body'],
])

/**
 * What `statement` says.
 *
 * @throws WIRE_SCHEMA when it is of no kind of a referral or its groups do not fit
 */
export function readContent({ kind, groups }: ReferralStatement): ReferralContent {
  const reader = READERS.get(kind)
  if (reader === undefined) throw new AmanaError('WIRE_SCHEMA', { path: 'kind' })
  return reader(groups)
}

type Groups = ReferralStatement['groups']

const READERS: ReadonlyMap<string, (groups: Groups) => ReferralContent> = new Map<
  string,
  (groups: Groups) => ReferralContent
>([
  ['victim.referral/1', (groups) => ({ type: 'file', file: read(ReferralFactsSchema, groups) })],
  ['victim.referral/2', (groups) => ({ type: 'file', file: read(Victim2FileSchema, groups) })],
  ['referral.stranded-migrant/1', strandedContent],
  ['referral.event/1', ({ body }) => ({ type: 'event', body: read(ReferralEventSchema, body) })],
  [
    'handover.receipt/1',
    ({ body }) => ({ type: 'custody', body: read(HandoverReceiptSchema, body) }),
  ],
  [
    'task.travel-document/1',
    (groups) => ({ type: 'travel', task: read(TravelTaskSchema, groups) }),
  ],
  [
    'task.clearance/1',
    (groups) => ({ type: 'clearance', task: read(ClearanceTaskSchema, groups) }),
  ],
  ['task.service/1', (groups) => ({ type: 'service', task: read(ServiceTaskSchema, groups) })],
  [
    'task.assistance/1',
    (groups) => ({ type: 'assistance', task: read(AssistanceTaskSchema, groups) }),
  ],
  [
    'referral.assessment/1',
    (groups) => ({ type: 'assessment', said: read(AssessmentSchema, groups) }),
  ],
  ['referral.consent/1', (groups) => ({ type: 'consent', said: read(ConsentSchema, groups) })],
  ['referral.follow-up/1', (groups) => ({ type: 'follow_up', said: read(FollowUpSchema, groups) })],
  ['referral.told/1', ({ body }) => ({ type: 'told', body: read(ToldSchema, body) })],
  [
    'handover.escort-plan/1',
    (groups) => ({ type: 'escort_plan', said: read(EscortPlanSchema, groups) }),
  ],
  ['handover.check-in/1', ({ body }) => ({ type: 'check_in', body: read(CheckInSchema, body) })],
])

function strandedContent(groups: Groups): ReferralContent {
  const stranded = read(StrandedFileSchema, groups)
  return { type: 'file', file: stranded, stranded }
}

/** Name of the step that a statement is, with its links. */
export function stepName(
  content: ReferralContent,
  relates: ReferralStatement['relates'] = [],
): string {
  if (content.type === 'event') return content.body.event
  if (content.type === 'custody') {
    const isAnswer = relates.some(({ relation }) => relation === 'answers')
    return isAnswer && content.body.act === 'receipt' ? 'dispute' : content.body.act
  }
  return 'task' in content ? `task_${content.task.routing.act}` : content.type
}

/** When it happened, to which referral, and its place among its agency’s statements. */
export function placeOf(content: ReferralContent): ReferralPlace {
  if (content.type === 'file') return content.file.routing
  if ('task' in content) return content.task.routing
  return 'body' in content ? content.body : content.said.routing
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new AmanaError('WIRE_SCHEMA', { path: (parsed.error.issues[0]?.path ?? []).join('.') })
}
