/**
 * The tree of a bundle: leaves of the classes that are shown, and for everything between them the largest subtrees,
 * so that the root still comes out and nothing withheld can be counted twice or left out.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#withholding
 */
import { type LeafClass } from '../audit/event-members.ts'
import { parseLeaf } from '../audit/leaf.ts'
import { type NodeReader } from '../audit/proofs.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { DigestSchema, type Digest } from '../crypto/digest.ts'
import { type TreeRecord } from './records.ts'

/** Leaves read at a time: a few hundred KiB. */
const PAGE = 256

/** What an export reads of the log, and which part of it is shown. */
export interface TreeView {
  readonly size: number
  /** Leaves outside [from, to) are withheld. */
  readonly range: readonly [number, number]
  /** Leaves of other classes are withheld. */
  readonly classes: readonly LeafClass[]
  readonly readNode: NodeReader
  readonly readLeaves: (from: number, to: number) => Promise<readonly Uint8Array[]>
  /** What the leaf committed to; without it every value is withheld. */
  readonly readDisclosures?: (index: number) => Promise<readonly string[]>
}

/**
 * All records of the tree, in order.
 *
 * @yields one record at a time
 * @throws AUDIT_LEAF_CANONICAL, AUDIT_LEAF_EVENT, AUDIT_LEAF_SCHEMA when a stored leaf is damaged
 */
export async function* treeRecords(view: TreeView): AsyncGenerator<TreeRecord> {
  const [from, to] = view.range
  let withheldFrom = 0
  for (let start = from; start < to; start += PAGE) {
    const leaves = await view.readLeaves(start, Math.min(start + PAGE, to))
    for (const [offset, bytes] of leaves.entries()) {
      const index = start + offset
      const leaf = parseLeaf(bytes)
      if (!view.classes.includes(leaf.class)) continue
      yield* withheld(view, withheldFrom, index)
      yield { bytes: encodeBase64url(bytes), index, record: 'leaf' }
      if (leaf.sd.length > 0) yield* disclosed(view, index)
      withheldFrom = index + 1
    }
  }
  yield* withheld(view, withheldFrom, view.size)
}

/** @yields what the leaf before committed to, as far as it is shown */
async function* disclosed(
  { readDisclosures }: TreeView,
  index: number,
): AsyncGenerator<TreeRecord> {
  for (const disclosure of (await readDisclosures?.(index)) ?? []) {
    yield { disclosure, index, record: 'open' }
  }
}

/** @yields the largest aligned subtrees that cover [from, to) */
async function* withheld(view: TreeView, from: number, to: number): AsyncGenerator<TreeRecord> {
  let index = from
  while (index < to) {
    const level = largestLevel(index, to)
    const hash = encodeHash(await view.readNode(level, index / 2 ** level))
    yield level === 0 ? { hash, index, record: 'hash' } : { hash, index, level, record: 'node' }
    index += 2 ** level
  }
}

function largestLevel(index: number, to: number): number {
  let level = 0
  while (index % 2 ** (level + 1) === 0 && index + 2 ** (level + 1) <= to) level += 1
  return level
}

function encodeHash(hash: Uint8Array): Digest {
  return DigestSchema.parse(encodeBase64url(hash))
}
