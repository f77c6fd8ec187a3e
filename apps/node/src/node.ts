/**
 * The node: its parts, wired. Opened by a command for a moment, or run until it is told to end.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { join } from 'node:path'
import { type ErrorCode, isAnyAmanaError } from '@amana/core'
import { type NodeEvents } from './events.ts'
import { type PeerLine } from './exchange/peer-line.ts'
import { type ControlServer, createControlServer } from './http/control-server.ts'
import { destroyEndedKeys, ExpiryTeller } from './key-upkeep.ts'
import { openLibp2pLink } from './link/libp2p-link.ts'
import { LogUpkeep } from './log-upkeep.ts'
import {
  type NodeOptions,
  type NodeParts,
  openFolder,
  type OpenedFolder,
  openParts,
  openPartsOn,
} from './node-parts.ts'
import { isNextDue, settleIdentity } from './own-identity.ts'
import { type Attaching, createAttaching } from './attaching.ts'
import { connectParts, createLine, targetsOf } from './peer-connection.ts'
import { MailHealth } from './mailbox/mail-health.ts'
import { visitInTurns } from './mailbox/mail-round.ts'
import { MAILBOX_PROTOCOL } from './mailbox/messages.ts'
import { stopLeftOver } from './outbox/stopped.ts'
import { PeerDesk } from './peer-desk.ts'
import { type Link, type MailboxVisit, type Store } from './ports.ts'
import { resumeErasures } from './rights/erasures.ts'
import { type NodeServices } from './services.ts'
import { createAccessServices } from './services/access-services.ts'
import { createAttachmentServices } from './services/attachment-services.ts'
import { createAuditServices } from './services/audit-services.ts'
import { createCarrierServices } from './services/carrier-services.ts'
import { createEpochServices } from './services/epoch-services.ts'
import { createHandOverServices } from './services/hand-over-services.ts'
import { createErasureServices } from './services/erasure-services.ts'
import { createRightsServices } from './services/rights-services.ts'
import { createKeyServices, trustWarnings } from './services/key-services.ts'
import { createLogServices } from './services/log-services.ts'
import { createMessageServices } from './services/message-services.ts'
import { createReaderServices } from './services/reader-services.ts'
import { createReferralServices } from './services/referral-services.ts'
import { createStatusServices, type RunningLinks } from './services/status-services.ts'
import { createTrustServices } from './services/trust-services.ts'
import { createUnderwayServices } from './services/underway-services.ts'
import { type OpenStore } from './store/level-store.ts'
import { monotonicMs, systemTimer } from './system.ts'

/** The name of the control socket in the node's folder. */
export const CONTROL_SOCKET = 'control.sock'

/** Ends are told of once a day, so an hour more or less does not matter. */
const UPKEEP_MS = 3_600_000
/** A slice of the log is read again, and the age of the newest cosignature looked at. */
const LOG_UPKEEP_MS = 60_000

/** A node whose folder is open. */
export interface OpenNode extends AsyncDisposable {
  readonly services: NodeServices
}

/** A node that runs. */
interface RunningNode extends OpenNode {
  /** Fires with the error when the store takes nothing any more, or the log does not fit: only a new start helps. */
  readonly failed: AbortSignal
  /** Fires when new keys of the node are to be used: it is to be run anew. */
  readonly renewed: AbortSignal
}

/**
 * Opens a node's folder without the network.
 *
 * @throws as `openParts`
 */
export async function openNode(options: NodeOptions): Promise<OpenNode> {
  const parts = await openParts(options)
  await resumeErasures(parts)
  return {
    services: createServices(parts, undefined),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}

/** What a node runs with. */
export interface RunOptions extends NodeOptions {
  readonly events: NodeEvents
  /** Ends the node in good order. */
  readonly ended: AbortSignal
  /** Called whenever it listens: at first, and again under new keys of its own. */
  readonly listening: (services: NodeServices) => Promise<void>
}

/**
 * Opens a node's folder, listens, dials its peer and serves its control socket, until it is told to end or its store takes
 * nothing any more. New keys of the node come into use by starting anew on the folder, which nobody else gets meanwhile.
 *
 * @throws as `openParts`; NET_LISTEN, NET_ADDRESS, CLI_SOCKET; STORE_WRITE when a write failed
 */
export async function runNode({ events, ended, listening, ...options }: RunOptions): Promise<void> {
  await using closing = new AsyncDisposableStack()
  const folder = await openFolder(options)
  closing.defer(() => folder.store.close())
  const rest = beginCheck(folder.store)
  closing.defer(() => rest.end())
  while (!ended.aborted) {
    await using node = await runOn(folder, events)
    await listening(node.services)
    await firing(AbortSignal.any([ended, node.failed, node.renewed, rest.failed]))
    node.failed.throwIfAborted()
    rest.failed.throwIfAborted()
  }
}

/** Reads through what the opening left of the store; `failed` fires with the error of what it finds. */
function beginCheck(store: OpenStore): { readonly failed: AbortSignal; end(): Promise<void> } {
  const [ended, failed] = [new AbortController(), new AbortController()]
  const checking = store.checkRest(ended.signal).catch((error: unknown) => {
    failed.abort(error)
  })
  const end = async (): Promise<void> => {
    ended.abort()
    await checking
  }
  return { failed: failed.signal, end }
}

async function firing(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true },
    )
  })
}

/** Runs on a folder whose store stays open when the node is disposed of. */
async function runOn(folder: OpenedFolder, events: NodeEvents): Promise<RunningNode> {
  await using opened = new AsyncDisposableStack()
  const parts = opened.use(await openPartsOn({ ...folder, store: lent(folder.store) }))
  await resumeErasures(parts)
  await settle(parts, events)
  const { listen, proxy } = parts.config.node
  const peerAddresses = targetsOf(parts).flatMap(({ addresses }) => addresses)
  const link = await openLibp2pLink({ peerKey: parts.keys.peerKey, listen, peerAddresses, proxy })
  opened.defer(() => link.close())
  const desk = new PeerDesk(parts)
  const attaching = createAttaching(parts, { link, events, timer: systemTimer, nowMs: monotonicMs })
  const ends = { link: attaching.link, desk, events: attaching.events }
  const line = createLine(parts, { ...ends, timer: systemTimer })
  opened.defer(() => line.close())
  opened.defer(await attaching.begin(line))
  await connectParts(parts, { ...ends, line })
  const renewed = new AbortController()
  desk.onAcknowledged(() => {
    void lookForKeys(parts, renewed, events)
  })
  const mail = parts.config.mailbox === undefined ? undefined : new MailHealth(parts.clock)
  const services = createServices(parts, linksOf(parts, { link, desk, line, attaching, mail }))
  const control = await createControlServer(join(parts.folder, CONTROL_SOCKET), services)
  opened.defer(() => closeControl(control, events))
  opened.defer(await beginMail(parts, line, mailEvents(events, mail)))
  line.start()
  events.listening(parts.agency, parts.peerId)
  const log = new LogUpkeep(parts, events)
  opened.defer(beginUpkeep(parts, { log, renewed, events }))
  const running = opened.move()
  return {
    services,
    failed: AbortSignal.any([parts.audit.failed, log.damaged]),
    renewed: renewed.signal,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

type MailEvents = Pick<NodeEvents, 'mailboxFailed' | 'mailboxVisited'>

/** The same events, kept for the status. */
function mailEvents(events: NodeEvents, mail: MailHealth | undefined): MailEvents {
  return {
    mailboxVisited: (visit) => {
      mail?.visited(visit)
      events.mailboxVisited(visit)
    },
    mailboxFailed: (code) => {
      mail?.failed(code)
      events.mailboxFailed(code)
    },
  }
}

/** Before a line is open: keys of before are destroyed, and what was taken back while the node ended does not leave. */
async function settle(parts: NodeParts, events: NodeEvents): Promise<void> {
  for (const keyId of await settleIdentity(parts)) events.keyDestroyed(keyId)
  const { ledger, outbox, store, trust } = parts
  if (trust.inForce === undefined) return
  await stopLeftOver({ ledger, store, trust: () => trust.view() }, outbox, trust.peer())
}

/** Visits the mailbox of the settings, over a transport of its own: it is no peer. The answer ends it. */
async function beginMail(
  parts: NodeParts,
  line: PeerLine,
  events: MailEvents,
): Promise<() => Promise<void>> {
  const settings = parts.config.mailbox
  if (settings === undefined) return () => Promise.resolve()
  const { peerKey } = parts.keys
  const link = await openLibp2pLink({
    peerKey,
    listen: [],
    protocol: MAILBOX_PROTOCOL,
    proxy: parts.config.node.proxy,
  })
  const ended = new AbortController()
  const round = {
    parts,
    link,
    settings,
    timer: systemTimer,
    isConnected: () => line.connected,
    visited: (visit: MailboxVisit) => {
      events.mailboxVisited(visit)
    },
    failed: (code: ErrorCode) => {
      events.mailboxFailed(code)
    },
  }
  const visiting = visitInTurns(round, ended.signal)
  return async () => {
    ended.abort()
    await link.close()
    await visiting
  }
}

/** A store that its owner closes. */
function lent(store: Store): Store {
  return {
    get: (space, key) => store.get(space, key),
    range: (range) => store.range(range),
    keys: (range) => store.keys(range),
    batch: (writes) => store.batch(writes),
    compact: (spaces) => store.compact(spaces),
    close: () => Promise.resolve(),
  }
}

interface Upkeep {
  readonly log: LogUpkeep
  readonly renewed: AbortController
  readonly events: NodeEvents
}

/** Looks after keys and ends every hour, and after the log every minute; the answer ends it and waits for the look under way. */
function beginUpkeep(parts: NodeParts, { log, renewed, events }: Upkeep): () => Promise<void> {
  const ended = new AbortController()
  const teller = new ExpiryTeller(parts.clock)
  const every = async (ms: number, look: () => Promise<void>): Promise<void> => {
    while (!ended.signal.aborted) {
      await look()
      await systemTimer.wait(ms, ended.signal)
    }
  }
  const looking = Promise.all([
    quietly(events, () => log.readAll(systemTimer, ended.signal)),
    every(UPKEEP_MS, async () => {
      await lookAfterKeys(parts, teller, events)
      await lookForKeys(parts, renewed, events)
      await quietly(events, () => parts.atRest.forget())
    }),
    every(LOG_UPKEEP_MS, () => quietly(events, () => log.look())),
  ])
  return async () => {
    ended.abort()
    await looking
  }
}

async function lookAfterKeys(
  parts: NodeParts,
  teller: ExpiryTeller,
  events: NodeEvents,
): Promise<void> {
  await quietly(events, async () => {
    for (const expiry of teller.due(trustWarnings(parts).expiries)) events.endsSoon(expiry)
    for (const keyId of await destroyEndedKeys(parts)) events.keyDestroyed(keyId)
    if (parts.trust.inForce !== undefined) await parts.outbox.expire(parts.trust.peer())
    const reviews = await parts.reviews.waiting()
    for (const { index, overdue } of reviews) if (overdue) events.reviewOverdue(index)
  })
}

/** The next look may be luckier; what failed is told. */
async function quietly(events: NodeEvents, look: () => Promise<void>): Promise<void> {
  try {
    await look()
  } catch (error) {
    events.upkeepFailed(isAnyAmanaError(error) ? error.code : 'CLI_UNEXPECTED')
  }
}

/** New keys of the node itself come into use by opening it anew. */
async function lookForKeys(
  parts: NodeParts,
  renewed: AbortController,
  events: NodeEvents,
): Promise<void> {
  await quietly(events, async () => {
    if (await isNextDue(parts)) renewed.abort()
  })
}

interface Links {
  readonly link: Link
  readonly desk: PeerDesk
  readonly line: PeerLine
  readonly attaching: Attaching
  readonly mail: MailHealth | undefined
}

function createServices(parts: NodeParts, links: RunningLinks | undefined): NodeServices {
  return {
    ...createTrustServices(parts),
    ...createKeyServices(parts),
    ...createMessageServices(parts),
    ...createAttachmentServices(parts, links),
    ...createReaderServices(parts),
    ...createErasureServices(parts),
    ...createRightsServices(parts),
    ...createReferralServices(parts),
    ...createUnderwayServices(parts),
    ...createHandOverServices(parts),
    ...createAuditServices(parts),
    ...createLogServices(parts),
    ...createAccessServices(parts),
    ...createEpochServices(parts),
    ...createCarrierServices(parts),
    ...createStatusServices(parts, links),
  }
}

function linksOf({ clock }: NodeParts, { attaching, link, desk, line, mail }: Links): RunningLinks {
  return {
    startedAt: clock.now(),
    addresses: () => link.addresses(),
    health: () => line.health,
    resume: () => line.resume(),
    heardAt: (agency) => desk.heardAt(agency),
    attachmentsChanged: () => {
      attaching.wake()
    },
    mailbox: () => mail?.now,
  }
}

async function closeControl(control: ControlServer, events: NodeEvents): Promise<void> {
  events.stopping()
  await control.close()
}
