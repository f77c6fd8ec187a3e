/**
 * Why a step of a referral is refused, what is remarked about one that stands, and the names of the gates before
 * departure: codes only; the sentences are in the vocabulary package.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reasons
 */

/** Every reason, in the order of the specification. */
export const REFERRAL_REASONS = [
  'other_referral',
  'exercise_mixed',
  'file_missing',
  'file_in_force',
  'wrong_state',
  'wrong_role',
  'wrong_organisation',
  'screening_missing',
  'identity_missing',
  'no_contact_unanswered',
  'share_consent_missing',
  'guardian_unclear',
  'justification_missing',
  'transfer_basis_missing',
  'risk_missing',
  'screening_positive',
  'question_missing',
  'reason_missing',
  'reception_unnamed',
  'head_and_alternative_needed',
  'too_early',
  'never_accepted',
  'best_interests_missing',
  'return_consent_missing',
  'return_not_wished',
  'consent_withdrawn',
  'protection_claim_open',
  'travel_document_missing',
  'judicial_hold',
  'escort_missing',
  'escort_unvetted',
  'female_escort_missing',
  'clearance_missing',
  'fitness_missing',
  'reception_missing',
  'risk_outdated',
  'release_missing',
  'same_officer',
  'same_organisation',
  'same_agency',
  'proposal_without_expiry',
  'proposal_unknown',
  'proposal_expired',
  'proposal_differs',
  'proposal_withdrawn',
  'agreement_not_single',
  'agreement_of_agreement',
  'hard_gate',
  'emergency_undeclared',
  'risk_too_low',
  'destination_missing',
  'crosses_border',
  'leg_disputed',
  'arrival_unconfirmed',
  'outcome_missing',
  'person_not_informed',
  'case_owner',
  'family_enquiry_missing',
  'not_a_service',
  'cause_not_cleared',
  'already_accepted',
  'request_unknown',
  'status_unfit',
] as const

/** A reason for which a step is refused. */
export type ReferralReason = (typeof REFERRAL_REASONS)[number]

/** What is remarked about a step, whether it stands or not; nothing is refused for it. */
export const STEP_WARNINGS = ['sequence_gap', 'previous_differs', 'clock_skew'] as const

/** A remark about a step. */
export type StepWarning = (typeof STEP_WARNINGS)[number]

/** Gates before departure that nobody may waive. */
export const HARD_GATES = [
  'acceptance',
  'return_basis',
  'protection_claim',
  'travel_document',
  'judicial_hold',
  'escort',
] as const

/** Gates before departure that both heads together may waive, with a reason. */
export const SOFT_GATES = [
  'escort_gender',
  'clearance',
  'fitness',
  'reception',
  'risk_age',
] as const

/** A gate that may be waived. */
export type SoftGate = (typeof SOFT_GATES)[number]

/** A gate before departure. */
export type Gate = (typeof HARD_GATES)[number] | SoftGate

/** Whether `gate` may be waived. */
export function isSoftGate(gate: string): gate is SoftGate {
  return SOFT_GATES.some((soft) => soft === gate)
}
