/**
 * Attachments of a running node: fetched and given while there is a line, always after what the exchange sends.
 *
 * @module
 * @spec docs/spec/10-attachments.md#transfer
 */
import { DigestSchema } from '@amana/core'
import { digestOfName } from './blobs/blob-folder.ts'
import { Outflow } from './blobs/outflow.ts'
import { Transfers } from './blobs/transfers.ts'
import { type NodeEvents } from './events.ts'
import { type PeerLine } from './exchange/peer-line.ts'
import { type NodeParts } from './node-parts.ts'
import { peersOf, type TellsOfPeer } from './peer-connection.ts'
import { type BlobLink, type Link, type Timer } from './ports.ts'
import { naming } from './statements/attachment-rows.ts'

/** What no statement names may be of a command that is still at work. */
const FORGOTTEN_MS = 24 * 3600 * 1000

/** What happens on the line, and to attachments beside it. */
type AttachingEvents = TellsOfPeer & Pick<NodeEvents, 'attachmentFailed'>

/** What attachments of a running node are fetched with. */
export interface AttachingEnds {
  readonly link: Link & BlobLink
  readonly events: AttachingEvents
  readonly timer: Timer
  /** By the clock that nobody sets. */
  readonly nowMs: () => number
}

/** Attachments, before there is a line. */
export interface Attaching {
  /** The transport, with every frame counted. */
  readonly link: Link
  readonly events: TellsOfPeer
  /** What waits to be fetched may have changed. */
  wake(): void
  /** Begins; the answer ends it. */
  begin(line: PeerLine): Promise<() => Promise<void>>
}

/** Attachments of a node that is about to run. */
export function createAttaching(parts: NodeParts, ends: AttachingEnds): Attaching {
  const { events, link } = ends
  const outflow = new Outflow((bytes) => {
    parts.traffic.count(bytes)
  })
  let transfers: Transfers | undefined
  const begin: Attaching['begin'] = async (line) => {
    await removeForgotten(parts)
    const begun = transfersOf(parts, { ...ends, line, outflow })
    transfers = begun
    parts.inbox.onPlaced(() => {
      begun.wake()
    })
    return () => begun.close()
  }
  return {
    link: outflow.watch(link),
    events: following(events, () => transfers?.follow()),
    wake: () => transfers?.wake(),
    begin,
  }
}

interface Ends extends AttachingEnds {
  readonly line: PeerLine
  readonly outflow: Outflow
}

function transfersOf(
  parts: NodeParts,
  { events, line, link, nowMs, outflow, timer }: Ends,
): Transfers {
  const { audit, blobs: folder, config, ledger, store, traffic, trust } = parts
  return new Transfers({
    audit,
    folder,
    ledger,
    store,
    traffic,
    outflow,
    link,
    timer,
    nowMs,
    peer: () => ({ agency: trust.peer(), peerIds: [...peersOf(parts)] }),
    isConnected: () => line.connected,
    alone: (step) => parts.inbox.alone(step),
    asks: config.node.attachments === 'ask',
    failed: (code) => {
      events.attachmentFailed(code)
    },
  })
}

/** The same events, and the line is looked at whenever it comes or goes. */
function following(events: TellsOfPeer, follow: () => void): TellsOfPeer {
  return {
    ...events,
    sessionOpened: (agency) => {
      events.sessionOpened(agency)
      follow()
    },
    sessionEnded: (agency, code) => {
      events.sessionEnded(agency, code)
      follow()
    },
  }
}

/** Sealed files that no statement names: a command ended before it had sent the message, or it was taken back. */
async function removeForgotten({ blobs, clock, store }: NodeParts): Promise<void> {
  for (const { idleMs, name } of await blobs.list(clock.nowMs())) {
    if (idleMs < FORGOTTEN_MS) continue
    const digest = DigestSchema.safeParse(digestOfName(name)).data
    const isNamed = digest !== undefined && (await naming(store, digest)).length > 0
    if (!isNamed) await blobs.remove(name)
  }
}
