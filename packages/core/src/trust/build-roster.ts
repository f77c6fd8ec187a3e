/**
 * Making rosters: sorts what must be sorted, signs bindings and proofs, and follows on from the version before.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import { type z } from 'zod'
import { type PrivateKey } from '../crypto/jwk.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { peerIdOfKey } from './peer-id.ts'
import { signBinding, signProof } from './proofs.ts'
import { type Roster, type RosterNode, type RosterOfficer, RosterSchema } from './roster.ts'
import { type VerifiedRoster } from './verified-roster.ts'

/** A node before its keys have signed. */
export interface NodeParts extends Omit<RosterNode, 'binding' | 'peerId' | 'sealKey'> {
  readonly peerKey: PrivateKey<'Ed25519'>
  readonly sealKey: PrivateKey<'Ed25519'>
}

/** An officer before the officer's key has signed. */
export interface OfficerParts extends Omit<RosterOfficer, 'key' | 'proof'> {
  readonly key: PrivateKey<'Ed25519'>
}

/** The lists of a roster, each in its order. */
export const RosterListsSchema = RosterSchema.pick({
  desks: true,
  nodes: true,
  officers: true,
  revoked: true,
})

/** What a roster lists; where one is built, lists may be in any order. */
export type RosterLists = z.output<typeof RosterListsSchema>

/** A node's entry, bound by its libp2p key. */
export async function createRosterNode(agency: string, parts: NodeParts): Promise<RosterNode> {
  const { peerKey, sealKey, ...rest } = parts
  const peerId = peerIdOfKey(peerKey.publicJwk)
  const facts = { agency, peerId, sealKeyId: sealKey.keyId }
  const binding = await signBinding(facts, peerKey)
  return { ...rest, binding, peerId, sealKey: sealKey.publicJwk }
}

/** An officer's entry, proved by the officer's key. */
export async function createRosterOfficer(
  agency: string,
  { key, ...rest }: OfficerParts,
): Promise<RosterOfficer> {
  const proof = await signProof({ agency, id: rest.id }, key)
  return { ...rest, key: key.publicJwk, proof }
}

/** Version 1 of an agency's roster, good for 35 days from `issuedAt` (seconds since 1970). */
export function buildFirstRoster(agency: string, issuedAt: number, lists: RosterLists): Roster {
  return build({ agency, issuedAt, previous: null, version: 1 }, lists)
}

/** The version after `previous`, good for 35 days from `issuedAt`; what `changes` does not name stays. */
export function buildNextRoster(
  previous: VerifiedRoster,
  issuedAt: number,
  changes: Partial<RosterLists>,
): Roster {
  const { agency, desks, nodes, officers, revoked } = previous.payload
  return build(
    { agency, issuedAt, previous: previous.digest, version: previous.version + 1 },
    { desks, nodes, officers, revoked, ...changes },
  )
}

interface Heading extends Pick<Roster, 'agency' | 'previous' | 'version'> {
  readonly issuedAt: number
}

function build({ issuedAt, ...heading }: Heading, lists: RosterLists): Roster {
  return RosterSchema.parse({
    ...heading,
    desks: sortedBy(
      lists.desks.map((desk) => ({ ...desk, roles: desk.roles.toSorted() })),
      ({ id }) => id,
    ),
    exp: issuedAt + TRUST_LIMITS.rosterValidForSeconds,
    iat: issuedAt,
    matching: [],
    nodes: sortedBy(
      lists.nodes.map((node) => ({ ...node, desks: node.desks.toSorted() })),
      ({ peerId }) => peerId,
    ),
    officers: sortedBy(
      lists.officers.map((officer) => ({ ...officer, roles: officer.roles.toSorted() })),
      ({ id }) => id,
    ),
    revoked: sortedBy(lists.revoked, ({ kid }) => kid),
    v: 1,
  })
}

function sortedBy<T>(list: readonly T[], nameOf: (entry: T) => string): T[] {
  return list.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}
