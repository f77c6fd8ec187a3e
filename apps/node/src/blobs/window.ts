/**
 * How much of an attachment may be asked for ahead: enough to fill the line, so little that a message waits no longer
 * behind it than this line makes it wait anyway.
 *
 * @module
 * @spec docs/spec/10-attachments.md#window
 */

const KIB = 1024

/** Sizes in bytes, times in milliseconds. */
export const WINDOW_LIMITS = {
  smallest: 4 * KIB,
  largest: 1024 * KIB,
  smallestPiece: 2 * KIB,
  largestPiece: 64 * KIB,
  /** What may wait in the line before a piece, beside the time that the fastest one took. */
  queueMs: 400,
} as const

const SHRINK = 0.7
const PIECES = 4

/** A piece that was asked for. */
export interface AskedPiece {
  readonly bytes: number
  /** By a clock that nobody sets. */
  readonly askedAtMs: number
}

/** The window of one stream. */
export class PullWindow {
  #bytes: number = WINDOW_LIMITS.smallest
  #fastestMs = Infinity
  /** What was asked for before it says nothing of the window as it is now. */
  #shrunkAtMs = -Infinity

  get bytes(): number {
    return this.#bytes
  }

  /** How much to ask for at a time. */
  get pieceBytes(): number {
    const { largestPiece, smallestPiece } = WINDOW_LIMITS
    return Math.min(largestPiece, Math.max(smallestPiece, Math.floor(this.#bytes / PIECES)))
  }

  /** A piece has come: the window grows while pieces come quickly, and shrinks at most once for what was on its way. */
  arrived({ askedAtMs, bytes }: AskedPiece, nowMs: number): void {
    const tookMs = nowMs - askedAtMs
    this.#fastestMs = Math.min(this.#fastestMs, tookMs)
    if (tookMs <= this.#fastestMs + WINDOW_LIMITS.queueMs) {
      this.#bytes = Math.min(WINDOW_LIMITS.largest, this.#bytes + Math.ceil(bytes / 2))
      return
    }
    if (askedAtMs < this.#shrunkAtMs) return
    this.#bytes = Math.max(WINDOW_LIMITS.smallest, Math.floor(this.#bytes * SHRINK))
    this.#shrunkAtMs = nowMs
  }
}
