/**
 * Who did what: openings, exports, refusals and reviews, over a time or about one message.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#looking-into-the-log
 */
import { type Leaf, type LeafField, parseLeaf } from '@amana/core'
import { accessBack, fieldsOf, isAbout, leafView } from '../access/log-reader.ts'
import { type NodeParts } from '../node-parts.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type AccessEntry, type AccessReport, type ReviewState } from '../service-views.ts'

type Asked = ServiceInput<'auditAccess'>

const DAY_CHARS = 'YYYY-MM-DD'.length
/** A report is read by a person. */
const ENTRIES = 10_000

/** The report over the log as it stands. @throws STORE_DAMAGED */
export async function accessReport(parts: NodeParts, asked: Asked): Promise<AccessReport> {
  const reviews = await reviewsOf(parts)
  const entries: AccessEntry[] = []
  for await (const leaf of accessBack(parts.audit, parts.audit.head().size)) {
    noteReview(reviews, leaf)
    if (dayOf(leaf) < (asked.from ?? '') || entries.length >= ENTRIES) break
    if (isAsked(leaf, asked)) entries.push(await entryOf(parts, leaf, { asked, reviews }))
  }
  return {
    entries,
    opens: opensOf(entries),
    officers: asked.disclose === true ? await officersOf(parts, entries) : [],
  }
}

/** By index of the opening. A review is newer than what it judges, so it is seen before it. */
async function reviewsOf({ reviews }: NodeParts): Promise<Map<number, ReviewState>> {
  const waiting = await reviews.waiting()
  return new Map(waiting.map(({ index, overdue }) => [index, overdue ? 'overdue' : 'waiting']))
}

function noteReview(reviews: Map<number, ReviewState>, leaf: Leaf): void {
  if (leaf.event === 'a.review') reviews.set(leaf.data.ref, leaf.data.result)
}

function isAsked(leaf: Leaf, { message, until }: Asked): boolean {
  const isInTime = until === undefined || dayOf(leaf) <= until
  return isInTime && (message === undefined || isAbout(leaf, message))
}

async function entryOf(
  { disclosures }: NodeParts,
  leaf: Leaf,
  { asked, reviews }: { readonly asked: Asked; readonly reviews: ReadonlyMap<number, ReviewState> },
): Promise<AccessEntry> {
  const view = await leafView(leaf, asked.disclose === true ? disclosures : undefined)
  const review = reviews.get(leaf.index)
  return review === undefined ? view : { ...view, review }
}

function opensOf(entries: readonly AccessEntry[]): AccessReport['opens'] {
  const opened = entries.filter(({ event }) => event === 'a.open')
  const groups = Map.groupBy(opened, ({ actor, data, time }) =>
    [time.slice(0, DAY_CHARS), actor, String(data['purpose'])].join(' '),
  )
  return [...groups]
    .map(([key, { length: count }]) => {
      const [day = '', actor = '', purpose = ''] = key.split(' ')
      return { actor, day, purpose, count }
    })
    .toSorted((one, other) => other.day.localeCompare(one.day) || other.count - one.count)
}

/** Whose pseudonyms stand in the entries, by what their newest `g.actor` leaf committed to. */
async function officersOf(
  { audit, disclosures, officers }: NodeParts,
  entries: readonly AccessEntry[],
): Promise<AccessReport['officers']> {
  const found: { readonly actor: string; readonly fields: readonly LeafField[] }[] = []
  for (const actor of new Set(entries.map((entry) => entry.actor))) {
    const index = await officers.enrolledAt(actor)
    if (index === undefined) continue
    const [bytes = new Uint8Array()] = await audit.leaves(index, index + 1)
    found.push({ actor, fields: await fieldsOf(parseLeaf(bytes), disclosures) })
  }
  return found
}

function dayOf({ time }: Leaf): string {
  return time.slice(0, DAY_CHARS)
}
