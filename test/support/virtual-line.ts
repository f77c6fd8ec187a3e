/**
 * A line of 64 kbit/s, 600 ms there and back and 5 % loss in a time of its own: what happens on it follows from a seed and
 * from no clock.
 *
 * @module
 * @spec docs/spec/08-exchange.md#on-the-way
 */
import { seededBytes } from './seeded-bytes.ts'

/** 64 kbit/s. */
export const BYTES_PER_MS = 8
export const ONE_WAY_MS = 300
const SEGMENT_BYTES = 1460
const LOST = 0.05

/** One direction of a TCP line: what is lost comes a round trip later, and all that was sent after it too. */
export class Direction {
  readonly #random: (sizeBytes: number) => Uint8Array
  #freeMs = 0
  #lastMs = 0

  constructor(seed: string) {
    this.#random = seededBytes(seed)
  }

  /** When the last of these bytes arrives. */
  carry(bytes: number, nowMs: number): number {
    for (let rest = bytes; rest > 0; rest -= SEGMENT_BYTES) {
      const tookMs = Math.min(rest, SEGMENT_BYTES) / BYTES_PER_MS
      const [draw = 0] = this.#random(1)
      const isLost = draw / 256 < LOST
      this.#freeMs = Math.max(nowMs, this.#freeMs) + (isLost ? 2 : 1) * tookMs
      const lateMs = isLost ? 2 * ONE_WAY_MS : 0
      this.#lastMs = Math.max(this.#lastMs, this.#freeMs + ONE_WAY_MS + lateMs)
    }
    return this.#lastMs
  }
}

interface Step {
  readonly atMs: number
  readonly act: (nowMs: number) => void
}

/** What happens when, one after the other. */
export class Course {
  readonly #steps: Step[] = []

  at(atMs: number, act: Step['act']): void {
    this.#steps.push({ atMs, act })
  }

  /** Until then, or until nothing more happens; when the last thing did. */
  run(untilMs: number): number {
    let lastMs = 0
    for (let step = this.#next(); step !== undefined && step.atMs < untilMs; step = this.#next()) {
      lastMs = step.atMs
      step.act(lastMs)
    }
    return lastMs
  }

  #next(): Step | undefined {
    this.#steps.sort((a, b) => b.atMs - a.atMs)
    return this.#steps.pop()
  }
}

/** The value below which that share of them lies. */
export function share(values: readonly number[], of: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * of)] ?? Infinity
}
