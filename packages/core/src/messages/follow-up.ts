/**
 * `referral.follow-up/1`: how the person is, on a day on which somebody asked; and, when the case is closed, how it ended.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referralfollow-up1
 */
import { z } from 'zod'
import { code, DaySchema, listOf, NoteSchema } from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

const optional = z.exactOptional
const WELLBEING_MOST = 10

const RoutingSchema = z.strictObject({
  ...REFERRAL_PLACE,
  type: code('followUpType'),
  /** The day on which it was due. */
  dueOn: DaySchema,
  doneOn: DaySchema,
  /** Whether the sending agency is to learn how it ended; the class, not the details. */
  feedbackToSender: optional(code('yesNo')),
})

const RiskSchema = z.strictObject({
  safe: optional(code('yesNoUnknown')),
  contactByTraffickers: optional(code('yesNoUnknown')),
})

const NeedsSchema = z.strictObject({
  servicesReceived: optional(
    listOf(z.strictObject({ service: code('serviceType'), received: code('yesNo') })),
  ),
  /** The person’s own score. */
  wellbeing: optional(z.int().min(0).max(WELLBEING_MOST)),
})

/** The groups of `referral.follow-up/1`. */
export const FOLLOW_UP_GROUPS = {
  routing: RoutingSchema,
  placement: z.strictObject({ placeType: optional(code('stayPlace')) }),
  risk: RiskSchema,
  needs: NeedsSchema,
  health: z.strictObject({ summary: optional(NoteSchema) }),
  /** Stage of proceedings, compensation. */
  investigation: z.strictObject({ legalStatus: optional(NoteSchema) }),
  statistics: z.strictObject({ outcome: optional(code('closureOutcome')) }),
  /** Told of the closure, and that she may come back. */
  consent: z.strictObject({ personInformed: optional(code('yesNo')) }),
  rights: z.strictObject({ retention: optional(code('retentionAction')) }),
} as const
