/**
 * Signing and verifying rosters: by the charter's roster keys, one version after the other.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#verifying-a-roster
 */
import { encodeCanonical } from '../bytes/jcs.ts'
import { type Digest } from '../crypto/digest.ts'
import { type Ed25519Jwk, type KeyId, type PrivateKey, thumbprint } from '../crypto/jwk.ts'
import {
  type GeneralJws,
  parseJws,
  signJws,
  type UnverifiedJws,
  verifyJwsSignature,
} from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { type CharterEntry } from './charter.ts'
import { admitKeys, assertOneUse, type KeyRing, rosterKeySlots } from './key-ring.ts'
import { parsePayload } from './payload.ts'
import { assertNodesFit, assertRevocations, chainBytesWith, verifyProofs } from './roster-rules.ts'
import { type Roster, ROSTER_TYPE, RosterSchema } from './roster.ts'
import { assertCurrent, assertIssued, assertSpan } from './time-window.ts'
import { type VerifiedCharter } from './verified-charter.ts'
import { assertFirst, assertFollows, assertSame, type Known } from './versions.ts'

/** A roster signed by its agency, whose keys are admitted. Made by `verifyRoster` only. */
class VerifiedRoster {
  readonly #payload: Roster
  readonly digest: Digest
  readonly jws: GeneralJws
  readonly keys: KeyRing
  /** The roster key that signed it. */
  readonly signerKeyId: KeyId
  /** The first roster of its chain: the one that a charter or an entry names. */
  readonly chainStart: Digest
  /** Bytes of payload of its chain until here, as they count against the limit. */
  readonly chainBytes: number

  constructor(read: ReadRoster, keys: KeyRing, { chainBytes, previous }: InChain) {
    this.#payload = read.roster
    this.chainStart = previous?.chainStart ?? read.parsed.digest
    this.chainBytes = chainBytes
    this.digest = read.parsed.digest
    this.jws = read.parsed.jws
    this.signerKeyId = read.signerKeyId
    this.keys = keys
  }

  get payload(): Roster {
    return this.#payload
  }

  get agency(): string {
    return this.#payload.agency
  }

  get version(): number {
    return this.#payload.version
  }
}
export type { VerifiedRoster }

interface InChain {
  readonly previous: VerifiedRoster | undefined
  readonly chainBytes: number
}

/** Whose word makes a roster an agency's: a charter in force, or the entry that an agency sends of itself. */
export type RosterAuthority =
  | VerifiedCharter
  | { readonly agency: string; readonly entry: Pick<CharterEntry, 'roster' | 'rosterKeys'> }

/** What a roster is held against. */
export interface RosterExpectation {
  readonly authority: RosterAuthority
  /**
   * The newest roster of that agency known here. Without it, and where the charter begins another chain of rosters than
   * its own, the version that the charter names is expected.
   */
  readonly previous?: VerifiedRoster
  /** Seconds since 1970; left out only when history is read. The end of a roster that follows a known one is not checked. */
  readonly now?: number
}

/** Signs a roster with one of the agency's roster keys. Nothing is checked: `verifyRoster` does. */
export async function signRoster(
  roster: Roster,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<GeneralJws> {
  return signJws({
    payload: encodeCanonical(roster),
    typ: ROSTER_TYPE,
    signers: [{ key: rosterKey }],
  })
}

/**
 * Verifies a roster; the order is the specification's.
 *
 * @throws WIRE_MEMBER, WIRE_VERSION, WIRE_KEY and the codes of `parseJws` when form or keys are wrong
 * @throws WIRE_ISS when the charter does not know the agency
 * @throws WIRE_SIG when none of the agency's roster keys signed it, or a binding or proof is not signed
 * @throws TRUST_EXPIRED, WIRE_TIME_FUTURE when it is not of this time
 * @throws TRUST_ROLLBACK, WIRE_FORK, TRUST_CHAIN when it does not follow the one before
 * @throws TRUST_REVOCATION when it takes back or back-dates a revocation
 * @throws TRUST_CHAIN_FULL when its chain has no room and it revokes nothing new
 */
export async function verifyRoster(
  value: unknown,
  expectation: RosterExpectation,
): Promise<VerifiedRoster> {
  const { authority, previous, now } = expectation
  const read = await readSignedRoster(value, authority)
  assertSpan('roster', read.roster, TRUST_LIMITS.rosterValidForSeconds)
  const before = sameChain(read.roster.agency, authority, previous)
  if (now !== undefined) assertTime(read.roster, before, now)
  assertPlace(read, authority, before)
  const known = revokedBefore(read.roster, before)
  assertRevocations(read.roster, known)
  const chainBytes = chainBytesWith(read.roster, {
    beforeBytes: before?.chainBytes ?? 0,
    sizeBytes: sizeOf(read.parsed),
    revokedBefore: known,
  })
  assertNodesFit(read.roster)
  const keys = await admitKeys(rosterKeySlots(read.roster))
  assertOneUse([keys, ...ringsOf(authority), ...(previous === undefined ? [] : [previous.keys])])
  await verifyProofs(read.roster, keys)
  return new VerifiedRoster(read, keys, { chainBytes, previous: before })
}

/** One that follows may have ended: it gives no key of now, and the one after it cannot be had without it. */
function assertTime(roster: Roster, before: VerifiedRoster | undefined, now: number): void {
  if (before === undefined) assertCurrent('roster', roster, now)
  else assertIssued(roster, now)
}

/** The roster before, where it is of the chain that the charter names: new roster keys begin another. */
function sameChain(
  agency: string,
  authority: RosterAuthority,
  previous: VerifiedRoster | undefined,
): VerifiedRoster | undefined {
  if ('entry' in authority) return previous
  return previous?.chainStart === entryOf(authority, agency).roster.digest ? previous : undefined
}

/** Bytes of the payload, which is base64url without padding. */
function sizeOf({ jws }: UnverifiedJws): number {
  return Math.floor((jws.payload.length * 3) / 4)
}

interface ReadRoster {
  readonly parsed: UnverifiedJws
  readonly roster: Roster
  readonly signerKeyId: KeyId
}

async function readSignedRoster(value: unknown, authority: RosterAuthority): Promise<ReadRoster> {
  const parsed = parseJws(value, {
    typ: ROSTER_TYPE,
    maxPayloadBytes: TRUST_LIMITS.rosterBytes,
    maxSignatures: 1,
  })
  const roster = parsePayload(RosterSchema, parsed.payload)
  const { rosterKeys } = entryOf(authority, roster.agency)
  return { parsed, roster, signerKeyId: await verifyBySigner(parsed, rosterKeys) }
}

/**
 * The one signature is by one of these keys.
 *
 * @throws WIRE_SIG when it is not
 */
export async function verifyBySigner(
  parsed: UnverifiedJws,
  keys: readonly Ed25519Jwk[],
): Promise<KeyId> {
  const keyId = parsed.signatures[0]?.keyId
  for (const jwk of keys) {
    if ((await thumbprint(jwk)) !== keyId) continue
    await verifyJwsSignature(parsed, 0, jwk)
    return keyId
  }
  throw new AmanaError('WIRE_SIG', { keyId: keyId ?? '' })
}

type Entry = Pick<CharterEntry, 'roster' | 'rosterKeys'>

function entryOf(authority: RosterAuthority, agency: string): Entry {
  const entry =
    'entry' in authority ? ownEntry(authority, agency) : authority.payload.agencies[agency]
  if (entry === undefined) throw new AmanaError('WIRE_ISS', { issuer: agency })
  return entry
}

function ownEntry(
  authority: { readonly agency: string; readonly entry: Entry },
  agency: string,
): Entry | undefined {
  return authority.agency === agency ? authority.entry : undefined
}

function ringsOf(authority: RosterAuthority): readonly KeyRing[] {
  return 'entry' in authority ? [] : [authority.keys]
}

/** After a known roster its successor; else the one version that charter or invite names. */
function assertPlace(
  { parsed, roster }: ReadRoster,
  authority: RosterAuthority,
  previous: VerifiedRoster | undefined,
): void {
  const next = { digest: parsed.digest, previous: roster.previous, version: roster.version }
  if (previous !== undefined) {
    assertFollows('roster', next, previous)
    assertNotBefore(roster, previous)
    return
  }
  const named: Known = entryOf(authority, roster.agency).roster
  if (next.version !== named.version) {
    throw new AmanaError('TRUST_ROLLBACK', {
      document: 'roster',
      found: next.version,
      known: named.version,
    })
  }
  assertSame('roster', next, named)
  if (next.version === 1) assertFirst('roster', next)
}

/** A roster dated back would be the one in force in the time of those before it, and unsay what was signed by them. */
function assertNotBefore({ iat, version }: Roster, { payload }: VerifiedRoster): void {
  if (iat >= payload.iat) return
  throw new AmanaError('TRUST_CHAIN', { document: 'roster', version })
}

/** Where the roster before is not at hand, what a later version lists is taken as known. */
function revokedBefore(roster: Roster, previous: VerifiedRoster | undefined): Roster['revoked'] {
  if (previous !== undefined) return previous.payload.revoked
  return roster.version === 1 ? [] : roster.revoked
}
