/**
 * From two invites to charter 1. Both sides derive the same bytes, so that nothing has to be negotiated or sent.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import { TRUST_LIMITS } from '../limits/trust.ts'
import { type Charter, FIRST_CHARTER, type KindRule } from './charter.ts'
import { assertPairable, type VerifiedInvite } from './invite.ts'

/**
 * Charter 1 of two agencies: their entries, the later invite's date, and constants. Equal whichever invite comes first.
 *
 * @throws TRUST_SELF when both invites are of one agency
 * @throws WIRE_KEY when a key stands in both
 */
export function deriveCharter(first: VerifiedInvite, second: VerifiedInvite): Charter {
  assertPairable(first, second)
  const agencies = [first.agency, second.agency].toSorted()
  const iat = Math.max(first.issuedAt, second.issuedAt)
  const kinds = Object.entries(FIRST_CHARTER.approvals).map(
    ([kind, approvals]): readonly [string, KindRule] => [kind, { approvals, aud: agencies }],
  )
  return {
    agencies: { [first.agency]: first.entry, [second.agency]: second.entry },
    exp: iat + TRUST_LIMITS.charterValidForSeconds,
    iat,
    kinds: Object.fromEntries(kinds),
    limits: { ...FIRST_CHARTER.limits },
    previous: null,
    suites: ['A2'],
    v: 1,
    version: 1,
    witnesses: [],
  }
}

/** Whether a charter that still lacks a quorum may be completed: after 30 days both sides start again. */
export function hasLapsed(charter: Charter, now: number): boolean {
  return now >= charter.iat + TRUST_LIMITS.charterLapsesAfterSeconds
}
