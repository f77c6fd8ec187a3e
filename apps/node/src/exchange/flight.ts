/**
 * How many envelopes wait for their receipts.
 *
 * @module
 * @spec docs/spec/08-exchange.md#session
 */

/** Counts what is on its way, and lets no more leave than the limit. */
export class Flight {
  readonly #limit: number
  #count = 0
  #landed: () => void = () => undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Resolves when one more may leave, or when `signal` fires. */
  async takeOff(signal: AbortSignal): Promise<void> {
    while (this.#count >= this.#limit && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done)
          resolve()
        }
        this.#landed = done
        signal.addEventListener('abort', done, { once: true })
      })
    }
    this.#count += 1
  }

  /** One has its receipt. */
  land(): void {
    this.#count = Math.max(0, this.#count - 1)
    this.#landed()
  }
}
