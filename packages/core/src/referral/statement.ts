/**
 * What the machine sees of a statement: verified elsewhere, opened, with its signers and what the roster says of them.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#what-the-machine-sees
 */
import { z } from 'zod'
import { HandoverReceiptSchema, type HandoverReceipt } from '../messages/handover-receipt.ts'
import { type Relation } from '../messages/message.ts'
import { ReferralEventSchema, type ReferralEvent } from '../messages/referral-event.ts'
import { type ReferralPlace, ReferralPlaceSchema } from '../messages/referral-place.ts'
import { CLEARANCE_GROUPS, TRAVEL_DOCUMENT_GROUPS } from '../messages/tasks.ts'
import { ReferralFactsSchema, type ReferralFacts } from '../messages/victim-referral.ts'
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

/** A request for a travel document, or an answer to one. */
export interface TravelTask extends z.output<typeof TravelTaskSchema> {}
/** A request for a clearance, or an answer to one. */
export interface ClearanceTask extends z.output<typeof ClearanceTaskSchema> {}

/** What a statement says, by its kind. */
export type ReferralContent =
  | { readonly type: 'file'; readonly file: ReferralFacts }
  | { readonly type: 'event'; readonly body: ReferralEvent }
  | { readonly type: 'custody'; readonly body: HandoverReceipt }
  | { readonly type: 'travel'; readonly task: TravelTask }
  | { readonly type: 'clearance'; readonly task: ClearanceTask }

/** The reference of the referral that a message of `kind` is about; none for other kinds. */
export function referralReferenceOf(kind: string, groups: unknown): string | undefined {
  const group = PLACE_GROUP.get(kind)
  const parsed = z.record(z.string(), z.unknown()).safeParse(groups)
  if (group === undefined || !parsed.success) return undefined
  return ReferralPlaceSchema.safeParse(parsed.data[group]).data?.referral
}

const PLACE_GROUP: ReadonlyMap<string, string> = new Map([
  ['victim.referral/1', 'routing'],
  ['referral.event/1', 'body'],
  ['handover.receipt/1', 'body'],
  ['task.travel-document/1', 'routing'],
  ['task.clearance/1', 'routing'],
])

/**
 * What `statement` says.
 *
 * @throws WIRE_SCHEMA when it is of no kind of a referral or its groups do not fit
 */
export function readContent({ kind, groups }: ReferralStatement): ReferralContent {
  switch (kind) {
    case 'victim.referral/1':
      return { type: 'file', file: read(ReferralFactsSchema, groups) }
    case 'referral.event/1':
      return { type: 'event', body: read(ReferralEventSchema, groups['body']) }
    case 'handover.receipt/1':
      return { type: 'custody', body: read(HandoverReceiptSchema, groups['body']) }
    case 'task.travel-document/1':
      return { type: 'travel', task: read(TravelTaskSchema, groups) }
    case 'task.clearance/1':
      return { type: 'clearance', task: read(ClearanceTaskSchema, groups) }
    default:
      throw new AmanaError('WIRE_SCHEMA', { path: 'kind' })
  }
}

/** Name of the step that a statement is. */
export function stepName(content: ReferralContent): string {
  if (content.type === 'file') return 'file'
  if (content.type === 'event') return content.body.event
  if (content.type === 'custody') return content.body.act
  return `task_${content.task.routing.act}`
}

/** When it happened, to which referral, and its place among its agency’s statements. */
export function placeOf(content: ReferralContent): ReferralPlace {
  if (content.type === 'file') return content.file.routing
  if (content.type === 'event' || content.type === 'custody') return content.body
  return content.task.routing
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new AmanaError('WIRE_SCHEMA', { path: (parsed.error.issues[0]?.path ?? []).join('.') })
}
