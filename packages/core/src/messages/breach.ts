/**
 * `rights.breach/1`: a breach of personal data, told to the other agency at once and to the authority within 72 hours.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#rightsbreach1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS, RIGHTS_TERMS_HOURS } from '../limits/messages.ts'
import { code, codes, InstantSchema, LocalIdSchema, NameSchema, NoteSchema } from './fields.ts'

const optional = z.exactOptional
const HOUR_MS = 3_600_000
const count = z.int().min(0).max(MESSAGE_LIMITS.countedPersons)

const MEMBERS = {
  breach: LocalIdSchema,
  /** Begins the 72 hours. */
  awareAt: InstantSchema,
  severity: code('breachSeverity'),
  nature: NoteSchema,
  persons: z.strictObject({ count, categories: codes('personCategory') }),
  records: z.strictObject({ count, groups: codes('fieldGroup') }),
  consequences: NoteSchema,
  measures: NoteSchema,
  contactPoint: NameSchema,
  peerNotifiedAt: InstantSchema,
  authorityNotifiedAt: optional(InstantSchema),
  authority: optional(code('dataAuthority')),
  /** By a safe channel only. */
  personsInformedAt: optional(InstantSchema),
  delayReason: optional(NoteSchema),
}

type Breach = z.output<z.ZodObject<typeof MEMBERS>>

/** The one group of `rights.breach/1`. */
export const BreachSchema = z.strictObject(MEMBERS).check((context) => {
  const member = unfit(context.value)
  if (member === undefined) return
  context.issues.push({
    code: 'custom',
    input: context.value,
    path: [member],
    message: 'does not fit the breach',
  })
})

/** The groups of `rights.breach/1`. */
export const BREACH_GROUPS = { body: BreachSchema } as const

function unfit(breach: Breach): keyof Breach | undefined {
  const { awareAt, peerNotifiedAt, authorityNotifiedAt, authority, delayReason } = breach
  if (peerNotifiedAt < awareAt) return 'peerNotifiedAt'
  if ((authorityNotifiedAt === undefined) !== (authority === undefined)) return 'authority'
  if (authorityNotifiedAt === undefined) return undefined
  if (authorityNotifiedAt < awareAt) return 'authorityNotifiedAt'
  const hours = (Date.parse(authorityNotifiedAt) - Date.parse(awareAt)) / HOUR_MS
  const isLate = hours > RIGHTS_TERMS_HOURS.breachToAuthority
  return isLate && delayReason === undefined ? 'delayReason' : undefined
}
