/**
 * Inclusion and consistency proofs of RFC 9162: made from a reader of tree nodes, checked from nothing but roots.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#proofs
 */
import { equalBytes } from '../bytes/concat.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { type CompactRange, nodeHash } from './merkle.ts'

const HASH_BYTES = 32

/** Reads a perfect subtree's root; level 0 is the leaf's hash. Called only for nodes inside the tree. */
export type NodeReader = (level: number, index: number) => Uint8Array | Promise<Uint8Array>

/** What an inclusion proof is about. */
export interface InclusionClaim {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  readonly root: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** What a consistency proof is about. */
export interface ConsistencyClaim {
  readonly oldSize: number
  readonly oldRoot: Uint8Array
  readonly newSize: number
  readonly newRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/** The compact range of the first `size` leaves. */
export async function loadRange(read: NodeReader, size: number): Promise<CompactRange> {
  const hashes: Uint8Array[] = []
  let start = 0
  while (start < size) {
    const width = largestPowerAtMost(size - start)
    hashes.push(await read(Math.log2(width), start / width))
    start += width
  }
  return { size, hashes }
}

/**
 * The path from leaf `index` to the root over `size` leaves, nearest first.
 *
 * @throws AUDIT_PROOF when there is no such leaf
 */
export async function inclusionProof(
  read: NodeReader,
  index: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  assertProof(isCount(index) && isCount(size) && index < size)
  const path: Uint8Array[] = []
  let start = 0
  let end = size
  while (end - start > 1) {
    const middle = start + splitOf(end - start)
    if (index < middle) {
      path.push(await subtreeRoot(read, middle, end))
      end = middle
    } else {
      path.push(await subtreeRoot(read, start, middle))
      start = middle
    }
  }
  return path.toReversed()
}

/**
 * The proof that the first `oldSize` of `newSize` leaves are the old tree; empty when the sizes are equal.
 *
 * @throws AUDIT_PROOF when `oldSize` is 0 or above `newSize`
 */
export async function consistencyProof(
  read: NodeReader,
  oldSize: number,
  newSize: number,
): Promise<readonly Uint8Array[]> {
  assertProof(isCount(oldSize) && isCount(newSize) && oldSize > 0 && oldSize <= newSize)
  const path: Uint8Array[] = []
  let start = 0
  let end = newSize
  while (oldSize < end) {
    const middle = start + splitOf(end - start)
    if (oldSize <= middle) {
      path.push(await subtreeRoot(read, middle, end))
      end = middle
    } else {
      path.push(await subtreeRoot(read, start, middle))
      start = middle
    }
  }
  if (start > 0) path.push(await subtreeRoot(read, start, end))
  return path.toReversed()
}

/**
 * Checks that the leaf is in the tree (RFC 9162 section 2.1.3.2).
 * Does not check who signed the root: `verifyCheckpoint` does, and must run first.
 *
 * @throws AUDIT_PROOF when the path does not lead to the root
 */
export function verifyInclusion(claim: InclusionClaim): void {
  assertProof(isCount(claim.index) && isCount(claim.size) && claim.index < claim.size)
  assertProof(claim.proof.length <= AUDIT_LIMITS.proofHashes)
  assertHashes([claim.leafHash, claim.root, ...claim.proof])
  let position = claim.index
  let last = claim.size - 1
  let hash = claim.leafHash
  for (const sibling of claim.proof) {
    assertProof(last > 0)
    if (position % 2 === 1 || position === last) {
      hash = nodeHash(sibling, hash)
      ;[position, last] = riseToRightChild(position, last)
    } else {
      hash = nodeHash(hash, sibling)
    }
    position = half(position)
    last = half(last)
  }
  assertProof(last === 0 && equalBytes(hash, claim.root))
}

/**
 * Checks that the new tree extends the old one (RFC 9162 section 2.1.4.2). A tree without leaves proves nothing and
 * is refused; the caller decides what size 0 means.
 *
 * @throws AUDIT_PROOF when one root does not follow from the other
 */
export function verifyConsistency(claim: ConsistencyClaim): void {
  const { oldSize, newSize, oldRoot, newRoot, proof } = claim
  assertProof(isCount(oldSize) && isCount(newSize) && oldSize > 0 && oldSize <= newSize)
  assertProof(proof.length <= AUDIT_LIMITS.proofHashes)
  assertHashes([oldRoot, newRoot, ...proof])
  if (oldSize === newSize) {
    assertProof(proof.length === 0 && equalBytes(oldRoot, newRoot))
    return
  }
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof
  const [seed, ...rest] = path
  assertProof(proof.length > 0 && seed !== undefined)
  const roots = foldConsistency({ seed, rest, oldSize, newSize })
  assertProof(equalBytes(roots.old, oldRoot) && equalBytes(roots.new, newRoot))
}

interface Fold {
  readonly seed: Uint8Array
  readonly rest: readonly Uint8Array[]
  readonly oldSize: number
  readonly newSize: number
}

/** Both roots that the path leads to. */
function foldConsistency(fold: Fold): { readonly old: Uint8Array; readonly new: Uint8Array } {
  let [position, last] = dropRightChildren(fold.oldSize - 1, fold.newSize - 1)
  let oldHash = fold.seed
  let newHash = fold.seed
  for (const sibling of fold.rest) {
    assertProof(last > 0)
    if (position % 2 === 1 || position === last) {
      oldHash = nodeHash(sibling, oldHash)
      newHash = nodeHash(sibling, newHash)
      ;[position, last] = riseToRightChild(position, last)
    } else {
      newHash = nodeHash(newHash, sibling)
    }
    position = half(position)
    last = half(last)
  }
  assertProof(last === 0)
  return { old: oldHash, new: newHash }
}

/** Root over the leaves [start, end), an aligned part of the tree as the RFC splits it. */
async function subtreeRoot(read: NodeReader, start: number, end: number): Promise<Uint8Array> {
  const width = end - start
  if (isPowerOfTwo(width)) return read(Math.log2(width), start / width)
  const middle = start + splitOf(width)
  return nodeHash(await subtreeRoot(read, start, middle), await subtreeRoot(read, middle, end))
}

/** Climbs over the levels where the node is a lone left child at the right edge: they have no hash in the path. */
function riseToRightChild(position: number, last: number): [number, number] {
  let [up, edge] = [position, last]
  while (up % 2 === 0 && up !== 0) {
    up = half(up)
    edge = half(edge)
  }
  return [up, edge]
}

function dropRightChildren(position: number, last: number): [number, number] {
  let [up, edge] = [position, last]
  while (up % 2 === 1) {
    up = half(up)
    edge = half(edge)
  }
  return [up, edge]
}

/** The largest power of two below `width`; bit operations would be wrong above 2^31. */
function splitOf(width: number): number {
  return largestPowerAtMost(width - 1)
}

function largestPowerAtMost(count: number): number {
  let power = 1
  while (power * 2 <= count) power *= 2
  return power
}

function isPowerOfTwo(count: number): boolean {
  return largestPowerAtMost(count) === count
}

function half(value: number): number {
  return Math.floor(value / 2)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** RFC 9162 leaves the length of what it hashes to the caller: anything but 32 bytes would be another tree. */
function assertHashes(hashes: readonly Uint8Array[]): void {
  assertProof(hashes.every((hash) => hash.length === HASH_BYTES))
}

function assertProof(holds: boolean): asserts holds {
  if (!holds) throw new AmanaError('AUDIT_PROOF', {})
}
