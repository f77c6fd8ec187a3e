/**
 * What goes over a line: bytes of the last minute in both directions, and how long a PING takes until its PONG, with all
 * that waits before it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#health
 */
import { type LinkSession, type NodeClock } from '../ports.ts'
import { FRAME_TYPES } from './frames.ts'

const SLOT_MS = 10_000
const SLOTS = 6

/** Figures of a line. */
export interface LineFigures {
  /** Milliseconds of the newest PING that was answered; absent before there was one. */
  readonly roundTripMs?: number
  /** Bytes of frames a second, over the last minute. */
  readonly sentPerSecond: number
  readonly receivedPerSecond: number
}

interface Slot {
  readonly number: number
  sent: number
  received: number
}

/** Measures the sessions of one line, one after the other. */
export class LineMeter {
  readonly #clock: NodeClock
  #slots: Slot[] = []
  #pingedAt: number | undefined
  #roundTripMs: number | undefined

  constructor(clock: NodeClock) {
    this.#clock = clock
  }

  /** The same session, measured. */
  over(link: LinkSession): LinkSession {
    return {
      peerId: link.peerId,
      initiator: link.initiator,
      send: (frame, signal) => {
        if (frame[0] === FRAME_TYPES.ping) this.#pingedAt ??= this.#clock.nowMs()
        this.#slot().sent += frame.byteLength
        return link.send(frame, signal)
      },
      receive: async (signal) => {
        const frame = await link.receive(signal)
        if (frame !== null) this.#received(frame)
        return frame
      },
      close: () => link.close(),
    }
  }

  /** Figures now. */
  figures(): LineFigures {
    const first = this.#number() - SLOTS
    const recent = this.#slots.filter(({ number }) => number > first)
    const perSecond = (bytes: number): number => Math.round((bytes * 1000) / (SLOTS * SLOT_MS))
    return {
      ...(this.#roundTripMs === undefined ? {} : { roundTripMs: this.#roundTripMs }),
      sentPerSecond: perSecond(recent.reduce((sum, { sent }) => sum + sent, 0)),
      receivedPerSecond: perSecond(recent.reduce((sum, { received }) => sum + received, 0)),
    }
  }

  /** A PING that was on its way when the line broke is answered by nobody. */
  restart(): void {
    this.#pingedAt = undefined
  }

  #received(frame: Uint8Array): void {
    this.#slot().received += frame.byteLength
    if (frame[0] !== FRAME_TYPES.pong || this.#pingedAt === undefined) return
    this.#roundTripMs = Math.max(0, this.#clock.nowMs() - this.#pingedAt)
    this.#pingedAt = undefined
  }

  #slot(): Slot {
    const number = this.#number()
    const last = this.#slots.at(-1)
    if (last?.number === number) return last
    const slot = { number, sent: 0, received: 0 }
    this.#slots = [...this.#slots.slice(1 - SLOTS), slot]
    return slot
  }

  #number(): number {
    return Math.floor(this.#clock.nowMs() / SLOT_MS)
  }
}
