/**
 * Who may say what: the checks of a statement's signers against the charter and the rosters, in the order of the
 * specification.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#checking-a-statement
 */
import { type Digest } from '../crypto/digest.ts'
import { type KeyId } from '../crypto/jwk.ts'
import { verifyJwsSignature } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { assertHandling } from '../messages/handling.ts'
import { kindRule } from '../trust/charter-rules.ts'
import { assertSigners, type StatementSigner } from '../trust/signers.ts'
import { type OfficerKey, type TrustView } from '../trust/trust-view.ts'
import { type Context, type StatementContent, type UnverifiedStatement } from './statement.ts'

/** An officer whose signature verified, as the roster of the day describes him. */
export interface VerifiedSigner extends StatementSigner {
  readonly keyId: KeyId
}

/** A statement whose signatures and roles were checked. */
export interface VerifiedStatement {
  readonly digest: Digest
  readonly content: StatementContent
  readonly signers: readonly VerifiedSigner[]
}

/** How a signer's key is found: with revocation for a receiver, by cover for an auditor. */
export type OfficerLookup = (agency: string, keyId: KeyId, at: number) => OfficerKey

/**
 * Checks a statement's context, signatures, roles, approvals, audience and handling.
 *
 * @throws WIRE_TRUST_CONTEXT, TRUST_EXPIRED, WIRE_ISS, WIRE_KID_UNKNOWN, WIRE_KEY_EXPIRED, WIRE_KEY_REVOKED, WIRE_KEY_USE, WIRE_SIG,
 * WIRE_POLICY, TRUST_SECOND_OFFICER, WIRE_AUD
 */
export async function verifyStatement(
  statement: UnverifiedStatement,
  trust: TrustView,
  lookup: OfficerLookup = (agency, keyId, at) => trust.officerKey(agency, keyId, at),
): Promise<VerifiedStatement> {
  const { content } = statement
  const ruling = viewOfContext(content.context, { agency: content.iss, at: content.iat }, trust)
  const signers = await verifySigners(statement, lookup)
  assertSigners({ charter: ruling.charter.payload, kind: content.kind }, signers)
  assertAudienceOfKind(content, ruling)
  assertHandling(content.handling, content.kind, content.iat)
  return { digest: statement.digest, content, signers }
}

/** Who says to have had the documents of a context, and when. */
export interface ContextClaim {
  readonly agency: string
  readonly at: number
}

/**
 * The documents that a signer says to have had must be known here: a charter that counts at that instant, and the signer's
 * own roster. By that charter the object is judged.
 *
 * @throws WIRE_TRUST_CONTEXT, and as `TrustView.under`
 */
export function viewOfContext(
  context: Context,
  { agency, at }: ContextClaim,
  trust: TrustView,
): TrustView {
  const ruling = trust.under(context.charter, at)
  assertKnownRoster(context, agency, trust)
  return ruling
}

/** The context names for that agency one of its rosters. @throws WIRE_TRUST_CONTEXT */
export function assertKnownRoster({ rosters }: Context, agency: string, trust: TrustView): void {
  const roster = rosters[agency]
  if (roster === undefined || trust.rosterByDigest(roster)?.agency !== agency) {
    throw new AmanaError('WIRE_TRUST_CONTEXT', { document: 'roster' })
  }
}

async function verifySigners(
  { signed, content }: UnverifiedStatement,
  lookup: OfficerLookup,
): Promise<readonly VerifiedSigner[]> {
  const signers: VerifiedSigner[] = []
  for (const { keyId, index, act } of signed.signatures) {
    const officer = lookup(content.iss, keyId, content.iat)
    await verifyJwsSignature(signed, index, officer.jwk)
    if (act === undefined) throw new AmanaError('WIRE_HDR', { member: 'act' })
    signers.push({ act, officer, keyId })
  }
  return signers
}

/** Nobody outside of those to whom the charter opens the kind is addressed. @throws WIRE_AUD */
function assertAudienceOfKind({ kind, aud }: StatementContent, trust: TrustView): void {
  const open = kindRule(trust.charter.payload, kind)
  const outside = aud.find((agency) => !open.aud.includes(agency))
  if (outside !== undefined) throw new AmanaError('WIRE_AUD', { reason: outside })
}
