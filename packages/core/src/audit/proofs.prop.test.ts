/**
 * Proofs of trees of any size against the recursive definition of RFC 9162, which shares no code with them.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#proofs
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, encodeUint64 } from '../bytes/concat.ts'
import { appendLeafHash, EMPTY_RANGE, leafHash, nodeHash, rootOf } from './merkle.ts'
import {
  consistencyProof,
  inclusionProof,
  type NodeReader,
  verifyConsistency,
  verifyInclusion,
} from './proofs.ts'

const MAX_SIZE = 140
const leaves = Array.from({ length: MAX_SIZE }, (_, index) => leafHash(encodeUint64(index)))
const readNode: NodeReader = (level, index) =>
  definedRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))

const sizes = fc
  .tuple(fc.integer({ min: 1, max: MAX_SIZE }), fc.nat(), fc.nat())
  .map(([size, a, b]) => ({ size, index: a % size, oldSize: 1 + (b % size) }))

describe('a tree of any size', () => {
  it('has the root of the recursive definition', () => {
    let range = EMPTY_RANGE
    for (const [index, hash] of leaves.entries()) {
      range = appendLeafHash(range, hash).range
      expect(rootOf(range)).toEqual(definedRoot(leaves.slice(0, index + 1)))
    }
  })

  it('proves every leaf of it, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ({ size, index }) => {
        const proof = await inclusionProof(readNode, index, size)
        expect(proof).toEqual(definedPath(index, leaves.slice(0, size)))
        const root = definedRoot(leaves.slice(0, size))
        const hash = leaves[index] ?? new Uint8Array()
        verifyInclusion({ index, size, root, proof, leafHash: hash })
        const other = leafHash(Uint8Array.of(1))
        expect(() => verifyInclusion({ index, size, root, proof, leafHash: other })).toThrow()
        const longer = [...proof, root]
        expect(() =>
          verifyInclusion({ index, size, root, proof: longer, leafHash: hash }),
        ).toThrow()
      }),
    )
  })

  it('proves every earlier tree of it, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async ({ size, oldSize }, flip) => {
        const proof = await consistencyProof(readNode, oldSize, size)
        const oldRoot = definedRoot(leaves.slice(0, oldSize))
        const newRoot = definedRoot(leaves.slice(0, size))
        const claim = { oldSize, oldRoot, newSize: size, newRoot, proof }
        verifyConsistency(claim)
        const wrong = oldRoot.with(flip % 32, (oldRoot[flip % 32] ?? 0) ^ 1)
        expect(() => verifyConsistency({ ...claim, oldRoot: wrong })).toThrow()
        expect(() => verifyConsistency({ ...claim, proof: [...proof, newRoot] })).toThrow()
      }),
    )
  })
})

it('refuses hashes of other lengths that lead to the same root', () => {
  const [left, right] = [leaves[0] ?? new Uint8Array(), leaves[1] ?? new Uint8Array()]
  const shifted = {
    leafHash: left.subarray(0, 31),
    proof: [concatBytes(left.subarray(31), right)],
  }
  const claim = { index: 0, size: 2, root: nodeHash(left, right) }
  expect(nodeHash(shifted.leafHash, shifted.proof[0] ?? right)).toEqual(claim.root)
  expect(() => verifyInclusion({ ...claim, ...shifted })).toThrow(
    expect.objectContaining({ code: 'AUDIT_PROOF' }),
  )
})

/** MTH of RFC 9162 section 2.1.1. */
describe('a proof', () => {
  it.each([
    ['of a leaf beyond the tree', () => inclusionProof(readNode, 7, 7)],
    ['of a leaf before the first', () => inclusionProof(readNode, -1, 7)],
    ['of growth from nothing', () => consistencyProof(readNode, 0, 7)],
    ['of growth that shrinks', () => consistencyProof(readNode, 7, 6)],
  ])('%s is not made', async (_name, make) => {
    await expect(make()).rejects.toMatchObject({ code: 'AUDIT_PROOF' })
  })
})

function definedRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes
  if (only !== undefined && hashes.length === 1) return only
  const k = 2 ** Math.floor(Math.log2(hashes.length - 1))
  return nodeHash(definedRoot(hashes.slice(0, k)), definedRoot(hashes.slice(k)))
}

/** PATH of RFC 9162 section 2.1.3.1. */
function definedPath(index: number, hashes: readonly Uint8Array[]): readonly Uint8Array[] {
  if (hashes.length === 1) return []
  const k = 2 ** Math.floor(Math.log2(hashes.length - 1))
  const [left, right] = [hashes.slice(0, k), hashes.slice(k)]
  return index < k
    ? [...definedPath(index, left), definedRoot(right)]
    : [...definedPath(index - k, right), definedRoot(left)]
}
