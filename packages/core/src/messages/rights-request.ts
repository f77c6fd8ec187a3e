/**
 * `rights.request/1` and `rights.answer/1`: what a person asks about her data, and what she is answered.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#rightsrequest1-and-rightsanswer1
 */
import { z } from 'zod'
import { RIGHTS_TERMS_HOURS } from '../limits/messages.ts'
import {
  code,
  DaySchema,
  InstantSchema,
  listOf,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
} from './fields.ts'
import { ReferralReferenceSchema } from './referral-reference.ts'

const optional = z.exactOptional
const HOUR_MS = 3_600_000

const RequestRoutingSchema = z
  .strictObject({
    referral: ReferralReferenceSchema,
    type: code('dsrType'),
    receivedAt: InstantSchema,
    channel: code('requestChannel'),
    dueAt: InstantSchema,
  })
  .refine(({ receivedAt, dueAt }) => isInTerm(receivedAt, dueAt), {
    error: 'an answer within 30 days',
    path: ['dueAt'],
  })

/** Who asks shows who she is by the code word of the intake; nobody takes her fingerprints for it. */
const RequestSchema = z.discriminatedUnion('requester', [
  z.strictObject({
    requester: z.literal('self'),
    codeWordChecked: code('yesNo'),
    detail: optional(NoteSchema),
  }),
  z.strictObject({
    requester: z.literal('representative'),
    codeWordChecked: code('yesNo'),
    representative: NameSchema,
    proof: NoteSchema,
    /** Who is suspected, or must not be told, represents nobody. */
    notExcluded: z.literal('yes'),
    detail: optional(NoteSchema),
  }),
])

/** The groups of `rights.request/1`. */
export const RIGHTS_REQUEST_GROUPS = {
  routing: RequestRoutingSchema,
  rights: RequestSchema,
} as const

const AnswerSchema = z
  .strictObject({
    decision: code('dsrDecision'),
    reasons: optional(NoteSchema),
    restricted: optional(
      listOf(z.strictObject({ group: code('fieldGroup'), why: NoteSchema, reviewOn: DaySchema })),
    ),
    /** Every agency that has the data, and whether it answered. */
    notified: optional(
      listOf(
        z.strictObject({
          agency: OfficeIdSchema,
          at: InstantSchema,
          acknowledged: code('yesNo'),
        }),
      ),
    ),
    /** Where she can complain. */
    appeal: code('dataAuthority'),
  })
  .refine(({ decision, reasons }) => decision === 'granted' || reasons !== undefined, {
    error: 'reasons',
    path: ['reasons'],
  })

/** The groups of `rights.answer/1`; which request it answers stands in `relates`. */
export const RIGHTS_ANSWER_GROUPS = {
  routing: z.strictObject({ referral: ReferralReferenceSchema, answeredAt: InstantSchema }),
  rights: AnswerSchema,
} as const

function isInTerm(receivedAt: string, dueAt: string): boolean {
  const hours = (Date.parse(dueAt) - Date.parse(receivedAt)) / HOUR_MS
  return hours >= 0 && hours <= RIGHTS_TERMS_HOURS.answer
}
