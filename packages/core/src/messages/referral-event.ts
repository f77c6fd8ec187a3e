/**
 * `referral.event/1`: one step in the life of a referral, with the data that the step needs. What must be there for the
 * step to stand is decided by the machine of the referral, which refuses by code; the form here is only what may be said.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referralevent1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  code,
  InstantSchema,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
  OfficerIdSchema,
} from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

const optional = z.exactOptional

/** One who accompanies the person; with an officer’s id, an agency vouches for her. */
export const EscortSchema = z.strictObject({
  organisation: OfficeIdSchema,
  officer: optional(OfficerIdSchema),
  gender: code('gender'),
})

/** Where the person is expected. */
export const ReceptionSchema = z.strictObject({
  organisation: OfficeIdSchema,
  /** What was reserved: a bed, a ward. */
  bed: NameSchema,
  metBy: OfficeIdSchema,
  meetingPlace: NameSchema,
})

const escorts = z.array(EscortSchema).max(MESSAGE_LIMITS.escorts)

function step<E extends string, M extends z.ZodRawShape>(event: E, members: M) {
  return z.strictObject({ ...REFERRAL_PLACE, event: z.literal(event), ...members })
}

const MovementEvents = [
  step('prepare', {}),
  step('mark_ready', {
    plannedArrival: InstantSchema,
    escorts,
    reception: optional(ReceptionSchema),
  }),
  step('start_service', {}),
  step('depart', {}),
  step('start_care', { arrivalConfirmed: code('yesNo') }),
  step('declare_emergency', {
    destination: optional(OfficeIdSchema),
    legType: code('legType'),
    escorts,
  }),
  step('waive_gate', { gate: NameSchema, reason: optional(NoteSchema) }),
  step('withdraw_consent', { scope: code('consentScope') }),
] as const

const AgreementEvents = [
  step('create', {
    receivingAgency: OfficeIdSchema,
    screening: optional(
      z.strictObject({ result: code('traffickingStatus'), at: optional(InstantSchema) }),
    ),
  }),
  step('submit', {}),
  step('acknowledge', {}),
  step('request_info', { question: optional(NoteSchema) }),
  step('provide_info', { answer: optional(NoteSchema) }),
  step('accept', { receptionOrganisation: optional(OfficeIdSchema) }),
  step('decline', {
    reason: optional(code('declineReason')),
    alternative: optional(NoteSchema),
  }),
  step('reroute', { receivingAgency: OfficeIdSchema }),
  step('expire', {}),
] as const

const EndEvents = [
  step('close', {
    outcome: optional(code('closureOutcome')),
    personInformed: code('yesNo'),
    familyEnquiry: code('yesNo'),
  }),
  step('reopen', { reason: optional(NoteSchema) }),
  step('cancel', { reason: optional(code('cancelReason')) }),
  step('suspend', { reason: optional(code('suspendReason')) }),
  step('resume', { causeCleared: code('yesNo') }),
  step('resume_early', { causeCleared: code('yesNo') }),
  step('report_missing', {}),
  step('found', {}),
  step('close_missing', { outcome: optional(code('closureOutcome')) }),
  step('close_deceased', { outcome: optional(code('closureOutcome')) }),
] as const

/** The one group of `referral.event/1`. */
export const ReferralEventSchema = z.discriminatedUnion('event', [
  ...AgreementEvents,
  ...MovementEvents,
  ...EndEvents,
])

/** A step in the life of a referral. */
export type ReferralEvent = z.output<typeof ReferralEventSchema>

/** Name of a step that this kind carries; `hand_over` is not among them, it is a hand-over receipt. */
export type ReferralEventName = ReferralEvent['event']

/** The groups of `referral.event/1`. */
export const REFERRAL_EVENT_GROUPS = { body: ReferralEventSchema } as const
