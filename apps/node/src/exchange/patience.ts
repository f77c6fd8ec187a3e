/**
 * How much is borne of a peer that does not behave: what no node sends, and greetings that come to nothing, use up a
 * budget that time fills again. A peer without budget is not let in for a while.
 *
 * @module
 * @spec docs/spec/08-exchange.md#pauses
 */
import { ERRORS, type ErrorCode } from '@amana/core'
import { type NodeClock } from '../ports.ts'

const BUDGET = 100
const PER_MINUTE = 10
/** An honest peer on a bad line fails six times a minute at most. */
const FAILURE_COST = 1
const OFFENCE_COST = 10
const MS_PER_MINUTE = 60_000

/** How long a peer is not let in. */
export const PAUSE_MS = 600_000

/** Beside what is out of form: what a peer would have to make up. */
const MADE_UP: ReadonlySet<ErrorCode> = new Set([
  'AUDIT_WITNESS_ANSWER',
  'NET_GREETING',
  'WIRE_NODE',
  'WIRE_REPLAY',
  'WIRE_SIG',
])

/** The budgets of all peers. */
export class Patience {
  readonly #clock: NodeClock
  readonly #budgets = new Map<string, { readonly left: number; readonly atMs: number }>()
  readonly #paused = new Set<string>()

  constructor(clock: NodeClock) {
    this.#clock = clock
  }

  /** Peer ids that are not let in. */
  get paused(): ReadonlySet<string> {
    return this.#paused
  }

  /** A session that the peer began came to nothing. True where the peer is paused by it. */
  failed(peerId: string, code: ErrorCode): boolean {
    return this.#charge(peerId, isOffence(code) ? OFFENCE_COST : FAILURE_COST)
  }

  /** A session ended. True where the peer is paused by it. */
  ended(peerId: string, code: ErrorCode | undefined): boolean {
    return code !== undefined && isOffence(code) && this.#charge(peerId, OFFENCE_COST)
  }

  /** Begins anew with a peer. */
  resume(peerId: string): void {
    this.#paused.delete(peerId)
    this.#budgets.delete(peerId)
  }

  #charge(peerId: string, cost: number): boolean {
    if (this.#paused.has(peerId)) return false
    const atMs = this.#clock.nowMs()
    const held = this.#budgets.get(peerId) ?? { left: BUDGET, atMs }
    const filled = (Math.max(0, atMs - held.atMs) * PER_MINUTE) / MS_PER_MINUTE
    const left = Math.min(BUDGET, held.left + filled) - cost
    this.#budgets.set(peerId, { left, atMs })
    if (left > 0) return false
    this.#paused.add(peerId)
    return true
  }
}

/** What no node sends, whatever its clock, its store or its rosters are like. */
function isOffence(code: ErrorCode): boolean {
  const { refusal } = ERRORS[code]
  const isOutOfForm = refusal === 'malformed' || refusal === 'size' || refusal === 'content'
  return isOutOfForm || MADE_UP.has(code)
}
