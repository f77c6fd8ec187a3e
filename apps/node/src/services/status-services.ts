/**
 * How a node and its links are, and waiting until what was handed in is over there.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { Wakeup } from '../exchange/wakeup.ts'
import { type NodeParts } from '../node-parts.ts'
import { type LineStatus, type NodeStatus, type PeerStatus } from '../service-views.ts'
import { type NodeServices } from '../services.ts'
import { systemTimer } from '../system.ts'
import { wantedFrom } from '../statements/attachment-rows.ts'
import { acknowledgedBy } from '../trust/acknowledged.ts'
import { nextKeys, trustWarnings } from './key-services.ts'
import { logStatus } from './log-services.ts'

type StatusServices = Pick<NodeServices, 'status' | 'witness' | 'waitDelivered'>

/** What only a running node has. */
export interface RunningLinks {
  readonly startedAt: number
  addresses(): readonly string[]
  isConnected(agency: string): boolean
  /** Seconds since 1970. */
  heardAt(agency: string): number | undefined
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
      addresses: links?.addresses() ?? [],
      running: links !== undefined,
      startedAt: links?.startedAt ?? 0,
      log: await logStatus(parts),
      rosterVersion: trust.ownRoster.version,
      ...waitingKeys(parts),
      ...trustWarnings(parts),
      reviews: await parts.reviews.waiting(),
      line: await lineOf(parts),
      peers: await peersOf(parts, links),
    }),
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

function waitingKeys(parts: NodeParts): Pick<NodeStatus, 'nextKeys'> {
  const waiting = nextKeys(parts)
  return waiting === undefined ? {} : { nextKeys: waiting }
}

async function peersOf(
  { outbox, store, trust }: NodeParts,
  links: RunningLinks | undefined,
): Promise<readonly PeerStatus[]> {
  const peers = await trust.peers()
  return Promise.all(
    peers.map(async ({ agency, state }): Promise<PeerStatus> => {
      const isInForce = state === 'in-force'
      const lastSeenAt = links?.heardAt(agency)
      const { problem } = outbox
      return {
        agency,
        state,
        link: links?.isConnected(agency) === true ? 'connected' : 'offline',
        queued: isInForce ? await outbox.pending(agency) : 0,
        acknowledgedRoster: await acknowledgedBy({ store, trust }, agency),
        ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
        ...(problem === undefined ? {} : { problem }),
      }
    }),
  )
}

/** What the line carried today, and what waits to be fetched over it. */
async function lineOf({ store, traffic, trust }: NodeParts): Promise<LineStatus> {
  const waiting = trust.inForce === undefined ? [] : await wantedFrom(store, trust.peer(), COUNTED)
  const lengths = waiting.map(({ length }) => length)
  return {
    ...traffic.facts,
    attachmentsWaiting: waiting.length,
    attachmentBytesWaiting: lengths.reduce((sum, length) => sum + length, 0),
  }
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
