/**
 * `handover.check-in/1`: what who escorts the person says on the way.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#handovercheck-in1
 */
import { z } from 'zod'
import { code, LocalIdSchema, NoteSchema, PlaceCodeSchema } from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

/** The one group of `handover.check-in/1`: all is well, or what is not. */
export const CheckInSchema = z.discriminatedUnion('well', [
  z.strictObject({
    ...REFERRAL_PLACE,
    leg: LocalIdSchema,
    place: PlaceCodeSchema,
    well: z.literal('yes'),
  }),
  z.strictObject({
    ...REFERRAL_PLACE,
    leg: LocalIdSchema,
    place: PlaceCodeSchema,
    well: z.literal('no'),
    incident: z.strictObject({ kind: code('incidentKind'), note: NoteSchema }),
  }),
])

/** The groups of `handover.check-in/1`. */
export const CHECK_IN_GROUPS = { body: CheckInSchema } as const
