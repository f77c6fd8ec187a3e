/**
 * The line between a node's parts and its peer: who is dialled, who may come in, and who is told of what.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { type ErrorCode } from '@amana/core'
import { type NodeEvents } from './events.ts'
import { PeerLine, type PeerTarget } from './exchange/peer-line.ts'
import { type NodeParts } from './node-parts.ts'
import { type PeerDesk } from './peer-desk.ts'
import { type Link, type Timer } from './ports.ts'

/** What happens on the line and beside it, for those who record it. */
export type TellsOfPeer = Pick<
  NodeEvents,
  | 'glassBroken'
  | 'notWitnessed'
  | 'peerPaused'
  | 'peerResumed'
  | 'sessionEnded'
  | 'sessionFailed'
  | 'sessionOpened'
  | 'witnessConflict'
>

interface LineEnds {
  readonly link: Link
  readonly desk: PeerDesk
  readonly events: TellsOfPeer
}

/** The line to the peer; it dials when it is started. */
export function createLine(
  parts: NodeParts,
  { link, desk, events, timer }: LineEnds & { readonly timer: Timer },
): PeerLine {
  const line: PeerLine = new PeerLine({
    link,
    desk,
    targets: () => targetsOf(parts),
    uncovered: () => parts.witness.uncovered,
    clock: parts.clock,
    timer,
    random: parts.random,
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
      peerPaused: (agency) => {
        events.peerPaused(agency)
        void admit(parts, { line, link })
        void logPause(parts)
      },
      peerResumed: (agency) => {
        events.peerResumed(agency)
        void admit(parts, { line, link })
      },
    },
  })
  return line
}

/** Lets in whom the newest roster names, but for those who are paused. */
async function admit(
  parts: NodeParts,
  { line, link }: { readonly line: PeerLine; readonly link: Link },
): Promise<void> {
  const admitted = [...peersOf(parts)].filter((peerId) => !line.paused.has(peerId))
  await link.allow(new Set(admitted)).catch(() => undefined)
}

/** Nothing depends on the leaf: a log that takes none ends the node by itself. */
async function logPause({ audit }: NodeParts): Promise<void> {
  const data = { code: 'NET_PAUSED', count: 1 }
  const events = [{ event: 'x.rejected', actor: 'sys', data }]
  const plan = { events, writes: async () => ({ writes: [], events: [] }) }
  await audit.commit(plan).catch(() => undefined)
}

/** Who is told of what: the roster opens the gate, the queue wakes the line, the log asks for its witness. */
export async function connectParts(
  parts: NodeParts,
  { link, desk, line, events }: LineEnds & { readonly line: PeerLine },
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
    void admit(parts, { line, link })
    desk.wake()
    line.wake()
  })
  desk.onNotWitnessed((agency, size, code) => {
    events.notWitnessed(agency, size, code)
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
  await admit(parts, { line, link })
}

/**
 * The peer's node by its newest roster, under each of its keys, the newest first; nobody before a charter is in force. The
 * line is not what judges whether keys have ended: the greeting is.
 */
export function targetsOf({ trust }: NodeParts): readonly PeerTarget[] {
  if (trust.inForce === undefined) return []
  const agency = trust.peer()
  return trust
    .view()
    .rosterOf(agency)
    .payload.nodes.toSorted((a, b) => b.nbf - a.nbf)
    .map(({ addresses, peerId }) => ({ agency, peerId, addresses }))
}

/** The peer's nodes. */
export function peersOf(parts: NodeParts): ReadonlySet<string> {
  return new Set(targetsOf(parts).map(({ peerId }) => peerId))
}
