/**
 * The next version of the own roster: an officer more, or the same for another 35 days.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import {
  AmanaError,
  buildNextRoster,
  createRosterOfficer,
  type DeskRole,
  type HpkeJwk,
  type PrivateKey,
  type RosterLists,
  signRoster,
  type VerifiedRoster,
  verifyRoster,
  type X25519Jwk,
} from '@amana/core'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { systemClock } from '../system.ts'
import { RosterSecretsSchema } from '../vault/agency-secrets.ts'
import { keystorePath, readKeystore } from '../vault/keystore-file.ts'
import { loadSigningKey } from '../vault/load-keys.ts'
import { keySpan } from './agency-keys.ts'

/** An officer whom the agency adds. */
export interface NewOfficer {
  readonly id: string
  readonly organisation: string
  readonly roles: readonly string[]
  readonly key: PrivateKey<'Ed25519'>
  /** Days until the key ends. */
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

/** The roster key from its keystore. @throws STORE_FILE, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function loadRosterKey(
  folder: string,
  passphrase: string,
): Promise<PrivateKey<'Ed25519'>> {
  const path = keystorePath(folder, 'roster')
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
      officers.map(({ days, roles, ...officer }) =>
        createRosterOfficer(agency, {
          ...officer,
          ...keySpan(now, days),
          encryption: [],
          roles: [...roles],
        }),
      ),
    )
    const kept = payload.officers.filter(({ id }) => !ids.has(id))
    return { officers: [...kept, ...added] }
  }
}
