/**
 * Invites: what an agency hands to another before they have a charter. Public, signed by the agency's own roster key,
 * and worth nothing until the safety number was compared.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#invite
 */
import { z } from 'zod'
import { encodeCanonical } from '../bytes/jcs.ts'
import { type Digest } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws, GeneralJwsSchema, parseJws, signJws } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { assertThresholds } from './charter-rules.ts'
import { type CharterEntry, CharterEntrySchema } from './charter.ts'
import { AgencyIdSchema, InstantSchema } from './identifiers.ts'
import { admitKeys, assertOneUse, entryKeySlots, type KeyRing } from './key-ring.ts'
import { parsePayload } from './payload.ts'
import { assertCurrent, assertSpan } from './time-window.ts'
import { verifyBySigner, verifyRoster, type VerifiedRoster } from './verified-roster.ts'

/** Type of the JWS that carries an invite. */
export const INVITE_TYPE = 'amana-invite+jws'

/** Payload of an invite. */
export const InviteSchema = z.strictObject({
  agency: AgencyIdSchema,
  entry: CharterEntrySchema,
  exp: InstantSchema,
  iat: InstantSchema,
  roster: GeneralJwsSchema,
  v: z.literal(1),
})

/** Payload of an invite. */
export type Invite = z.output<typeof InviteSchema>

/** What goes into an invite. */
export interface InviteContent {
  readonly agency: string
  readonly entry: CharterEntry
  readonly roster: VerifiedRoster
  /** Seconds since 1970. */
  readonly issuedAt: number
}

/** An invite that its own roster key signed and that fits together. It says nothing of who sent it. */
class VerifiedInvite {
  readonly #payload: Invite
  readonly digest: Digest
  readonly jws: GeneralJws
  readonly roster: VerifiedRoster
  readonly keys: KeyRing

  constructor(payload: Invite, proof: Pick<VerifiedInvite, 'digest' | 'jws' | 'roster' | 'keys'>) {
    this.#payload = payload
    this.digest = proof.digest
    this.jws = proof.jws
    this.roster = proof.roster
    this.keys = proof.keys
  }

  get agency(): string {
    return this.#payload.agency
  }

  get entry(): CharterEntry {
    return this.#payload.entry
  }

  get issuedAt(): number {
    return this.#payload.iat
  }

  get expiresAt(): number {
    return this.#payload.exp
  }
}
export type { VerifiedInvite }

/** The charter entry of an agency: its public keys, and the roster that it binds. */
export function createCharterEntry(
  parts: Omit<CharterEntry, 'roster'>,
  roster: VerifiedRoster,
): CharterEntry {
  return { ...parts, roster: { digest: roster.digest, version: roster.version } }
}

/** Signs an invite with the roster key; good for 7 days. Nothing is checked: `verifyInvite` does. */
export async function createInvite(
  { agency, entry, roster, issuedAt }: InviteContent,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  const payload: Invite = {
    agency,
    entry,
    exp: issuedAt + TRUST_LIMITS.inviteValidForSeconds,
    iat: issuedAt,
    roster: roster.jws,
    v: 1,
  }
  return signJws({
    payload: encodeCanonical(payload),
    typ: INVITE_TYPE,
    signers: [{ key: rosterKey }],
  })
}

/**
 * Verifies that an invite holds together: entry, roster and signature are of one agency and of this week.
 * Whether that agency is who it says is what the safety number is for.
 *
 * @throws WIRE_MEMBER, WIRE_VERSION, WIRE_KEY and the codes of `parseJws` when form or keys are wrong
 * @throws WIRE_SIG when none of the entry's roster keys signed it
 * @throws TRUST_EXPIRED, WIRE_TIME_FUTURE when it is not of this week
 * @throws TRUST_THRESHOLD when a threshold could not bind its agency
 * @throws WIRE_ISS, TRUST_ROLLBACK, WIRE_FORK when the roster is not the one that the entry binds; and as `verifyRoster`
 */
export async function verifyInvite(value: unknown, now: number): Promise<VerifiedInvite> {
  const parsed = parseJws(value, {
    typ: INVITE_TYPE,
    maxPayloadBytes: TRUST_LIMITS.inviteBytes,
    maxSignatures: 1,
  })
  const invite = parsePayload(InviteSchema, parsed.payload)
  const { agency, entry } = invite
  await verifyBySigner(parsed, entry.rosterKeys)
  assertSpan('invite', invite, TRUST_LIMITS.inviteValidForSeconds)
  assertCurrent('invite', invite, now)
  assertThresholds(agency, entry)
  const roster = await verifyRoster(invite.roster, { authority: { agency, entry }, now })
  const keys = await admitKeys(entryKeySlots(agency, entry))
  assertOneUse([keys, roster.keys])
  return new VerifiedInvite(invite, { digest: parsed.digest, jws: parsed.jws, roster, keys })
}

/**
 * Two invites that may become one charter.
 *
 * @throws TRUST_SELF when both are of one agency
 * @throws WIRE_KEY when a key stands in both
 */
export function assertPairable(first: VerifiedInvite, second: VerifiedInvite): void {
  if (first.agency === second.agency) throw new AmanaError('TRUST_SELF', { agency: first.agency })
  assertOneUse([first.keys, first.roster.keys, second.keys, second.roster.keys])
}
