/**
 * Two nodes that have met, without a network: their parts on real folders under a clock that tests turn, statements as
 * officers sign them, and envelopes carried by hand.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AmanaError,
  buildEnvelope,
  buildNextRoster,
  type BuiltEnvelope,
  channelName,
  type Charter,
  createInvite,
  decodeBase64url,
  decodeUtf8,
  deskIn,
  DigestSchema,
  type Draft,
  type EnvelopeParts,
  type GeneralJws,
  type Kind,
  kindDefinition,
  kindRule,
  type Leaf,
  parseLeaf,
  type PrivateKey,
  type RosterLists,
  signCharter,
  type SignedStatement,
  signRoster,
  type VerifiedRoster,
} from '@amana/core'
import { signDraft } from '../../apps/node/src/agency/signing.ts'
import { loadConfig } from '../../apps/node/src/config/load.ts'
import { type NodeParts, openPartsOn, STORE_FOLDER } from '../../apps/node/src/node-parts.ts'
import { checkSubmission } from '../../apps/node/src/outbox/submission.ts'
import { type NodeClock, type Store, type StoreWrite } from '../../apps/node/src/ports.ts'
import { createTrustServices } from '../../apps/node/src/services/trust-services.ts'
import { channelStart, contextOf } from '../../apps/node/src/statements/trust-context.ts'
import { openLevelStore } from '../../apps/node/src/store/level-store.ts'
import { keystorePath } from '../../apps/node/src/vault/keystore-file.ts'
import { firstLogNames, loadRootPair, loadSigningKey } from '../../apps/node/src/vault/load-keys.ts'
import { type RotatedUse } from '../../apps/node/src/vault/agency-secrets.ts'
import { NodeKeyRing, type RingKey } from '../../apps/node/src/vault/node-key-ring.ts'
import {
  AGENCIES,
  type AgencyName,
  type AgencyPlace,
  type MetAgencies,
  metAgencies,
  passphraseOf,
  type OfficerName,
} from './met-agencies.ts'
import { twoAgencies } from './agencies.ts'
import { type World } from './envelope-fixture.ts'
import { BODIES, type Groups } from './message-bodies.ts'
import { systemClock } from '../../apps/node/src/system.ts'
import { random } from './store-fixture.ts'

/** How long a first test of a file may take: whoever comes first makes both agencies. */
export const MEETING_MS = 300_000

/** A clock that stands until it is turned. */
export class TestClock implements NodeClock {
  #now: number

  constructor(now: number) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  nowMs(): number {
    return this.#now * 1000
  }

  turn(seconds: number): void {
    this.#now += seconds
  }
}

/** A clock that stands at this moment: what the commands of an agency sign, they sign by the machine's clock. */
function clockAfter({ madeAt }: { readonly madeAt: number }): TestClock {
  return new TestClock(Math.max(madeAt, systemClock.now()))
}

/** The store of a node on a disk that can be full: then every batch fails and reading goes on. */
export class FullableStore implements Store {
  full = false
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  get(space: string, key: string): Promise<Uint8Array | undefined> {
    return this.#store.get(space, key)
  }

  range(range: Parameters<Store['range']>[0]): ReturnType<Store['range']> {
    return this.#store.range(range)
  }

  keys(range: Parameters<Store['keys']>[0]): ReturnType<Store['keys']> {
    return this.#store.keys(range)
  }

  batch(writes: readonly StoreWrite[]): Promise<void> {
    if (this.full) return Promise.reject(new AmanaError('STORE_WRITE', { reason: 'ENOSPC' }))
    return this.#store.batch(writes)
  }

  compact(spaces: readonly string[]): Promise<void> {
    return this.#store.compact(spaces)
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}

/** One agency's node. */
export interface Side extends AsyncDisposable {
  readonly agency: string
  readonly peer: string
  readonly place: AgencyPlace
  readonly parts: NodeParts
  readonly disk: FullableStore
  readonly clock: TestClock
}

/** Both nodes. */
export interface Talk extends AsyncDisposable, Readonly<Record<AgencyName, Side>> {
  readonly clock: TestClock
  readonly met: MetAgencies
}

/** Opens both nodes on fresh copies. */
export async function beginTalk(): Promise<Talk> {
  await using opened = new AsyncDisposableStack()
  const met = opened.use(await metAgencies())
  const clock = clockAfter(met)
  const naptip = opened.use(await openSide(met.naptip, clock))
  const anltp = opened.use(await openSide(met.anltp, clock))
  const open = opened.move()
  return { naptip, anltp, clock, met, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

/** Opens both nodes as they were before they met. */
export async function beginAlone(): Promise<Talk> {
  await using opened = new AsyncDisposableStack()
  const met = opened.use(await metAgencies())
  const clock = clockAfter(met)
  const naptip = opened.use(await openSide(met.alone.naptip, clock))
  const anltp = opened.use(await openSide(met.alone.anltp, clock))
  const open = opened.move()
  return { naptip, anltp, clock, met, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

/** Opens the node of a folder. @throws as `openPartsOn` */
export async function openSide(place: AgencyPlace, clock: TestClock): Promise<Side> {
  const { folder, id, secrets } = place
  const config = await loadConfig(folder)
  const path = keystorePath(folder, 'node')
  const file = { path, passphrase: passphraseOf('node'), random }
  const ring = await NodeKeyRing.load(secrets.node, firstLogNames(id), file)
  const disk = new FullableStore(await openStoreOf(place))
  const parts = await openPartsOn({ folder, config, ring, store: disk, clock })
  return {
    agency: id,
    peer: id === AGENCIES.naptip ? AGENCIES.anltp : AGENCIES.naptip,
    place,
    parts,
    disk,
    clock,
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}

/** Closes a node and opens it again on the same folder. */
export async function reopened(side: Side): Promise<Side> {
  await side[Symbol.asyncDispose]()
  return openSide(side.place, side.clock)
}

/** The store of a folder alone: for what a test does to it while the node is closed. */
export async function openStoreOf({ folder, secrets }: AgencyPlace): Promise<Store> {
  const key = decodeBase64url(secrets.node.storeKey)
  return openLevelStore({ folder: join(folder, STORE_FOLDER), key, random })
}

/** How a statement differs from the usual one of its kind. */
export interface Choice {
  readonly groups?: Groups
  readonly relates?: NonNullable<Draft['relates']>
  readonly exp?: number
  readonly author?: OfficerName
  readonly handling?: Draft['handling']
  /** Seconds after the clock of the node at which it is signed. */
  readonly later?: number
}

/** An officer's key. */
export async function officerKey(
  { secrets }: AgencyPlace,
  name: OfficerName,
): Promise<PrivateKey<'Ed25519'>> {
  return loadSigningKey(secrets.officers[name])
}

/** A statement to the other agency, signed and where its kind asks for it approved. */
export async function signedBy(
  side: Side,
  kind: Kind,
  choice: Choice = {},
): Promise<SignedStatement> {
  const { groups, author = 'author', handling, later = 0, ...clear } = choice
  const { trust } = side.parts
  const signing = await createTrustServices(side.parts).context({ agency: side.peer })
  const { approvals } = kindRule(trust.view().charter.payload, kind)
  const approver = { id: 'approver', key: await officerKey(side.place, 'approver') }
  const draft: Draft = {
    kind,
    to: { agency: side.peer },
    handling: handling ?? { caveats: ['test:data'], tlp: 'AMBER' },
    groups: groups ?? BODIES[kind],
    ...clear,
  }
  const key = await officerKey(side.place, author)
  const signers = { author: { id: author, key }, approvers: approvals > 0 ? [approver] : [] }
  return signDraft(draft, signers, { ...signing, now: signing.now + later })
}

/** Puts a statement into the queue as the services do. */
export async function queue(
  side: Side,
  signed: SignedStatement,
  desks: readonly string[] = [],
): Promise<string> {
  const { agency, ledger, outbox, store, trust } = side.parts
  const rules = { agency, trust: trust.view(), ledger, store, now: side.clock.now() }
  const checked = await checkSubmission({ ...signed, desks }, rules)
  await outbox.queue(checked)
  return signed.digest
}

/** Signs and queues a statement; its digest. */
export async function queueNew(side: Side, kind: Kind, choice: Choice = {}): Promise<string> {
  return queue(side, await signedBy(side, kind, choice))
}

/** The oldest private half of a use that a node still has. Throws when there is none. */
export function openingKeyOf({ parts }: Side, use: RotatedUse): RingKey['key'] {
  const held = parts.ring.opening.find((key) => key.use === use)
  if (held === undefined) throw new Error(`no key of ${use}`)
  return held.key
}

/** An envelope that is about to leave, with the place of its dispatch. */
export interface Leaving {
  readonly sequence: number
  readonly envelope: Uint8Array
}

/** The next envelope after `sequence`, by default after those that are receipted. Throws when there is none. */
export async function leaving(side: Side, sequence?: number): Promise<Leaving> {
  const { outbox } = side.parts
  const next = await outbox.next(side.peer, sequence ?? (await outbox.settled(side.peer)))
  if (next === undefined) throw new Error(`nothing leaves: ${outbox.problem ?? 'empty'}`)
  return next
}

/** What a hostile sender decides of an envelope; its own node never would. */
export interface Crafting {
  readonly sequence: number
  readonly previous: string
  readonly desk?: string
  readonly sentAt?: number
  readonly acknowledges?: EnvelopeParts['place']['acknowledges']
}

/** An envelope with a real signature of the sender's node, made without its outbox. */
export async function crafted(
  side: Side,
  statements: readonly SignedStatement[],
  crafting: Crafting,
): Promise<BuiltEnvelope> {
  const { agency, peer, parts, clock } = side
  const view = parts.trust.view()
  const desk = crafting.desk ?? kindDefinition(statements[0]?.kind ?? '').desk
  return buildEnvelope({
    statements,
    from: { agency, node: parts.peerId },
    to: {
      agency: peer,
      desk: deskIn(view.rosterOf(peer).payload, desk),
      keys: view.deskKeys(peer, desk, clock.now()),
    },
    place: {
      acknowledges: crafting.acknowledges ?? null,
      channel: channelName(agency, peer),
      previous: DigestSchema.parse(crafting.previous),
      sequence: crafting.sequence,
    },
    context: contextOf(view, [agency, peer]),
    sentAt: crafting.sentAt ?? clock.now(),
    sealKey: parts.keys.sealKey,
    random,
  })
}

/** Both nodes as `craft` takes them, to change an envelope at any step before it is sealed and signed. */
export async function craftingWorld(from: Side, to: Side): Promise<World> {
  const { naptip: stranger } = await twoAgencies()
  const { keys, peerId, trust } = from.parts
  const view = trust.view()
  return {
    sender: { ...stranger, id: from.agency, peerId, sealKey: keys.sealKey },
    receiver: { ...stranger, id: to.agency },
    trust: view,
    context: contextOf(view, [from.agency, to.agency]),
    genesis: DigestSchema.parse(beginningOf(from)),
  }
}

/** What the first dispatch from a node names as the one before it. */
export function beginningOf({ agency, peer, parts }: Side): string {
  return channelStart(parts.trust.view(), agency, peer)
}

/** The invite of an agency as its roster key signs it now. */
export async function inviteOf({ agency, parts, place, clock }: Side): Promise<GeneralJws> {
  const { ownRoster: roster } = parts.trust
  const content = { agency, entry: parts.trust.ownEntry(), roster, issuedAt: clock.now() }
  return createInvite(content, await loadSigningKey(place.secrets.roster.seed))
}

/** Lets both nodes keep their own invite and the other's. */
export async function exchangeInvites(first: Side, second: Side): Promise<void> {
  const invites = [await inviteOf(first), await inviteOf(second)] as const
  await first.parts.trust.keepInvite(invites[0])
  await first.parts.trust.importInvite(invites[1])
  await second.parts.trust.keepInvite(invites[1])
  await second.parts.trust.importInvite(invites[0])
}

/** The charter that a node's invites give, signed by some of its agency's root pairs. */
export async function signedCharter(
  { parts, peer, place }: Side,
  change: (charter: Charter) => Charter = (charter) => charter,
  count = place.secrets.roots.length,
): Promise<GeneralJws> {
  const { charter } = await parts.trust.compare(peer)
  const roots = await Promise.all(place.secrets.roots.map((root) => loadRootPair(root)))
  return signCharter(change(charter), roots.slice(0, count))
}

/** The next roster of an agency as its roster key signs it. */
export async function nextRoster(
  { parts, place, clock }: Side,
  changes: Partial<RosterLists> = {},
  previous: VerifiedRoster = parts.trust.ownRoster,
): Promise<GeneralJws> {
  const key = await loadSigningKey(place.secrets.roster.seed)
  return signRoster(buildNextRoster(previous, clock.now(), changes), key)
}

/** Lets both nodes take the next roster of one. */
export async function adoptNext(
  side: Side,
  other: Side,
  changes: Partial<RosterLists> = {},
): Promise<void> {
  const roster = await nextRoster(side, changes)
  await side.parts.trust.adoptRoster(roster)
  await other.parts.trust.adoptRoster(roster)
}

/** Lets the other node take an envelope. */
export async function receive(to: Side, from: Side, envelope: Uint8Array): Promise<GeneralJws> {
  return to.parts.inbox.receive(envelope, from.parts.peerId)
}

/** Carries everything that waits, with the receipts; how many envelopes it were. */
export async function carryAll(from: Side, to: Side): Promise<number> {
  const { outbox } = from.parts
  let sequence = await outbox.settled(from.peer)
  let carried = 0
  for (;;) {
    const next = await outbox.next(from.peer, sequence)
    if (next === undefined) return carried
    await outbox.acceptReceipt(await receive(to, from, next.envelope))
    sequence = next.sequence
    carried += 1
  }
}

/** One node asks the other to cosign its head; the size that is cosigned then. */
export async function cosign(asker: Side, other: Side): Promise<number> {
  const { witness } = asker.parts
  witness.touch()
  let request = await witness.request()
  while (request !== undefined) {
    const answer = await other.parts.witness.answer(request, asker.agency)
    request = await witness.accept(answer, other.agency)
  }
  return (await witness.newest()).size
}

/** The leaves of a node's log from `from` on. */
export async function leavesOf({ parts }: Side, from = 0): Promise<readonly Leaf[]> {
  const { size } = parts.audit.head()
  return (await parts.audit.leaves(from, size)).map((bytes) => parseLeaf(bytes))
}

/** The size of a node's log, to see what comes after it. */
export function sizeOf({ parts }: Side): number {
  return parts.audit.head().size
}

/** Names of the events from `from` on. */
export async function eventsOf(side: Side, from = 0): Promise<readonly string[]> {
  return (await leavesOf(side, from)).map(({ event }) => event)
}

/** Every file under a folder, by its path from there. */
export async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()
}

/** The payload of a signed object. */
export function payloadOf({ payload }: GeneralJws): unknown {
  return JSON.parse(decodeUtf8(decodeBase64url(payload)))
}
