/**
 * What a key that is made anew or revoked changes in the own roster.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import {
  AmanaError,
  createRosterOfficer,
  type HpkeJwk,
  type PrivateKey,
  type Revocation,
  type Roster,
  type RosterLists,
  type RosterNode,
  thumbprint,
  TRUST_LIMITS,
  type VerifiedRoster,
  type X25519Jwk,
} from '@amana/core'
import { type KeyUseName, type KeyView } from '../service-views.ts'
import { keySpan } from './agency-keys.ts'
import { type RosterChange } from './rosters.ts'

/** How a key takes the place of another. */
export interface Rotation {
  /** Days until the new key ends. */
  readonly days: number
  /** Whether the keys before are revoked at once, as superseded, instead of being left to their end. */
  readonly supersede: boolean
}

type RotatingKeys = Roster['desks'][number]['encryption']

/**
 * A new key for a desk beside those that it has; keys of the other suite stay as they are.
 *
 * @throws CLI_KEY_HOLDER when the roster lists no such desk
 */
export function rotateDeskKey(
  desk: string,
  jwk: HpkeJwk | X25519Jwk,
  { days, supersede }: Rotation,
): RosterChange {
  return async ({ payload }, now) => {
    const found = payload.desks.find(({ id }) => id === desk)
    if (found === undefined) throw new AmanaError('CLI_KEY_HOLDER', { holder: desk })
    const { same = [], other = [] } = Object.groupBy(found.encryption, (key) =>
      key.jwk.alg === jwk.alg ? 'same' : 'other',
    )
    const encryption = [...other, ...withKey(same, { ...keySpan(now, days), jwk }, supersede)]
    const desks = payload.desks.map((entry) =>
      entry.id === desk ? { ...entry, encryption } : entry,
    )
    if (!supersede) return { desks }
    return { desks, revoked: await superseded(payload, same, now) }
  }
}

/** A new deposit key for the node beside those that it has. @throws CLI_KEY_HOLDER when it is not in the roster */
export function rotateDepositKey(
  peerId: string,
  jwk: HpkeJwk,
  { days, supersede }: Rotation,
): RosterChange {
  return async ({ payload }, now) => {
    const found = payload.nodes.find((node) => node.peerId === peerId)
    if (found === undefined) throw new AmanaError('CLI_KEY_HOLDER', { holder: peerId })
    const kept = supersede ? [] : found.depositKey.filter(({ exp }) => exp > now)
    const depositKey = [...kept, { ...keySpan(now, days), jwk }]
    const nodes = payload.nodes.map((node) =>
      node.peerId === peerId ? { ...node, depositKey } : node,
    )
    if (!supersede) return { nodes }
    return { nodes, revoked: await superseded(payload, found.depositKey, now) }
  }
}

/** The public halves of new keys of a node, with the word of its new libp2p key for its new seal key. */
export interface NewNodeKeys extends Pick<RosterNode, 'binding' | 'peerId' | 'sealKey'> {
  readonly depositKey: HpkeJwk
}

/**
 * The node under its new keys, beside itself under those in use, which end with the roster: until then the other agency
 * hears it under either.
 *
 * @throws CLI_KEY_HOLDER when the roster does not list the node
 */
export function replaceNodeKeys(
  peerId: string,
  { depositKey, ...keys }: NewNodeKeys,
  { days }: Pick<Rotation, 'days'>,
): RosterChange {
  return ({ payload }, now) => {
    const before = payload.nodes.find((node) => node.peerId === peerId)
    if (before === undefined) throw new AmanaError('CLI_KEY_HOLDER', { holder: peerId })
    const span = keySpan(now, days)
    const exp = Math.min(before.exp, now + TRUST_LIMITS.rosterValidForSeconds)
    const next = { ...before, ...span, ...keys, depositKey: [{ ...span, jwk: depositKey }] }
    return { nodes: [{ ...before, exp }, next] }
  }
}

/** An officer's new keys: what he signs with, and what is sealed for him. */
export interface NewOfficerKeys {
  readonly key: PrivateKey<'Ed25519'>
  readonly encryption: HpkeJwk
}

/** New keys in the place of the officer's. @throws CLI_KEY_HOLDER when the roster lists no such officer */
export function replaceOfficerKeys(
  id: string,
  { encryption: jwk, key }: NewOfficerKeys,
  { days, supersede }: Rotation,
): RosterChange {
  return async ({ agency, payload }, now) => {
    const found = payload.officers.find((officer) => officer.id === id)
    if (found === undefined) throw new AmanaError('CLI_KEY_HOLDER', { holder: id })
    const { encryption: read, key: old, proof: _before, ...rest } = found
    const span = keySpan(now, days)
    const encryption = [{ ...span, jwk }]
    const next = await createRosterOfficer(agency, { ...rest, ...span, encryption, key })
    const officers = payload.officers.map((officer) => (officer.id === id ? next : officer))
    if (!supersede) return { officers }
    const kids = await Promise.all(
      [old, ...read.map((one) => one.jwk)].map((one) => thumbprint(one)),
    )
    const since = now
    const added = kids.map((kid) => ({ kid, reason: 'superseded' as const, since }))
    return { officers, revoked: withRevoked(payload, added) }
  }
}

/** What the holder says of a revocation. */
export interface RevocationWish {
  readonly reason: Revocation['reason']
  /** Seconds since 1970; without it the instant at which the roster is signed. */
  readonly since: number | undefined
}

/**
 * Revokes a key and takes it out of the lists: an officer goes with the key.
 *
 * @throws as `assertRevocable`; TRUST_REVOCATION when `since` reaches back and the reason does not allow it
 */
export function revokeKey(view: KeyView, { reason, since }: RevocationWish): RosterChange {
  return async ({ payload }, now) => {
    const kid = await kidOf(view)
    const at = since ?? now
    const inPeace = reason === 'left' || reason === 'superseded'
    if (inPeace && at < now) throw new AmanaError('TRUST_REVOCATION', { keyId: kid })
    return {
      ...(await listsWithout(payload, kid)),
      revoked: withRevoked(payload, [{ kid, reason, since: at }]),
    }
  }
}

const FIXED: ReadonlySet<KeyUseName> = new Set([
  'root',
  'recovery',
  'roster',
  'libp2p',
  'log',
  'witness',
])

/**
 * A roster can revoke this key, and what is left still works.
 *
 * @throws TRUST_KEY_FIXED when it is one that a roster cannot revoke
 * @throws TRUST_KEY_REVOKED when it is revoked already
 * @throws TRUST_KEY_LAST when its desk or node would have no key left
 */
export function assertRevocable(view: KeyView, all: readonly KeyView[]): void {
  const { holder, jwk, keyId, state, use } = view
  if (FIXED.has(use)) throw new AmanaError('TRUST_KEY_FIXED', { keyId, use })
  if (state === 'revoked') throw new AmanaError('TRUST_KEY_REVOKED', { keyId })
  if (use === 'officer' || use === 'officer-encryption' || state === 'expired') return
  const others = all.filter(
    (other) =>
      other.use === use &&
      other.holder === holder &&
      other.jwk?.alg === jwk?.alg &&
      other.keyId !== keyId &&
      other.state === 'current',
  )
  if (others.length === 0) throw new AmanaError('TRUST_KEY_LAST', { keyId, holder })
}

/** Keys that end later than now, and the new one. */
function withKey(
  keys: RotatingKeys,
  added: RotatingKeys[number],
  supersede: boolean,
): RotatingKeys {
  const at = added.nbf
  return [...(supersede ? [] : keys.filter(({ exp }) => exp > at)), added]
}

/** The keys before, revoked from now on. */
export async function superseded(
  payload: Roster,
  keys: readonly RotatingKeys[number][],
  since: number,
): Promise<Roster['revoked']> {
  const kids = await Promise.all(keys.map(({ jwk }) => thumbprint(jwk)))
  return withRevoked(
    payload,
    kids.map((kid) => ({ kid, reason: 'superseded', since })),
  )
}

/** What was revoked once stays as it is. */
function withRevoked({ revoked }: Roster, added: readonly Revocation[]): Roster['revoked'] {
  const known = new Set(revoked.map(({ kid }) => kid))
  return [...revoked, ...added.filter(({ kid }) => !known.has(kid))]
}

async function listsWithout(
  { desks, nodes, officers }: VerifiedRoster['payload'],
  kid: string,
): Promise<Pick<RosterLists, 'desks' | 'nodes' | 'officers'>> {
  const others = async <T extends RotatingKeys[number]>(keys: readonly T[]): Promise<T[]> => {
    const kids = await Promise.all(keys.map(({ jwk }) => thumbprint(jwk)))
    return keys.filter((_, index) => kids[index] !== kid)
  }
  const officerKids = await Promise.all(officers.map(({ key }) => thumbprint(key)))
  const kept = officers.filter((_, index) => officerKids[index] !== kid)
  return {
    desks: await Promise.all(
      desks.map(async (desk) => ({ ...desk, encryption: await others(desk.encryption) })),
    ),
    nodes: await Promise.all(
      nodes.map(async (node) => ({ ...node, depositKey: await others(node.depositKey) })),
    ),
    officers: await Promise.all(
      kept.map(async (officer) => ({ ...officer, encryption: await others(officer.encryption) })),
    ),
  }
}

async function kidOf({ jwk, keyId }: KeyView): Promise<Revocation['kid']> {
  if (jwk === undefined) throw new AmanaError('CLI_NO_KEY', { keyId })
  return thumbprint(jwk)
}
