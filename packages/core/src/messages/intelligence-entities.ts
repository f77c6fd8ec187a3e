/**
 * The things that an intelligence report speaks of. Informants are never among them, and victims only as a counted group.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#intelreport1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  AgeSchema,
  code,
  codes,
  CountrySchema,
  DegreesSchema,
  InstantSchema,
  LocalIdSchema,
  NameSchema,
  NoteSchema,
  PhoneSchema,
  ReferenceTextSchema,
} from './fields.ts'

const optional = z.exactOptional
const names = z.array(NameSchema).max(MESSAGE_LIMITS.listItems)

const PlaceSchema = z.strictObject({
  name: NameSchema,
  country: CountrySchema,
  latitude: optional(DegreesSchema),
  longitude: optional(DegreesSchema),
  precisionMetres: optional(z.int().min(1).max(1_000_000)),
})

function entity<T extends string, M extends z.ZodRawShape>(type: T, members: M) {
  return z.strictObject({ id: LocalIdSchema, type: z.literal(type), ...members })
}

/** An entity of a report. */
export const EntitySchema = z.discriminatedUnion('type', [
  entity('person', {
    category: code('dataSubject'),
    roles: optional(codes('perpetratorRole')),
    names: optional(names),
    aliases: optional(names),
    gender: optional(code('gender')),
    nationalities: optional(
      z
        .array(z.strictObject({ country: CountrySchema, basis: code('assertionBasis') }))
        .max(MESSAGE_LIMITS.listItems),
    ),
  }),
  entity('organisation', { name: NameSchema, country: optional(CountrySchema) }),
  entity('phone', {
    number: PhoneSchema,
    firstSeenAt: optional(InstantSchema),
    lastSeenAt: optional(InstantSchema),
  }),
  entity('vehicle', {
    make: optional(NameSchema),
    model: optional(NameSchema),
    colour: optional(NameSchema),
    plate: optional(z.strictObject({ number: ReferenceTextSchema, country: CountrySchema })),
  }),
  entity('document', {
    documentType: NameSchema,
    number: ReferenceTextSchema,
    country: CountrySchema,
  }),
  entity('location', { place: PlaceSchema }),
  entity('route', {
    legs: z
      .array(z.strictObject({ from: PlaceSchema, to: PlaceSchema, mode: code('transportMode') }))
      .min(1)
      .max(MESSAGE_LIMITS.listItems),
  }),
  entity('account', { institution: NameSchema, number: ReferenceTextSchema }),
  entity('handle', { platform: NameSchema, login: ReferenceTextSchema }),
  entity('victim-group', {
    count: z.int().min(1).max(10_000),
    ageMin: AgeSchema,
    ageMax: AgeSchema,
    gender: code('gender'),
    originCountry: optional(CountrySchema),
    note: optional(NoteSchema),
  }),
])

/** An entity of a report. */
export type Entity = z.output<typeof EntitySchema>
