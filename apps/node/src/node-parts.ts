/**
 * The parts of a node that need no network: opened from its folder, checked, and given to one another.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { join } from 'node:path'
import { AmanaError, encodeUtf8, hkdfSha256, peerIdOfKey, type Random } from '@amana/core'
import { DisclosureReader } from './access/disclosures.ts'
import { Officers } from './access/officers.ts'
import { Reviews } from './access/reviews.ts'
import { YearKeyring } from './access/year-keys.ts'
import { openAuditWriter, type OpenAuditWriter } from './audit/audit-writer.ts'
import { currentEpoch, headsFileOf, storeOfEpoch } from './audit/epoch-store.ts'
import { assertContinuesCosigned } from './audit/log-check.ts'
import { assertScrubbed } from './audit/scrub.ts'
import { type Blobs } from './blobs/blob-folder.ts'
import { Traffic } from './blobs/traffic.ts'
import { type Config } from './config/config.ts'
import { loadConfig } from './config/load.ts'
import { Inbox, type InboxParts } from './inbox/inbox.ts'
import { type Machine, thisMachine } from './machine.ts'
import { Outbox, type OutboxParts } from './outbox/outbox.ts'
import { stopDisclosures, type StopParts } from './outbox/stopped.ts'
import { identityInUse } from './own-identity.ts'
import { type NodeClock, type Store } from './ports.ts'
import { type AtRestParts, GroupsAtRest } from './statements/groups-at-rest.ts'
import { StatementLedger } from './statements/statement-ledger.ts'
import { openLevelStore, type OpenStore } from './store/level-store.ts'
import { systemClock, systemRandom } from './system.ts'
import { TrustState } from './trust/trust-state.ts'
import { NodeSecretsSchema } from './vault/agency-secrets.ts'
import { keystorePath, readKeystore } from './vault/keystore-file.ts'
import { firstLogNames, logNames, type LogSigners, type NodeKeys } from './vault/load-keys.ts'
import { NodeKeyRing } from './vault/node-key-ring.ts'
import { ClockWatch } from './witness/clock-watch.ts'
import { type WitnessAge } from './witness/witness-age.ts'
import { Witness } from './witness/witness.ts'

/** What a node is opened with. */
export interface NodeOptions {
  /** The folder that holds `amana.toml`. */
  readonly folder: string
  /** Of the keystore `node`. */
  readonly passphrase: string
}

/** The parts, wired. */
export interface NodeParts extends AsyncDisposable {
  readonly folder: string
  readonly config: Config
  readonly agency: string
  readonly peerId: string
  /** The name of the agency's log. */
  readonly origin: string
  /** Those in use: new ones of the node itself only from the opening on at which they were due. */
  readonly keys: NodeKeys
  /** Keys that are made anew and destroyed while the node lives. */
  readonly ring: NodeKeyRing
  readonly store: Store
  /** The store as the parts of the log of that number see it. */
  readonly storeOf: (epoch: number) => Store
  readonly audit: OpenAuditWriter
  readonly clock: NodeClock
  readonly ledger: StatementLedger
  /** Groups that only officers open. */
  readonly atRest: GroupsAtRest
  readonly trust: TrustState
  readonly outbox: Outbox
  readonly inbox: Inbox
  readonly witness: Witness
  readonly clocks: ClockWatch
  readonly random: Random
  /** Sealed files of attachments. */
  readonly blobs: Blobs
  readonly traffic: Traffic
  /** Who acts, for the log. */
  readonly officers: Officers
  readonly years: YearKeyring
  /** What leaves committed to and do not say. */
  readonly disclosures: DisclosureReader
  /** Openings against the usual rule. */
  readonly reviews: Reviews
}

/** The folder of the store, inside the node's. */
export const STORE_FOLDER = 'store'

const INDEX_KEY_BYTES = 32

/**
 * Opens the folder of a node: settings, keys, store, log; each is checked before the next is touched.
 *
 * @throws STORE_FILE, STORE_CONFIG, STORE_KEYSTORE, STORE_PASSPHRASE, STORE_LOCKED, STORE_DAMAGED, STORE_ROLLBACK,
 * STORE_GUARD, and what a trust document is refused with
 */
export async function openParts(options: NodeOptions): Promise<NodeParts> {
  return openPartsOn(await openFolder(options))
}

/** The same without the log: settings, keys and the store, which the caller closes. @throws as `openParts` */
export async function openFolder({
  folder,
  passphrase,
}: NodeOptions): Promise<OpenedFolder & { readonly store: OpenStore }> {
  const config = await loadConfig(folder)
  const { id: agency } = config.agency
  const names = firstLogNames(agency)
  const path = keystorePath(folder, 'node')
  const secrets = await readKeystore(path, passphrase, NodeSecretsSchema)
  const ring = await NodeKeyRing.load(secrets, names, { path, passphrase, random: systemRandom })
  const store = await openLevelStore({
    folder: join(folder, STORE_FOLDER),
    key: ring.keys.storeKey,
    random: systemRandom,
  })
  return { folder, config, ring, store, clock: systemClock }
}

/** What the parts are made of once the folder's store is open. */
export interface OpenedFolder extends Pick<
  NodeParts,
  'folder' | 'config' | 'ring' | 'store' | 'clock'
> {
  /** This one, where nothing is said. */
  readonly machine?: Machine
}

/** The parts on an open store, which is closed with them, and at once when they cannot be opened. @throws as `openParts` */
export async function openPartsOn(folder: OpenedFolder): Promise<NodeParts> {
  const { config, ring, clock, machine = thisMachine } = folder
  await using closing = new AsyncDisposableStack()
  closing.defer(() => folder.store.close())
  const { id: agency } = config.agency
  const epoch = await currentEpoch(folder.store)
  const { origin } = logNames(agency, epoch)
  const signers = await ring.signersOf(agency, epoch)
  const checkpointFile = headsFileOf(config.node.checkpoints, epoch)
  const later = headsFileOf(config.node.checkpoints, epoch + 1)
  if (signers === undefined || (await machine.heads.has(later))) {
    throw new AmanaError('STORE_ROLLBACK', { size: 0, recorded: 1 })
  }
  const store = storeOfEpoch(folder.store, epoch)
  const writer = await openAuditWriter({
    store,
    origin,
    logKeys: signers.log,
    clock,
    checkpointFile,
    heads: machine.heads,
  })
  closing.defer(() => writer.close())
  await assertContinuesCosigned(store, writer.head().size)
  await assertScrubbed(store)
  const parts = await wireParts({ ...folder, store }, { agency, origin, signers, writer })
  const open = closing.move()
  return {
    ...parts,
    ...wireAccess(parts, machine.random),
    storeOf: (number) => storeOfEpoch(folder.store, number),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

interface OpenLog extends Pick<NodeParts, 'agency' | 'origin'> {
  readonly signers: LogSigners
  readonly writer: OpenAuditWriter
}

type WiredParts = Omit<NodeParts, AccessPart | 'storeOf' | typeof Symbol.asyncDispose>

async function wireParts(
  opened: OpenedFolder,
  { agency, origin, signers, writer }: OpenLog,
): Promise<WiredParts> {
  const { clock, machine = thisMachine, ring, store } = opened
  const { before, monotonicMs, random } = machine
  const clocks = new ClockWatch(clock, monotonicMs)
  const seen = { agency, origin, store, clock, clocks }
  const witness: Witness = new Witness({
    ...seen,
    audit: writer,
    signers: [signers.witness.ed25519, signers.witness.mlDsa44],
    trust: () => trust.view(),
    peerSince: () => trust.inForce?.charter.payload.iat,
  })
  const audit = covering(writer, witness)
  const trust = await TrustState.load({ store, audit, clock, agency, before: before() })
  const identity = await identityInUse({ agency, clock, ring, store, trust })
  const keys = { ...ring.keys, ...signers, ...identity }
  const statements = await openStatements({ agency, store, audit, clock, random }, keys, trust)
  const common = {
    agency,
    peerId: peerIdOfKey(keys.peerKey.publicJwk),
    store,
    audit,
    ...statements,
    clock,
    sealKey: keys.sealKey,
    trust: () => trust.view(),
  }
  const outbox = await Outbox.open({ ...common, ...outboxParts(witness, trust, machine) })
  const inbox = new Inbox({
    ...common,
    origin,
    ...readsOf(ring, outbox),
    arrived: (digests) => stopForArrived(common, outbox, digests),
  })
  const own = { keys, origin, trust, outbox, inbox, witness, clocks }
  return { ...opened, ...common, ...own, ...(await attachingParts(opened, { audit })) }
}

/** The statements, with the groups sealed that the newest own roster says who reads. */
async function openStatements(
  parts: Omit<AtRestParts, 'ledger' | 'ownRoster'>,
  keys: NodeKeys,
  trust: TrustState,
): Promise<Pick<NodeParts, 'atRest' | 'ledger'>> {
  const ledger = await StatementLedger.open(parts.store, indexKeyOf(keys))
  const atRest = new GroupsAtRest({ ...parts, ledger, ownRoster: () => trust.ownRoster })
  await atRest.followRoster()
  return { atRest, ledger }
}

/** What the inbox reads of others. */
function readsOf(ring: NodeKeyRing, outbox: Outbox): Pick<InboxParts, 'deskKey' | 'ownDispatchAt'> {
  return {
    deskKey: (keyId) => ring.deskKey(keyId),
    ownDispatchAt: async (peer, sequence) => (await outbox.dispatchAt(peer, sequence))?.digest,
  }
}

/** What came may take a consent back: then what waits of that referral does not leave. */
async function stopForArrived(
  parts: StopParts,
  outbox: Outbox,
  digests: readonly string[],
): Promise<void> {
  for (const digest of digests) {
    const record = await parts.ledger.get(digest)
    if (record !== undefined) await stopDisclosures(parts, outbox, record)
  }
}

async function attachingParts(
  { clock, config, folder, machine = thisMachine, store }: OpenedFolder,
  { audit }: Pick<NodeParts, 'audit'>,
): Promise<Pick<NodeParts, 'blobs' | 'traffic'>> {
  const { attachmentBytesPerDay: bytesPerDay } = config.node
  const traffic = await Traffic.load({ store, audit, clock, bytesPerDay })
  return { blobs: machine.blobs(folder), traffic }
}

/** Chance, and what holds intelligence up. */
function outboxParts(
  witness: Witness,
  trust: TrustState,
  { random }: Machine,
): Pick<OutboxParts, 'dividedVersion' | 'random' | 'unwitnessedHours'> {
  return {
    random,
    dividedVersion: () => trust.dividedVersion,
    unwitnessedHours: async () => heldHours(await witness.age()),
  }
}

type AccessPart = 'random' | 'officers' | 'years' | 'disclosures' | 'reviews'

function wireAccess(wired: WiredParts, random: Random): Pick<NodeParts, AccessPart> {
  const parts = { ...wired, random }
  const years = new YearKeyring({ ...parts, pseudonymKey: parts.keys.pseudonymKey })
  const officers = new Officers({ ...parts, years })
  const reviews = new Reviews({ ...parts, years, officers })
  const disclosures = new DisclosureReader(parts.store, years)
  return { random, officers, years, reviews, disclosures }
}

/** For how long nobody has cosigned, where that holds intelligence up. */
function heldHours(age: WitnessAge | undefined): number | undefined {
  return age?.level === 'held' ? Math.floor(age.seconds / 3600) : undefined
}

/** The writer, and what it writes is to be covered by a cosigned checkpoint; what the witness itself writes need not be. */
function covering(writer: OpenAuditWriter, witness: Witness): OpenAuditWriter {
  return {
    commit: async (plan) => {
      const leaves = await writer.commit(plan)
      if (plan.events.length > 0) witness.touch()
      return leaves
    },
    head: () => writer.head(),
    checkpoint: () => writer.checkpoint(),
    leaves: (from, to) => writer.leaves(from, to),
    consistencyProof: (from, to) => writer.consistencyProof(from, to),
    inclusionProof: (index, size) => writer.inclusionProof(index, size),
    get checking() {
      return writer.checking
    },
    verify: () => writer.verify(),
    seal: (padTo) => writer.seal(padTo),
    failed: writer.failed,
    close: () => writer.close(),
  }
}

/** Under another label than values and rows: whoever sees an index key learns nothing of the store's. */
function indexKeyOf({ storeKey }: NodeKeys): Uint8Array {
  const label = { salt: new Uint8Array(), info: encodeUtf8('index') }
  return hkdfSha256(storeKey, label, INDEX_KEY_BYTES)
}
