/**
 * Every key of the own agency as a person looks at it: what for, whose, from when to when, and how it stands now.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import {
  type CharterEntry,
  keyExpiryLevel,
  peerIdOfKey,
  type PublicJwk,
  type Roster,
  type RosterNode,
  thumbprint,
  type VerifiedRoster,
} from '@amana/core'
import { type KeyState, type KeyUseName, type KeyView } from '../service-views.ts'
import { type NamedRosterKey } from '../trust/roster-keys.ts'
import { FIRST_ROSTER_KEYSTORE, rosterKeystoreName } from '../vault/keystore-file.ts'
import { type NodeIdentity } from '../vault/load-keys.ts'
import { type RingKey } from '../vault/node-key-ring.ts'

/** What the facts are taken from. */
export interface KeySources {
  readonly entry: CharterEntry
  /** Of the charters in force, to come and from before. */
  readonly rosterKeys: readonly NamedRosterKey[]
  /** The span of the charter in force, where there is one. */
  readonly charter: Span | undefined
  /** All rosters of the own agency, oldest first, one chain after the other. */
  readonly rosters: readonly VerifiedRoster[]
  /** Private halves that the node holds. */
  readonly opening: readonly RingKey[]
  /** By which the node is known, and by which it is to be known once the other agency has the roster that lists them. */
  readonly inUse: NodeIdentity
  readonly next: NodeIdentity | undefined
  /** Seconds since 1970. */
  readonly now: number
}

interface Span {
  readonly nbf: number
  readonly exp: number
}

/** Every key, in the order of uses; inside of a use the newest first. */
export async function keyViews(sources: KeySources): Promise<readonly KeyView[]> {
  const listed = sources.rosters.flatMap((roster) => listedIn(roster))
  const inRosters = await rosterViews(listed, sources)
  const known = new Set(inRosters.map(({ keyId }) => keyId))
  return [
    ...(await entryViews(sources)),
    ...inRosters,
    ...libp2pViews(sources),
    ...logViews(sources.rosters.at(-1)?.payload.nodes[0]),
    ...madeViews(sources).filter(({ keyId }) => !known.has(keyId)),
  ]
}

interface Listed {
  readonly use: KeyUseName
  readonly holder: string
  readonly jwk: PublicJwk
  readonly span: Span
  readonly version: number
}

function listedIn({ payload, version }: VerifiedRoster): readonly Listed[] {
  return [
    ...payload.officers.flatMap(({ encryption, exp, id, key, nbf }) => [
      { use: 'officer' as const, holder: id, jwk: key, span: { nbf, exp } },
      ...rotating('officer-encryption', id, encryption),
    ]),
    ...payload.desks.flatMap(({ encryption, id }) => rotating('desk', id, encryption)),
    ...payload.nodes.flatMap(({ depositKey, exp, nbf, peerId, sealKey }) => [
      { use: 'node-seal' as const, holder: peerId, jwk: sealKey, span: { nbf, exp } },
      ...rotating('deposit', peerId, depositKey),
    ]),
  ].map((entry) => ({ ...entry, version }))
}

function rotating(
  use: KeyUseName,
  holder: string,
  keys: Roster['desks'][number]['encryption'],
): readonly Omit<Listed, 'version'>[] {
  return keys.map(({ exp, jwk, nbf }) => ({ use, holder, jwk, span: { nbf, exp } }))
}

async function rosterViews(
  listed: readonly Listed[],
  sources: KeySources,
): Promise<readonly KeyView[]> {
  const byKey = new Map<string, readonly Listed[]>()
  for (const entry of listed) {
    const keyId = await thumbprint(entry.jwk)
    byKey.set(keyId, [...(byKey.get(keyId) ?? []), entry])
  }
  const found = [...byKey].flatMap(([keyId, entries]) => viewOf(keyId, entries, sources) ?? [])
  const views = found.map((view) => {
    const known = view.use === 'node-seal' ? nodeKeyView(view, view.holder, sources) : view
    return isOutlived(known, found) ? withoutLevel(known) : known
  })
  return USES.flatMap((use) => views.filter((view) => view.use === use).toReversed())
}

/** New keys of a node stand in a roster before they are in use, and those before still stand there when they are. */
function nodeKeyView(view: KeyView, peerId: string, { inUse, next }: KeySources): KeyView {
  const isInUse = peerId === peerIdOfKey(inUse.peerKey.publicJwk)
  const isNext = next !== undefined && !isInUse && peerId === peerIdOfKey(next.peerKey.publicJwk)
  const held = { ...view, isHere: isInUse || isNext }
  if (view.state !== 'current' || isInUse) return held
  return withoutLevel({ ...held, state: isNext ? 'next' : 'expired' })
}

/** Another key of the same holder is there for the time after it, so nobody has to be told of its end. */
function isOutlived({ holder, jwk, until = 0, use }: KeyView, all: readonly KeyView[]): boolean {
  return all.some(
    (other) =>
      (other.state === 'current' || other.state === 'next') &&
      other.use === use &&
      other.holder === holder &&
      other.jwk?.alg === jwk?.alg &&
      (other.until ?? 0) > until,
  )
}

function withoutLevel({ level: _level, ...view }: KeyView): KeyView {
  return view
}

const USES = ['officer', 'officer-encryption', 'desk', 'node-seal', 'deposit'] as const

function viewOf(
  keyId: string,
  entries: readonly Listed[],
  { now, opening, rosters }: KeySources,
): KeyView | undefined {
  const last = entries.at(-1)
  const newest = rosters.at(-1)
  if (last === undefined || newest === undefined) return undefined
  const revocation = newest.payload.revoked.find(({ kid }) => kid === keyId)
  const isListed = last.version === newest.version
  const state = revocation === undefined ? stateOf(last.span, isListed, now) : 'revoked'
  const level = state === 'current' ? keyExpiryLevel(last.span.exp, now) : undefined
  return {
    keyId,
    use: last.use,
    holder: last.holder,
    jwk: last.jwk,
    from: last.span.nbf,
    until: last.span.exp,
    state,
    isHere: opening.some(({ key }) => key.keyId === keyId),
    rosters: entries.map(({ version }) => version),
    ...(level === undefined ? {} : { level }),
    ...(revocation === undefined
      ? {}
      : { revoked: { reason: revocation.reason, since: revocation.since } }),
  }
}

function stateOf({ exp, nbf }: Span, isListed: boolean, now: number): KeyState {
  if (!isListed || now >= exp) return 'expired'
  return now < nbf ? 'next' : 'current'
}

/** Made and not yet in a roster. */
function madeViews({ next, opening }: KeySources): readonly KeyView[] {
  const node = next === undefined ? [] : [nextSealView(next)]
  return [...node, ...openingViews(opening)]
}

function nextSealView({ peerKey, sealKey }: NodeIdentity): KeyView {
  return {
    keyId: sealKey.keyId,
    use: 'node-seal',
    holder: peerIdOfKey(peerKey.publicJwk),
    jwk: sealKey.publicJwk,
    state: 'next',
    isHere: true,
    rosters: [],
  }
}

function openingViews(opening: KeySources['opening']): readonly KeyView[] {
  return opening.map(({ key, use }) => ({
    keyId: key.keyId,
    use: use === 'deposit' ? 'deposit' : 'desk',
    holder: use,
    jwk: key.publicJwk,
    state: 'next',
    isHere: true,
    rosters: [],
  }))
}

async function entryViews({
  charter,
  entry,
  now,
  rosterKeys,
}: KeySources): Promise<readonly KeyView[]> {
  const level = charter === undefined ? undefined : keyExpiryLevel(charter.exp, now)
  const common = {
    ...(charter === undefined ? {} : { from: charter.nbf, until: charter.exp }),
    ...(level === undefined ? {} : { level }),
    state: charter === undefined || now < charter.exp ? 'current' : 'expired',
    isHere: false,
    rosters: [],
  } as const
  const pairs = async (use: 'root' | 'recovery', list: CharterEntry['roots']) =>
    Promise.all(
      list.map(async ({ ed, pq }, index) => ({
        ...common,
        keyId: await thumbprint(ed),
        secondKeyId: await thumbprint(pq),
        use,
        holder: `${use}-${String(index + 1)}`,
        jwk: ed,
      })),
    )
  return [
    ...(await pairs('root', entry.roots)),
    ...(await pairs('recovery', entry.recovery)),
    ...(await Promise.all(rosterKeys.map((key) => rosterKeyView(key, common)))),
  ]
}

/** Name of the keystore of a roster key. */
export async function rosterKeystoreOf({
  isFirst,
  jwk,
}: Pick<NamedRosterKey, 'isFirst' | 'jwk'>): Promise<string> {
  return isFirst ? FIRST_ROSTER_KEYSTORE : rosterKeystoreName(await thumbprint(jwk))
}

/** One that no charter in force names signs nothing any more, or nothing yet. */
async function rosterKeyView(
  { isFirst, jwk, named, span }: NamedRosterKey,
  inForce: Pick<KeyView, 'isHere' | 'rosters' | 'state'>,
): Promise<KeyView> {
  const keyId = await thumbprint(jwk)
  const holder = await rosterKeystoreOf({ isFirst, jwk })
  const view = { keyId, use: 'roster' as const, holder, jwk }
  const dates = span === undefined ? {} : { from: span.nbf, until: span.exp }
  if (named === 'in-force') return { ...inForce, ...view, ...dates }
  const state = named === 'next' ? 'next' : 'expired'
  return { ...view, ...dates, state, isHere: false, rosters: [] }
}

/** Verifier keys have the ids of their notes. */
function logViews(node: RosterNode | undefined): readonly KeyView[] {
  if (node === undefined) return []
  const { log, witness } = node.log
  const views = (use: 'log' | 'witness', keys: readonly string[]): readonly KeyView[] =>
    keys.map((key) => ({
      keyId: key.split('+')[1] ?? '',
      use,
      holder: key.split('+')[0] ?? '',
      from: node.nbf,
      until: node.exp,
      state: 'current',
      isHere: true,
      rosters: [],
    }))
  return [...views('log', log), ...views('witness', witness)]
}

function libp2pViews(sources: KeySources): readonly KeyView[] {
  const { nodes = [] } = sources.rosters.at(-1)?.payload ?? {}
  return nodes
    .toSorted((a, b) => b.nbf - a.nbf)
    .map((node) => nodeKeyView(libp2pView(node), node.peerId, sources))
}

function libp2pView({ exp, nbf, peerId }: RosterNode): KeyView {
  return {
    keyId: peerId,
    use: 'libp2p',
    holder: peerId,
    from: nbf,
    until: exp,
    state: 'current',
    isHere: true,
    rosters: [],
  }
}
