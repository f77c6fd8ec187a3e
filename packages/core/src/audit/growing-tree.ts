/**
 * The Merkle tree of RFC 6962 in memory that is used again: for who hashes millions of leaves, one after the other.
 * Gives the hashes of `merkle.ts`.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#tree
 */
import { sha256Into } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { rootOf } from './merkle.ts'

const HASH_BYTES = 32
/** Where the hash of the left and of the right subtree stand in the bytes of their inner node, behind its prefix. */
const LEFT = 1
const RIGHT = LEFT + HASH_BYTES

/** A size is at most 2^53 - 1; the subtree that a leaf completes may stand one higher. */
const LEVELS = 54

/** The newest two neighbours of one level, as the bytes that their inner node is the hash of. */
interface Pair {
  readonly bytes: Uint8Array
  readonly left: Uint8Array
  readonly right: Uint8Array
}

/** A tree that is appended to and knows its root; it holds two hashes a level. */
export class GrowingTree {
  readonly #pairs: readonly Pair[] = Array.from({ length: LEVELS }, emptyPair)
  #size = 0

  /** Leaves so far. */
  get size(): number {
    return this.#size
  }

  /**
   * Appends a leaf, given behind its prefix, one byte of 0. Its hash lies in memory that is used again: it is right until
   * the next call.
   */
  appendLeaf(prefixed: Uint8Array): Uint8Array {
    const { bytes, left, right } = this.#pairAt(0)
    const isLeft = this.#size % 2 === 0
    sha256Into(prefixed, bytes, isLeft ? LEFT : RIGHT)
    this.#join(0)
    return isLeft ? left : right
  }

  /**
   * Appends a perfect subtree of `2^level` leaves by its root, 32 bytes.
   *
   * @throws AUDIT_INDEX_GAP when a subtree of that size cannot stand at this place
   */
  appendSubtree(level: number, hash: Uint8Array): void {
    const width = 2 ** level
    if (this.#size % width !== 0) {
      throw new AmanaError('AUDIT_INDEX_GAP', { expected: this.#size, found: this.#size + width })
    }
    const { left, right } = this.#pairAt(level)
    if ((this.#size / width) % 2 === 0) left.set(hash)
    else right.set(hash)
    this.#join(level)
  }

  /** The root over all leaves so far. */
  root(): Uint8Array {
    const whole = this.#pairs.filter((_, level) => Math.floor(this.#size / 2 ** level) % 2 === 1)
    return rootOf({ size: this.#size, hashes: whole.map(({ left }) => left).toReversed() }).slice()
  }

  /** The newest subtree of that level is in its place: hashes what it completes, and counts its leaves. */
  #join(level: number): void {
    const width = 2 ** level
    let place = this.#size / width
    for (let below = level; place % 2 === 1; below += 1) {
      place = (place - 1) / 2
      const { bytes } = this.#pairAt(below + 1)
      sha256Into(this.#pairAt(below).bytes, bytes, place % 2 === 0 ? LEFT : RIGHT)
    }
    this.#size += width
  }

  #pairAt(level: number): Pair {
    const pair = this.#pairs[level]
    if (pair === undefined) throw new RangeError(`level ${String(level)}`)
    return pair
  }
}

function emptyPair(): Pair {
  const bytes = new Uint8Array(RIGHT + HASH_BYTES)
  bytes[0] = 1
  return { bytes, left: bytes.subarray(LEFT, RIGHT), right: bytes.subarray(RIGHT) }
}
