/**
 * The own log as a person reads it, the newest leaf first, with what leaves committed to where that was asked for.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#looking-into-the-log
 */
import { type Leaf, type LeafField, parseLeaf, readDisclosure } from '@amana/core'
import { type AuditWriter } from '../ports.ts'
import { type LeafView } from '../service-views.ts'
import { type DisclosureReader } from './disclosures.ts'

/** Leaves read at a time. */
const PAGE = 256

/**
 * The leaves below `from` down to `to`, the newest first.
 *
 * @yields one at a time
 */
export async function* leavesBack(
  audit: Pick<AuditWriter, 'leaves'>,
  from: number,
  to = 0,
): AsyncGenerator<Leaf> {
  for (let end = from; end > to; end -= PAGE) {
    const page = await audit.leaves(Math.max(end - PAGE, to), end)
    for (const bytes of page.toReversed()) yield parseLeaf(bytes)
  }
}

/**
 * The leaves of class a below `size`, the newest first: each names the one before it.
 *
 * @yields one at a time
 */
export async function* accessBack(
  audit: Pick<AuditWriter, 'leaves'>,
  size: number,
): AsyncGenerator<Leaf> {
  let next = -1
  for await (const leaf of leavesBack(audit, size)) {
    if (leaf.class !== 'a') continue
    yield leaf
    next = leaf.prev
    break
  }
  while (next >= 0) {
    const [bytes] = await audit.leaves(next, next + 1)
    if (bytes === undefined) return
    const leaf = parseLeaf(bytes)
    yield leaf
    next = leaf.prev
  }
}

/** A leaf to look at; without a reader everything that it committed to is withheld. */
export async function leafView(
  leaf: Leaf,
  reader: DisclosureReader | undefined,
): Promise<LeafView> {
  const disclosed = reader === undefined ? [] : await fieldsOf(leaf, reader)
  const { actor, class: leafClass, data, event, index, sd, time } = leaf
  const withheld = sd.length - disclosed.length
  return { index, time, class: leafClass, event, actor, data, disclosed, withheld }
}

/** What a leaf committed to, as far as it is still there. @throws STORE_DAMAGED, AUDIT_DISCLOSURE */
export async function fieldsOf(
  leaf: Leaf,
  reader: DisclosureReader,
): Promise<readonly LeafField[]> {
  if (leaf.sd.length === 0) return []
  return (await reader.of(leaf.index)).map((encoded) => readDisclosure(leaf, encoded))
}

/** Whether a leaf is about a statement or dispatch whose digest begins so. */
export function isAbout({ data }: Leaf, digest: string): boolean {
  return [strOf(data, 'std'), strOf(data, 'env')].some(
    (named) => named?.startsWith(digest) ?? false,
  )
}

function strOf(data: object, member: string): string | undefined {
  const value: unknown = Object.entries(data).find(([name]) => name === member)?.[1]
  return typeof value === 'string' ? value : undefined
}
