/**
 * What a run found: sites that were noticed, that are listed with a reason, that nobody noticed.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#what-a-run-says
 */
import { type ListedSite } from './list.ts'
import { type Site } from './sites.ts'
import { type Known } from './state.ts'

interface Ran {
  readonly sites: readonly Site[]
  readonly chosen: readonly Site[]
  readonly files: readonly string[]
  readonly listed: readonly ListedSite[]
  readonly known: Known
}

/** What a run found. */
export interface Report {
  readonly sites: number
  readonly chosen: number
  readonly noticed: number
  readonly byDeadline: readonly string[]
  readonly listed: number
  /** Nobody noticed them, with the tests in which they refuse. */
  readonly unnoticed: readonly {
    readonly site: string
    readonly line: number
    readonly refusesIn: readonly string[]
  }[]
  /** Entries of the list that a test notices by now, or that name no site. */
  readonly stale: readonly string[]
  /** Tests that fail although nothing is switched off. */
  readonly failing: readonly string[]
  readonly notRun: readonly string[]
  readonly problems: number
}

/** Compares what is known with what was asked. */
export function reportOf({ sites, chosen, files, listed, known }: Ran): Report {
  const reasons = new Map(listed.map(({ site, reason }) => [site, reason]))
  const open = chosen.filter(({ id }) => !known.noticed.has(id))
  const unnoticed = open
    .filter(({ id }) => !reasons.has(id))
    .map(({ id, line }) => ({ site: id, line, refusesIn: refusesIn(id, known) }))
  const ids = new Set(sites.map(({ id }) => id))
  const stale = [...reasons.keys()].filter((id) => known.noticed.has(id) || !ids.has(id))
  const failing = [...known.failing]
  const notRun = files.filter((file) => !known.files.has(file))
  return {
    sites: sites.length,
    chosen: chosen.length,
    noticed: chosen.length - open.length,
    byDeadline: open.length === chosen.length ? [] : deadlines(known),
    listed: open.length - unnoticed.length,
    unnoticed,
    stale,
    failing,
    notRun,
    problems: unnoticed.length + stale.length + failing.length + notRun.length,
  }
}

function deadlines({ noticed }: Known): readonly string[] {
  return [...noticed].filter(([, { deadline }]) => deadline).map(([id]) => id)
}

function refusesIn(id: string, { fired, outside }: Known): readonly string[] {
  const outsideOf = [...(outside.get(id) ?? [])].map((file) => `${file} (no test running)`)
  return [...(fired.get(id) ?? []), ...outsideOf]
}

/** Prints it; as text one line a site, and the counts last. */
export function writeReport(report: Report, form: 'json' | 'text'): void {
  const text = form === 'json' ? JSON.stringify(report, undefined, 2) : textOf(report)
  process.stdout.write(`${text}\n`)
}

function textOf(report: Report): string {
  const { unnoticed, stale, failing, notRun, byDeadline } = report
  const numbers = `${String(report.sites)} sites, ${String(report.chosen)} switched off: ${String(report.noticed)} noticed, ${String(report.listed)} listed, ${String(unnoticed.length)} unnoticed`
  return [
    ...unnoticed.flatMap(({ site, line, refusesIn: tests }) => [
      `unnoticed: ${site} (line ${String(line)})`,
      ...tests.slice(0, 3).map((test) => `  refuses in ${test}`),
    ]),
    ...byDeadline.map((site) => `noticed by the deadline only: ${site}`),
    ...stale.map((site) => `listed, but noticed or gone: ${site}`),
    ...failing.map((test) => `fails with nothing switched off: ${test}`),
    ...notRun.map((file) => `not run: ${file}`),
    numbers,
  ].join('\n')
}
