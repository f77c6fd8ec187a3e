/**
 * `victim.referral/1`: the file of one person, in groups by who may see them. A group may be empty; the machine of the
 * referral says what must be there at which step.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#victimreferral1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import { AttachmentsSchema } from './attachments.ts'
import {
  AgeSchema,
  code,
  codes,
  CountrySchema,
  DaySchema,
  InstantSchema,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
  OfficerIdSchema,
  PartialDaySchema,
  PhoneSchema,
  PlaceCodeSchema,
  ReferenceTextSchema,
  SpokenLanguageSchema,
  SubdivisionSchema,
  text,
  TextLanguageSchema,
} from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'
import { ReferralReferenceSchema } from './referral-reference.ts'

const optional = z.exactOptional
const list = <S extends z.ZodType>(schema: S): z.ZodArray<S> =>
  z.array(schema).max(MESSAGE_LIMITS.listItems)

const RoutingSchema = z.strictObject({
  ...REFERRAL_PLACE,
  referralKind: code('referralKind'),
  personCategory: code('personCategory'),
  reason: code('serviceType'),
  urgency: code('urgency'),
  purpose: code('purpose'),
  /** Language of the free texts of the whole file. */
  language: TextLanguageSchema,
  caseOwner: OfficerIdSchema,
  /** Children and companions travel as referrals of their own. */
  dependants: optional(list(ReferralReferenceSchema)),
})

const PersonSchema = z.strictObject({
  /** What the person is called; not her name in a document. */
  calledName: optional(NameSchema),
  ageMin: optional(AgeSchema),
  ageMax: optional(AgeSchema),
  ageBasis: optional(code('ageBasis')),
  gender: optional(code('gender')),
  primaryLanguage: optional(SpokenLanguageSchema),
})

const IdentitySchema = z.strictObject({
  familyName: optional(NameSchema),
  givenNames: optional(NameSchema),
  middleName: optional(NameSchema),
  aliases: optional(list(NameSchema)),
  nameInNativeScript: optional(NameSchema),
  bornOn: optional(PartialDaySchema),
  citizenship: optional(list(CountrySchema)),
  originSubdivision: optional(SubdivisionSchema),
  documentType: optional(NameSchema),
  documentNumber: optional(ReferenceTextSchema),
  maritalStatus: optional(NameSchema),
  numberOfChildren: optional(z.int().min(0).max(MESSAGE_LIMITS.listItems)),
  attachments: optional(AttachmentsSchema),
})

const SafeContactSchema = z.strictObject({
  channel: optional(NameSchema),
  value: optional(ReferenceTextSchema),
  when: optional(NameSchema),
  whoMayAnswer: optional(NameSchema),
  codeWord: optional(NameSchema),
})

const ContactSchema = z.strictObject({
  originDistrict: optional(NameSchema),
  family: optional(
    list(
      z.strictObject({
        name: NameSchema,
        relation: NameSchema,
        phone: optional(PhoneSchema),
        subdivision: optional(SubdivisionSchema),
        /** Whether the family knows what happened. */
        knows: code('yesNoUnknown'),
      }),
    ),
  ),
})

const TravelSchema = z.strictObject({
  citizenshipConfirmed: optional(code('yesNoUnknown')),
  /** Whether the country that the person leaves asks for a clearance. */
  clearanceRequired: optional(code('yesNo')),
  proposedReception: optional(OfficeIdSchema),
})

const BestInterestsSchema = z.strictObject({
  outcome: z.enum(['return', 'stay', 'third_country', 'undecided']),
  /** The child’s own words or, where she cannot speak, how her wish was looked for. */
  childViews: NoteSchema,
  assessedAt: InstantSchema,
})

const ChildSchema = z.strictObject({
  guardianName: optional(NameSchema),
  guardianRelation: optional(NameSchema),
  /** `yes`, `unknown` and `not_asked` alike: the guardian’s consent may not be used. */
  guardianSuspected: optional(code('yesNoUnknown')),
  legalRepresentative: optional(OfficeIdSchema),
  bestInterests: optional(BestInterestsSchema),
  /** Authority that authorised the return, and its reference. */
  authorisation: optional(
    z.strictObject({
      authority: OfficeIdSchema,
      reference: ReferenceTextSchema,
      at: InstantSchema,
    }),
  ),
})

const SafetySchema = z.strictObject({
  riskLevel: optional(code('riskLevel')),
  assessedAt: optional(InstantSchema),
  measures: optional(NoteSchema),
  /** Who may not be told or let near. Empty is an answer; absent is none. */
  doNotContact: optional(list(z.strictObject({ who: NameSchema, reason: NoteSchema }))),
})

const RiskSchema = z.strictObject({
  factors: optional(
    list(
      z.strictObject({
        code: code('riskFactor'),
        domain: code('riskDomain'),
        level: code('riskLevel'),
      }),
    ),
  ),
  /** Fear of return or wish for asylum. Anything but `no` stops a return. */
  protectionClaim: optional(code('yesNoUnknown')),
  migrationStatus: optional(code('migrationStatus')),
})

const NeedsSchema = z.strictObject({
  /** No names: a summary is read by more people than a file. */
  summary: optional(NoteSchema),
  otherLanguages: optional(list(SpokenLanguageSchema)),
  interpreterNeeded: optional(code('yesNoUnknown')),
  education: optional(NameSchema),
  requestedServices: optional(codes('serviceType')),
})

const HealthSummarySchema = z.strictObject({
  condition: optional(code('custodyCondition')),
  /** What a reception must prepare; no diagnosis. */
  summary: optional(NoteSchema),
})

const HealthSchema = z.strictObject({
  conditions: optional(text(MESSAGE_LIMITS.narrativeChars)),
  allergies: optional(NoteSchema),
  medication: optional(NoteSchema),
})

const FitnessSchema = z.strictObject({
  assessment: optional(
    z.strictObject({
      fitToTravel: code('yesNo'),
      assessedAt: InstantSchema,
      /** A clinician whom an agency vouches for. */
      clinician: OfficerIdSchema,
    }),
  ),
})

const ExploitationSchema = z.strictObject({
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

const InvestigationSchema = z.strictObject({
  recruitmentApps: optional(list(NameSchema)),
  exploitationApps: optional(list(NameSchema)),
  /** Never a condition of help: no gate of the machine reads this group. */
  willingToCooperate: optional(code('yesNoUnknown')),
})

/** One consent, one scope. Never a bundle. */
const ConsentRecordSchema = z.strictObject({
  scope: code('consentScope'),
  status: code('consentStatus'),
  recorded: InstantSchema,
  recipientRole: optional(NameSchema),
  givenBy: optional(code('consentGivenBy')),
  medium: optional(code('consentMedium')),
  witness: optional(OfficerIdSchema),
  language: optional(SpokenLanguageSchema),
  /** Digest of the very text that was read out. */
  notice: optional(ReferenceTextSchema),
  understood: optional(code('yesNo')),
  expiresAt: optional(InstantSchema),
  /** Who found that the person cannot consent, where `status` is `not_possible`. */
  clinician: optional(OfficerIdSchema),
})

const ConsentSchema = z.strictObject({
  legalBasis: optional(code('legalBasis')),
  transferBasis: optional(code('transferBasis')),
  /** Why a basis other than consent was taken. */
  justification: optional(NoteSchema),
  consents: optional(list(ConsentRecordSchema)),
})

const CustodianSchema = z.strictObject({
  organisation: OfficeIdSchema,
  type: code('custodianType'),
  since: optional(PartialDaySchema),
})

const CustodySchema = z.strictObject({ custodian: optional(CustodianSchema) })

const PlacementSchema = z.strictObject({ placeCode: optional(PlaceCodeSchema) })

const StatisticsSchema = z.strictObject({ ageBand: optional(code('ageBand')) })

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
export interface ReferralFacts extends z.output<typeof ReferralFactsSchema> {}
