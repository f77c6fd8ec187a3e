/**
 * How the visits to the mailbox went, for who asks how the node is.
 *
 * @module
 * @spec docs/spec/08-exchange.md#health
 */
import { type ErrorCode } from '@amana/core'
import { type MailboxVisit, type NodeClock } from '../ports.ts'
import { type MailboxHealth } from '../service-views.ts'

/** The newest visits since the node started. */
export class MailHealth {
  readonly #clock: NodeClock
  #health: MailboxHealth = { fetched: 0, refused: 0, left: 0 }

  constructor(clock: NodeClock) {
    this.#clock = clock
  }

  get now(): MailboxHealth {
    return this.#health
  }

  visited(visit: MailboxVisit): void {
    this.#health = { ...visit, visitedAt: this.#clock.now() }
  }

  failed(failure: ErrorCode): void {
    this.#health = { ...this.#health, failedAt: this.#clock.now(), failure }
  }
}
