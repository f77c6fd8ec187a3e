/**
 * Runs asynchronous steps one after another, in the order in which they were asked for.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */

/** A queue of one: what reads and then writes must not meet another that does. */
export class Exclusive {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `step` when all before it ended, whether well or not. */
  async run<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(step, step)
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
