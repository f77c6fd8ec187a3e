/**
 * The gates before departure: what must be there before a person crosses the border, and what is still missing.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#gates
 */
import { REFERRAL_TERMS_HOURS } from '../limits/messages.ts'
import { type ReferralFacts } from '../messages/victim-referral.ts'
import { addHours, later } from './instants.ts'
import { isFeminine, mayBeChild, returnReasons } from './person.ts'
import { type Plan, type Progress, type ReferralTask } from './progress.ts'
import { type Gate, isSoftGate, type ReferralReason } from './reasons.ts'

/** The part of `mark_ready` that the gates read. */
export type Journey = Pick<Plan, 'escorts' | 'plannedArrival' | 'reception'>

/** A gate that is not passed. */
export interface OpenGate {
  readonly gate: Gate
  readonly reason: ReferralReason
  /** Whether both heads may waive it. */
  readonly waivable: boolean
}

interface Crossing {
  readonly progress: Progress
  readonly facts: ReferralFacts
  readonly journey: Journey
  readonly at: string
}

type Check = (crossing: Crossing) => readonly ReferralReason[]

/** Every gate with its check, in the order of the specification. */
const CHECKS: readonly (readonly [Gate, Check])[] = [
  ['acceptance', ({ progress }) => unless(progress.accepted, 'never_accepted')],
  ['return_basis', ({ progress, at }) => returnReasons(progress, at)],
  [
    'protection_claim',
    ({ facts }) => unless(facts.risk?.protectionClaim === 'no', 'protection_claim_open'),
  ],
  ['travel_document', (crossing) => unless(hasDocument(crossing), 'travel_document_missing')],
  ['judicial_hold', ({ progress }) => unless(progress.holds.size === 0, 'judicial_hold')],
  ['escort', ({ facts, journey }) => escortReasons(facts, journey)],
  ['escort_gender', ({ facts, journey }) => escortGenderReasons(facts, journey)],
  ['clearance', ({ progress, at }) => clearanceReasons(progress, at)],
  ['fitness', ({ facts, at }) => unless(isFit(facts, at), 'fitness_missing')],
  ['reception', ({ journey }) => unless(journey.reception !== undefined, 'reception_missing')],
  ['risk_age', ({ facts, at }) => unless(isRiskFresh(facts, at), 'risk_outdated')],
]

/** The gates that a departure at `at` would not pass, waivers taken into account. */
export function openGates(progress: Progress, journey: Journey, at: string): readonly OpenGate[] {
  const facts = progress.file?.facts
  if (facts === undefined) return []
  const waived = new Set<Gate>(progress.waivers.map(({ gate }) => gate))
  return CHECKS.filter(([gate]) => !waived.has(gate)).flatMap(([gate, check]) =>
    check({ progress, facts, journey, at }).map((reason) => ({
      gate,
      reason,
      waivable: isSoftGate(gate),
    })),
  )
}

/** Why a person may not leave for want of a clearance, at `at`. */
export function clearanceReasons(progress: Progress, at: string): readonly ReferralReason[] {
  if (progress.file?.facts.travel?.clearanceRequired === 'no') return []
  const asked = progress.tasks.filter(
    ({ kind, status }) => kind === 'clearance' && status !== 'cancelled',
  )
  return unless(
    asked.length > 0 && asked.every((task) => task.status === 'fulfilled' && isValid(task, at)),
    'clearance_missing',
  )
}

function unless(holds: boolean, reason: ReferralReason): readonly ReferralReason[] {
  return holds ? [] : [reason]
}

function isValid({ issuedAt, validUntil }: ReferralTask, at: string): boolean {
  return (
    (issuedAt === undefined || issuedAt <= at) && (validUntil === undefined || validUntil >= at)
  )
}

/** Issued, still held by the person, and valid until she has arrived. */
function hasDocument({ progress, journey, at }: Crossing): boolean {
  return progress.tasks.some(
    ({ kind, status, issuedAt, validUntil, surrenderedAt }) =>
      kind === 'travel_document' &&
      status === 'fulfilled' &&
      surrenderedAt === undefined &&
      issuedAt !== undefined &&
      issuedAt <= at &&
      validUntil !== undefined &&
      validUntil >= later(journey.plannedArrival, at),
  )
}

/** Somebody comes along; a child is never alone with one adult for whom no agency vouches. */
function escortReasons(facts: ReferralFacts, { escorts }: Journey): readonly ReferralReason[] {
  if (escorts.length === 0) return ['escort_missing']
  const isAloneWithOne = escorts.length === 1 && escorts[0]?.officer === undefined
  return unless(!(mayBeChild(facts) && isAloneWithOne), 'escort_unvetted')
}

function escortGenderReasons(
  facts: ReferralFacts,
  { escorts }: Journey,
): readonly ReferralReason[] {
  const needsWoman = mayBeChild(facts) || isFeminine(facts.person?.gender)
  const hasWoman = escorts.some(({ gender }) => isFeminine(gender))
  return unless(!needsWoman || hasWoman || escorts.length === 0, 'female_escort_missing')
}

function isFit({ fitness }: ReferralFacts, at: string): boolean {
  const { fitToTravel, assessedAt } = fitness?.assessment ?? {}
  return (
    fitToTravel === 'yes' &&
    assessedAt !== undefined &&
    isWithin(assessedAt, at, REFERRAL_TERMS_HOURS.fitToTravel)
  )
}

function isRiskFresh({ safety }: ReferralFacts, at: string): boolean {
  const assessedAt = safety?.assessedAt
  return assessedAt !== undefined && isWithin(assessedAt, at, REFERRAL_TERMS_HOURS.riskAssessment)
}

function isWithin(assessedAt: string, at: string, hours: number): boolean {
  return assessedAt <= at && at <= addHours(assessedAt, hours)
}
