/**
 * The node: its parts, wired. Opened by a command for a moment, or run until it is told to end.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { join } from 'node:path'
import { type ErrorCode, isAnyAmanaError } from '@amana/core'
import { type NodeEvents } from './events.ts'
import { PeerLine, type PeerTarget } from './exchange/peer-line.ts'
import { type ControlServer, createControlServer } from './http/control-server.ts'
import { destroyEndedKeys, ExpiryTeller } from './key-upkeep.ts'
import { openLibp2pLink } from './link/libp2p-link.ts'
import { LogUpkeep } from './log-upkeep.ts'
import { type NodeOptions, type NodeParts, openParts } from './node-parts.ts'
import { PeerDesk } from './peer-desk.ts'
import { type Link } from './ports.ts'
import { type NodeServices } from './services.ts'
import { createAccessServices } from './services/access-services.ts'
import { createAuditServices } from './services/audit-services.ts'
import { createKeyServices, trustWarnings } from './services/key-services.ts'
import { createLogServices } from './services/log-services.ts'
import { createMessageServices } from './services/message-services.ts'
import { createReferralServices } from './services/referral-services.ts'
import { createStatusServices, type RunningLinks } from './services/status-services.ts'
import { createTrustServices } from './services/trust-services.ts'
import { systemRandom, systemTimer } from './system.ts'

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
export interface RunningNode extends OpenNode {
  /** Fires with the error when the store takes nothing any more: only a new start helps. */
  readonly failed: AbortSignal
}

/**
 * Opens a node's folder without the network.
 *
 * @throws as `openParts`
 */
export async function openNode(options: NodeOptions): Promise<OpenNode> {
  const parts = await openParts(options)
  return {
    services: createServices(parts, undefined),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}

/**
 * Opens a node's folder, listens, dials its peer and serves its control socket, until it is disposed of.
 *
 * @throws as `openParts`; NET_LISTEN, NET_ADDRESS, CLI_SOCKET
 */
export async function runNode(options: NodeOptions, events: NodeEvents): Promise<RunningNode> {
  await using opened = new AsyncDisposableStack()
  const parts = opened.use(await openParts(options))
  const { listen } = parts.config.node
  const link = await openLibp2pLink({ peerKey: parts.keys.peerKey, listen })
  opened.defer(() => link.close())
  const desk = new PeerDesk(parts)
  const line = createLine(parts, { link, desk, events })
  opened.defer(() => line.close())
  await connectParts(parts, { link, desk, line, events })
  const services = createServices(parts, linksOf(parts, { link, desk, line }))
  const control = await createControlServer(join(parts.folder, CONTROL_SOCKET), services)
  opened.defer(() => closeControl(control, events))
  line.start()
  events.listening(parts.agency, parts.peerId)
  opened.defer(beginUpkeep(parts, events))
  const running = opened.move()
  const { failed } = parts.audit
  return { services, failed, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Looks after keys and ends every hour, and after the log every minute; the answer ends it and waits for the look under way. */
function beginUpkeep(parts: NodeParts, events: NodeEvents): () => Promise<void> {
  const ended = new AbortController()
  const teller = new ExpiryTeller(parts.clock)
  const log = new LogUpkeep(parts, events)
  const every = async (ms: number, look: () => Promise<void>): Promise<void> => {
    while (!ended.signal.aborted) {
      await look()
      await systemTimer.wait(ms, ended.signal)
    }
  }
  const looking = Promise.all([
    every(UPKEEP_MS, () => lookAfterKeys(parts, teller, events)),
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

interface Links {
  readonly link: Link
  readonly desk: PeerDesk
  readonly line: PeerLine
}

function createServices(parts: NodeParts, links: RunningLinks | undefined): NodeServices {
  return {
    ...createTrustServices(parts),
    ...createKeyServices(parts),
    ...createMessageServices(parts),
    ...createReferralServices(parts),
    ...createAuditServices(parts),
    ...createLogServices(parts),
    ...createAccessServices(parts),
    ...createStatusServices(parts, links),
  }
}

function createLine(
  parts: NodeParts,
  { link, desk, events }: Omit<Links, 'line'> & { readonly events: NodeEvents },
): PeerLine {
  return new PeerLine({
    link,
    desk,
    target: () => targetOf(parts),
    uncovered: () => parts.witness.uncovered,
    clock: parts.clock,
    timer: systemTimer,
    random: systemRandom,
    events: {
      sessionOpened: (agency) => {
        parts.witness.touch()
        events.sessionOpened(agency)
      },
      sessionEnded: (agency, code: ErrorCode | undefined) => {
        events.sessionEnded(agency, code)
      },
      sessionFailed: (agency, code) => {
        events.sessionFailed(agency, code)
      },
    },
  })
}

/** Who is told of what: the roster opens the gate, the queue wakes the line, the log asks for its witness. */
async function connectParts(
  parts: NodeParts,
  { link, desk, line, events }: Links & { readonly events: NodeEvents },
): Promise<void> {
  link.onSession((session) => {
    void line.accept(session)
  })
  desk.onHeard(() => {
    line.heard()
  })
  parts.outbox.onQueued(() => {
    desk.wake()
    line.wake()
  })
  parts.trust.onChange(() => {
    void link.allow(peersOf(parts)).catch(() => undefined)
    desk.wake()
    line.wake()
  })
  desk.onNotWitnessed((agency, size) => {
    events.notWitnessed(agency, size)
  })
  parts.witness.onConflict((origin) => {
    events.witnessConflict(origin)
  })
  parts.witness.onCosigned(() => {
    desk.wake()
  })
  parts.reviews.onBroken((index, actor) => {
    events.glassBroken(index, actor)
  })
  await link.allow(peersOf(parts))
}

function linksOf({ clock }: NodeParts, { link, desk, line }: Links): RunningLinks {
  return {
    startedAt: clock.now(),
    addresses: () => link.addresses(),
    isConnected: () => line.connected,
    heardAt: (agency) => desk.heardAt(agency),
  }
}

/** The peer's node by its newest roster; nobody before a charter is in force. */
function targetOf({ trust }: NodeParts): PeerTarget | undefined {
  if (trust.inForce === undefined) return undefined
  const agency = trust.peer()
  const node = trust.view().rosterOf(agency).payload.nodes[0]
  if (node === undefined) return undefined
  return { agency, peerId: node.peerId, addresses: node.addresses }
}

function peersOf(parts: NodeParts): ReadonlySet<string> {
  const target = targetOf(parts)
  return new Set(target === undefined ? [] : [target.peerId])
}

async function closeControl(control: ControlServer, events: NodeEvents): Promise<void> {
  events.stopping()
  await control.close()
}
