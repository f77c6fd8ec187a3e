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

/** A queue of one for each key; keys that nobody waits for are forgotten. */
export class ExclusiveByKey {
  readonly #queues = new Map<string, { readonly queue: Exclusive; waiting: number }>()

  /** Runs `step` when all before it of the same key ended. */
  async run<T>(key: string, step: () => Promise<T>): Promise<T> {
    const held = this.#queues.get(key) ?? { queue: new Exclusive(), waiting: 0 }
    this.#queues.set(key, held)
    held.waiting += 1
    try {
      return await held.queue.run(step)
    } finally {
      held.waiting -= 1
      if (held.waiting === 0) this.#queues.delete(key)
    }
  }

  /** How many keys somebody waits for. */
  get size(): number {
    return this.#queues.size
  }
}

/** Lets preparations go on side by side; what follows each begins in the order of the calls. */
export class InOrder {
  #last: Promise<unknown> = Promise.resolve()

  /** Calls `begin` when `prepare` succeeded and every earlier call has begun or failed; does not wait for their ends. */
  async run<T, U>(prepare: () => Promise<T>, begin: (prepared: T) => Promise<U>): Promise<U> {
    const prepared = prepare()
    const begun = Promise.allSettled([this.#last, prepared]).then(async () => {
      const value = await prepared
      return { result: begin(value) }
    })
    this.#last = begun.catch(() => undefined)
    const { result } = await begun
    return result
  }
}
