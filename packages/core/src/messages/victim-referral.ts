/**
 * `victim.referral/1`: the file of one person, in groups by who may see them. A group may be empty; the machine of the
 * referral says what must be there at which step.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#victimreferral1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  AgeSchema,
  code,
  codes,
  CountrySchema,
  DaySchema,
  listOf as list,
  NameSchema,
  PartialDaySchema,
  text,
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

/** What happened to her. */
export const ExploitationSchema = z.strictObject({
  traffickingStatus: optional(code('traffickingStatus')),
  statusDecidedBy: optional(code('statusDecisionOrg')),
  statusDecidedOn: optional(DaySchema),
  acts: optional(codes('act')),
  means: optional(codes('meansOfControl')),
  exploitation: optional(codes('exploitationType')),
  /** Stopped before it began: a victim all the same. */
  exploitationIntendedOnly: optional(code('yesNo')),
  recruitmentMethods: optional(codes('recruitmentMethod')),
  ageWhenTrafficked: optional(AgeSchema),
  route: optional(
    list(
      z.strictObject({
        country: CountrySchema,
        place: optional(NameSchema),
        event: z.enum(['recruitment', 'transit', 'exploitation']),
        arrived: optional(PartialDaySchema),
        left: optional(PartialDaySchema),
        mode: optional(code('transportMode')),
      }),
    ),
  ),
  /** Told once, so that nobody must tell it five times. */
  narrative: optional(text(MESSAGE_LIMITS.narrativeChars)),
})

/** What investigators are told. */
export const InvestigationSchema = z.strictObject({
  recruitmentApps: optional(list(NameSchema)),
  exploitationApps: optional(list(NameSchema)),
  /** Never a condition of help: no gate of the machine reads this group. */
  willingToCooperate: optional(code('yesNoUnknown')),
})

/** The groups, in the order in which a form asks for them. */
export const VICTIM_REFERRAL_GROUPS = {
  routing: RoutingSchema,
  person: PersonSchema,
  identity: IdentitySchema,
  safeContact: SafeContactSchema,
  contact: ContactSchema,
  travel: TravelSchema,
  child: ChildSchema,
  safety: SafetySchema,
  risk: RiskSchema,
  needs: NeedsSchema,
  healthSummary: HealthSummarySchema,
  health: HealthSchema,
  fitness: FitnessSchema,
  exploitation: ExploitationSchema,
  investigation: InvestigationSchema,
  consent: ConsentSchema,
  custody: CustodySchema,
  placement: PlacementSchema,
  statistics: StatisticsSchema,
} as const

/** The groups of a referral that its machine reads; a withheld group counts as empty. */
export const ReferralFactsSchema = z.object({
  routing: RoutingSchema,
  person: z.exactOptional(PersonSchema),
  identity: z.exactOptional(IdentitySchema),
  travel: z.exactOptional(TravelSchema),
  child: z.exactOptional(ChildSchema),
  safety: z.exactOptional(SafetySchema),
  risk: z.exactOptional(RiskSchema),
  fitness: z.exactOptional(FitnessSchema),
  consent: z.exactOptional(ConsentSchema),
  custody: z.exactOptional(CustodySchema),
})

/** What the machine knows of the person from the file in force. */
export interface ReferralFacts extends z.output<typeof ReferralFactsSchema> {
  /** A file that says so makes her a child in everything, whatever age it gives. */
  readonly routing: z.output<typeof RoutingSchema> & {
    readonly treatAsChild?: 'no' | 'yes'
  }
}
