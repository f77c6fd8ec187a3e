/**
 * Chance that repeats: everything random of a history comes from its seed.
 *
 * @module
 * @spec docs/spec/12-simulation.md#seed
 */
import { encodeUtf8, type Random, sha256 } from '@amana/core'

const TWO_32 = 4_294_967_296

/** A stream of numbers that its label fixes (sfc32 by C. Doty-Humphrey, state from SHA-256). Never for keys of people. */
export class Chance {
  readonly #state: Uint32Array

  constructor(label: string) {
    const hash = sha256(encodeUtf8(`amana simulation ${label}`))
    const view = new DataView(hash.buffer, hash.byteOffset)
    this.#state = Uint32Array.of(view.getUint32(0), view.getUint32(4), view.getUint32(8), 1)
    for (let warm = 0; warm < 12; warm += 1) this.#next()
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor((this.#next() / TWO_32) * limit)
  }

  /** A whole number in [from, to]. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1)
  }

  /** True as often as `share` of 1. */
  happens(share: number): boolean {
    return this.#next() / TWO_32 < share
  }

  /** One of several. Throws where there is none. */
  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)]
    if (choice === undefined) throw new RangeError('nothing to choose from')
    return choice
  }

  /** Bytes, as a node asks for them. */
  readonly bytes: Random = (sizeBytes) => {
    const bytes = new Uint8Array(sizeBytes)
    for (let at = 0; at < sizeBytes; at += 1) bytes[at] = this.#next() >>> 24
    return bytes
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state
    const sum = (a + b + counter) | 0
    this.#state.set([b ^ (b >>> 9), c + (c << 3), ((c << 21) | (c >>> 11)) + sum, counter + 1])
    return sum >>> 0
  }
}
