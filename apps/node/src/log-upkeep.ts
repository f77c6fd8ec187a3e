/**
 * What a running node does by itself for its log: it reads it again, notices a clock that was moved, and says when nobody
 * cosigns.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#opening-and-scrub
 */
import { beginRound, isScrubbing, scrubSlice } from './audit/scrub.ts'
import { type NodeEvents } from './events.ts'
import { type NodeParts } from './node-parts.ts'
import { type Timer } from './ports.ts'
import { monotonicMs } from './system.ts'

const DAY_SECONDS = 86_400

type LookedAfter = Pick<NodeParts, 'audit' | 'clock' | 'clocks' | 'store' | 'witness'>
type Told = Pick<NodeEvents, 'logDamaged' | 'shorterThanCosigned' | 'unwitnessed'>

/** Looks after the log of a running node. */
export class LogUpkeep {
  readonly #parts: LookedAfter
  readonly #events: Told
  /** Seconds since 1970, by what was told. */
  readonly #toldAt = new Map<string, number>()
  readonly #damaged = new AbortController()
  #isReadingAll = false

  constructor(parts: LookedAfter, events: Told) {
    this.#parts = parts
    this.#events = events
  }

  /** Fires with STORE_HOLE or STORE_DAMAGED when the log does not fit: the node is to end. */
  get damaged(): AbortSignal {
    return this.#damaged.signal
  }

  /**
   * Reads all of the log again, as a node does when it has opened; it rests for as long as it reads, so that the work of
   * the node goes on beside it.
   *
   * @throws STORE_WRITE, STORE_DAMAGED
   */
  async readAll(timer: Timer, ended: AbortSignal): Promise<void> {
    this.#isReadingAll = true
    try {
      await beginRound(this.#parts)
      while (!ended.aborted && (await isScrubbing(this.#parts.store))) {
        const since = monotonicMs()
        await this.#scrub()
        await timer.wait(monotonicMs() - since, ended)
      }
    } finally {
      this.#isReadingAll = false
    }
  }

  /** One look, to be repeated every minute. @throws STORE_WRITE, STORE_DAMAGED */
  async look(): Promise<void> {
    await this.#noteClock()
    if (!this.#isReadingAll) await this.#scrub()
    await this.#tellAge()
    const { claimedSize } = this.#parts.witness
    if (claimedSize !== undefined && this.#isDue(`size ${String(claimedSize)}`)) {
      this.#events.shorterThanCosigned(claimedSize, this.#parts.audit.head().size)
    }
  }

  async #scrub(): Promise<void> {
    const damaged = await scrubSlice(this.#parts)
    if (damaged === undefined) return
    this.#events.logDamaged(damaged.from, damaged.to)
    this.#damaged.abort(damaged.error)
  }

  async #noteClock(): Promise<void> {
    const { audit, clocks } = this.#parts
    const events = clocks.own()
    if (events.length === 0) return
    await audit.commit({ events, writes: async () => ({ writes: [], events: [] }) })
  }

  async #tellAge(): Promise<void> {
    const age = await this.#parts.witness.age()
    if (age === undefined || age.level === 'fresh' || !this.#isDue(age.level)) return
    this.#events.unwitnessed(age)
  }

  /** Once a day each; a clock that was ahead and is right again must not silence it. */
  #isDue(what: string): boolean {
    const now = this.#parts.clock.now()
    const toldAt = this.#toldAt.get(what)
    const isDue = toldAt === undefined || Math.abs(now - toldAt) >= DAY_SECONDS
    if (isDue) this.#toldAt.set(what, now)
    return isDue
  }
}
