/**
 * By which keys the node is known: those before, until the other agency has the roster that lists the new ones.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#new-keys-of-a-node
 */
import { peerIdOfKey } from '@amana/core'
import { type AuditWriter, type NodeClock, type Store } from './ports.ts'
import { acknowledgedBy } from './trust/acknowledged.ts'
import { type TrustState } from './trust/trust-state.ts'
import { type NodeIdentity } from './vault/load-keys.ts'
import { type NodeKeyRing } from './vault/node-key-ring.ts'

/** What decides. */
export interface IdentityParts {
  readonly agency: string
  readonly clock: NodeClock
  readonly ring: NodeKeyRing
  readonly store: Store
  readonly trust: TrustState
}

/** The keys to speak and sign with from now on. @throws STORE_DAMAGED */
export async function identityInUse(parts: IdentityParts): Promise<NodeIdentity> {
  const { keys, next } = parts.ring
  return next !== undefined && (await isNextDue(parts)) ? next : keys
}

/**
 * Whether the keys that wait are to be used: the newest own roster lists them, and the other agency has a roster that
 * does. At the latest when those before have ended: then nobody can verify them any more.
 *
 * @throws STORE_DAMAGED
 */
export async function isNextDue(parts: IdentityParts): Promise<boolean> {
  const { agency, clock, ring, store, trust } = parts
  if (ring.next === undefined) return false
  const peerId = peerIdOfKey(ring.next.peerKey.publicJwk)
  const { chainStart, payload } = trust.ownRoster
  if (!payload.nodes.some((node) => node.peerId === peerId)) return false
  const own = peerIdOfKey(ring.keys.peerKey.publicJwk)
  const before = payload.nodes.find((node) => node.peerId === own)
  if (before === undefined || clock.now() >= before.exp) return true
  if (trust.inForce === undefined) return false
  const listing = trust.rosters
    .filter((roster) => roster.agency === agency && roster.chainStart === chainStart)
    .filter((roster) => roster.payload.nodes.some((node) => node.peerId === peerId))
  const known = await acknowledgedBy({ store, trust }, trust.peer())
  return listing.some(({ version }) => version <= known)
}

/**
 * Destroys the private halves of the keys before, once the node was opened with the new ones, after their leaves; gives
 * their ids.
 *
 * @throws STORE_WRITE, STORE_FILE
 */
export async function settleIdentity({
  audit,
  keys,
  ring,
}: {
  readonly audit: AuditWriter
  /** Those in use. */
  readonly keys: NodeIdentity
  readonly ring: NodeKeyRing
}): Promise<readonly string[]> {
  if (ring.next === undefined || ring.next.sealKey.keyId !== keys.sealKey.keyId) return []
  const { peerKey, sealKey } = ring.keys
  const ended = [
    { use: 'libp2p', key: peerKey.keyId },
    { use: 'seal', key: sealKey.keyId },
  ]
  const events = ended.map(({ key, use }) => ({
    event: 'g.key',
    actor: 'sys',
    data: { done: 'destroyed', key, use },
  }))
  await audit.commit({ events, writes: async () => ({ writes: [], events: [] }) })
  await ring.settleNext()
  return ended.map(({ key }) => key)
}
