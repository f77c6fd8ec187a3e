/**
 * Follows a log leaf by leaf, as `followLeaf` does, for who reads millions: the state is changed in place, and the
 * memory of a leaf is used again for the next.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { decodeBase64urlInto } from '../bytes/base64.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { assertFollows, type ClassHead, followClasses, type LogCursor } from './cursor.ts'
import { type LeafClass } from './event-members.ts'
import { GrowingTree } from './growing-tree.ts'
import { type Leaf, parseLeaf } from './leaf.ts'

const HASH_BYTES = 32

/** A reader's place in a log of which some classes are shown, complete from index `from` on. */
export class LogFollower {
  readonly #classes: Partial<Record<LeafClass, ClassHead>>
  readonly #cursor: { -readonly [M in keyof LogCursor]: LogCursor[M] }
  /** The prefix of a leaf, 0, and its bytes. */
  readonly #leaf = new Uint8Array(1 + AUDIT_LIMITS.leafBytes)
  readonly #leafBytes = this.#leaf.subarray(1)
  readonly #hash = new Uint8Array(HASH_BYTES)
  /** Leaves have few lengths: a view of each is made once. */
  readonly #views = new Map<number, Uint8Array>()
  readonly #tree = new GrowingTree()

  constructor(log: string, classes: readonly LeafClass[], from: number) {
    const cursor = followClasses(log, classes, from)
    this.#classes = { ...cursor.classes }
    this.#cursor = { ...cursor, classes: this.#classes }
  }

  /** Leaves so far. */
  get size(): number {
    return this.#tree.size
  }

  /** Milliseconds since 1970 of the newest leaf that was shown; 0 without any. */
  get timeMs(): number {
    return this.#cursor.timeMs
  }

  /** The root over all leaves so far. */
  root(): Uint8Array {
    return this.#tree.root()
  }

  /**
   * Reads the next leaf, in base64url, and checks its place. The hash lies in memory that is used again: it is right
   * until the next call.
   *
   * @throws WIRE_B64 as `decodeBase64url`; as `followLeaf`
   */
  take(encoded: string): { readonly leaf: Leaf; readonly hash: Uint8Array } {
    const bytes = decodeBase64urlInto(encoded, this.#leafBytes)
    const leaf = parseLeaf(bytes)
    const timeMs = assertFollows(this.#cursor, leaf)
    const hash = this.#tree.appendLeaf(this.#view(bytes.length))
    this.#classes[leaf.class] = { sequence: leaf.seq, index: leaf.index }
    this.#cursor.timeMs = timeMs
    this.#count()
    return { leaf, hash }
  }

  /**
   * Passes over a withheld subtree of `2^level` leaves by its root, 32 bytes in base64url.
   *
   * @throws WIRE_B64 as `decodeBase64url`; AUDIT_INDEX_GAP when a subtree of that size cannot stand here
   */
  skip(level: number, encoded: string): void {
    this.#tree.appendSubtree(level, decodeBase64urlInto(encoded, this.#hash))
    this.#count()
  }

  #count(): void {
    this.#cursor.range = { size: this.#tree.size, hashes: [] }
  }

  #view(sizeBytes: number): Uint8Array {
    const known = this.#views.get(sizeBytes)
    if (known !== undefined) return known
    const view = this.#leaf.subarray(0, 1 + sizeBytes)
    this.#views.set(sizeBytes, view)
    return view
  }
}
