/**
 * Tells those who wait that something changed. Whoever looks first and waits then misses nothing.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */

/** A counter of changes that can be waited for. */
export class Wakeup {
  #count = 0
  readonly #waiting = new Set<() => void>()

  /** The number of changes so far; read it before you look at what changes. */
  get count(): number {
    return this.#count
  }

  /** Something changed. */
  wake(): void {
    this.#count += 1
    for (const done of this.#waiting) done()
  }

  /** Resolves when there was a change after `seen`, or when `signal` fires. */
  async after(seen: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== seen || signal.aborted) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done, { once: true })
      this.#waiting.add(done)
    })
  }
}
