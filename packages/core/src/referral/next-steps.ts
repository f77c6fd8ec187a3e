/**
 * What may be done next in a referral, by whom, and what is still missing for it: each event is judged with everything
 * that its signer can say filled in, so that what remains is what she cannot say.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#next-steps
 */
import { DigestSchema } from '../crypto/digest.ts'
import { CODE_LISTS } from '../messages/code-lists.ts'
import {
  type ReferralEvent,
  type ReferralEventName,
  ReferralEventSchema,
} from '../messages/referral-event.ts'
import { judgeEvent } from './event-step.ts'
import { isReleasePending } from './joint-acts.ts'
import { type Progress, type Proposal, readStep } from './progress.ts'
import { type ReferralReason, SOFT_GATES } from './reasons.ts'
import { replay } from './referral.ts'
import { type ReferralSigner, type ReferralStatement } from './statement.ts'
import { type AnyState, JOINT_EVENTS, type MoveName, type Side, TRANSITIONS } from './table.ts'

/** Who asks, as the newest roster of the own agency has her; an agency alone has no roles. */
export interface Asker {
  readonly agency: string
  readonly organisation: string
  readonly officer: string
  readonly roles: readonly string[]
  /** When the step would happen, an instant as in messages. */
  readonly at: string
  /** When it would be signed, seconds since 1970. */
  readonly iat: number
}

/** An event that the state allows. */
export interface NextStep {
  readonly event: MoveName
  /** Whether the officer who asks has a role for it. */
  readonly mine: boolean
  /** Who may sign it. */
  readonly by: readonly { readonly agency: string; readonly roles: readonly string[] }[]
  /** The state that it leads to, where it leads to another one. */
  readonly to?: AnyState
  /** Two do it together: whether this would be the first half or the second, and of which proposal. */
  readonly joint?:
    | { readonly part: 'proposal' }
    | { readonly part: 'agreement'; readonly proposal: string }
  /** What stops it and cannot be said in the step itself; empty when it could be signed now. */
  readonly missing: readonly ReferralReason[]
}

/** The place that an agency's next statement takes in a referral. */
export interface NextPlace {
  readonly sequence: number
  readonly previous?: string
}

/** Seconds that a proposal has to be open for at least, so that it is one. */
const A_WHILE = 60

/** @throws WIRE_SCHEMA as `computeReferral` */
export function nextPlaceOf(
  reference: string,
  statements: readonly ReferralStatement[],
  agency: string,
): NextPlace {
  const last = replay(reference, statements).progress.places.get(agency)
  return last === undefined
    ? { sequence: 1 }
    : { sequence: last.sequence + 1, previous: last.digest }
}

/**
 * The events that the state allows to anybody, those of the asker first, each in the order of the table. A withdrawal of
 * consent is always possible and is not among them.
 *
 * @throws WIRE_SCHEMA as `computeReferral`
 */
export function nextSteps(
  reference: string,
  statements: readonly ReferralStatement[],
  asker: Asker,
): readonly NextStep[] {
  const { progress } = replay(reference, statements)
  const known = statements.map(({ digest }) => digest)
  const steps = EVENTS.flatMap((event) => stepOf(progress, event, { asker, known }) ?? [])
  return [...steps.filter(({ mine }) => mine), ...steps.filter(({ mine }) => !mine)]
}

interface Asked {
  readonly asker: Asker
  /** Digests of all statements: whoever asks now knows them. */
  readonly known: readonly string[]
}

const EVENTS = CODE_LISTS.referralEvent.filter((event) => event !== 'withdraw_consent')
const TEXT = '…'
/** Another organisation than any that is known. */
const ELSEWHERE = 'zz.elsewhere'

function stepOf(progress: Progress, event: MoveName, asked: Asked): NextStep | undefined {
  const by = signersOf(progress, event, asked.asker)
  const [first] = by
  if (first === undefined) return undefined
  const { asker } = asked
  const mine = by.some(
    ({ agency, roles }) =>
      agency === asker.agency && roles.some((role) => asker.roles.includes(role)),
  )
  const author = mine ? asker : { ...first, organisation: first.agency, officer: '' }
  const found =
    event === 'hand_over'
      ? handOver(progress, asker.iat)
      : judged(progress, event, { ...asked, author })
  return found === undefined ? undefined : { event, mine, by, ...found }
}

/** By side; the own agency first. Before there is a file, who asks would be the sending one. */
function signersOf(progress: Progress, event: MoveName, { agency }: Asker): NextStep['by'] {
  const sending = progress.sending ?? (progress.file === undefined ? agency : undefined)
  const agencies: readonly (readonly [Side, string | undefined])[] = [
    ['sending', sending],
    ['receiving', progress.receiving],
  ]
  return agencies
    .flatMap(([side, id]) => {
      const roles = TRANSITIONS[event].by
        .filter((role) => role.endsWith(`:${side}`))
        .map((role) => role.slice(0, -side.length - 1))
      return id === undefined || roles.length === 0 ? [] : [{ agency: id, roles }]
    })
    .toSorted((one, other) => Number(other.agency === agency) - Number(one.agency === agency))
}

type Found = Omit<NextStep, 'event' | 'mine' | 'by'>

/** A receipt, judged by its own rules: what can be said before it is that nobody let the person go. */
function handOver(progress: Progress, iat: number): Found | undefined {
  if (!TRANSITIONS.hand_over.from.includes(progress.state)) return undefined
  const isReleased = progress.legs.some(
    (leg) => leg.legType === 'cross_border' && isReleasePending(progress, leg, iat),
  )
  return { to: 'handed_over', missing: isReleased ? [] : ['release_missing'] }
}

type Author = Pick<ReferralSigner, 'agency' | 'organisation' | 'officer' | 'roles'>

function judged(
  progress: Progress,
  event: ReferralEventName,
  { asker, author, known }: Asked & { readonly author: Author },
): Found | undefined {
  const proposal = proposalOf(progress, event, { ...asker, agency: author.agency })
  const isJoint = JOINT_EVENTS.has(event)
  const body = proposal?.body ?? filledIn(progress, event, asker.at)
  const step = readStep(progress, {
    digest: '',
    kind: 'referral.event/1',
    iat: asker.iat,
    relates: proposal === undefined ? [] : [proposal.link],
    signers: [{ act: 'author', ...signerOf(author) }],
    acknowledges: known,
    groups: { body },
    ...(isJoint ? { exp: asker.iat + A_WHILE } : {}),
  })
  const outcome = judgeEvent(progress, step, body)
  const joint = isJoint ? { joint: proposal?.joint ?? FIRST_HALF } : {}
  if ('progress' in outcome)
    return { missing: [], ...leadsTo(progress, outcome.progress.state), ...joint }
  const { reasons: missing } = outcome
  if (missing.includes('wrong_state')) return undefined
  return { missing, ...leadsTo(progress, TRANSITIONS[event].to), ...joint }
}

const FIRST_HALF = { part: 'proposal' } as const

function leadsTo({ state }: Progress, to: AnyState | undefined): { readonly to?: AnyState } {
  return to === undefined || to === state ? {} : { to }
}

function signerOf({ agency, organisation, officer, roles }: Author): Author {
  return { agency, organisation, officer, roles }
}

/** The other agency's half that waits, so that this would be the second. */
function proposalOf(
  { proposals }: Progress,
  event: ReferralEventName,
  { agency, at, iat }: Pick<Asker, 'agency' | 'at' | 'iat'>,
) {
  const found = [...proposals.values()].findLast(
    (one) => eventOf(one) === event && isOpen(one, iat) && agencyOf(one) !== agency,
  )
  if (found?.content.type !== 'event') return undefined
  const { digest } = found.statement
  return {
    body: { ...found.content.body, occurredAt: at },
    link: { digest: DigestSchema.parse(digest), relation: 'agrees' } as const,
    joint: { part: 'agreement', proposal: digest } as const,
  }
}

function isOpen({ statement, withdrawnBy }: Proposal, iat: number): boolean {
  return withdrawnBy === undefined && (statement.exp ?? 0) > iat
}

function eventOf({ content }: Proposal): string | undefined {
  return content.type === 'event' ? content.body.event : undefined
}

function agencyOf({ statement }: Proposal): string | undefined {
  return statement.signers[0]?.agency
}

/** The event with everything in it that its signer can say. */
function filledIn(progress: Progress, event: ReferralEventName, at: string): ReferralEvent {
  const { reference: referral, plan } = progress
  const reception = { organisation: ELSEWHERE, bed: TEXT, metBy: ELSEWHERE, meetingPlace: TEXT }
  const escorts = [{ organisation: ELSEWHERE, officer: 'o', gender: 'Feminine' }]
  const members: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    create: { receivingAgency: ELSEWHERE, screening: { result: 'PossibleVictimOfTrafficking' } },
    request_info: { question: TEXT },
    provide_info: { answer: TEXT },
    accept: { receptionOrganisation: ELSEWHERE },
    decline: { reason: 'other', alternative: TEXT },
    reroute: { receivingAgency: ELSEWHERE },
    mark_ready: { plannedArrival: plan?.plannedArrival ?? at, escorts, reception },
    start_care: { arrivalConfirmed: 'yes' },
    declare_emergency: { destination: ELSEWHERE, legType: 'in_country_evacuation', escorts },
    waive_gate: { gate: SOFT_GATES[0], reason: TEXT },
    close: { outcome: 'reintegrated', personInformed: 'yes', familyEnquiry: 'yes' },
    close_missing: { outcome: 'lost_contact' },
    close_deceased: { outcome: 'deceased' },
    reopen: { reason: TEXT },
    cancel: { reason: 'other' },
    suspend: { reason: 'security' },
    resume: { causeCleared: 'yes' },
    resume_early: { causeCleared: 'yes' },
  }
  const place = { referral, occurredAt: at, sequence: 1 }
  return ReferralEventSchema.parse({ ...place, event, ...members[event] })
}
