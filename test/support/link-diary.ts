/**
 * What happened, in order, for tests that wait until something did.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */

interface Reader {
  readonly look: () => void
}

/** Entries in the order in which they were written. */
export class Diary<T> {
  readonly entries: T[] = []
  #readers: Reader[] = []

  write(entry: T): void {
    this.entries.push(entry)
    for (const { look } of this.#readers.slice()) look()
  }

  /** Resolves with the entries as soon as `isEnough` says so; looks at what is there first. */
  async until(isEnough: (entries: readonly T[]) => boolean): Promise<readonly T[]> {
    await new Promise<void>((resolve) => {
      const reader = {
        look: (): void => {
          if (!isEnough(this.entries)) return
          this.#readers = this.#readers.filter((other) => other !== reader)
          resolve()
        },
      }
      this.#readers.push(reader)
      reader.look()
    })
    return [...this.entries]
  }

  /** Resolves when there are so many entries. */
  async untilCount(count: number): Promise<readonly T[]> {
    return this.until(({ length }) => length >= count)
  }
}
