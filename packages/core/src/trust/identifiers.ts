/**
 * How agencies, desks, officers, kinds, roles and instants are spelled.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#identifiers
 */
import { z } from 'zod'
import { type Act } from '../crypto/jws.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'

const LAST_SECOND_OF_YEAR_9999 = 253_402_300_799

/** Agency or organisation: country code, dot, name in lower case, as in `ng.naptip`. */
export const AgencyIdSchema = z
  .string()
  .max(TRUST_LIMITS.agencyIdChars)
  .regex(/^[a-z]{2}\.[a-z0-9]+(?:-[a-z0-9]+)*$/)

/** Desk or officer inside one agency, as in `protection` or `off-0417`. */
export const LocalIdSchema = z
  .string()
  .max(32)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)

/** Message kind with its version, as in `task.travel-document/1`. */
export const KindSchema = z
  .string()
  .max(64)
  .regex(/^[a-z]+\.[a-z]+(?:-[a-z]+)*\/[1-9][0-9]{0,2}$/)

/** What an officer may do: author or approve in an area, answer for a partner desk, or act in a referral. */
export const RoleSchema = z
  .string()
  .max(32)
  .regex(
    /^(?:(?:author|approve):[a-z]+|desk:[a-z0-9-]+|case_manager|duty_officer|escort|custodian|supervisor|clinician|head)$/,
  )

/** What a partner desk is, in the order of the disclosure matrix: its groups of a message follow from it. */
export const DESK_ROLES = [
  'shelter',
  'medical',
  'embassy_consular',
  'border_officer',
  'escort_transport',
  'prosecutor',
  'investigator',
  'juvenile_judge',
  'guardian_representative',
  'ngo_service_provider',
  'io_partner_iom',
] as const

/** What a partner desk is. */
export type DeskRole = (typeof DESK_ROLES)[number]

/** Whole seconds since 1970 UTC. */
export const InstantSchema = z.int().min(0).max(LAST_SECOND_OF_YEAR_9999)

/** Version of a charter or roster, from 1. */
export const DocumentVersionSchema = z.int().min(1).max(1_000_000_000)

/** Ed25519 signature in base64url. */
export const Ed25519SignatureSchema = z
  .string()
  .length(86)
  .regex(/^[A-Za-z0-9_-]+$/)

/** Area of a kind: `task` of `task.travel-document/1`. */
export function areaOfKind(kind: string): string {
  return kind.slice(0, kind.indexOf('.'))
}

/** Whether these roles let their officer author or approve statements of that kind. */
export function roleAllows(roles: readonly string[], kind: string, act: Act): boolean {
  return roles.includes(`${act}:${areaOfKind(kind)}`)
}

/** Whether the texts rise strictly by UTF-16 code unit: sorted, and none twice. */
export function isAscending(texts: readonly string[]): boolean {
  return texts.every((text, index) => {
    const before = texts[index - 1]
    return before === undefined || before < text
  })
}
