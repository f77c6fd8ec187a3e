/**
 * How a node and its links are, and waiting until what was handed in is over there.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { type LineFacts } from '../blobs/traffic.ts'
import { type LineHealth } from '../exchange/peer-line.ts'
import { Wakeup } from '../exchange/wakeup.ts'
import { type NodeParts } from '../node-parts.ts'
import { openBreaches } from '../rights/breaches.ts'
import { requestViews } from '../rights/requests.ts'
import { waitingFor } from '../outbox/waiting.ts'
import {
  type LineStatus,
  type LineView,
  type MailboxHealth,
  type NodeStatus,
  type PeerStatus,
} from '../service-views.ts'
import { filingNow } from './filings.ts'
import { type NodeServices } from '../services.ts'
import { systemTimer } from '../system.ts'
import { type Wanted, wantedFrom } from '../statements/attachment-rows.ts'
import { acknowledgedBy } from '../trust/acknowledged.ts'
import { nextKeys, trustWarnings } from './key-services.ts'
import { readerStatus } from './reader-status.ts'
import { logStatus } from './log-services.ts'

const MS_PER_SECOND = 1000

type StatusServices = Pick<NodeServices, 'status' | 'witness' | 'waitDelivered' | 'resumePeer'>

/** What only a running node has. */
export interface RunningLinks {
  readonly startedAt: number
  addresses(): readonly string[]
  /** Of the line to the peer of the charter. */
  health(): LineHealth
  /** Ends pauses of the peer; how many there were. */
  resume(): number
  /** Seconds since 1970. */
  heardAt(agency: string): number | undefined
  /** What waits to be fetched may have changed. */
  attachmentsChanged(): void
  /** Where the settings name a mailbox. */
  mailbox(): MailboxHealth | undefined
}

/** Of attachments that wait. */
const COUNTED = 1000

/** The methods about the state of the node. Without `links` the folder was opened by a command. */
export function createStatusServices(
  parts: NodeParts,
  links: RunningLinks | undefined,
): StatusServices {
  const { agency, audit, config, outbox, peerId, trust, witness } = parts
  const progress = progressOf(parts)
  return {
    status: async () => ({
      agency,
      name: config.agency.name,
      peerId,
      ...runningOf(links),
      log: await logStatus(parts),
      rosterVersion: trust.ownRoster.version,
      ...waitingKeys(parts),
      ...trustWarnings(parts),
      ...(await needsPeople(parts)),
      filing: filingNow(parts),
      line: await lineOf(parts),
      peers: await peersOf(parts, links),
    }),
    resumePeer: async (input) => ({ ...input, resumed: resume(parts, links, input.agency) }),
    witness: async ({ timeoutMs }) => {
      const { size } = audit.head()
      witness.touch()
      const cosigned = async (): Promise<number> => (await witness.newest()).size
      await until(async () => (await cosigned()) >= size, progress, timeoutMs)
      return { size, cosignedSize: await cosigned() }
    },
    waitDelivered: async ({ timeoutMs }) => {
      const count = { queued: 0 }
      const isEmpty = async (): Promise<boolean> => {
        count.queued = await outbox.pending(trust.peer())
        return count.queued === 0
      }
      await until(isEmpty, progress, timeoutMs)
      return count
    },
  }
}

function runningOf(
  links: RunningLinks | undefined,
): Pick<NodeStatus, 'addresses' | 'mailbox' | 'running' | 'startedAt'> {
  const mailbox = links?.mailbox()
  return {
    addresses: links?.addresses() ?? [],
    running: links !== undefined,
    startedAt: links?.startedAt ?? 0,
    ...(mailbox === undefined ? {} : { mailbox }),
  }
}

/** Nobody is paused where no node runs. */
function resume({ trust }: NodeParts, links: RunningLinks | undefined, agency: string): number {
  const isPeer = trust.inForce !== undefined && trust.peer() === agency
  return isPeer ? (links?.resume() ?? 0) : 0
}

/** Too few readers, openings that nobody judged yet, persons who wait for an answer, breaches that no authority knows of. */
async function needsPeople(
  parts: NodeParts,
): Promise<Pick<NodeStatus, 'breaches' | 'readers' | 'requests' | 'reviews'>> {
  const reviews = await parts.reviews.waiting()
  const readers = await readerStatus(parts)
  const requests = (await requestViews(parts)).filter(({ status }) => status !== 'answered')
  const told = { breaches: await openBreaches(parts), requests, reviews }
  return readers === undefined ? told : { ...told, readers }
}

function waitingKeys(parts: NodeParts): Pick<NodeStatus, 'nextKeys'> {
  const waiting = nextKeys(parts)
  return waiting === undefined ? {} : { nextKeys: waiting }
}

async function peersOf(
  parts: NodeParts,
  links: RunningLinks | undefined,
): Promise<readonly PeerStatus[]> {
  const { outbox, store, trust } = parts
  const peers = await trust.peers()
  return Promise.all(
    peers.map(async ({ agency, state }): Promise<PeerStatus> => {
      const line = state === 'in-force' ? links?.health() : undefined
      const lastSeenAt = links?.heardAt(agency)
      const { problem } = outbox
      return {
        agency,
        state,
        link: line?.connectedSince === undefined ? 'offline' : 'connected',
        ...(await queueOf(parts, { agency, state })),
        acknowledgedRoster: await acknowledgedBy({ store, trust }, agency),
        ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
        ...(problem === undefined ? {} : { problem }),
        ...(line === undefined ? {} : { line: viewOf(line) }),
      }
    }),
  )
}

/** What the line carried today, and what waits to be fetched over it. */
async function lineOf({ config, store, traffic, trust }: NodeParts): Promise<LineStatus> {
  const range = { limit: COUNTED, which: 'all' } as const
  const waiting = trust.inForce === undefined ? [] : await wantedFrom(store, trust.peer(), range)
  const asks = config.node.attachments === 'ask'
  const isHeld = ({ choice }: Wanted): boolean =>
    choice === 'hold' || (asks && choice === 'unasked')
  const held = waiting.filter(isHeld)
  const coming = waiting.filter((one) => !isHeld(one))
  return {
    ...traffic.facts,
    ...leftOf(traffic.facts),
    attachmentsWaiting: coming.length,
    attachmentBytesWaiting: bytesIn(coming),
    attachmentsHeld: held.length,
    attachmentBytesHeld: bytesIn(held),
  }
}

function leftOf({ bytesPerDay, bytesToday }: LineFacts): Pick<LineStatus, 'bytesLeft'> {
  return bytesPerDay === undefined ? {} : { bytesLeft: Math.max(0, bytesPerDay - bytesToday) }
}

function bytesIn(waiting: readonly Wanted[]): number {
  return waiting.reduce((sum, { length }) => sum + length, 0)
}

async function queueOf(
  { ledger, outbox, store }: NodeParts,
  { agency, state }: Pick<PeerStatus, 'agency' | 'state'>,
): Promise<Pick<PeerStatus, 'queued' | 'waiting'>> {
  if (state !== 'in-force') return { queued: 0, waiting: [] }
  const { sequence } = await outbox.position(agency)
  const waiting = await waitingFor(agency, { ledger, sequence, store })
  return { queued: await outbox.pending(agency), waiting }
}

/** Instants in seconds, as everywhere in answers. */
function viewOf({ connectedSince, nextTryAt, ...figures }: LineHealth): LineView {
  return {
    ...figures,
    ...(connectedSince === undefined ? {} : { connectedSince: secondsOf(connectedSince) }),
    ...(nextTryAt === undefined ? {} : { nextTryAt: secondsOf(nextTryAt) }),
  }
}

function secondsOf(ms: number): number {
  return Math.floor(ms / MS_PER_SECOND)
}

/** Wakes whenever a dispatch was receipted or a head cosigned. */
function progressOf({ outbox, witness }: NodeParts): Wakeup {
  const progress = new Wakeup()
  outbox.onDelivered(() => {
    progress.wake()
  })
  witness.onCosigned(() => {
    progress.wake()
  })
  return progress
}

/** Looks whenever there was progress, until it holds or the time is over. */
async function until(
  holds: () => Promise<boolean>,
  progress: Wakeup,
  timeoutMs: number,
): Promise<void> {
  const signal = systemTimer.deadline(timeoutMs)
  while (!signal.aborted) {
    const seen = progress.count
    if (await holds()) return
    await progress.after(seen, signal)
  }
}
