/**
 * Keys for the people who use a node: what there is, a new private half, what a revocation would do, rosters as files.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import {
  AmanaError,
  createRosterNode,
  expiriesOf,
  type OpeningKey,
  peerIdOfKey,
  type Suite,
  TRUST_LIMITS,
  type VerifiedRoster,
} from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type NodeStatus } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { type RotatedUse } from '../vault/agency-secrets.ts'
import { keyViews, type KeySources } from './key-facts.ts'

type KeyServices = Pick<
  NodeServices,
  'keys' | 'makeKeys' | 'makeNodeKeys' | 'signedBy' | 'rosterChain'
>

/** More statements than an agency signs while a key lives. */
const MOST_STATEMENTS = 1_000_000

/** The methods about keys. */
export function createKeyServices(parts: NodeParts): KeyServices {
  const { ledger, ring, trust } = parts
  return {
    keys: async () => ({ agency: parts.agency, keys: await keyViews(sourcesOf(parts)) }),
    makeKeys: async ({ use, suite = 'A2', ...wish }) => {
      const count = 'count' in wish ? (wish.count ?? 1) : 1
      const made = unlisted(parts, { use, suite }).slice(0, count)
      const missing = count - made.length
      const keys = missing === 0 ? made : [...made, ...(await ring.make(use, suite, missing))]
      return keys.map(({ keyId, publicJwk }) => ({ keyId, jwk: publicJwk }))
    },
    makeNodeKeys: () => makeNodeKeys(parts),
    signedBy: async ({ keyId }) => {
      const all = await ledger.newest(MOST_STATEMENTS)
      const signed = all.filter(
        ({ direction, signers }) =>
          direction === 'out' && signers.some((signer) => signer.keyId === keyId),
      )
      const waiting = signed.filter(({ state }) => state === 'queued' || state === 'sent')
      const covered = signed.filter(({ receipt }) => receipt !== undefined)
      return { covered: covered.length, waiting: waiting.length }
    },
    rosterChain: async ({ agency }) => {
      const rosters = trust.rosters.filter((roster) => roster.agency === agency)
      if (rosters.length === 0) throw new AmanaError('TRUST_NO_ROSTER', { agency })
      return { rosters: rosters.map(({ jws }) => jws) }
    },
  }
}

/** @throws TRUST_KEY_WAITS when a roster lists keys already that are not in use yet; STORE_FILE */
async function makeNodeKeys(parts: NodeParts): Promise<ServiceResults['makeNodeKeys']> {
  const { agency, peerId: own, ring, trust } = parts
  const before = trust.ownRoster.payload.nodes.find(({ peerId }) => peerId === own)
  if (before === undefined) throw new AmanaError('CLI_KEY_HOLDER', { holder: own })
  const waiting = nextKeys(parts)
  if (waiting?.isListed === true)
    throw new AmanaError('TRUST_KEY_WAITS', { peerId: waiting.peerId })
  const { peerKey, sealKey } = await ring.makeNext()
  const deposit =
    unlisted(parts, { use: 'deposit', suite: 'A2' })[0] ?? (await ring.make('deposit', 'A2'))[0]
  if (deposit?.algorithm !== 'HPKE-9-KE') throw new AmanaError('CLI_NO_KEY', { keyId: '' })
  const { binding, peerId } = await createRosterNode(agency, { ...before, peerKey, sealKey })
  return {
    keyId: sealKey.keyId,
    peerId,
    sealKey: sealKey.publicJwk,
    binding,
    depositKey: deposit.publicJwk,
  }
}

/** New keys of the node that are not in use yet. */
export function nextKeys({
  keys,
  ring,
  trust,
}: Pick<NodeParts, 'keys' | 'ring' | 'trust'>): NodeStatus['nextKeys'] {
  const { next } = ring
  if (next === undefined || next.sealKey.keyId === keys.sealKey.keyId) return undefined
  const peerId = peerIdOfKey(next.peerKey.publicJwk)
  const { nodes } = trust.ownRoster.payload
  return { peerId, isListed: nodes.some((node) => node.peerId === peerId) }
}

/** What of the charter and both agencies' newest rosters ends soon, and rosters of which there are two. */
export function trustWarnings({
  clock,
  trust,
}: Pick<NodeParts, 'clock' | 'trust'>): Pick<
  NodeStatus,
  'expiries' | 'forks' | 'recovery' | 'charterForks' | 'fullChains'
> {
  const { charterForks, forks, inForce, rosters } = trust
  const newest = [...Map.groupBy(rosters, ({ agency }) => agency).values()].flatMap(
    (versions) => versions.toSorted((a, b) => b.version - a.version)[0] ?? [],
  )
  return {
    expiries: expiriesOf(inForce?.charter, newest, clock.now()),
    forks,
    ...recoveryOf(trust),
    ...(charterForks.length === 0 ? {} : { charterForks }),
    ...fullChains(newest),
  }
}

/** From here on people have time to sign a charter that begins a new chain. */
const FULL_PERCENT = 75

/** Chains of rosters with little room. */
export function fullChains(
  newest: readonly Pick<VerifiedRoster, 'agency' | 'chainBytes'>[],
): Pick<NodeStatus, 'fullChains'> {
  const full = newest
    .map(({ agency, chainBytes }) => ({
      agency,
      percent: Math.floor((100 * chainBytes) / TRUST_LIMITS.rosterChainBytes),
    }))
    .filter(({ percent }) => percent >= FULL_PERCENT)
  return full.length === 0 ? {} : { fullChains: full }
}

function recoveryOf({ pending }: NodeParts['trust']): Pick<NodeStatus, 'recovery'> {
  if (pending === undefined) return {}
  const { recovery, until } = pending
  return { recovery: { agency: recovery.agency, ...(until === undefined ? {} : { until }) } }
}

function sourcesOf({ agency, clock, keys, ring, trust }: NodeParts): KeySources {
  const charter = trust.inForce?.charter.payload
  return {
    entry: trust.ownEntry(),
    rosterKeys: trust.rosterKeys,
    charter: charter === undefined ? undefined : { nbf: charter.iat, exp: charter.exp },
    rosters: trust.allRosters.filter((roster) => roster.agency === agency),
    opening: ring.opening,
    inUse: keys,
    next: ring.next,
    now: clock.now(),
  }
}

/** Those that were made and never listed, because their roster was not signed. */
function unlisted(
  { agency, ring, trust }: NodeParts,
  { use, suite }: { readonly use: RotatedUse; readonly suite: Suite },
): readonly OpeningKey[] {
  const listed = new Set<string>(
    trust.allRosters
      .filter((roster) => roster.agency === agency)
      .flatMap(({ keys }) => [...keys.byKeyId.keys()]),
  )
  const algorithm = suite === 'A1' ? 'ECDH-ES+A256KW' : 'HPKE-9-KE'
  return ring.opening
    .filter((held) => held.use === use && held.key.algorithm === algorithm)
    .map(({ key }) => key)
    .filter(({ keyId }) => !listed.has(keyId))
}
