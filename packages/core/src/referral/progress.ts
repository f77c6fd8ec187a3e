/**
 * What is known of a referral while its statements are read one after another. Nothing of it is stored: the same
 * statements in the same order give the same.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#what-the-machine-sees
 */
import { AmanaError } from '../errors.ts'
import { type CodeOf } from '../messages/code-lists.ts'
import { type HandoverReceipt } from '../messages/handover-receipt.ts'
import { type ReferralEvent } from '../messages/referral-event.ts'
import { type ReferralFacts } from '../messages/victim-referral.ts'
import { type Clock } from './clocks.ts'
import { type SoftGate } from './reasons.ts'
import {
  type Assessment,
  type CheckIn,
  type ConsentStatement,
  placeOf,
  readContent,
  type ReferralContent,
  type ReferralSigner,
  type ReferralStatement,
  type StrandedFile,
} from './statement.ts'
import { type AnyState, type Side, type SidedRole } from './table.ts'

/** The newest version of the file. */
export interface FileInForce {
  readonly digest: string
  /** What it says, with what newer assessments found. */
  readonly facts: ReferralFacts
  /** What it says itself. */
  readonly own: ReferralFacts
  /** What it says beside, where the person is stranded. */
  readonly stranded?: StrandedFile
  /** The agency whose officer made this version; its officers’ ids are those of the case owner. */
  readonly agency: string
  readonly occurredAt: string
  /** Its place among the statements. */
  readonly order: number
}

/** One half of a joint act that waits for the other. */
export interface Proposal {
  readonly statement: ReferralStatement
  readonly content: ReferralContent
  readonly occurredAt: string
  /** The statement by which its own agency took it back. */
  readonly withdrawnBy?: string
}

/** A statement that another may or may not have known of, and its agency. */
export interface Recorded {
  readonly statement: string
  readonly agency: string
}

/** A consent that the person took back. */
export interface Withdrawal {
  readonly scope: CodeOf<'consentScope'>
  readonly occurredAt: string
  readonly order: number
  /** Absent where the file itself says so. */
  readonly recordedBy?: Recorded
}

/** What an assessment found; fitness only where a clinician signed it. */
export interface RecordedAssessment {
  readonly said: Assessment
  readonly by: string
  readonly order: number
}

/** A consent that was recorded by itself, not in the file. */
export interface RecordedConsent {
  readonly record: ConsentStatement['consent']
  readonly order: number
}

/** A signed act, for what was told of it before. */
export interface SignedAct {
  readonly agency: string
  readonly act: string
  readonly occurredAt: string
  readonly statement: string
}

/** An act that was told and not signed. */
export interface ToldAct {
  readonly statement: string
  readonly act: CodeOf<'referralEvent'>
  readonly agency: string
  readonly actAt: string
  readonly readBack: CodeOf<'yesNo'>
  /** The signed act that confirms it. */
  readonly confirmedBy?: string
}

/** What was last heard from the way. */
export interface Heard {
  readonly leg: string
  readonly place: string
  readonly at: string
  readonly incident?: Extract<CheckIn, { readonly well: 'no' }>['incident']['kind']
}

/** A gate that both heads waived for this departure. */
export interface Waiver {
  readonly gate: SoftGate
  readonly reason: string
  readonly occurredAt: string
  readonly proposal: string
  readonly agreement: string
}

/** An evacuation that two declared. */
export interface Emergency {
  readonly declaredAt: string
  readonly destination: string
  readonly proposal: string
  readonly agreement: string
}

/** One change of custody. */
export interface CustodyLeg {
  readonly leg: string
  readonly legType: HandoverReceipt['legType']
  readonly from: HandoverReceipt['from']
  readonly to: HandoverReceipt['to']
  /** `void` when the journey ended otherwise, or the release was taken back. */
  readonly status: 'released' | 'received' | 'void'
  readonly release: string
  readonly releasedAt: string
  readonly receipt?: string
  readonly receivedAt?: string
  /** Whether who let the person go is who was known to have her. */
  readonly continuous: boolean
  /** Whether two receipts were signed for it, or who should have taken the person disputes it. */
  readonly disputed: boolean
  /** The statement by which the other organisation disputes it. */
  readonly dispute?: Recorded
}

/** A travel document or a clearance that was asked for, with its newest status. */
export interface ReferralTask {
  readonly kind: 'travel_document' | 'clearance' | 'service' | 'assistance'
  readonly request: string
  readonly subject: CodeOf<'travelDocType'> | CodeOf<'clearanceType'> | CodeOf<'serviceType'>
  readonly authority: string
  readonly status: CodeOf<'requestStatus'>
  readonly blocker?: CodeOf<'travelDocBlocker'>
  readonly requestedAt: string
  readonly updatedAt: string
  readonly issuedAt?: string
  readonly validUntil?: string
  readonly surrenderedAt?: string
}

/** What `mark_ready` said of the journey. */
export type Plan = Extract<ReferralEvent, { readonly event: 'mark_ready' }>

/** The last place that an agency gave its statements. */
export interface LastPlace {
  readonly sequence: number
  readonly digest: string
}

/** Everything known so far. */
export interface Progress {
  readonly reference: string
  /** Whether its statements are those of an exercise; not known before one stands. */
  readonly exercise?: boolean
  readonly state: AnyState
  readonly sending?: string
  readonly receiving?: string
  readonly file?: FileInForce
  readonly accepted: boolean
  /** The state that a suspension or a disappearance interrupted, and the statement that did. */
  readonly stop?: { readonly from: AnyState; readonly by: Recorded }
  /** When it expired, and out of which state, for an answer that was given in time. */
  readonly expired?: { readonly at: string; readonly from: AnyState }
  readonly handedOverAt?: string
  readonly plan?: Plan
  readonly proposals: ReadonlyMap<string, Proposal>
  /** Digests of all statements that agree with another, whether they stand or not. */
  readonly agreements: ReadonlySet<string>
  readonly waivers: readonly Waiver[]
  readonly withdrawals: readonly Withdrawal[]
  readonly assessments: readonly RecordedAssessment[]
  readonly consents: readonly RecordedConsent[]
  readonly told: readonly ToldAct[]
  readonly acts: readonly SignedAct[]
  readonly heard?: Heard
  readonly emergency?: Emergency
  readonly legs: readonly CustodyLeg[]
  readonly tasks: readonly ReferralTask[]
  /** Requests whose answers say that a court or a prosecutor holds the person. */
  readonly holds: ReadonlySet<string>
  readonly clocks: readonly Clock[]
  readonly places: ReadonlyMap<string, LastPlace>
  /** How many statements were read. */
  readonly order: number
  /** When the newest step that stands happened. */
  readonly latestAt?: string
}

/** A statement with what it says, who wrote it and which roles she has in this referral. */
export interface Step {
  readonly statement: ReferralStatement
  readonly content: ReferralContent
  readonly author: ReferralSigner
  readonly roles: readonly SidedRole[]
  readonly occurredAt: string
}

/** Before the first statement. */
export function beginProgress(reference: string): Progress {
  return {
    reference,
    state: 'none',
    accepted: false,
    proposals: new Map(),
    agreements: new Set(),
    waivers: [],
    withdrawals: [],
    assessments: [],
    consents: [],
    told: [],
    acts: [],
    legs: [],
    tasks: [],
    holds: new Set(),
    clocks: [],
    places: new Map(),
    order: 0,
  }
}

/**
 * Reads a statement as a step of this referral.
 *
 * @throws WIRE_SCHEMA when it is of no kind of a referral, its groups do not fit, or it has no author
 */
export function readStep(progress: Progress, statement: ReferralStatement): Step {
  const content = readContent(statement)
  const author = statement.signers.find(({ act }) => act === 'author')
  if (author === undefined) throw new AmanaError('WIRE_SCHEMA', { path: 'signers' })
  const { occurredAt } = placeOf(content)
  return { statement, content, author, roles: sidedRoles(progress, author), occurredAt }
}

/** The agency that is responsible for the person: the sending one until the hand-over. */
export function responsibleAgency({
  sending,
  receiving,
  handedOverAt,
}: Progress): string | undefined {
  return handedOverAt === undefined ? sending : receiving
}

/** Whether who signed the step knew of another statement: her own agency’s, or one that her dispatch acknowledged. */
export function isKnownTo(
  { author, statement }: Step,
  { agency, statement: digest }: Recorded,
): boolean {
  return agency === author.agency || statement.acknowledges?.includes(digest) === true
}

/** The step as others name it. */
export function recordedBy({ author, statement }: Step): Recorded {
  return { statement: statement.digest, agency: author.agency }
}

/** Whether the author of the step may do what these roles may. */
export function mayDo({ roles }: Step, by: readonly SidedRole[]): boolean {
  return roles.some((role) => by.includes(role))
}

/** The urgency of the file in force; the strictest where there is none. */
export function urgencyOf({ file }: Progress): CodeOf<'urgency'> {
  return file?.facts.routing.urgency ?? 'emergency'
}

function sidedRoles(progress: Progress, { agency, roles }: ReferralSigner): readonly SidedRole[] {
  const side = sideOf(progress, agency)
  return side === undefined ? [] : roles.map((role): SidedRole => `${role}:${side}`)
}

function sideOf({ sending, receiving }: Progress, agency: string): Side | undefined {
  if (agency === sending) return 'sending'
  return agency === receiving ? 'receiving' : undefined
}
