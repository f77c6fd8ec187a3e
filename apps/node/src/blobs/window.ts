/**
 * How much of an attachment may be asked for ahead: enough to fill the line, so little that a message waits no longer
 * behind it than this line makes it wait anyway.
 *
 * @module
 * @spec docs/spec/10-attachments.md#window
 */
import { LineWindow } from '../exchange/line-window.ts'

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

const PIECES = 4

/** The window of one stream. */
export class PullWindow extends LineWindow {
  constructor() {
    super(WINDOW_LIMITS)
  }

  /** How much to ask for at a time. */
  get pieceBytes(): number {
    const { largestPiece, smallestPiece } = WINDOW_LIMITS
    return Math.min(largestPiece, Math.max(smallestPiece, Math.floor(this.bytes / PIECES)))
  }
}
