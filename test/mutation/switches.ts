/**
 * Puts a switch into every site, in memory: the sources on disk stay as they are, and one load of them serves all
 * sites.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#how
 */
import { type Site, type SiteKind } from './sites.ts'

/** The text of a file with a switch at each of its sites. */
export function withSwitches(text: string, sites: readonly Site[]): string {
  const edits = sites
    .flatMap((site) => editsOf(site, text))
    .toSorted((a, b) => b.at - a.at || b.order - a.order)
  let changed = text
  for (const { at, put } of edits) changed = changed.slice(0, at) + put + changed.slice(at)
  return changed
}

interface Edit {
  readonly at: number
  readonly put: string
  /** Of two edits at one position the smaller stands first. */
  readonly order: number
}

/** Kinds that may stand as a statement of their own. */
const CALLS: ReadonlySet<SiteKind> = new Set(['reject', 'never', 'issue'])

function editsOf(site: Site, text: string): readonly Edit[] {
  const [before, after] = around(site)
  // a bracket that begins a line goes on with the line before, where that ends without a semicolon
  const begins = CALLS.has(site.kind) && /\n\s*$/.test(text.slice(0, site.start))
  return [
    { at: site.start, put: begins ? `void ${before}` : before, order: site.start - site.end },
    { at: site.end, put: after, order: site.end - site.start },
  ]
}

/** What stands before and behind a site, by its kind; `ON` says whether it refuses. */
const AROUND: Readonly<Record<SiteKind, readonly [before: string, after: string]>> = {
  throw: ['{ if (ON) ', ' }'],
  reject: ['(ON ? ', ' : Promise.resolve())'],
  never: ['(ON ? ', ' : undefined)'],
  issue: ['(ON ? ', ' : undefined)'],
  finding: ['(ON ? ', " : 'SWITCHED_OFF')"],
  assert: ['(', ') || !ON'],
  refine: ['((...values) => (', ')(...values) || !ON)'],
}

function around({ id, kind }: Site): readonly [before: string, after: string] {
  const on = `(globalThis.amanaRefuses?.(${JSON.stringify(id)}) ?? true)`
  const [before, after] = AROUND[kind]
  return [before.replace('ON', on), after.replace('ON', on)]
}
