/**
 * A presentation of chosen fields: every digest leads to the one that the author signed, and he was an officer then.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#presentations
 */
import {
  AmanaError,
  viewOfContext,
  type OfficerKey,
  type OfficerLookup,
  parsePresentation,
  type TrustView,
  type UnverifiedPresentation,
  verifyJwsSignature,
} from '@amana/core'

/** A presentation whose author's signature verified. An approval does not travel with it. */
export interface VerifiedPresentation extends UnverifiedPresentation {
  readonly author: OfficerKey
}

/**
 * Verifies a compact SD-JWT. Without a look-up of its own a key that is revoked now does not count.
 *
 * @throws WIRE_SIZE, WIRE_MEMBER, WIRE_DIS as `parsePresentation`
 * @throws WIRE_TRUST_CONTEXT, WIRE_HDR, WIRE_KID_UNKNOWN, WIRE_KEY_EXPIRED, WIRE_KEY_REVOKED, WIRE_ISS, WIRE_SIG
 */
export async function verifyPresentation(
  text: string,
  trust: TrustView,
  lookup: OfficerLookup = (agency, keyId, at) => trust.officerKey(agency, keyId, at),
): Promise<VerifiedPresentation> {
  const presentation = parsePresentation(text)
  const { content, signed } = presentation.statement
  viewOfContext(content.context, { agency: content.iss, at: content.iat }, trust)
  const signature = signed.signatures.find(({ act }) => act === 'author')
  if (signature === undefined) throw new AmanaError('WIRE_HDR', { member: 'act' })
  const author = lookup(content.iss, signature.keyId, content.iat)
  await verifyJwsSignature(signed, signature.index, author.jwk)
  return { ...presentation, author }
}
