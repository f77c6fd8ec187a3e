/**
 * A backlog that drains over the virtual line, with urgent messages in between: dispatches leave by the rules of a session,
 * and have the sizes of real ones.
 *
 * @module
 * @spec docs/spec/08-exchange.md#on-the-way
 */
import { EnvelopeFlight } from '../../apps/node/src/exchange/flight.ts'
import { BYTES_PER_MS, Course, Direction } from './virtual-line.ts'

/** Sizes in bytes. */
export interface MessageSizes {
  /** What the outbox takes a statement to add to an envelope. */
  readonly estimated: number
  /** The envelope of so many. */
  readonly envelope: (statements: number) => number
  /** Its frame. */
  readonly frame: (statements: number) => number
  /** The frame of the receipt for so many. */
  readonly receipt: (statements: number) => number
}

/** What came of it. */
export interface Drained {
  /** Milliseconds until the last receipt was there. */
  readonly tookMs: number
  /** Bytes of frames that went out, and what of the line's rate that was until the last of them had its receipt. */
  readonly sentBytes: number
  readonly used: number
  readonly dispatches: number
  /** Of each urgent message: milliseconds until its receipt was there, and bytes of frames that were ahead of it. */
  readonly urgent: readonly { readonly tookMs: number; readonly aheadBytes: number }[]
}

const FULL = 64
const URGENT_EVERY_MS = 20_000
const FOREVER_MS = 30 * 86_400_000

/** Drains so many statements that wait; an urgent one of the same size comes every 20 s where it is asked for. */
export class VirtualBacklog {
  readonly #sizes: MessageSizes
  readonly #course = new Course()
  readonly #there: Direction
  readonly #back: Direction
  #now = 0
  readonly #flight = new EnvelopeFlight(() => this.#now)
  #waiting: number
  #ahead = 0
  #sent = 0
  #dispatches = 0
  #since: number | undefined
  readonly #urgent: { tookMs: number; aheadBytes: number }[] = []

  constructor(seed: string, sizes: MessageSizes, statements: number) {
    this.#sizes = sizes
    this.#waiting = statements
    this.#there = new Direction(`${seed} there`)
    this.#back = new Direction(`${seed} back`)
  }

  drain(hasUrgent: boolean): Drained {
    this.#at(0, () => {
      this.#leave()
    })
    if (hasUrgent) this.#urge(URGENT_EVERY_MS)
    const tookMs = this.#course.run(FOREVER_MS)
    const used = this.#sent / BYTES_PER_MS / tookMs
    const [dispatches, sentBytes] = [this.#dispatches, this.#sent]
    return { tookMs, used, dispatches, sentBytes, urgent: this.#urgent }
  }

  #at(atMs: number, act: () => void): void {
    this.#course.at(atMs, (now) => {
      this.#now = now
      act()
    })
  }

  #urge(atMs: number): void {
    this.#at(atMs, () => {
      if (this.#waiting === 0) return
      this.#since = this.#now
      this.#leave()
      this.#urge(this.#now + URGENT_EVERY_MS)
    })
  }

  /** As in a session: what is most urgent first, and nothing else where there is no room. */
  #leave(): void {
    while (this.#flight.room !== 'none') {
      const since = this.#since
      this.#since = undefined
      if (since === undefined && (this.#flight.room !== 'any' || this.#waiting === 0)) return
      const fits = Math.floor(this.#flight.mostBytes / this.#sizes.estimated)
      const count = since === undefined ? Math.min(this.#waiting, FULL, Math.max(1, fits)) : 1
      if (since === undefined) this.#waiting -= count
      this.#send(count, since)
    }
  }

  #send(count: number, since: number | undefined): void {
    const frame = this.#sizes.frame(count)
    this.#flight.takeOff(this.#sizes.envelope(count))
    const aheadBytes = this.#ahead
    this.#ahead += frame
    this.#sent += frame
    this.#dispatches += 1
    this.#at(this.#there.carry(frame, this.#now), () => {
      this.#ahead -= frame
      this.#at(this.#back.carry(this.#sizes.receipt(count), this.#now), () => {
        this.#flight.land()
        if (since !== undefined) this.#urgent.push({ tookMs: this.#now - since, aheadBytes })
        this.#leave()
      })
    })
  }
}
