/**
 * The executable model of the design, on the table that is published with it: states, events, roles and guards of a
 * referral without signatures, links and time zones. What the machine does is held against it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#table
 */
import { z } from 'zod'
import { readJson } from './repository.ts'

const TableSchema = z.object({
  states: z.array(z.string()),
  softGates: z.array(z.string()),
  transitions: z.array(
    z.object({
      event: z.string(),
      from: z.array(z.string()),
      to: z.string(),
      who: z.array(z.string()),
      guards: z.array(z.string()),
    }),
  ),
})

/** The table of the model. */
export const MODEL = TableSchema.parse(readJson('test/vectors/messages/state-machine.json'))

/** What the model knows of a person and her referral; milliseconds since 1970. */
export interface ModelReferral {
  state: string
  accepted: boolean
  readonly kind: string
  readonly ageMin: number
  readonly isIdentified: boolean
  readonly noContactAnswered: boolean
  readonly hasRisk: boolean
  readonly riskAt: number
  readonly shares: boolean
  readonly guardianClear: boolean
  readonly returns: boolean
  readonly bestInterests: boolean
  readonly protectionClaim: string
  readonly documentUntil: number
  readonly hasClearance: boolean
  readonly fitAt: number
}

/** What is done, by whom, and what is said with it. */
export interface ModelStep {
  readonly event: string
  readonly roles: readonly string[]
  readonly now: number
  readonly deadline: number
  readonly saysWhy: boolean
  readonly hasReception: boolean
  readonly escorts: readonly string[]
  readonly plannedArrival: number
  readonly isReleased: boolean
}

const HOUR = 3_600_000
type Guard = (referral: ModelReferral, step: ModelStep) => boolean

const isChild = ({ ageMin }: ModelReferral): boolean => ageMin < 18

/** One guard of the model a name; true lets the step pass. */
const GUARDS: Readonly<Record<string, Guard>> = {
  g_screened: (_referral, { saysWhy }) => saysWhy,
  g_minimum: ({ isIdentified }) => isIdentified,
  g_basis: (referral) => referral.shares && (!isChild(referral) || referral.guardianClear),
  g_risk: ({ hasRisk }) => hasRisk,
  g_noContactAnswered: ({ noContactAnswered }) => noContactAnswered,
  g_question: (_referral, { saysWhy }) => saysWhy,
  g_reason: (_referral, { saysWhy }) => saysWhy,
  g_receptionNamed: (_referral, { saysWhy }) => saysWhy,
  g_seniorIfEmergency: () => true,
  g_timedOut: (_referral, { now, deadline }) => now >= deadline,
  g_returnBasis: (referral) => (isChild(referral) ? referral.bestInterests : referral.returns),
  g_noProtectionClaim: ({ protectionClaim }) => protectionClaim === 'no',
  g_travelDoc: ({ documentUntil }, { plannedArrival, now }) =>
    documentUntil >= Math.max(plannedArrival, now),
  g_clearance: ({ hasClearance }) => hasClearance,
  g_fit: ({ fitAt }, { now }) => now - fitAt <= 72 * HOUR,
  g_reception: (_referral, { hasReception }) => hasReception,
  g_escort: (_referral, { escorts }) => escorts.includes('Feminine'),
  g_riskFresh: ({ riskAt }, { now }) => now - riskAt <= 14 * 24 * HOUR,
  g_noJudicialHold: () => true,
  g_release: (_referral, { isReleased }) => isReleased,
  g_consentStillValid: (referral) => isChild(referral) || referral.returns,
  g_twoSignatures: () => true,
  g_differentOrg: () => true,
  g_arrivalConfirmed: (_referral, { saysWhy }) => saysWhy,
  g_outcome: (_referral, { saysWhy }) => saysWhy,
  g_personInformed: (_referral, { saysWhy }) => saysWhy,
  g_notCaseOwner: () => true,
  g_familyAssessedIfChild: () => true,
  g_isService: ({ kind }) => kind === 'service',
  g_causeCleared: (_referral, { saysWhy }) => saysWhy,
  g_wasAccepted: ({ accepted }) => accepted,
  g_wasNotAccepted: ({ accepted }) => !accepted,
}

/** Does the step in the model; whether it stands. */
export function stepModel(referral: ModelReferral, step: ModelStep): boolean {
  const row = MODEL.transitions.find(
    ({ event, from }) => event === step.event && from.includes(referral.state),
  )
  if (row === undefined || !row.who.some((who) => step.roles.includes(who))) return false
  if (!row.guards.every((guard) => GUARDS[guard]?.(referral, step) === true)) return false
  referral.state = row.to
  if (step.event === 'accept') referral.accepted = true
  if (step.event === 'reroute') referral.accepted = false
  return true
}

/** Names of guards that the model has no function for. */
export function unknownGuards(): readonly string[] {
  return MODEL.transitions
    .flatMap(({ guards }) => guards)
    .filter((guard) => !Object.hasOwn(GUARDS, guard))
}
