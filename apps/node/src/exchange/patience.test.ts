import { type ErrorCode } from '@amana/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { Patience } from './patience.ts'

const MINUTE_MS = 60_000

let nowMs = 0
let patience: Patience

beforeEach(() => {
  nowMs = 0
  patience = new Patience({ now: () => Math.floor(nowMs / 1000), nowMs: () => nowMs })
})

/** How many such sessions in a row it takes until the peer is paused. */
function failuresUntilPaused(code: ErrorCode, everyMs: number): number {
  for (let count = 1; count <= 1000; count += 1) {
    if (patience.failed('peer', code)) return count
    nowMs += everyMs
  }
  return Infinity
}

describe('patience with a peer', () => {
  it.each<ErrorCode>([
    'AUDIT_WITNESS_ANSWER',
    'NET_FRAME',
    'NET_GREETING',
    'WIRE_CANON',
    'WIRE_ENVELOPE',
    'WIRE_NODE',
    'WIRE_RECEIPT',
    'WIRE_REPLAY',
    'WIRE_SIG',
    'WIRE_SIZE',
  ])('ends with the tenth %s at once, whether a session failed or ended by it', (code) => {
    expect(failuresUntilPaused(code, 0)).toBe(10)
    for (let count = 1; count < 10; count += 1) expect(patience.ended('other', code)).toBe(false)
    expect(patience.ended('other', code)).toBe(true)
    expect([...patience.paused]).toEqual(['peer', 'other'])
  })

  it.each<ErrorCode>([
    'NET_CLOSED',
    'NET_TIMEOUT',
    'TRUST_ROLLBACK',
    'WIRE_FORK',
    'WIRE_KEY_EXPIRED',
    'WIRE_KID_UNKNOWN',
    'WIRE_SEQ_GAP',
    'WIRE_TIME_FUTURE',
    'WIRE_TIME_STALE',
  ])('does not end with %s as often as an honest node can cause it', (code) => {
    expect(failuresUntilPaused(code, 10_000)).toBe(Infinity)
    for (let count = 0; count < 1000; count += 1) expect(patience.ended('peer', code)).toBe(false)
  })

  it('ends with the hundredth greeting at once that comes to nothing', () => {
    expect(failuresUntilPaused('NET_CLOSED', 0)).toBe(100)
  })

  it('comes back with time, ten a minute and never more than all of it', () => {
    for (let count = 0; count < 9; count += 1) patience.failed('peer', 'NET_FRAME')
    nowMs += MINUTE_MS
    expect(patience.failed('peer', 'NET_FRAME')).toBe(false)
    expect(patience.failed('peer', 'NET_FRAME')).toBe(true)
    nowMs += 1_000_000 * MINUTE_MS
    expect(failuresOf('another')).toBe(10)
  })

  it('is not gained by a clock that is put back', () => {
    nowMs = 1_000_000
    for (let count = 0; count < 9; count += 1) patience.failed('peer', 'NET_FRAME')
    nowMs = 0
    expect(patience.failed('peer', 'NET_FRAME')).toBe(true)
  })

  it('begins anew when a pause is over, and a paused peer is not paused again', () => {
    expect(failuresOf('peer')).toBe(10)
    expect(patience.failed('peer', 'NET_FRAME')).toBe(false)
    patience.resume('peer')
    expect([...patience.paused]).toEqual([])
    expect(failuresOf('peer')).toBe(10)
  })
})

function failuresOf(peerId: string): number {
  let count = 1
  while (!patience.failed(peerId, 'NET_FRAME')) count += 1
  return count
}
