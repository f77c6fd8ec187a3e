/**
 * A line to a peer on a real transport, with time, chance and events in the hands of the test.
 *
 * @module
 * @spec docs/spec/08-exchange.md#reconnecting
 */
import { type ErrorCode } from '@amana/core'
import { PeerLine, type PeerTarget } from '../../apps/node/src/exchange/peer-line.ts'
import { openSession, type OpenSession } from '../../apps/node/src/exchange/session.ts'
import { type Link, type LinkSession } from '../../apps/node/src/ports.ts'
import { type TestAgency, twoAgencies } from './agencies.ts'
import { TestDesk } from './link-desk.ts'
import { Diary } from './link-diary.ts'
import { openLink } from './link-pair.ts'
import { TurnedTime } from './link-time.ts'

const NEVER = new AbortController().signal

/** A session of a transport: what this side has sent, and whether it has closed it. */
export interface WatchedSession {
  readonly link: LinkSession
  sentCount: number
  isClosed: boolean
  /** Resolves when this side begins to close it. */
  readonly closed: Promise<void>
}

/** What happened on a line: `opened`, `ended` with its code, `failed` with its code. */
export type LineEvent = readonly [
  'opened' | 'ended' | 'failed' | 'paused' | 'resumed',
  ErrorCode | undefined,
]

/** Both sides of what a test of lines needs: one line of ours, and the other transport. */
export interface LineWorld extends AsyncDisposable {
  readonly line: PeerLine
  readonly time: TurnedTime
  readonly desk: TestDesk
  readonly events: Diary<LineEvent>
  /** Every dial of the line, when it began. */
  readonly dials: Diary<string>
  readonly sessions: Diary<WatchedSession>
  /** Where the line believes the peer to be; nothing when it knows no peer. */
  target: PeerTarget | undefined
  isUncovered: boolean
  readonly link: Link
}

/** A line of an agency to another; both transports allow each other, the peer's is the caller's. */
export async function openLine(agency: TestAgency, peer: Link): Promise<LineWorld> {
  const { anltp, naptip, trust } = await twoAgencies()
  const other = agency.id === anltp.id ? naptip : anltp
  const link = await openLink(agency)
  await link.allow(new Set([peer.peerId]))
  const time = new TurnedTime()
  const desk = new TestDesk(agency, trust)
  const events = new Diary<LineEvent>()
  const dials = new Diary<string>()
  const sessions = new Diary<WatchedSession>()
  const watched = watch(link, dials, sessions)
  const line = new PeerLine({
    link: watched,
    desk,
    targets: () => (world.target === undefined ? [] : [world.target]),
    uncovered: () => world.isUncovered,
    clock: time,
    timer: time,
    random: (sizeBytes) => new Uint8Array(sizeBytes).fill(0xff),
    events: {
      sessionOpened: () => {
        events.write(['opened', undefined])
      },
      sessionEnded: (_agency, code) => {
        events.write(['ended', code])
      },
      sessionFailed: (_agency, code) => {
        events.write(['failed', code])
      },
      peerPaused: () => {
        events.write(['paused', undefined])
      },
      peerResumed: () => {
        events.write(['resumed', undefined])
      },
    },
  })
  desk.onSeen = (): void => {
    line.heard()
  }
  watched.onSession((session) => {
    void line.accept(session)
  })
  const world: LineWorld = {
    line,
    time,
    desk,
    events,
    dials,
    sessions,
    target: { agency: other.id, peerId: peer.peerId, addresses: peer.addresses() },
    isUncovered: false,
    link,
    [Symbol.asyncDispose]: async () => {
      await line.close()
      await link.close()
    },
  }
  return world
}

/** The same transport, and notes of what is dialled and closed. */
function watch(link: Link, dials: Diary<string>, sessions: Diary<WatchedSession>): Link {
  const noted = (session: LinkSession): LinkSession => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    const entry: WatchedSession = { link: session, sentCount: 0, isClosed: false, closed }
    sessions.write(entry)
    return {
      peerId: session.peerId,
      initiator: session.initiator,
      send: (frame, signal) => {
        entry.sentCount += 1
        return session.send(frame, signal)
      },
      receive: (signal) => session.receive(signal),
      close: async () => {
        entry.isClosed = true
        resolve()
        await session.close()
      },
    }
  }
  return {
    peerId: link.peerId,
    addresses: () => link.addresses(),
    allow: (peerIds) => link.allow(peerIds),
    close: () => link.close(),
    dial: async (peerId, addresses, signal) => {
      dials.write(addresses.join(' '))
      return noted(await link.dial(peerId, addresses, signal))
    },
    onSession: (accept) => {
      link.onSession((session) => {
        accept(noted(session))
      })
    },
  }
}

/** The other agency's transport, and the sessions that it accepts. */
export interface PeerSide extends AsyncDisposable {
  readonly link: Link
  readonly accepted: Diary<LinkSession>
  readonly desk: TestDesk
  /** Greets the next session that was accepted as a node does. */
  greet(index: number): Promise<OpenSession>
}

/** Opens the other agency's transport; it lets the first one in. */
export async function openPeer(agency: TestAgency, allowed: string): Promise<PeerSide> {
  const { trust } = await twoAgencies()
  const link = await openLink(agency)
  await link.allow(new Set([allowed]))
  const accepted = new Diary<LinkSession>()
  link.onSession((session) => {
    accepted.write(session)
  })
  const desk = new TestDesk(agency, trust)
  return {
    link,
    accepted,
    desk,
    greet: async (index) => {
      const session = (await accepted.untilCount(index + 1)).at(index)
      if (session === undefined) throw new TypeError('no session')
      return openSession(session, desk, NEVER)
    },
    [Symbol.asyncDispose]: () => link.close(),
  }
}
