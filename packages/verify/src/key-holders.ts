/**
 * Who held which key on a day, as the rosters of that day say. Nothing is verified by it: the rosters have been.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#keys-of-a-day
 */
import {
  type KeyId,
  type PublicJwk,
  type Revocation,
  thumbprint,
  type VerifiedRoster,
} from '@amana/core'
import { instantOf } from './instant.ts'
import { revokingRoster } from './officer-history.ts'

/** What the key is for. */
export type HeldKeyUse = 'deposit' | 'encryption' | 'seal' | 'signature'

/** What the rosters say of a key that they revoke. */
export interface HeldKeyRevocation {
  /** RFC 3339, as the agency says. */
  readonly since: string
  readonly reason: Revocation['reason']
  /** RFC 3339: the first roster among the files that says so was issued then. */
  readonly saidAt: string
}

/** A key that was valid on the day. Instants are RFC 3339. */
export interface HeldKey {
  readonly use: HeldKeyUse
  readonly keyId: string
  readonly from: string
  readonly until: string
  readonly revoked?: HeldKeyRevocation
}

/** A node, desk or officer with the keys of that day. */
export interface KeyHolder {
  readonly what: 'node' | 'desk' | 'officer'
  /** Peer id of a node, id of a desk or officer. */
  readonly id: string
  /** Where an officer works. */
  readonly organisation?: string
  readonly roles: readonly string[]
  readonly keys: readonly HeldKey[]
}

/** The roster of the day. Instants are RFC 3339. */
export interface RosterOfDay {
  readonly version: number
  readonly digest: string
  readonly issuedAt: string
  readonly expiresAt: string
  /** It had ended on that day: nothing newer is among the files. */
  readonly isOver: boolean
}

/** One agency on the day. */
export interface AgencyKeys {
  readonly agency: string
  /** Absent where no roster among the files is that old. */
  readonly roster?: RosterOfDay
  readonly holders: readonly KeyHolder[]
}

/** Who held which key on a day. */
export interface KeysOfDay {
  /** RFC 3339. */
  readonly at: string
  readonly agencies: readonly AgencyKeys[]
}

/** What one listing looks at: the roster of the day, all others, and the instant in seconds since 1970. */
interface Listing {
  readonly all: readonly VerifiedRoster[]
  readonly roster: VerifiedRoster
  readonly at: number
}

/** The keys that were valid at an instant, in seconds since 1970; of every agency that has a roster. */
export async function keysOfDay(
  rosters: readonly VerifiedRoster[],
  at: number,
): Promise<KeysOfDay> {
  const all = rosters.toSorted((a, b) => a.payload.iat - b.payload.iat || a.version - b.version)
  const agencies = [...Map.groupBy(all, ({ agency }) => agency)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return {
    at: instantOf(at),
    agencies: await Promise.all(agencies.map(([agency, own]) => agencyKeys(agency, own, at))),
  }
}

async function agencyKeys(
  agency: string,
  all: readonly VerifiedRoster[],
  at: number,
): Promise<AgencyKeys> {
  const roster = all.findLast(({ payload }) => payload.iat <= at)
  if (roster === undefined) return { agency, holders: [] }
  const { digest, payload, version } = roster
  return {
    agency,
    roster: {
      version,
      digest,
      issuedAt: instantOf(payload.iat),
      expiresAt: instantOf(payload.exp),
      isOver: payload.exp <= at,
    },
    holders: await holdersOf({ all, roster, at }),
  }
}

async function holdersOf(listing: Listing): Promise<readonly KeyHolder[]> {
  const { nodes, desks, officers } = listing.roster.payload
  const keys = (entries: readonly NamedKey[]): Promise<readonly HeldKey[]> =>
    heldKeys(listing, entries)
  const holders = [
    ...nodes.map(async ({ depositKey, exp, nbf, peerId, sealKey }) => ({
      what: 'node' as const,
      id: peerId,
      roles: [],
      keys: await keys([
        { use: 'seal', jwk: sealKey, nbf, exp },
        ...depositKey.map((key) => ({ use: 'deposit' as const, ...key })),
      ]),
    })),
    ...desks.map(async ({ encryption, id, roles }) => ({
      what: 'desk' as const,
      id,
      roles,
      keys: await keys(encryption.map((key) => ({ use: 'encryption' as const, ...key }))),
    })),
    ...officers.map(async ({ exp, id, key, nbf, organisation, roles }) => ({
      what: 'officer' as const,
      id,
      organisation,
      roles,
      keys: await keys([{ use: 'signature', jwk: key, nbf, exp }]),
    })),
  ]
  return (await Promise.all(holders)).filter(({ keys: held }) => held.length > 0)
}

interface NamedKey {
  readonly use: HeldKeyUse
  readonly jwk: PublicJwk
  readonly nbf: number
  readonly exp: number
}

async function heldKeys(
  listing: Listing,
  entries: readonly NamedKey[],
): Promise<readonly HeldKey[]> {
  const valid = entries.filter(({ nbf, exp }) => nbf <= listing.at && listing.at < exp)
  return Promise.all(valid.map((entry) => heldKey(listing, entry)))
}

async function heldKey(listing: Listing, { exp, jwk, nbf, use }: NamedKey): Promise<HeldKey> {
  const keyId = await thumbprint(jwk)
  const revoked = revocationOf(listing, keyId)
  const key = { use, keyId, from: instantOf(nbf), until: instantOf(exp) }
  return revoked === undefined ? key : { ...key, revoked }
}

/** By any roster among the files: a theft is often known only later. */
function revocationOf({ all, roster }: Listing, keyId: KeyId): HeldKeyRevocation | undefined {
  const saying = revokingRoster(all, { agency: roster.agency, keyId })
  const said = saying?.payload.revoked.find(({ kid }) => kid === keyId)
  if (saying === undefined || said === undefined) return undefined
  const { reason, since } = said
  return { since: instantOf(since), reason, saidAt: instantOf(saying.payload.iat) }
}
