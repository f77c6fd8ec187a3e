/**
 * `referral.assessment/1`: one assessment of needs, of risk, of fitness to travel or of a child’s best interests. It is
 * repeated, and the newest counts; what a clinician finds is signed by her.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referralassessment1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  code,
  codes,
  DaySchema,
  InstantSchema,
  listOf,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
  text,
} from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

const optional = z.exactOptional

const RoutingSchema = z.strictObject({
  ...REFERRAL_PLACE,
  type: code('assessmentType'),
  assessedAt: InstantSchema,
  /** After it, ask again. */
  validUntil: optional(InstantSchema),
})

const SafetySchema = z.strictObject({
  riskLevel: optional(code('riskLevel')),
  measures: optional(NoteSchema),
})

const RiskSchema = z.strictObject({
  factors: optional(
    listOf(
      z.strictObject({
        code: code('riskFactor'),
        domain: code('riskDomain'),
        level: code('riskLevel'),
        note: optional(NoteSchema),
      }),
    ),
  ),
  mitigations: optional(
    listOf(
      z.strictObject({
        factor: code('riskFactor'),
        action: NoteSchema,
        owner: OfficeIdSchema,
        due: DaySchema,
      }),
    ),
  ),
  nextReview: optional(DaySchema),
})

const NeedsSchema = z.strictObject({
  needs: optional(
    listOf(
      z.strictObject({
        service: code('serviceType'),
        priority: code('urgency'),
        detail: optional(NoteSchema),
        due: optional(DaySchema),
      }),
    ),
  ),
  disability: optional(codes('disability')),
  /** Only what the person says of her own accord. */
  dietReligion: optional(NoteSchema),
})

/** An infection stays with who treats it; here is only what protects others. */
const HealthSchema = z.strictObject({
  conditions: optional(text(MESSAGE_LIMITS.narrativeChars)),
  medication: optional(NoteSchema),
  allergies: optional(NoteSchema),
  pregnant: optional(code('yesNoUnknown')),
  infectionControl: optional(NoteSchema),
  consciousness: optional(code('custodyCondition')),
})

const FitnessSchema = z.strictObject({
  fitToTravel: optional(code('yesNo')),
  /** Stretcher, oxygen, nurse, seat: no diagnosis. */
  requirements: optional(listOf(NameSchema)),
})

const ChildSchema = z.strictObject({
  /** Her own words or, where she cannot speak, how her wish was looked for. */
  childViews: optional(NoteSchema),
  familyEnquiry: optional(NoteSchema),
  outcome: optional(code('bestInterests')),
  decisionMaker: optional(NameSchema),
  reviewOn: optional(DaySchema),
})

const ConsentSchema = z.strictObject({
  interpreterUsed: optional(code('yesNo')),
  /** Who was there; nobody who is suspected may be. */
  present: optional(listOf(NameSchema)),
})

/** The groups of `referral.assessment/1`. */
export const ASSESSMENT_GROUPS = {
  routing: RoutingSchema,
  safety: SafetySchema,
  risk: RiskSchema,
  needs: NeedsSchema,
  health: HealthSchema,
  fitness: FitnessSchema,
  child: ChildSchema,
  consent: ConsentSchema,
} as const
