/**
 * What is on its way in a session: how many, and of envelopes how many bytes.
 *
 * @module
 * @spec docs/spec/08-exchange.md#on-the-way
 */
import { LineWindow, type OnTheWay } from './line-window.ts'
import { Wakeup } from './wakeup.ts'

const KIB = 1024

/** Sizes in bytes before compression, times in milliseconds. */
export const FLIGHT_LIMITS = {
  /** Envelopes without a receipt. */
  envelopes: 8,
  /** The same where the next one is about lives at risk. */
  envelopesAtRisk: 16,
  smallest: 16 * KIB,
  largest: 4096 * KIB,
  queueMs: 3000,
  /** Parts of the window that one dispatch may not fill more of than one. */
  parts: 3,
} as const

/** What may leave: a dispatch of any urgency, one about lives at risk, or none. */
export type Room = 'any' | 'life-at-risk' | 'none'

/**
 * The envelopes without a receipt. A new one leaves where it does not fill the window, and is made to fill no more than a
 * part of it; what is about lives at risk does not wait for that.
 */
export class EnvelopeFlight {
  readonly #nowMs: () => number
  readonly #window = new LineWindow(FLIGHT_LIMITS)
  readonly #landed = new Wakeup()
  readonly #open: OnTheWay[] = []

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** What the next dispatch may have; one statement leaves whatever it has. */
  get mostBytes(): number {
    return Math.floor(this.#window.bytes / FLIGHT_LIMITS.parts)
  }

  get room(): Room {
    const { envelopes, envelopesAtRisk } = FLIGHT_LIMITS
    const bytes = this.#open.reduce((sum, one) => sum + one.bytes, 0)
    const fits = bytes + this.mostBytes <= this.#window.bytes
    if (this.#open.length === 0 || (this.#open.length < envelopes && fits)) return 'any'
    return this.#open.length < envelopesAtRisk ? 'life-at-risk' : 'none'
  }

  /** Resolves when one has its receipt, or when `signal` fires. */
  async landing(signal: AbortSignal): Promise<void> {
    await this.#landed.after(this.#landed.count, signal)
  }

  /** One leaves. */
  takeOff(bytes: number): void {
    this.#open.push({ bytes, sinceMs: this.#nowMs() })
  }

  /** The oldest has its receipt. */
  land(): void {
    const oldest = this.#open.shift()
    if (oldest === undefined) return
    this.#window.arrived(oldest, this.#nowMs())
    this.#landed.wake()
  }
}

/** Counts what is on its way, and lets no more leave than the limit. */
export class Flight {
  readonly #limit: number
  #count = 0
  #landed: () => void = () => undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Resolves when one more may leave, or when `signal` fires. */
  async takeOff(signal: AbortSignal): Promise<void> {
    while (this.#count >= this.#limit && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done)
          resolve()
        }
        this.#landed = done
        signal.addEventListener('abort', done, { once: true })
      })
    }
    this.#count += 1
  }

  /** One has its receipt. */
  land(): void {
    this.#count = Math.max(0, this.#count - 1)
    this.#landed()
  }
}
