/**
 * What two agencies have before a charter is in force: invites, what they give together, and the signatures so far.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import {
  AmanaError,
  type Charter,
  type CharterTally,
  deriveCharter,
  digest,
  documentDigest,
  type GeneralJws,
  hasLapsed,
  mergeCharterSignatures,
  tallyCharter,
  type VerifiedInvite,
  verifyInvite,
} from '@amana/core'
import { type PeerStatus } from '../service-views.ts'
import { type Documents, jwsAt } from './trust-documents.ts'

/** Two invites that may become a charter, and that charter. */
export interface Comparison {
  readonly own: VerifiedInvite
  readonly peer: VerifiedInvite
  readonly charter: Charter
}

/** The documents of a node that has met nobody yet. */
export interface Meeting {
  readonly documents: Documents
  /** The own agency. */
  readonly agency: string
  /** Seconds since 1970. */
  readonly now: number
}

/** How far the pairing with an agency is, before a charter with it is in force. */
export async function meetingState(meeting: Meeting, agency: string): Promise<PeerStatus['state']> {
  const { documents, agency: own } = meeting
  const invite = jwsAt(documents, `invite/${agency}`)
  if (invite !== undefined && isRejected(documents, agency, digest(invite.payload))) {
    return 'rejected'
  }
  const draft = jwsAt(documents, 'draft')
  if (draft === undefined) return documents.has(`invite/${own}`) ? 'comparing' : 'invited'
  const { pairs } = await tallyCharter(draft)
  return (pairs[own] ?? 0) > 0 ? 'confirmed-here' : 'comparing'
}

/** What is to be read aloud. @throws TRUST_NO_INVITE, TRUST_REJECTED; as `verifyInvite` */
export async function compareInvites(
  { agency: ownAgency, documents, now }: Meeting,
  agency: string,
): Promise<Comparison> {
  const own = await inviteIn(documents, ownAgency, now)
  const peer = await inviteIn(documents, agency, now)
  return { own, peer, charter: deriveCharter(own, peer) }
}

/** An invite that is kept here. @throws TRUST_NO_INVITE, TRUST_REJECTED; as `verifyInvite` */
export async function inviteIn(
  documents: Documents,
  agency: string,
  at: number,
): Promise<VerifiedInvite> {
  const jws = jwsAt(documents, `invite/${agency}`)
  if (jws === undefined) throw new AmanaError('TRUST_NO_INVITE', { agency })
  if (isRejected(documents, agency, digest(jws.payload))) {
    throw new AmanaError('TRUST_REJECTED', { agency })
  }
  return verifyInvite(jws, at)
}

/** Whether that invite was rejected here. */
export function isRejected(documents: Documents, agency: string, invite: string): boolean {
  return documents.has(`rejected/${agency}/${invite}`)
}

/** The charter is the one that both invites give; once it was compared, it may be completed for 30 days. */
export async function invitesGive(
  { charter, digest: found }: CharterTally,
  meeting: Meeting,
): Promise<VerifiedInvite> {
  const { agency: own, documents, now } = meeting
  const agency = Object.keys(charter.agencies).find((name) => name !== own) ?? ''
  const draft = jwsAt(documents, 'draft')
  const isBegun = draft !== undefined && digest(draft.payload) === found
  if (hasLapsed(charter, now)) {
    throw new AmanaError('TRUST_EXPIRED', { document: 'charter', exp: charter.iat, bound: now })
  }
  const derived = await compareInvites({ ...meeting, now: isBegun ? charter.iat : now }, agency)
  const expected = documentDigest(derived.charter)
  if (expected !== found) throw otherCharter(expected, found)
  return derived.peer
}

/** An agency signs one charter of a version; another one only when the first has lapsed. */
export async function mergedWithDraft(
  tally: CharterTally,
  { agency, documents, now }: Meeting,
): Promise<GeneralJws> {
  const jws = jwsAt(documents, 'draft')
  if (jws === undefined) return tally.jws
  const draft = await tallyCharter(jws)
  if (draft.digest === tally.digest) return mergeCharterSignatures(jws, tally.jws)
  const isSignedHere = (draft.pairs[agency] ?? 0) > 0
  if (isSignedHere && !hasLapsed(draft.charter, now)) throw otherCharter(draft.digest, tally.digest)
  return tally.jws
}

/** Another charter than the one that counts here. */
export function otherCharter(expected: string, found: string): AmanaError {
  return new AmanaError('TRUST_OTHER_CHARTER', { expected, found })
}
