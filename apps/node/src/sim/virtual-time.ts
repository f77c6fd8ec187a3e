/**
 * Time that passes only when nothing is left to do: what is due happens in its order, each at its own instant.
 *
 * @module
 * @spec docs/spec/12-simulation.md#time
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type StreamTime } from '../link/frame-stream.ts'
import { type NodeClock, type Timer } from '../ports.ts'

interface Due {
  readonly atMs: number
  readonly order: number
  run: (() => void) | undefined
}

/** Whether a machine is on; what it waited for when it went off never happens. */
export interface Life {
  isOn: boolean
}

/** The one time of a history, in milliseconds from its beginning. */
export class VirtualTime implements StreamTime {
  readonly #due: Due[] = []
  #nowMs = 0
  #order = 0
  /** How much waits for something outside this time. */
  #outside = 0

  nowMs(): number {
    return this.#nowMs
  }

  after(ms: number, ring: () => void): () => void {
    const due: Due = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order, run: ring }
    this.#order += 1
    this.#push(due)
    return () => {
      due.run = undefined
    }
  }

  /** Resolves after that long, for a machine that is still on then. */
  async pass(ms: number, life: Life): Promise<void> {
    await new Promise<void>((resolve) => {
      this.after(ms, () => {
        if (life.isOn) resolve()
      })
    })
  }

  /**
   * What waits for something that is not of this time, as a pool of threads: time stands until it is there, and what follows
   * on it happens in its place among all that is due, however long it took.
   */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    this.#outside += 1
    const inTurn = new Promise<void>((resolve) => {
      this.after(0, resolve)
    })
    try {
      return await work()
    } finally {
      this.#outside -= 1
      await inTurn
    }
  }

  /**
   * Lets time pass until `isOver` says so, nothing is due any more, or `limitMs` is reached. Between two instants all that
   * can go on does.
   */
  async run(limitMs: number, isOver: () => Promise<boolean> | boolean): Promise<boolean> {
    for (;;) {
      do await turn()
      while (this.#outside > 0)
      if (await isOver()) return true
      const next = this.#pop()
      if (next === undefined || next.atMs > limitMs) return false
      this.#nowMs = next.atMs
      next.run?.()
    }
  }

  #push(due: Due): void {
    const heap = this.#due
    let at = heap.length
    heap.push(due)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(due, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = due
  }

  /** The next that was not called off. */
  #pop(): Due | undefined {
    for (;;) {
      const first = this.#due[0]
      const last = this.#due.pop()
      if (first === undefined || last === undefined) return undefined
      if (this.#due.length > 0) this.#sink(last)
      if (first.run !== undefined) return first
    }
  }

  #sink(due: Due): void {
    const heap = this.#due
    let at = 0
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]]
      if (left === undefined) break
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (!isBefore(child, due)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = due
  }
}

function isBefore(first: Due, second: Due): boolean {
  return first.atMs < second.atMs || (first.atMs === second.atMs && first.order < second.order)
}

/** The timers of one machine. */
export function timerOf(time: VirtualTime, life: Life): Timer {
  return {
    wait: async (ms, signal) => {
      if (signal.aborted) return
      await new Promise<void>((resolve) => {
        const done = (): void => {
          cancel()
          signal.removeEventListener('abort', done)
          resolve()
        }
        const cancel = time.after(ms, () => {
          if (life.isOn) done()
        })
        signal.addEventListener('abort', done, { once: true })
      })
    },
    deadline: (ms) => {
      const over = new AbortController()
      time.after(ms, () => {
        if (life.isOn) over.abort()
      })
      return over.signal
    },
  }
}

/** The clock of one machine: it is off by `offsetMs`, and can be put. */
export class SimClock implements NodeClock {
  offsetMs = 0
  readonly #time: VirtualTime
  readonly #startMs: number

  constructor(time: VirtualTime, startSeconds: number) {
    this.#time = time
    this.#startMs = startSeconds * 1000
  }

  now(): number {
    return Math.floor(this.nowMs() / 1000)
  }

  nowMs(): number {
    return this.#startMs + Math.floor(this.#time.nowMs()) + this.offsetMs
  }
}
