/**
 * The network of a history: who listens, who is reached, how long it takes, and how it breaks. Its links are the second
 * adapter of the node's `Link`, under the same frames as the first.
 *
 * @module
 * @spec docs/spec/12-simulation.md#network
 */
import { AmanaError } from '@amana/core'
import { FrameStream } from '../link/frame-stream.ts'
import { LINK_LIMITS } from '../link/link-limits.ts'
import { type BlobLink, type Link, type LinkSession } from '../ports.ts'
import { type Chance } from './chance.ts'
import { type Break, SimStream } from './sim-stream.ts'
import { type Life, type VirtualTime } from './virtual-time.ts'

/** A frame on its way, for the diagram. */
export interface FrameSeen {
  readonly from: string
  readonly to: string
  readonly type: number
  readonly sentMs: number
  arrivedMs: number | undefined
}

/** How slow the lines are now, in milliseconds. */
export interface Pace {
  readonly leastMs: number
  readonly mostMs: number
  /** How often a packet has to be sent again. */
  readonly loss: number
}

interface Host {
  readonly peerId: string
  readonly life: Life
  allowed: ReadonlySet<string>
  accept: ((session: LinkSession) => void) | undefined
  acceptBlobs: ((frames: LinkSession) => void) | undefined
}

type Ends = readonly [SimStream, SimStream]
/** Machines between which nothing passes. */
type Pairs = readonly (readonly [string, string])[]

interface Connection {
  readonly ends: Ends
  readonly peers: readonly [string, string]
  /** Streams of attachments beside that of the exchange. */
  readonly beside: Ends[]
}

/** A packet that was lost comes again so much later. */
const RESEND_MS = 1500
const ROUND_TRIPS = 4

/** All machines, and the lines between them. */
export class SimNetwork {
  readonly #time: VirtualTime
  readonly #chance: Chance
  readonly #hosts = new Map<string, Host>()
  #connections: Connection[] = []
  #parted: Pairs = []
  #apart: Pairs = []
  #waiting: (() => void)[] = []
  pace: Pace = { leastMs: 5, mostMs: 120, loss: 0 }
  readonly frames: FrameSeen[] = []
  /** The most bytes that lay unread in one direction of one connection. */
  mostUnreadBytes = 0

  constructor(time: VirtualTime, chance: Chance) {
    this.#time = time
    this.#chance = chance
  }

  /** The link of a machine that was switched on. */
  linkOf(peerId: string, life: Life): Link & BlobLink {
    const deaf = { accept: undefined, acceptBlobs: undefined }
    const host: Host = { peerId, life, allowed: new Set(), ...deaf }
    this.#hosts.set(peerId, host)
    return {
      openBlobs: async (peerIds) => this.#openBlobs(host, peerIds),
      onBlobs: (accept) => {
        host.acceptBlobs = accept
      },
      peerId,
      addresses: () => [`/memory/${peerId}`],
      dial: (to, _addresses, signal) => this.#dial(host, to, signal),
      onSession: (accept) => {
        host.accept = accept
      },
      allow: async (peerIds) => {
        host.allowed = new Set(peerIds)
        this.#hangUp(({ peers }) => {
          const other = peers.find((peer) => peer !== peerId)
          return peers.includes(peerId) && other !== undefined && !host.allowed.has(other)
        })
      },
      close: async () => {
        if (this.#hosts.get(peerId) === host) this.#hosts.delete(peerId)
        this.#hangUp(({ peers }) => peers.includes(peerId))
      },
    }
  }

  /** A machine went off: what it sent goes on, its peers learn of it or do not. */
  goOff(peerId: string, how: Break): void {
    this.#hosts.delete(peerId)
    this.breakOff(how, ({ peers }) => peers.includes(peerId))
  }

  /** Every connection that fits breaks. How many did. */
  breakOff(how: Break, fits: (connection: Connection) => boolean = () => true): number {
    const broken = this.#connections.filter(fits)
    this.#connections = this.#connections.filter((connection) => !fits(connection))
    for (const { beside, ends } of broken) {
      for (const [near] of [ends, ...beside]) near.breakOff(how)
    }
    return broken.length
  }

  /** Nothing passes between those pairs, until it does again. */
  part(pairs: Pairs): void {
    this.#parted = pairs
    for (const go of this.#waiting.splice(0)) go()
  }

  /** Nothing ever passes between those pairs. */
  partForGood(pairs: Pairs): void {
    this.#apart = pairs
  }

  /** The end of a machine that writes bytes, not frames, to one that lets it in. */
  bytesTo(from: string, to: string): SimStream {
    const [host, target] = [this.#hosts.get(from), this.#hosts.get(to)]
    if (host === undefined || target === undefined) throw new RangeError('no such machine')
    return this.#join(host, target).ends[0]
  }

  async #dial(host: Host, to: string, signal: AbortSignal): Promise<LinkSession> {
    const { life } = host
    if (!host.allowed.has(to)) throw new AmanaError('NET_UNREACHABLE', { peerId: to })
    await this.#reaching([host.peerId, to], life, signal)
    const target = this.#hosts.get(to)
    if (target === undefined || !target.life.isOn) {
      throw new AmanaError('NET_UNREACHABLE', { peerId: to })
    }
    return this.#session(this.#join(host, target), 0)
  }

  /** Resolves when the handshake could be over. @throws NET_TIMEOUT */
  async #reaching(pair: readonly [string, string], life: Life, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const give = (): void => {
        reject(new AmanaError('NET_TIMEOUT', {}))
      }
      const arrive = (): void => {
        if (!life.isOn || signal.aborted) return
        if (this.#isParted(pair)) {
          this.#waiting.push(arrive)
          return
        }
        signal.removeEventListener('abort', give)
        resolve()
      }
      signal.addEventListener('abort', give, { once: true })
      this.#time.after(this.#delay() * ROUND_TRIPS, arrive)
    })
  }

  #endsOf(host: Host, target: Host): Ends {
    const pair: readonly [string, string] = [host.peerId, target.peerId]
    const line = {
      time: this.#time,
      chance: this.#chance,
      delayMs: () => this.#delay(),
      isBlocked: () => this.#isParted(pair),
      whenOpen: (go: () => void) => {
        this.#waiting.push(go)
      },
    }
    const near = new SimStream(line, host.life)
    const far = new SimStream(line, target.life)
    SimStream.join(near, far)
    return [near, far]
  }

  /** A stream for attachments, over a connection that is open. @throws NET_UNREACHABLE */
  #openBlobs(host: Host, peerIds: readonly string[]): LinkSession {
    const { peerId: own } = host
    const connection = this.#connections.find(
      ({ peers }) => peers.includes(own) && peers.some((peer) => peerIds.includes(peer)),
    )
    const peer = connection?.peers.find((one) => one !== own) ?? ''
    const target = this.#hosts.get(peer)
    const accept = target?.acceptBlobs
    if (connection === undefined || target === undefined || accept === undefined) {
      throw new AmanaError('NET_UNREACHABLE', { peerId: peerIds[0] ?? '' })
    }
    const ends = this.#endsOf(host, target)
    connection.beside.push(ends)
    // what arrives before it is taken is heard
    const far = this.#framesOf(ends[1], own, false)
    this.#time.after(this.#delay(), () => {
      if (target.life.isOn) accept(far)
    })
    return this.#framesOf(ends[0], peer, true)
  }

  #framesOf(stream: SimStream, peerId: string, initiator: boolean): LinkSession {
    const frames = new FrameStream(stream, this.#time)
    return {
      peerId,
      initiator,
      send: async (frame, signal) => {
        this.#measure(stream)
        await frames.send(frame, signal)
      },
      receive: (signal) => frames.receive(signal),
      close: async () => {
        await frames.close(AbortSignal.abort())
        frames.abort()
      },
    }
  }

  #measure({ outstandingBytes }: SimStream): void {
    this.mostUnreadBytes = Math.max(this.mostUnreadBytes, outstandingBytes)
  }

  #join(host: Host, target: Host): Connection {
    const ends = this.#endsOf(host, target)
    const [, far] = ends
    const connection: Connection = { ends, peers: [host.peerId, target.peerId], beside: [] }
    const accept = this.#hasPlace(host, target) ? target.accept : undefined
    this.#connections.push(connection)
    if (accept === undefined) far.abort(new AmanaError('NET_CLOSED', {}))
    else {
      const session = this.#session(connection, 1)
      this.#time.after(this.#delay(), () => {
        if (target.life.isOn) accept(session)
      })
    }
    return connection
  }

  /** The gate, and as many connections as the other transport takes from one peer. */
  #hasPlace({ peerId }: Host, target: Host): boolean {
    const held = this.#connections.filter(
      ({ peers: [from, to] }) => from === peerId && to === target.peerId,
    )
    return target.allowed.has(peerId) && held.length < LINK_LIMITS.connectionsOfPeer
  }

  #session(connection: Connection, side: 0 | 1): LinkSession {
    const stream = connection.ends[side]
    const own = connection.peers[side]
    const other = connection.peers[side === 0 ? 1 : 0]
    const frames = new FrameStream(stream, this.#time)
    const sent = this.#logOf(connection, side)
    const received = this.#logOf(connection, side === 0 ? 1 : 0)
    return {
      peerId: other,
      initiator: side === 0,
      send: async (frame, signal) => {
        sent.push(this.#note(own, other, frame))
        this.#measure(stream)
        await frames.send(frame, signal)
      },
      receive: async (signal) => {
        const frame = await frames.receive(signal)
        const seen = frame === null ? undefined : received.shift()
        if (seen !== undefined) seen.arrivedMs = this.#time.nowMs()
        return frame
      },
      close: async () => {
        await frames.close(AbortSignal.abort())
        frames.abort()
        this.#connections = this.#connections.filter((open) => open !== connection)
        for (const [near] of connection.beside) near.breakOff('reset')
      },
    }
  }

  /** Frames that one side sent and the other has not taken yet, in order. */
  readonly #logs = new WeakMap<SimStream, FrameSeen[]>()

  #logOf({ ends }: Connection, side: 0 | 1): FrameSeen[] {
    const known = this.#logs.get(ends[side])
    if (known !== undefined) return known
    const log: FrameSeen[] = []
    this.#logs.set(ends[side], log)
    return log
  }

  #note(from: string, to: string, frame: Uint8Array): FrameSeen {
    const seen = {
      from,
      to,
      type: frame[0] ?? 0,
      sentMs: this.#time.nowMs(),
      arrivedMs: undefined,
    }
    this.frames.push(seen)
    return seen
  }

  #hangUp(fits: (connection: Connection) => boolean): void {
    this.breakOff('reset', fits)
  }

  #isParted([first, second]: readonly [string, string]): boolean {
    const isOf = (pair: readonly [string, string]): boolean =>
      pair.includes(first) && pair.includes(second)
    return this.#parted.some(isOf) || this.#apart.some(isOf)
  }

  #delay(): number {
    const { leastMs, loss, mostMs } = this.pace
    const again = this.#chance.happens(loss) ? RESEND_MS : 0
    return this.#chance.between(leastMs, mostMs) + again
  }
}

/** What a frame may hold at most, and so the most that lies unread in one direction. */
export const MOST_UNREAD_BYTES = LINK_LIMITS.streamWindowBytes + LINK_LIMITS.frameBytes
