/**
 * `handover.escort-plan/1`: who accompanies the person on one leg, when, and whom to call on both sides.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#handoverescort-plan1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  code,
  InstantSchema,
  LocalIdSchema,
  NameSchema,
  OfficeIdSchema,
  OfficerIdSchema,
  PlaceCodeSchema,
  ReferenceTextSchema,
} from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

const optional = z.exactOptional

const CustodianSchema = z.strictObject({
  organisation: OfficeIdSchema,
  type: code('custodianType'),
})

const RoutingSchema = z.strictObject({
  ...REFERRAL_PLACE,
  leg: LocalIdSchema,
  legType: code('legType'),
})

const EscortSchema = z.strictObject({
  organisation: OfficeIdSchema,
  officer: optional(OfficerIdSchema),
  gender: code('gender'),
  /** What she does on the way: nurse, driver, interpreter. */
  task: optional(NameSchema),
})

const ContactSchema = z.strictObject({
  organisation: OfficeIdSchema,
  channel: ReferenceTextSchema,
})

const CustodySchema = z
  .strictObject({
    from: CustodianSchema,
    to: CustodianSchema,
    transport: code('transportMode'),
    plannedDeparture: InstantSchema,
    plannedArrival: InstantSchema,
    escorts: z.array(EscortSchema).min(1).max(MESSAGE_LIMITS.escorts),
    /** On both sides: at least two organisations. */
    emergencyContacts: z.array(ContactSchema).min(2).max(MESSAGE_LIMITS.escorts),
    /** Where and when who escorts her says how it goes. */
    checkIns: optional(
      z
        .array(z.strictObject({ at: InstantSchema, place: PlaceCodeSchema }))
        .max(MESSAGE_LIMITS.listItems)
        .refine(
          (list) => list.every(({ at }, index) => index === 0 || at > (list[index - 1]?.at ?? '')),
          {
            error: 'one after another',
          },
        ),
    ),
  })
  .refine(({ plannedDeparture, plannedArrival }) => plannedDeparture < plannedArrival, {
    error: 'an arrival after the departure',
    path: ['plannedArrival'],
  })
  .refine(
    ({ emergencyContacts }) =>
      new Set(emergencyContacts.map(({ organisation }) => organisation)).size > 1,
    { error: 'contacts of two organisations', path: ['emergencyContacts'] },
  )

/** The groups of `handover.escort-plan/1`. */
export const ESCORT_PLAN_GROUPS = {
  routing: RoutingSchema,
  custody: CustodySchema,
  travel: z.strictObject({ carrier: optional(ReferenceTextSchema) }),
} as const
