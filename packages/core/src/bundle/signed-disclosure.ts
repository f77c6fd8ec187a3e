/**
 * Signed disclosures: which officer gave which presentation of a statement to whom, when and why.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#signed-disclosure
 */
import { z } from 'zod'
import { PURPOSES } from '../audit/event-members.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { digest, DigestSchema } from '../crypto/digest.ts'
import { KeyIdSchema, type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws, parseJws, signJws, verifyJwsSignature } from '../crypto/jws.ts'
import { type UnverifiedNodeObject } from '../envelope/node-signature.ts'
import { parsePresentation } from '../envelope/presentation.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { AgencyIdSchema, InstantSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { type OfficerKey, type TrustView } from '../trust/trust-view.ts'

const DISCLOSURE_TYPE = 'amana-disclosure+jws'

/** Members of a signed disclosure, exactly these. */
const SignedDisclosureSchema = z.strictObject({
  /** Printable, as the officer wrote it; no space at its ends. */
  audience: z
    .string()
    .max(WIRE_LIMITS.audienceChars)
    .regex(/^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u),
  by: z.strictObject({ agency: AgencyIdSchema, kid: KeyIdSchema }),
  /** Seconds since 1970 by the clock of the officer's agency. */
  disclosedAt: InstantSchema,
  /** 16 random bytes. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/),
  presentation: DigestSchema,
  purpose: z.enum(PURPOSES),
  statement: DigestSchema,
  v: z.literal(1),
})

/** Members of a signed disclosure. */
export type DisclosureContent = z.output<typeof SignedDisclosureSchema>

/** A signed disclosure of the right form; nobody has checked the signature. */
export type UnverifiedDisclosure = UnverifiedNodeObject<DisclosureContent>

/** A signed disclosure whose officer's signature verified. */
export interface VerifiedDisclosure extends UnverifiedDisclosure {
  readonly officer: OfficerKey
}

/** Signs a disclosure; `by.kid` is the key's. @throws WIRE_MEMBER when a member does not fit */
export async function signDisclosure(
  content: Omit<DisclosureContent, 'by' | 'v'> & { readonly agency: string },
  key: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const { agency, ...members } = content
  const whole = { ...members, by: { agency, kid: key.keyId }, v: 1 as const }
  const payload = encodeCanonical(parsePayload(SignedDisclosureSchema, whole))
  return signJws({ payload, typ: DISCLOSURE_TYPE, signers: [{ key }] })
}

/** Reads a disclosure's form. @throws as `parseJws`; WIRE_VERSION, WIRE_MEMBER; WIRE_KID when `by` names another key */
export function parseDisclosure(value: unknown): UnverifiedDisclosure {
  const signed = parseJws(value, {
    typ: DISCLOSURE_TYPE,
    maxPayloadBytes: WIRE_LIMITS.disclosurePayloadBytes,
    maxSignatures: 1,
  })
  const content = parsePayload(SignedDisclosureSchema, signed.payload)
  const keyId = signed.signatures[0]?.keyId ?? ''
  if (content.by.kid !== keyId) throw new AmanaError('WIRE_KID', { keyId })
  return { signed, digest: signed.digest, content }
}

/**
 * Checks that an officer of an agency that has the statement signed for this very presentation.
 *
 * @throws WIRE_DIS when it is of another presentation or statement
 * @throws WIRE_ISS when the agency neither signed the statement nor is addressed by it
 * @throws WIRE_TIME_ORDER when it is dated before the statement by more than the skew
 * @throws WIRE_SIG, and as `parsePresentation` and `TrustView.officerKey`
 */
export async function verifyDisclosure(
  disclosure: UnverifiedDisclosure,
  presentation: string,
  trust: TrustView,
): Promise<VerifiedDisclosure> {
  const { content, signed } = disclosure
  const { statement } = parsePresentation(presentation)
  if (content.presentation !== digest(presentation) || content.statement !== statement.digest) {
    throw new AmanaError('WIRE_DIS', { reason: 'presentation' })
  }
  const { aud, iat, iss } = statement.content
  const { agency, kid } = content.by
  if (agency !== iss && !aud.includes(agency)) throw new AmanaError('WIRE_ISS', { issuer: agency })
  if (content.disclosedAt + WIRE_LIMITS.clockSkewSeconds < iat) {
    throw new AmanaError('WIRE_TIME_ORDER', { at: content.disclosedAt })
  }
  const officer = trust.officerKey(agency, kid, content.disclosedAt)
  await verifyJwsSignature(signed, 0, officer.jwk)
  return { ...disclosure, officer }
}
