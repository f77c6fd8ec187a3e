/**
 * The building blocks of message bodies: text, codes, instants and names of offices. Bodies hold strings, integers and
 * booleans only, and every string is in Unicode normal form C.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#bounds
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import { AgencyIdSchema, LocalIdSchema as RosterIdSchema } from '../trust/identifiers.ts'
import { CODE_LISTS, type CodeListName } from './code-lists.ts'

const HIDDEN_CHARACTERS =
  /(?!\n)[\p{Cc}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/u
const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/
const DAY = /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])$/
const PARTIAL_DAY = /^\d{4}(-(0[1-9]|1[0-2])(-([0-2]\d|3[01]))?)?$/
const LOCAL_ID = /^[a-z][a-z0-9-]*$/

/** Text for a reader: at least one character; no control, direction or invisible tag characters; line feeds allowed. */
export function text(maxChars: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(maxChars)
    .refine(isPlainText, { error: 'plain text in normal form C' })
}

/** One code of a list. */
export function code<L extends CodeListName>(list: L): z.ZodType<(typeof CODE_LISTS)[L][number]> {
  return z.enum(CODE_LISTS[list])
}

/** Several different codes of a list. */
export function codes<L extends CodeListName>(
  list: L,
): z.ZodType<(typeof CODE_LISTS)[L][number][]> {
  return z
    .array(code(list))
    .max(MESSAGE_LIMITS.listItems)
    .refine((values) => new Set(values).size === values.length, { error: 'no code twice' })
}

/** A list within the bound of all lists. */
export function listOf<S extends z.ZodType>(schema: S): z.ZodArray<S> {
  return z.array(schema).max(MESSAGE_LIMITS.listItems)
}

/** Text in English and French, both signed. */
export function bilingual(maxChars: number): z.ZodObject<{ en: z.ZodString; fr: z.ZodString }> {
  return z.strictObject({ en: text(maxChars), fr: text(maxChars) })
}

/** An instant in UTC, whole seconds: `2021-06-17T09:00:00Z`. */
export const InstantSchema = z
  .string()
  .regex(INSTANT)
  .refine(isRealInstant, { error: 'a real day' })

/** A day: `2021-06-17`. */
export const DaySchema = z.string().regex(DAY).refine(isRealDay, { error: 'a real day' })

/** What is known of a day: year, month or day; a missing part is never invented. */
export const PartialDaySchema = z
  .string()
  .regex(PARTIAL_DAY)
  .refine(isRealPartialDay, { error: 'a real day' })

/** An agency or an organisation that an agency vouches for: `ng.naptip`, `ne.hospital-x`. */
export const OfficeIdSchema = AgencyIdSchema

/** An officer’s id in the roster of an agency: `off-0417`. Never a person’s name. */
export const OfficerIdSchema = RosterIdSchema

/** An id inside one body: `e1`. */
export const LocalIdSchema = z.string().max(MESSAGE_LIMITS.referenceChars).regex(LOCAL_ID)

/** ISO 3166-1 alpha-2. */
export const CountrySchema = z.string().regex(/^[A-Z]{2}$/)

/** ISO 3166-2: `NG-ED`. */
export const SubdivisionSchema = z.string().regex(/^[A-Z]{2}-[A-Z0-9]{1,3}$/)

/** A language of a person, ISO 639-3: `hau`, `bin`. */
export const SpokenLanguageSchema = z.string().regex(/^[a-z]{3}$/)

/** A language of a text. */
export const TextLanguageSchema = z.enum(['en', 'fr', 'ha'])

/** A place as a code without an address: `NE-1-07`. */
export const PlaceCodeSchema = z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,4}){1,3}$/)

/** A telephone number, E.164. */
export const PhoneSchema = z.string().regex(/^\+[1-9]\d{6,14}$/)

/** Degrees with at most five places, as text: bodies hold no fractions. */
export const DegreesSchema = z.string().regex(/^-?(0|[1-9]\d{0,2})(\.\d{1,5})?$/)

/** Whole years of age. */
export const AgeSchema = z.int().min(0).max(MESSAGE_LIMITS.ageYears)

/** A reference given by another office: a certificate, a flight, a file number. */
export const ReferenceTextSchema = text(MESSAGE_LIMITS.referenceChars)

/** A short name or label. */
export const NameSchema = text(MESSAGE_LIMITS.nameChars)

/** A note of a few sentences. */
export const NoteSchema = text(MESSAGE_LIMITS.noteChars)

function isPlainText(value: string): boolean {
  return value.normalize('NFC') === value && value.isWellFormed() && !HIDDEN_CHARACTERS.test(value)
}

function isRealInstant(value: string): boolean {
  return new Date(value).toJSON() === value.replace('Z', '.000Z')
}

function isRealPartialDay(value: string): boolean {
  return !DAY.test(value) || isRealDay(value)
}

function isRealDay(value: string): boolean {
  return new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) ?? false
}
