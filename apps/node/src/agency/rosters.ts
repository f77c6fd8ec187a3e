/**
 * The next version of the own roster: an officer more, or the same for another 35 days.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import {
  AmanaError,
  buildNextRoster,
  type CharterEntry,
  createRosterOfficer,
  type DeskRole,
  digest,
  encodeBase64url,
  type GeneralJws,
  type HpkeJwk,
  type PrivateKey,
  type RosterLists,
  signRoster,
  thumbprint,
  type VerifiedRoster,
  verifyRoster,
  type X25519Jwk,
} from '@amana/core'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { systemClock, systemRandom } from '../system.ts'
import { RosterSecretsSchema } from '../vault/agency-secrets.ts'
import {
  FIRST_ROSTER_KEYSTORE,
  keystorePath,
  readKeystore,
  rosterKeystoreName,
  writeKeystore,
} from '../vault/keystore-file.ts'
import { loadSigningKey } from '../vault/load-keys.ts'
import { keySpan } from './agency-keys.ts'

const SEED_BYTES = 32

/** An officer whom the agency adds. */
export interface NewOfficer {
  readonly id: string
  readonly organisation: string
  readonly roles: readonly string[]
  readonly key: PrivateKey<'Ed25519'>
  /** What keys of groups at rest are wrapped to. */
  readonly encryption?: HpkeJwk | undefined
  /** Days until the keys end. */
  readonly days: number
}

/** What the next roster changes; by what the one before says. */
export type RosterChange = (
  before: VerifiedRoster,
  now: number,
) => Promise<Partial<RosterLists>> | Partial<RosterLists>

/**
 * Signs the next roster and hands it to the node.
 *
 * @throws as `NodeServices.adoptRoster`
 */
export async function adoptNextRoster(
  services: Pick<NodeServices, 'adoptRoster' | 'ownEntry' | 'status'>,
  rosterKey: PrivateKey<'Ed25519'>,
  change: RosterChange,
): Promise<ServiceResults['adoptRoster']> {
  const before = await newestOwnRoster(services)
  const now = Math.max(systemClock.now(), before.payload.iat)
  const next = buildNextRoster(before, now, await change(before, now))
  return services.adoptRoster({ roster: { ...(await signRoster(next, rosterKey)) } })
}

/** The same lists, without what has ended of a node whose keys were made anew. */
export const renewed: RosterChange = ({ payload: { nodes } }, now) => {
  const living = nodes.filter(({ exp }) => exp > now)
  return living.length === 0 ? {} : { nodes: living }
}

/** The newest roster of the own agency. @throws as `verifyRoster` */
export async function newestOwnRoster(
  services: Pick<NodeServices, 'ownEntry' | 'status'>,
): Promise<VerifiedRoster> {
  const { entry, roster } = await services.ownEntry({})
  const { agency } = await services.status({})
  return verifyRoster(roster, { authority: { agency, entry } })
}

/** A new roster key, and under which name its keystore lies. */
export interface NewRosterKey {
  readonly keystore: string
  readonly key: PrivateKey<'Ed25519'>
}

/** Makes a roster key and writes its keystore into the agency's folder. @throws STORE_FILE */
export async function makeRosterKey(
  folder: string,
  passphraseOf: (keystore: string) => Promise<string>,
): Promise<NewRosterKey> {
  const secrets = { seed: encodeBase64url(systemRandom(SEED_BYTES)) }
  const key = await loadSigningKey(secrets.seed)
  const keystore = rosterKeystoreName(key.keyId)
  const passphrase = await passphraseOf(keystore)
  await writeKeystore({ path: keystorePath(folder, keystore), passphrase, secrets }, systemRandom)
  return { keystore, key }
}

/** The chain of rosters that a new roster key begins. */
export interface BegunChain {
  /** What the roster in force lists, signed by the new key. */
  readonly roster: GeneralJws
  readonly entry: Pick<CharterEntry, 'roster' | 'rosterKeys'>
}

/**
 * It goes on counting from the roster in force, and names it, so that a person can tell which one it repeats.
 *
 * @throws as `newestOwnRoster`
 */
export async function beginChain(
  services: NodeServices,
  rosterKey: PrivateKey<'Ed25519'>,
): Promise<BegunChain> {
  const before = await newestOwnRoster(services)
  const first = buildNextRoster(before, Math.max(systemClock.now(), before.payload.iat), {})
  const roster = await signRoster(first, rosterKey)
  const bound = { digest: digest(roster.payload), version: first.version }
  return { roster, entry: { rosterKeys: [rosterKey.publicJwk], roster: bound } }
}

/** Keystores of the roster keys that the charter in force names, and whether a charter with another one waits. */
export interface RosterKeystores {
  readonly inForce: readonly string[]
  readonly isChanging: boolean
}

/** Those of a node. */
export async function rosterKeystores(
  services: Pick<NodeServices, 'keys' | 'ownEntry'>,
): Promise<RosterKeystores> {
  const { entry } = await services.ownEntry({})
  const inForce = await Promise.all(entry.rosterKeys.map((jwk) => thumbprint(jwk)))
  const { keys } = await services.keys({})
  const listed = keys.filter(({ use }) => use === 'roster')
  const current = listed.filter(({ keyId }) => inForce.some((kid) => kid === keyId))
  const isChanging = listed.some(({ state }) => state === 'next')
  return { inForce: current.map(({ holder }) => holder), isChanging }
}

/** The roster key from its keystore. @throws STORE_FILE, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function loadRosterKey(
  folder: string,
  passphrase: string,
  keystore: string = FIRST_ROSTER_KEYSTORE,
): Promise<PrivateKey<'Ed25519'>> {
  const path = keystorePath(folder, keystore)
  const { seed } = await readKeystore(path, passphrase, RosterSecretsSchema)
  return loadSigningKey(seed)
}

/** A partner desk that the agency hosts. */
export interface NewPartnerDesk {
  readonly id: string
  readonly roles: readonly DeskRole[]
  readonly jwk: HpkeJwk | X25519Jwk
  /** Days until the key ends. */
  readonly days: number
}

/** Adds a partner desk, hosted by every node of the agency. @throws CLI_DESK when the roster lists one of that id */
export function addPartnerDesk({ days, id, jwk, roles }: NewPartnerDesk): RosterChange {
  return ({ payload }, now) => {
    if (payload.desks.some((desk) => desk.id === id)) throw new AmanaError('CLI_DESK', { id })
    const encryption = [{ ...keySpan(now, days), jwk }]
    const added = { encryption, external: true, id, roles: roles.toSorted() }
    const nodes = payload.nodes.map((node) => ({ ...node, desks: [...node.desks, id] }))
    return { desks: [...payload.desks, added], nodes }
  }
}

/** Adds officers; one of the same id is replaced by the new key. */
export function addOfficers(officers: readonly NewOfficer[]): RosterChange {
  return async ({ agency, payload }, now) => {
    const ids = new Set(officers.map(({ id }) => id))
    const added = await Promise.all(
      officers.map(({ days, encryption, id, key, organisation, roles }) =>
        createRosterOfficer(agency, {
          id,
          key,
          organisation,
          ...keySpan(now, days),
          encryption: encryption === undefined ? [] : [{ ...keySpan(now, days), jwk: encryption }],
          roles: [...roles],
        }),
      ),
    )
    const kept = payload.officers.filter(({ id }) => !ids.has(id))
    return { officers: [...kept, ...added] }
  }
}
