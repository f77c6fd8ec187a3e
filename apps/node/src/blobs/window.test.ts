/**
 * The window on lines of several kinds: full, and no fuller than needs be.
 *
 * @module
 * @spec docs/spec/10-attachments.md#window
 */
import { describe, expect, it } from 'vitest'
import { type OnTheWay } from '../exchange/line-window.ts'
import { PullWindow, WINDOW_LIMITS } from './window.ts'

interface Line {
  readonly bytesPerMs: number
  readonly roundTripMs: number
}

interface Played {
  readonly window: PullWindow
  /** Of what the line could carry. */
  readonly used: number
  /** The longest that something would have waited in the line behind pieces, once it was going. */
  readonly queueMs: number
}

/** A reader asks whenever its window allows; the line carries one piece after the other. */
function play({ bytesPerMs, roundTripMs }: Line, pieces: number): Played {
  const window = new PullWindow()
  const asked: (OnTheWay & { readonly arrivesMs: number })[] = []
  let [now, freeMs, open, bytes, queueMs] = [0, 0, 0, 0, 0]
  for (let count = 0; count < pieces; count += 1) {
    while (open === 0 || open < window.bytes) {
      const size = window.pieceBytes
      const startMs = Math.max(now + roundTripMs, freeMs)
      freeMs = startMs + size / bytesPerMs
      asked.push({ bytes: size, sinceMs: now, arrivesMs: freeMs })
      open += size
    }
    const piece = asked.shift()
    if (piece === undefined) throw new Error('nothing was asked')
    now = piece.arrivesMs
    open -= piece.bytes
    bytes += piece.bytes
    window.arrived(piece, now)
    if (count > pieces / 2) queueMs = Math.max(queueMs, freeMs - now - roundTripMs)
  }
  return { window, used: bytes / bytesPerMs / now, queueMs }
}

describe('the window', () => {
  it.each<[string, Line, number]>([
    ['64 kbit/s and 600 ms', { bytesPerMs: 8, roundTripMs: 600 }, 400],
    ['1 Mbit/s and 80 ms', { bytesPerMs: 125, roundTripMs: 80 }, 2000],
    ['20 Mbit/s and 600 ms', { bytesPerMs: 2500, roundTripMs: 600 }, 4000],
  ])('on a line of %s fills it, and lets little wait', (_name, line, pieces) => {
    const { queueMs, used, window } = play(line, pieces)
    expect(used).toBeGreaterThan(
      line.bytesPerMs * line.roundTripMs > WINDOW_LIMITS.largest ? 0.6 : 0.9,
    )
    const pieceMs = window.pieceBytes / line.bytesPerMs
    expect(queueMs).toBeLessThan(WINDOW_LIMITS.queueMs + line.roundTripMs + 2 * pieceMs)
  })

  it('stays in its bounds, whatever comes', () => {
    const window = new PullWindow()
    for (let at = 0; at < 100; at += 1) window.arrived({ sinceMs: at, bytes: 65_536 }, at + 1)
    expect(window.bytes).toBe(WINDOW_LIMITS.largest)
    expect(window.pieceBytes).toBe(WINDOW_LIMITS.largestPiece)
    for (let at = 1000; at < 200_000; at += 1000)
      window.arrived({ sinceMs: at, bytes: 1 }, at + 999)
    expect(window.bytes).toBe(WINDOW_LIMITS.smallest)
    expect(window.pieceBytes).toBe(WINDOW_LIMITS.smallestPiece)
  })

  it('shrinks once for what was on its way together', () => {
    const window = new PullWindow()
    for (let at = 0; at < 100; at += 1) window.arrived({ sinceMs: at, bytes: 65_536 }, at + 1)
    for (let at = 0; at < 5; at += 1) window.arrived({ sinceMs: 200, bytes: 2048 }, 2000 + at)
    expect(window.bytes).toBe(Math.floor(WINDOW_LIMITS.largest * 0.7))
  })
})
