/**
 * Follows a log leaf by leaf, as `followLeaf` does, for who reads millions: the state is changed in place, and the
 * memory of a leaf is used again for the next.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { decodeBase64urlInto } from '../bytes/base64.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { assertFollows, type ClassHead, followClasses, type LogCursor } from './cursor.ts'
import { type LeafClass } from './event-members.ts'
import { type Leaf, parseLeaf } from './leaf.ts'
import { leafHash, nodeHash, rootOf } from './merkle.ts'

/** A reader's place in a log of which some classes are shown, complete from index `from` on. */
export class LogFollower {
  readonly #classes: Partial<Record<LeafClass, ClassHead>>
  readonly #cursor: { -readonly [M in keyof LogCursor]: LogCursor[M] }
  readonly #leaf = new Uint8Array(AUDIT_LIMITS.leafBytes)
  readonly #hashes: Uint8Array[] = []
  #size = 0

  constructor(log: string, classes: readonly LeafClass[], from: number) {
    const cursor = followClasses(log, classes, from)
    this.#classes = { ...cursor.classes }
    this.#cursor = { ...cursor, classes: this.#classes }
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size
  }

  /** Milliseconds since 1970 of the newest leaf that was shown; 0 without any. */
  get timeMs(): number {
    return this.#cursor.timeMs
  }

  /** The root over all leaves so far. */
  root(): Uint8Array {
    return rootOf({ size: this.#size, hashes: this.#hashes })
  }

  /**
   * Reads the next leaf, in base64url, and checks its place.
   *
   * @throws WIRE_B64 as `decodeBase64url`; as `followLeaf`
   */
  take(encoded: string): { readonly leaf: Leaf; readonly hash: Uint8Array } {
    const bytes = decodeBase64urlInto(encoded, this.#leaf)
    const leaf = parseLeaf(bytes)
    const timeMs = assertFollows(this.#cursor, leaf)
    const hash = leafHash(bytes)
    this.#append(0, hash)
    this.#classes[leaf.class] = { sequence: leaf.seq, index: leaf.index }
    this.#cursor.timeMs = timeMs
    return { leaf, hash }
  }

  /**
   * Passes over a withheld subtree of `2^level` leaves by its root.
   *
   * @throws AUDIT_INDEX_GAP when a subtree of that size cannot stand here
   */
  skip(level: number, hash: Uint8Array): void {
    if (this.#size % 2 ** level !== 0) {
      throw new AmanaError('AUDIT_INDEX_GAP', {
        expected: this.#size,
        found: this.#size + 2 ** level,
      })
    }
    this.#append(level, hash)
  }

  #append(level: number, hash: Uint8Array): void {
    const width = 2 ** level
    let joined = hash
    for (let place = this.#size / width; place % 2 === 1; place = (place - 1) / 2) {
      joined = nodeHash(this.#hashes.pop() ?? joined, joined)
    }
    this.#hashes.push(joined)
    this.#size += width
    this.#cursor.range = { size: this.#size, hashes: [] }
  }
}
