/**
 * The public half of an agency's keys: what goes into its charter entry and its first roster.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#charter
 */
import {
  createRosterNode,
  formatVkey,
  type RootPair,
  type Roster,
  type RosterNode,
} from '@amana/core'
import { type EntryParts } from '../trust/trust-documents.ts'
import { type AgencySecrets } from '../vault/agency-secrets.ts'
import {
  type FirstOpeningKeys,
  loadRootPair,
  loadSigningKey,
  type LogNames,
  type NodeKeys,
  type NoteSigners,
} from '../vault/load-keys.ts'

const DAY_SECONDS = 86_400
/** Keys of desks and nodes are renewed once a year. */
const KEY_DAYS = 365
/** Two of three root pairs sign. */
const THRESHOLD = 2
/** Another clock may be behind by this much. */
const SKEW_SECONDS = 300

/** The span of a key that begins now. */
export function keySpan(
  now: number,
  days: number = KEY_DAYS,
): { readonly nbf: number; readonly exp: number } {
  return { nbf: now - SKEW_SECONDS, exp: now + days * DAY_SECONDS }
}

/** What an agency puts into a charter, without the roster. */
export async function entryPartsOf(name: string, secrets: AgencySecrets): Promise<EntryParts> {
  const roots = await Promise.all(secrets.roots.map((root) => loadRootPair(root)))
  const recovery = await Promise.all(secrets.recovery.map((pair) => loadRootPair(pair)))
  const rosterKey = await loadSigningKey(secrets.roster.seed)
  return {
    name,
    recovery: recovery.map(publicPair),
    recoveryThreshold: THRESHOLD,
    roots: roots.map(publicPair),
    rosterKeys: [rosterKey.publicJwk],
    threshold: THRESHOLD,
  }
}

/** A new node as its roster lists it. */
export interface NewNode {
  readonly agency: string
  readonly names: LogNames
  readonly keys: NodeKeys & FirstOpeningKeys
  /** Hash of the log's first leaf. */
  readonly genesis: RosterNode['log']['genesis']
  /** Where the other agency reaches it. */
  readonly addresses: readonly string[]
  /** Seconds since 1970. */
  readonly now: number
}

/** Desks and node of a first roster; it lists no officer yet. */
export async function firstLists(
  node: NewNode,
): Promise<Pick<Roster, 'desks' | 'nodes' | 'officers' | 'revoked'>> {
  const { agency, keys, now, names } = node
  const span = keySpan(now)
  const desks = Object.entries(keys.desks).map(([id, { publicJwk }]) => ({
    encryption: [{ ...span, jwk: publicJwk }],
    external: false,
    id,
    roles: [],
  }))
  const entry = await createRosterNode(agency, {
    ...span,
    addresses: [...node.addresses],
    depositKey: [{ ...span, jwk: keys.depositKey.publicJwk }],
    desks: desks.map(({ id }) => id),
    log: {
      genesis: node.genesis,
      log: vkeysOf(keys.log),
      origin: names.origin,
      witness: vkeysOf(keys.witness),
    },
    peerKey: keys.peerKey,
    sealKey: keys.sealKey,
  })
  return { desks, nodes: [entry], officers: [], revoked: [] }
}

function vkeysOf({ ed25519, mlDsa44 }: NoteSigners): [string, string] {
  return [formatVkey(ed25519), formatVkey(mlDsa44)]
}

function publicPair({ ed, pq }: RootPair): EntryParts['roots'][number] {
  return { ed: ed.publicJwk, pq: pq.publicJwk }
}
