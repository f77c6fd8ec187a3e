/**
 * Notices when the machine's clock is moved, and when it differs from the peer's: whoever reads the log later can tell
 * what its times are worth.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#clocks
 */
import { clockBucket, type NewEvent } from '@amana/core'
import { type NodeClock } from '../ports.ts'

const STEP_MS = 2000
const SKEW_SECONDS = 30

/** The clock against one that nobody can set, and against the peer's. */
export class ClockWatch {
  readonly #clock: NodeClock
  readonly #monotonicMs: () => number
  #aheadMs: number
  #toldSkew = 0

  /** `monotonicMs` counts milliseconds from anywhere and is never set. */
  constructor(clock: NodeClock, monotonicMs: () => number) {
    this.#clock = clock
    this.#monotonicMs = monotonicMs
    this.#aheadMs = this.#measure()
  }

  /** The leaf for a step of more than 2 s since the last look. */
  own(): readonly NewEvent[] {
    const aheadMs = this.#measure()
    const stepMs = aheadMs - this.#aheadMs
    this.#aheadMs = aheadMs
    return Math.abs(stepMs) > STEP_MS ? [clockEvent('own', stepMs / 1000)] : []
  }

  /** The leaf for a peer whose clock says `peerNow` (seconds since 1970) now and is off by more than 30 s; once while it stays so. */
  peer(peerNow: number): readonly NewEvent[] {
    const offset = peerNow - this.#clock.now()
    const skew = Math.abs(offset) > SKEW_SECONDS ? clockBucket(offset) : 0
    const isNew = skew !== 0 && skew !== this.#toldSkew
    this.#toldSkew = skew
    return isNew ? [clockEvent('peer', offset)] : []
  }

  #measure(): number {
    return this.#clock.nowMs() - this.#monotonicMs()
  }
}

function clockEvent(source: 'own' | 'peer', seconds: number): NewEvent {
  return { event: 'w.clock', actor: 'sys', data: { offset: clockBucket(seconds), source } }
}
