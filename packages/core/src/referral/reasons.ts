/**
 * Why a step of a referral is refused, and the names of the gates before departure: codes only; the sentences are in the
 * vocabulary package.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reasons
 */

/** Every reason, in the order of the specification. */
export const REFERRAL_REASONS = [
  'other_referral',
  'file_missing',
  'file_in_force',
  'wrong_state',
  'wrong_role',
  'screening_missing',
  'identity_missing',
  'no_contact_unanswered',
  'share_consent_missing',
  'guardian_unclear',
  'justification_missing',
  'risk_missing',
  'question_missing',
  'reason_missing',
  'reception_unnamed',
  'head_and_alternative_needed',
  'too_early',
  'best_interests_missing',
  'return_consent_missing',
  'protection_claim_open',
  'travel_document_missing',
  'clearance_missing',
  'fitness_missing',
  'reception_missing',
  'female_escort_missing',
  'risk_outdated',
  'judicial_hold',
  'release_missing',
  'consent_withdrawn',
  'same_officer',
  'same_organisation',
  'same_agency',
  'proposal_without_expiry',
  'proposal_unknown',
  'proposal_expired',
  'proposal_differs',
  'hard_gate',
  'emergency_undeclared',
  'risk_too_low',
  'destination_missing',
  'escort_missing',
  'crosses_border',
  'leg_disputed',
  'arrival_unconfirmed',
  'outcome_missing',
  'person_not_informed',
  'case_owner',
  'family_enquiry_missing',
  'not_a_service',
  'cause_not_cleared',
  'never_accepted',
  'already_accepted',
  'request_unknown',
] as const

/** A reason for which a step is refused. */
export type ReferralReason = (typeof REFERRAL_REASONS)[number]

/** Gates before departure that both heads together may waive, with a reason; the others never. */
export const SOFT_GATES = ['escort', 'risk_age', 'fitness', 'reception', 'clearance'] as const

/** A gate that may be waived. */
export type SoftGate = (typeof SOFT_GATES)[number]

/** Whether `gate` may be waived. */
export function isSoftGate(gate: string): gate is SoftGate {
  return SOFT_GATES.some((soft) => soft === gate)
}
