/**
 * How many bytes may be on their way over a line: enough to fill it, so few that what comes after does not wait long
 * behind them.
 *
 * @module
 * @spec docs/spec/10-attachments.md#window
 */

/** Sizes in bytes, times in milliseconds. */
export interface WindowLimits {
  readonly smallest: number
  readonly largest: number
  /** What may wait in the line before something, beside the time that the fastest one took. */
  readonly queueMs: number
}

/** Something on its way. */
export interface OnTheWay {
  readonly bytes: number
  readonly sinceMs: number
}

const SHRINK = 0.7

/** The window of one stream or session. */
export class LineWindow {
  readonly #limits: WindowLimits
  #bytes: number
  #fastestMs = Infinity
  /** What left before it says nothing of the window as it is now. */
  #shrunkAtMs = -Infinity

  constructor(limits: WindowLimits) {
    this.#limits = limits
    this.#bytes = limits.smallest
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Something was answered: the window grows while answers come quickly, and shrinks at most once for what was on its way. */
  arrived({ bytes, sinceMs }: OnTheWay, nowMs: number): void {
    const { largest, queueMs, smallest } = this.#limits
    const tookMs = Math.max(0, nowMs - sinceMs)
    this.#fastestMs = Math.min(this.#fastestMs, tookMs)
    if (tookMs <= this.#fastestMs + queueMs) {
      this.#bytes = Math.min(largest, this.#bytes + Math.ceil(bytes / 2))
      return
    }
    if (sinceMs < this.#shrunkAtMs) return
    this.#bytes = Math.max(smallest, Math.floor(this.#bytes * SHRINK))
    this.#shrunkAtMs = nowMs
  }
}
