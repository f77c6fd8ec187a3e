/**
 * `referral.consent/1`: what a person said to one scope, one reader and named groups, in which language and by which
 * text. It is never a bundle and never changed; the next one follows it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referralconsent1
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import {
  code,
  codes,
  InstantSchema,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
  OfficerIdSchema,
  SpokenLanguageSchema,
} from './fields.ts'
import { type CodeOf } from './code-lists.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

const optional = z.exactOptional

const MEMBERS = {
  scope: code('consentScope'),
  status: code('consentStatus'),
  recorded: InstantSchema,
  /** To whom. */
  reader: code('readerRole'),
  /** What. */
  fieldGroups: codes('fieldGroup'),
  givenBy: optional(code('consentGivenBy')),
  medium: optional(code('consentMedium')),
  witness: optional(OfficerIdSchema),
  /** Language in which it was explained. */
  language: optional(SpokenLanguageSchema),
  /** Digest of the very text that was read out. */
  notice: optional(DigestSchema),
  understood: optional(code('yesNo')),
  /** Also that she may refuse and is helped all the same. */
  consequencesExplained: optional(code('yesNo')),
  expiresAt: optional(InstantSchema),
  /** How a withdrawal was told. */
  channel: optional(NameSchema),
  /** Basis instead of consent. */
  legalBasis: optional(code('legalBasis')),
  justification: optional(NoteSchema),
  /** Who found that she cannot consent; else two organisations agree. */
  clinician: optional(OfficerIdSchema),
  secondOrganisation: optional(OfficeIdSchema),
}

type Consent = z.output<z.ZodObject<typeof MEMBERS>>

/** What each status must say beside; the first that is missing is the path. */
const NEEDED: Readonly<Record<CodeOf<'consentStatus'>, readonly (keyof Consent)[]>> = {
  requested: [],
  given: [
    'givenBy',
    'medium',
    'language',
    'notice',
    'understood',
    'consequencesExplained',
    'expiresAt',
  ],
  refused: ['givenBy'],
  withdrawn: ['channel'],
  expired: [],
  not_possible: ['justification'],
  not_relied_on: ['legalBasis', 'justification'],
}

/** One consent, one scope. */
export const ConsentStatementSchema = z.strictObject(MEMBERS).check((context) => {
  const missing = breachOf(context.value)
  if (missing === undefined) return
  context.issues.push({
    code: 'custom',
    input: context.value,
    path: [missing],
    message: 'does not fit the status',
  })
})

/** The groups of `referral.consent/1`. */
export const CONSENT_GROUPS = {
  routing: z.strictObject(REFERRAL_PLACE),
  consent: ConsentStatementSchema,
} as const

function breachOf(consent: Consent): keyof Consent | undefined {
  const { status, medium, witness, fieldGroups } = consent
  if (fieldGroups.length === 0) return 'fieldGroups'
  const missing = NEEDED[status].find((member) => consent[member] === undefined)
  if (missing !== undefined) return missing
  if (medium === 'verbal_witnessed' && witness === undefined) return 'witness'
  return status === 'given' ? givenBreach(consent) : insteadBreach(consent)
}

/** Who does not understand, or was not told what follows, gave no consent. */
function givenBreach(consent: Consent): keyof Consent | undefined {
  if (consent.understood !== 'yes') return 'understood'
  if (consent.consequencesExplained !== 'yes') return 'consequencesExplained'
  return (consent.expiresAt ?? '') > consent.recorded ? undefined : 'expiresAt'
}

/** No override: another basis is named and is not consent; incapacity is found by a clinician or two organisations. */
function insteadBreach(consent: Consent): keyof Consent | undefined {
  const { status, clinician, secondOrganisation, legalBasis } = consent
  if (status === 'not_relied_on' && legalBasis === 'consent') return 'legalBasis'
  const isFound = clinician !== undefined || secondOrganisation !== undefined
  return status === 'not_possible' && !isFound ? 'clinician' : undefined
}
