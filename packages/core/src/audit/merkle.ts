/**
 * The Merkle tree of RFC 6962 as a compact range: enough to append and to know the root, nothing more.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#tree
 */
import { concatBytes } from '../bytes/concat.ts'
import { sha256 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'

const LEAF_PREFIX = Uint8Array.of(0)
const NODE_PREFIX = Uint8Array.of(1)
const HASH_BYTES = 32
/** The bytes of one inner node, over and over: a log of a million leaves has as many. */
const NODE = new Uint8Array(1 + 2 * HASH_BYTES)
NODE[0] = 1
/** And of one leaf, behind its prefix of 0. */
const LEAF = new Uint8Array(1 + AUDIT_LIMITS.leafBytes)

/** A perfect subtree: it covers the leaves from `index * 2^level` on, `2^level` of them. */
export interface TreeNode {
  readonly level: number
  readonly index: number
  /** 32 bytes. */
  readonly hash: Uint8Array
}

/** The perfect subtrees of the first `size` leaves, largest first: at most 53 hashes. */
export interface CompactRange {
  readonly size: number
  readonly hashes: readonly Uint8Array[]
}

/** A tree without leaves. */
export const EMPTY_RANGE: CompactRange = { size: 0, hashes: [] }

/** The hash of a leaf's bytes; the prefix keeps it apart from every inner node. */
export function leafHash(leaf: Uint8Array): Uint8Array {
  if (leaf.length < LEAF.length) {
    LEAF.set(leaf, 1)
    return sha256(leafView(leaf.length))
  }
  return sha256(concatBytes(LEAF_PREFIX, leaf))
}

/** Leaves have few lengths: a view of each is made once. */
const leafViews = new Map<number, Uint8Array>()

function leafView(sizeBytes: number): Uint8Array {
  const known = leafViews.get(sizeBytes)
  if (known !== undefined) return known
  const view = LEAF.subarray(0, 1 + sizeBytes)
  leafViews.set(sizeBytes, view)
  return view
}

/** The hash of two subtrees. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    return sha256(concatBytes(NODE_PREFIX, left, right))
  }
  NODE.set(left, 1)
  NODE.set(right, 1 + HASH_BYTES)
  return sha256(NODE)
}

/** Appends one leaf by its hash. `nodes` are the subtrees that it completed, without the leaf itself. */
export function appendLeafHash(
  range: CompactRange,
  hash: Uint8Array,
): { readonly range: CompactRange; readonly nodes: readonly TreeNode[] } {
  return appendSubtree(range, 0, hash)
}

/**
 * Appends a perfect subtree of `2^level` leaves by its root.
 *
 * @throws AUDIT_INDEX_GAP when a subtree of that size cannot stand at this place
 */
export function appendSubtree(
  range: CompactRange,
  level: number,
  hash: Uint8Array,
): { readonly range: CompactRange; readonly nodes: readonly TreeNode[] } {
  const width = 2 ** level
  if (range.size % width !== 0) {
    throw new AmanaError('AUDIT_INDEX_GAP', { expected: range.size, found: range.size + width })
  }
  const hashes = [...range.hashes]
  const nodes: TreeNode[] = []
  let node: TreeNode = { level, index: range.size / width, hash }
  while (node.index % 2 === 1) {
    const left = hashes.pop()
    if (left === undefined) break
    node = { level: node.level + 1, index: (node.index - 1) / 2, hash: nodeHash(left, node.hash) }
    nodes.push(node)
  }
  return { range: { size: range.size + width, hashes: [...hashes, node.hash] }, nodes }
}

/** The root over all leaves of the range; of none, SHA-256 of nothing. */
export function rootOf(range: CompactRange): Uint8Array {
  const last = range.hashes.at(-1)
  if (last === undefined) return sha256(new Uint8Array())
  return range.hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last)
}
