/**
 * The field groups of a person’s file that several kinds share, by who may see them. A group may be empty; the machine of
 * the referral says what must be there at which step.
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
  InstantSchema,
  listOf as list,
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

/** Who, how urgent, what kind; never a name, never health. */
export const RoutingSchema = z.strictObject({
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

/** What one calls her, her age and her language. */
export const PersonSchema = z.strictObject({
  /** What the person is called; not her name in a document. */
  calledName: optional(NameSchema),
  ageMin: optional(AgeSchema),
  ageMax: optional(AgeSchema),
  ageBasis: optional(code('ageBasis')),
  gender: optional(code('gender')),
  primaryLanguage: optional(SpokenLanguageSchema),
})

/** Civil identity. */
export const IdentitySchema = z.strictObject({
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

/** How she may be reached, and what may be said. */
export const SafeContactSchema = z.strictObject({
  channel: optional(NameSchema),
  value: optional(ReferenceTextSchema),
  when: optional(NameSchema),
  whoMayAnswer: optional(NameSchema),
  codeWord: optional(NameSchema),
})

/** Where she comes from, and her family. */
export const ContactSchema = z.strictObject({
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

/** What a journey home needs to know. */
export const TravelSchema = z.strictObject({
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

/** What protects a child: guardian, best interests, authorisation. */
export const ChildSchema = z.strictObject({
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

/** The part of risk that who shelters her must know. */
export const SafetySchema = z.strictObject({
  riskLevel: optional(code('riskLevel')),
  assessedAt: optional(InstantSchema),
  measures: optional(NoteSchema),
  /** Who may not be told or let near. Empty is an answer; absent is none. */
  doNotContact: optional(list(z.strictObject({ who: NameSchema, reason: NoteSchema }))),
})

/** Risk factors, and the claim for protection. */
export const RiskSchema = z.strictObject({
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

/** Needs that are not medical. */
export const NeedsSchema = z.strictObject({
  /** No names: a summary is read by more people than a file. */
  summary: optional(NoteSchema),
  otherLanguages: optional(list(SpokenLanguageSchema)),
  interpreterNeeded: optional(code('yesNoUnknown')),
  education: optional(NameSchema),
  requestedServices: optional(codes('serviceType')),
})

/** The part of health that a reception must know. */
export const HealthSummarySchema = z.strictObject({
  condition: optional(code('custodyCondition')),
  /** What a reception must prepare; no diagnosis. */
  summary: optional(NoteSchema),
})

/** Medical content. */
export const HealthSchema = z.strictObject({
  conditions: optional(text(MESSAGE_LIMITS.narrativeChars)),
  allergies: optional(NoteSchema),
  medication: optional(NoteSchema),
})

/** Whether she may travel; no diagnosis. */
export const FitnessSchema = z.strictObject({
  assessment: optional(
    z.strictObject({
      fitToTravel: code('yesNo'),
      assessedAt: InstantSchema,
      /** A clinician whom an agency vouches for. */
      clinician: OfficerIdSchema,
    }),
  ),
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

/** Legal basis and consents. */
export const ConsentSchema = z.strictObject({
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

/** Who has her. */
export const CustodySchema = z.strictObject({ custodian: optional(CustodianSchema) })

/** Where she stays, as a code. */
export const PlacementSchema = z.strictObject({ placeCode: optional(PlaceCodeSchema) })

/** What may be counted. */
export const StatisticsSchema = z.strictObject({ ageBand: optional(code('ageBand')) })
