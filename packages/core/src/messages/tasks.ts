/**
 * `task.travel-document/1` and `task.clearance/1`: what one agency asks another to obtain, and each new status.
 * A request has the status `requested`; an answer relates to its request by `answers`.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#tasks
 */
import { z } from 'zod'
import { AttachmentsSchema } from './attachments.ts'
import {
  code,
  InstantSchema,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
  PartialDaySchema,
  ReferenceTextSchema,
} from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

const optional = z.exactOptional

/** Members of the `routing` group that all tasks have. */
export const TASK_ROUTING = {
  ...REFERRAL_PLACE,
  act: code('taskAct'),
  status: code('requestStatus'),
  /** The office that issues: an embassy, a police. */
  authority: OfficeIdSchema,
  note: optional(NoteSchema),
}

/** From where to where, and with what. */
export const ItinerarySchema = z.strictObject({
  from: NameSchema,
  to: NameSchema,
  day: optional(PartialDaySchema),
  mode: optional(code('transportMode')),
  carrier: optional(ReferenceTextSchema),
})

/** The groups of `task.travel-document/1`. */
export const TRAVEL_DOCUMENT_GROUPS = {
  routing: z.strictObject({
    ...TASK_ROUTING,
    documentType: code('travelDocType'),
    /** Why it waits: makes months of waiting visible. */
    blocker: optional(code('travelDocBlocker')),
  }),
  travel: z.strictObject({
    nameForDocument: optional(NameSchema),
    bornOnForDocument: optional(PartialDaySchema),
    placeOfBirth: optional(NameSchema),
    proofOfNationality: optional(NameSchema),
    itinerary: optional(ItinerarySchema),
    feeWaiverRequested: optional(code('yesNo')),
    issuedNumber: optional(ReferenceTextSchema),
    issuedAt: optional(InstantSchema),
    validUntil: optional(InstantSchema),
    surrenderedAt: optional(InstantSchema),
    attachments: optional(AttachmentsSchema),
  }),
  /** Whether fear of return was asked about before the person’s own State was turned to. */
  risk: z.strictObject({ protectionClaimChecked: optional(code('yesNo')) }),
} as const

/** The groups of `task.clearance/1`. */
export const CLEARANCE_GROUPS = {
  routing: z.strictObject({
    ...TASK_ROUTING,
    clearanceType: code('clearanceType'),
    /** States that irregular entry or stay that trafficking caused is not to be punished. */
    nonPunishment: z.literal('yes'),
  }),
  travel: z.strictObject({
    identityForClearance: optional(NameSchema),
    itinerary: optional(ItinerarySchema),
    /** A court or a prosecutor holds the person; details stay with them. */
    holdFound: optional(code('yesNo')),
    certificate: optional(ReferenceTextSchema),
    issuedAt: optional(InstantSchema),
    validUntil: optional(InstantSchema),
    attachments: optional(AttachmentsSchema),
  }),
} as const
