/**
 * Time that stands still until a test turns it: clock and timers of one node, and how many of them somebody waits for.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { type NodeClock, type Timer } from '../../apps/node/src/ports.ts'
import { NOW } from './agencies.ts'
import { Diary } from './link-diary.ts'

interface Alarm {
  atMs: number
  readonly ring: () => void
}

/** Clock and timers that move together, by `turn` only. */
export class TurnedTime implements NodeClock, Timer {
  /** Milliseconds of each wait, as they were asked for. */
  readonly waits = new Diary<number>()
  readonly #waits = new Set<Alarm>()
  readonly #deadlines = new Set<Alarm>()
  #nowMs = NOW * 1000

  now(): number {
    return Math.floor(this.#nowMs / 1000)
  }

  nowMs(): number {
    return this.#nowMs
  }

  /** Waits that somebody waits for now. */
  get waiting(): number {
    return this.#waits.size
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waits.delete(alarm)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const alarm = { atMs: this.#nowMs + ms, ring: done }
      this.#waits.add(alarm)
      signal.addEventListener('abort', done, { once: true })
      this.waits.write(ms)
    })
  }

  deadline(ms: number): AbortSignal {
    const controller = new AbortController()
    const ring = (): void => {
      this.#deadlines.delete(alarm)
      controller.abort()
    }
    const alarm = { atMs: this.#nowMs + ms, ring }
    this.#deadlines.add(alarm)
    return controller.signal
  }

  /** Puts the clock forward or back, as an administrator does: no time passes. */
  put(ms: number): void {
    this.#nowMs += ms
    for (const alarms of [this.#waits, this.#deadlines]) {
      for (const alarm of alarms) alarm.atMs += ms
    }
  }

  /** Lets `ms` milliseconds pass; what is due rings in its order, each at its own time. */
  async turn(ms: number): Promise<void> {
    const end = this.#nowMs + ms
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#nowMs = next.atMs
      next.ring()
      // What was waiting goes on before time does.
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
    }
    this.#nowMs = end
  }

  #next(end: number): Alarm | undefined {
    const due = [...this.#waits, ...this.#deadlines].filter(({ atMs }) => atMs <= end)
    return due.toSorted((a, b) => a.atMs - b.atMs)[0]
  }
}
