/**
 * `referral.stranded-migrant/1`: the file of a person who is stranded. It is that of a victim without what happened and
 * what is told to investigators; she is screened before she is referred, and what the screening found is in it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referralstranded-migrant1
 */
import { z } from 'zod'
import {
  code,
  codes,
  InstantSchema,
  LocalIdSchema,
  NoteSchema,
  OfficeIdSchema,
  PartialDaySchema,
  ReferenceTextSchema,
} from './fields.ts'
import {
  ChildSchema,
  ConsentSchema,
  ContactSchema,
  CustodySchema,
  FitnessSchema,
  HealthSchema,
  HealthSummarySchema,
  IdentitySchema,
  NeedsSchema,
  PersonSchema,
  PlacementSchema,
  RiskSchema,
  RoutingSchema,
  SafeContactSchema,
  SafetySchema,
  StatisticsSchema,
  TravelSchema,
} from './person-groups.ts'

const optional = z.exactOptional

/** Who is no victim as far as anybody knows: a victim has a file of her own kind. */
const MigrantRoutingSchema = z.strictObject({
  ...RoutingSchema.shape,
  personCategory: z.enum(['stranded_migrant', 'smuggled_migrant', 'returnee', 'uasc', 'dependant']),
  /** Families stay on one manifest. */
  familyGroup: optional(LocalIdSchema),
})

const MigrantTravelSchema = z.strictObject({
  ...TravelSchema.shape,
  /** Number in a programme of assisted return. */
  returnRegistration: optional(ReferenceTextSchema),
})

const MigrantRiskSchema = z.strictObject({
  ...RiskSchema.shape,
  strandedSince: optional(PartialDaySchema),
  /** Want of means or documents, expulsion, conflict, illness. */
  strandingCause: optional(NoteSchema),
  /** Whether she wishes to return. Anything but `yes` stops a crossing. */
  returnIntention: optional(code('yesNoUnknown')),
  vulnerabilities: optional(codes('riskFactor')),
})

const MigrantNeedsSchema = z.strictObject({
  ...NeedsSchema.shape,
  meansOfSubsistence: optional(NoteSchema),
  returnProvider: optional(OfficeIdSchema),
})

/** Found possible or actual, she is referred as a victim, under the same reference. */
const ScreeningSchema = z.strictObject({
  screenedForTrafficking: z.literal('yes'),
  result: code('traffickingStatus'),
  at: InstantSchema,
})

/** The groups, in the order in which a form asks for them. */
export const STRANDED_MIGRANT_GROUPS = {
  routing: MigrantRoutingSchema,
  person: PersonSchema,
  identity: IdentitySchema,
  safeContact: SafeContactSchema,
  contact: ContactSchema,
  travel: MigrantTravelSchema,
  child: ChildSchema,
  safety: SafetySchema,
  risk: MigrantRiskSchema,
  needs: MigrantNeedsSchema,
  healthSummary: HealthSummarySchema,
  health: HealthSchema,
  fitness: FitnessSchema,
  screening: ScreeningSchema,
  consent: ConsentSchema,
  custody: CustodySchema,
  placement: PlacementSchema,
  statistics: StatisticsSchema,
} as const
