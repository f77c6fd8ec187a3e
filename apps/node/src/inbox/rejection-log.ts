/**
 * Counts rejections of one kind, so that a flood fills neither the log nor the disk.
 *
 * @module
 * @spec docs/spec/08-exchange.md#inbox
 */

const SOURCES = 1024

/** Says when a leaf is due: at the 1st, 2nd, 4th, 8th … rejection of a kind, with the number since the last leaf. */
export class RejectionLog {
  readonly #seen = new Map<string, number>()

  /** Counts one more; the number that a leaf must say now, or 0 when none is due. */
  count(kind: string): number {
    if (this.#seen.size >= SOURCES && !this.#seen.has(kind)) this.#seen.clear()
    const total = (this.#seen.get(kind) ?? 0) + 1
    this.#seen.set(kind, total)
    if (!isPowerOfTwo(total)) return 0
    return total === 1 ? 1 : total / 2
  }
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count))
}
