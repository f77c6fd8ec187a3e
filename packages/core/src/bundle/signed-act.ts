/**
 * Signed acts: an officer asks his agency's node for something that is recorded under his name, and the node cannot say
 * that he did when he did not.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#signed-acts
 */
import { z } from 'zod'
import { ACTS, PURPOSES } from '../audit/event-members.ts'
import { canonicalize, encodeCanonical, type Json } from '../bytes/jcs.ts'
import { type Digest, digest, DigestSchema } from '../crypto/digest.ts'
import { KeyIdSchema, type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws, parseJws, signJws, verifyJwsSignature } from '../crypto/jws.ts'
import { type UnverifiedNodeObject } from '../envelope/node-signature.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { AgencyIdSchema } from '../trust/identifiers.ts'
import { parsePayload } from '../trust/payload.ts'
import { type OfficerKey, type TrustView } from '../trust/trust-view.ts'

const ACT_TYPE = 'amana-act+jws'

const SignedActSchema = z.strictObject({
  act: z.enum(ACTS),
  by: z.strictObject({ agency: AgencyIdSchema, kid: KeyIdSchema }),
  /** 16 random bytes that the node gave for this one act. */
  challenge: z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/),
  purpose: z.exactOptional(z.enum(PURPOSES)),
  /** Digest of all that was asked: see `requestDigest`. */
  request: DigestSchema,
  v: z.literal(1),
})

/** Members of a signed act. */
export type ActContent = z.output<typeof SignedActSchema>
/** What an officer signs, but for his name. */
export type ActClaim = Omit<ActContent, 'by' | 'v'>
/** A signed act of the right form; nobody has checked the signature. */
export type UnverifiedAct = UnverifiedNodeObject<ActContent>

/** A signed act whose officer's signature verified. */
export interface VerifiedAct {
  readonly officer: OfficerKey
  /** The signed object in its canonical form: what the leaf commits to. */
  readonly text: string
}

/** The digest of what is asked for, in every detail. @throws WIRE_CANON */
export function requestDigest(method: string, input: { readonly [member: string]: Json }): Digest {
  return digest(encodeCanonical({ input, method }))
}

/** Signs an act. @throws WIRE_MEMBER when a member does not fit */
export async function signAct(
  claim: ActClaim & { readonly agency: string },
  key: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const { agency, ...members } = claim
  const whole = { ...members, by: { agency, kid: key.keyId }, v: 1 as const }
  const payload = encodeCanonical(parsePayload(SignedActSchema, whole))
  return signJws({ payload, typ: ACT_TYPE, signers: [{ key }] })
}

/** Reads an act's form. @throws as `parseJws`; WIRE_VERSION, WIRE_MEMBER; WIRE_KID when `by` names another key */
export function parseAct(value: unknown): UnverifiedAct {
  const signed = parseJws(value, {
    typ: ACT_TYPE,
    maxPayloadBytes: WIRE_LIMITS.disclosurePayloadBytes,
    maxSignatures: 1,
  })
  const content = parsePayload(SignedActSchema, signed.payload)
  const keyId = signed.signatures[0]?.keyId ?? ''
  if (content.by.kid !== keyId) throw new AmanaError('WIRE_KID', { keyId })
  return { signed, digest: signed.digest, content }
}

/**
 * Checks that an officer of the agency signed for exactly this act. That `challenge` was given and not used before is for
 * the caller to know.
 *
 * @throws WIRE_ISS when it is another agency's officer
 * @throws WIRE_MEMBER when it is for another act, purpose, request or challenge
 * @throws WIRE_SIG, and as `TrustView.officerKey`
 */
export async function verifyAct(
  { content, signed }: UnverifiedAct,
  expected: ActClaim & { readonly agency: string; readonly now: number },
  trust: TrustView,
): Promise<VerifiedAct> {
  const { agency, now, ...claim } = expected
  const { by, v: _version, ...signedFor } = content
  if (by.agency !== agency) throw new AmanaError('WIRE_ISS', { issuer: by.agency })
  if (canonicalize({ ...signedFor }) !== canonicalize({ ...claim })) {
    throw new AmanaError('WIRE_MEMBER', { path: 'request' })
  }
  const officer = trust.officerKey(agency, by.kid, now)
  await verifyJwsSignature(signed, 0, officer.jwk)
  const { payload, signatures } = signed.jws
  return {
    officer,
    text: canonicalize({ payload, signatures: signatures.map((one) => ({ ...one })) }),
  }
}
