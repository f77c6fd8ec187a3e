/**
 * Officers' keys as history: what a later revocation does to a signature, the cover decides that it has.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import {
  AmanaError,
  type Cover,
  judgeRevocation,
  type KeyId,
  type OfficerLookup,
  type TrustView,
  type VerifiedRoster,
} from '@amana/core'

/** Whose key is asked for. */
export interface AskedKey {
  readonly agency: string
  readonly keyId: KeyId
}

/** What a look-up is told of the signatures that it is for. */
export interface Covering {
  /** Proof from outside the signer's agency that the signatures existed; nothing where there is none. */
  readonly coverOf: (signer: AskedKey) => Cover | undefined
  /** Called where the signature stands and its key was revoked from a date before the cover. */
  readonly onDisputed: (agency: string) => void
}

/** Looks signers up by the rosters of their day. @throws WIRE_KEY_REVOKED where nothing proves an older signature */
export function historyLookup(trust: TrustView, { coverOf, onDisputed }: Covering): OfficerLookup {
  return (agency, keyId, at) => {
    const revocation = trust.revocationOf(agency, keyId)
    if (revocation === undefined) return trust.officerEntry(agency, keyId, at)
    const judged = judgeRevocation(revocation, coverOf({ agency, keyId }))
    if (judged === 'void') throw new AmanaError('WIRE_KEY_REVOKED', { keyId })
    const officer = trust.officerEntry(agency, keyId, at)
    if (judged === 'disputed') onDisputed(agency)
    return officer
  }
}

/** The first roster of those that revokes the key. */
export function revokingRoster(
  rosters: readonly VerifiedRoster[],
  { agency, keyId }: AskedKey,
): VerifiedRoster | undefined {
  return rosters.find(
    (roster) => roster.agency === agency && roster.payload.revoked.some(({ kid }) => kid === keyId),
  )
}
