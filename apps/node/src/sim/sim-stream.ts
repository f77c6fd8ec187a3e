/**
 * One direction-pair of bytes between two machines, as a TCP connection under a muxer shows itself: in order, whole as far
 * as it comes, held back by a reader that does not read, and ended without a word when the line breaks.
 *
 * @module
 * @spec docs/spec/12-simulation.md#network
 */
import { type Uint8ArrayList } from 'uint8arraylist'
import { type ByteStream } from '../link/frame-stream.ts'
import { LINK_LIMITS } from '../link/link-limits.ts'
import { type Chance } from './chance.ts'
import { type Life, type VirtualTime } from './virtual-time.ts'

/** How a line breaks, as both sides see it. */
export type Break = 'end' | 'reset' | 'silence'

type Item = { readonly bytes: Uint8Array } | { readonly mark: 'end' | 'reset' }

interface Listener {
  readonly type: string
  readonly call: (event: Happening) => void
}

interface Happening {
  readonly data: Uint8Array
  readonly error?: Error
}

/** What both ends of a connection have in common. */
export interface Line {
  readonly time: VirtualTime
  readonly chance: Chance
  /** Milliseconds that the next bytes take. */
  delayMs(): number
  /** Whether nothing passes now. */
  isBlocked(): boolean
  /** Calls when something may pass again. */
  whenOpen(go: () => void): void
}

/** One end. */
export class SimStream implements ByteStream {
  readableEnded = false
  readStatus = 'readable'
  status = 'open'
  readonly #line: Line
  readonly #life: Life
  readonly #listeners: Listener[] = []
  #other: SimStream | undefined
  /** On the way to the other end, in order. */
  #way: { item: Item; isDue: boolean }[] = []
  #lastMs = 0
  /** Arrived while reading was paused. */
  #held: Item[] = []
  /** Bytes that were sent and not taken by the other side's reader. */
  #outstanding = 0
  #isClosed = false
  #isDead = false

  constructor(line: Line, life: Life) {
    this.#line = line
    this.#life = life
  }

  /** Joins two ends. */
  static join(near: SimStream, far: SimStream): void {
    near.#other = far
    far.#other = near
  }

  get writableNeedsDrain(): boolean {
    return this.#outstanding >= LINK_LIMITS.streamWindowBytes
  }

  /** Bytes of this direction that nobody has read. */
  get outstandingBytes(): number {
    return this.#outstanding
  }

  addEventListener(type: string, call: (event: Happening) => void): void {
    this.#listeners.push({ type, call })
  }

  send(bytes: Uint8Array | Uint8ArrayList): boolean {
    if (this.status !== 'open' || this.#isClosed) throw new Error('the stream is not open')
    const copy = new Uint8Array(bytes.subarray())
    this.#outstanding += copy.byteLength
    this.#put({ bytes: copy })
    return !this.writableNeedsDrain
  }

  pause(): void {
    this.readStatus = 'paused'
  }

  resume(): void {
    this.readStatus = 'readable'
    while (this.readStatus === 'readable') {
      const item = this.#held.shift()
      if (item === undefined) return
      this.#take(item)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed || this.status !== 'open') return
    this.#isClosed = true
    this.#put({ mark: 'end' })
  }

  abort(error: Error): void {
    if (this.status !== 'open') return
    this.status = 'aborted'
    this.#put({ mark: 'reset' })
    this.#emit('close', { data: new Uint8Array(), error })
  }

  /**
   * The line breaks: of what is on the way, a part chosen by chance arrives, and then nothing. Chance chooses among writes
   * and sixteenths of one, not among bytes: a signature that is not the same twice makes a compressed frame longer or
   * shorter by some, and the history has to stay the same.
   */
  breakOff(how: Break): void {
    this.#cutWay(how)
    const other = this.#other
    if (other !== undefined) other.#cutWay(how)
  }

  #cutWay(how: Break): void {
    if (this.#isDead) return
    this.#isDead = true
    const sent = this.#way.filter(({ item }) => 'bytes' in item)
    const whole = this.#line.chance.below(sent.length + 1)
    const sixteenths = this.#line.chance.below(16)
    for (const [index, entry] of sent.entries()) {
      if (!('bytes' in entry.item) || index < whole) continue
      const { bytes } = entry.item
      const kept = index === whole ? Math.floor((bytes.byteLength * sixteenths) / 16) : 0
      entry.item = { bytes: bytes.subarray(0, kept) }
    }
    this.#way = this.#way.filter(({ item }) => 'bytes' in item)
    if (how !== 'silence') this.#schedule({ mark: how })
  }

  #put(item: Item): void {
    if (!this.#isDead) this.#schedule(item)
  }

  #schedule(item: Item): void {
    const { time } = this.#line
    this.#lastMs = Math.max(this.#lastMs, time.nowMs() + this.#line.delayMs())
    const entry = { item, isDue: false }
    this.#way.push(entry)
    time.after(this.#lastMs - time.nowMs(), () => {
      entry.isDue = true
      this.#deliver()
    })
  }

  #deliver(): void {
    if (this.#line.isBlocked()) {
      this.#line.whenOpen(() => {
        this.#deliver()
      })
      return
    }
    const other = this.#other
    while (this.#way[0]?.isDue === true) {
      const entry = this.#way.shift()
      if (entry !== undefined && other !== undefined) other.#arrive(entry.item)
    }
  }

  #arrive(item: Item): void {
    if (!this.#life.isOn || this.status !== 'open') return
    if (this.readStatus === 'paused' && !('mark' in item && item.mark === 'reset')) {
      this.#held.push(item)
      return
    }
    this.#take(item)
  }

  #take(item: Item): void {
    if ('bytes' in item) {
      const other = this.#other
      if (other !== undefined) other.#taken(item.bytes.byteLength)
      if (item.bytes.byteLength > 0) this.#emit('message', { data: item.bytes })
      return
    }
    const data = new Uint8Array()
    if (item.mark === 'end') {
      this.readableEnded = true
      this.#emit('end', { data })
      return
    }
    this.status = 'reset'
    this.#emit('end', { data })
    this.#emit('close', { data, error: new Error('reset') })
  }

  #taken(sizeBytes: number): void {
    const isFull = this.writableNeedsDrain
    this.#outstanding -= sizeBytes
    if (isFull && !this.writableNeedsDrain && this.#life.isOn) {
      this.#emit('drain', { data: new Uint8Array() })
    }
  }

  #emit(type: string, event: Happening): void {
    for (const listener of this.#listeners) if (listener.type === type) listener.call(event)
  }
}
