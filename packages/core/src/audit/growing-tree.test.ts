/**
 * A tree in memory that is used again is the tree of RFC 6962.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#tree
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes, encodeUint64 } from '../bytes/concat.ts'
import { GrowingTree } from './growing-tree.ts'
import { appendLeafHash, appendSubtree, EMPTY_RANGE, leafHash, rootOf } from './merkle.ts'

describe('a tree that grows in place', () => {
  it('has the hash of every leaf, and the root at every size', () => {
    const tree = new GrowingTree()
    let range = EMPTY_RANGE
    expect(tree.root()).toEqual(rootOf(range))
    for (let size = 1; size <= 300; size += 1) {
      const leaf = encodeUint64(size)
      range = appendLeafHash(range, leafHash(leaf)).range
      expect(tree.appendLeaf(concatBytes(Uint8Array.of(0), leaf))).toEqual(leafHash(leaf))
      expect(tree.root()).toEqual(rootOf(range))
      expect(tree.size).toBe(size)
    }
  })

  it('takes subtrees where they can stand, and refuses them where they cannot', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 }), (levels) => {
        const tree = new GrowingTree()
        let range = EMPTY_RANGE
        for (const level of levels) {
          const hash = leafHash(encodeUint64(range.size))
          if (range.size % 2 ** level === 0) {
            range = appendSubtree(range, level, hash).range
            tree.appendSubtree(level, hash)
          } else {
            const gap: unknown = expect.objectContaining({ code: 'AUDIT_INDEX_GAP' })
            expect(() => {
              tree.appendSubtree(level, hash)
            }).toThrow(gap)
          }
          expect([tree.size, tree.root()]).toEqual([range.size, rootOf(range)])
        }
      }),
    )
  })

  it('gives a root that stays when the tree goes on', () => {
    const tree = new GrowingTree()
    tree.appendLeaf(Uint8Array.of(0, 1))
    const root = tree.root()
    const kept = root.slice()
    tree.appendLeaf(Uint8Array.of(0, 2))
    tree.appendLeaf(Uint8Array.of(0, 3))
    expect(root).toEqual(kept)
  })
})
