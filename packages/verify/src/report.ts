/**
 * The auditor's report as one HTML file without script: verdict first, then who signed what and when. It prints.
 * Every text comes from the catalogues, every value is escaped.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
import { type LeafClass } from '@amana/core'
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { type Disclosed, type HandedOver } from './disclosed.ts'
import { actionOf } from './finding-actions.ts'
import { type Finding, type Verdict } from './findings.ts'
import { escapeHtml, section } from './html.ts'
import { type KeysOfDay } from './key-holders.ts'
import { footerRule } from './print-footer.ts'
import { daySections } from './render-day.ts'

/** A line of the timeline: one statement and what became of it. */
export interface TimelineRow {
  /** The author's clock, RFC 3339. */
  readonly signedAt: string
  readonly kind: string
  readonly from: string
  readonly to: string
  /** Signers as `act officer, organisation`. */
  readonly signers: readonly string[]
  readonly outcome: string
  readonly statement: string
  /** Earliest and latest instant that the other agency's clock proves, where it does. */
  readonly between?: readonly [string, string]
}

/** A log that was read. */
export interface LogSummary {
  readonly origin: string
  /** That are shown; the others are hashes. */
  readonly leaves: number
  readonly size: number
  readonly cosignedSize: number
  readonly root: string
  /** Instants of the first and the last cosignature, by the other agency's clock. */
  readonly period?: readonly [string, string]
  /** Leaves that are shown, by class: access, governance, witness, exchange. */
  readonly classes: Readonly<Record<LeafClass, number>>
  /** Values that leaves committed to and that are not shown. */
  readonly withheld: number
  /** Values that the log says were erased. */
  readonly erased: number
}

/** What went one way in one month, by the log's own times. */
export interface MonthRow extends Totals {
  /** `YYYY-MM`. */
  readonly month: string
  readonly from: string
  readonly to: string
}

/** Statements, each in each dispatch. */
export type Totals = Readonly<
  Record<'sent' | 'received' | 'matched' | 'inFlight' | 'mismatched', number>
>

/** Everything that the report shows. */
export interface Report {
  readonly verdict: Verdict
  /** Instant of the verification, RFC 3339, as the caller's clock says. */
  readonly verifiedAt: string
  readonly policyDigits: string
  readonly logs: readonly LogSummary[]
  readonly totals: Totals
  /** By month and direction. */
  readonly months: readonly MonthRow[]
  /** Heads of signed minutes that the logs lead to; without one, two agencies that rewrite both logs cannot be seen. */
  readonly anchored: number
  readonly findings: readonly Finding[]
  readonly timeline: readonly TimelineRow[]
  /** Statements that are not listed because there are too many. */
  readonly unlisted: number
  /** What presentations show. */
  readonly disclosed: readonly Disclosed[]
  /** Who held which key on the day that was asked for. */
  readonly keysOfDay?: KeysOfDay
  /** SHA-256 of each file that was read, in hexadecimal, by its name. */
  readonly files: Readonly<Record<string, string>>
}

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#0b0c0c}
h1{font-size:1.8rem}h2{font-size:1.25rem;margin-top:2rem}
.verdict{border:4px solid;padding:1rem;font-size:1.25rem;font-weight:700}
.verified{border-color:#00703c}.failed,.could-not{border-color:#d4351c}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #b1b4b6;padding:.4rem;text-align:left;vertical-align:top}
code{font:0.85em ui-monospace,monospace;overflow-wrap:anywhere}
.scroll{overflow-x:auto}.note{color:#505a5f}hr{margin:3rem 0}
@media print{body{margin:0;max-width:none;font-size:9pt}nav,hr{display:none}main+hr+main{break-before:page}
h2{break-after:avoid}tr{break-inside:avoid}.scroll{overflow:visible}thead{display:table-header-group}}
@page{size:A4;@bottom-right{content:counter(page) " / " counter(pages);font:8pt system-ui,sans-serif;white-space:nowrap}}
`

/**
 * Renders the report in the languages given, one after the other on the same page.
 * No script, no picture, no address from outside.
 */
export function renderReport(report: Report, languages: readonly Language[]): string {
  const [first = 'en'] = languages
  const title = escapeHtml(CATALOGUES[first].report.title)
  const csp = `default-src 'none'; style-src 'unsafe-inline'`
  return [
    `<!doctype html><html lang="${first}"><head><meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width,initial-scale=1">`,
    `<meta http-equiv="Content-Security-Policy" content="${csp}">`,
    `<title>${title}</title><style>${STYLE}${footerRule(report, first)}</style></head><body>`,
    `<nav>${languages.map((language) => `<a href="#${language}">${CATALOGUES[language].report.language}</a>`).join(' · ')}</nav>`,
    languages.map((language) => renderMain(report, language)).join('<hr>'),
    `</body></html>\n`,
  ].join('\n')
}

/** The report in one language, as the element `main` of a page. */
export function renderMain(report: Report, language: Language): string {
  const text = CATALOGUES[language].report
  return [
    `<main lang="${language}" id="${language}"><h1>${escapeHtml(text.title)}</h1>`,
    `<p class="verdict ${report.verdict}">${escapeHtml(text.verdict[report.verdict])}</p>`,
    `<p>${escapeHtml(text.verifiedAt)} <time>${escapeHtml(report.verifiedAt)}</time>. ${escapeHtml(text.policy)} <code>${escapeHtml(report.policyDigits)}</code></p>`,
    `<p class="note">${escapeHtml(text.disclaimer)}</p>`,
    `<p class="note">${escapeHtml(anchorText(report, language))}</p>`,
    totalsSection(report, language),
    findingsSection(report, language),
    ...monthSections(report, language),
    logsSection(report, language),
    ...report.disclosed.map((shown) => disclosedSection(shown, language)),
    timelineSection(report, language),
    ...daySections(report.keysOfDay, language),
    filesSection(report, language),
    `</main>`,
  ].join('\n')
}

function totalsSection(report: Report, language: Language): string {
  const text = CATALOGUES[language].report
  return section(
    text.totals.heading,
    [],
    COUNTS.map((name) => [escapeHtml(text.totals[name]), String(report.totals[name])]),
  )
}

function findingsSection(report: Report, language: Language): string {
  const text = CATALOGUES[language].report
  if (report.findings.length === 0) {
    return `<h2>${escapeHtml(text.findings.heading)}</h2><p>${escapeHtml(text.findings.none)}</p>`
  }
  const { action, severity, party, what, where } = text.findings
  return section(
    text.findings.heading,
    [severity, party, what, where, action],
    report.findings.flatMap((finding) => findingRows(finding, language, 0)),
  )
}

function findingRows(finding: Finding, language: Language, depth: number): readonly string[][] {
  const { levels, severities } = CATALOGUES[language].report
  const indent = '↳ '.repeat(depth)
  const own = [
    escapeHtml(`${indent}${severities[finding.severity]} (${levels[finding.level]})`),
    escapeHtml(finding.party),
    `${escapeHtml(findingText(finding.code, language))} <code>${escapeHtml(finding.code)}</code>`,
    `${codeHtml(placeText(finding, language))}${escapeHtml(moreText(finding, language))}`,
    escapeHtml(actionText(finding, language)),
  ]
  const consequences = finding.consequences ?? []
  return [own, ...consequences.flatMap((next) => findingRows(next, language, depth + 1))]
}

/** The refusal behind it, where its code says more than the finding's, and the place. */
function placeText({ cause, code, where }: Finding, language: Language): string {
  const refusal = cause === `AUDIT_${code}` ? '' : (cause ?? '')
  return `${refusal} ${whereText(where, language)}`.trim()
}

/** The place, with what it is in the reader's language: a line, an entry, what was expected. */
export function whereText(where: string | undefined, language: Language): string {
  const { places } = CATALOGUES[language].report
  const named = Object.entries(places).find(([name]) => where?.startsWith(`${name} `) === true)
  if (where === undefined || named === undefined) return where ?? ''
  const [name, text] = named
  return `${text}${where.slice(name.length)}`
}

function monthSections({ months }: Report, language: Language): readonly string[] {
  if (months.length === 0) return []
  const { months: text, timeline, totals } = CATALOGUES[language].report
  const head = [text.month, timeline.way, totals.sent, totals.received, totals.matched]
  return [
    section(
      text.heading,
      [...head, totals.inFlight, totals.mismatched],
      months.map((row) => [
        escapeHtml(row.month),
        escapeHtml(`${row.from} → ${row.to}`),
        ...COUNTS.map((name) => String(row[name])),
      ]),
    ),
  ]
}

/** In the order in which they are printed. */
export const COUNTS = ['sent', 'received', 'matched', 'inFlight', 'mismatched'] as const

/** In the order in which they are printed. */
export const CLASSES = ['x', 'a', 'g', 'w'] as const

/** Whether somebody else's copy of a head was compared: without one, collusion cannot be seen. */
export function anchorText({ anchored }: Report, language: Language): string {
  const { anchor } = CATALOGUES[language].report
  return anchored === 0 ? anchor.none : `${anchor.matched} ${String(anchored)}`
}

/** How many more there are of the same, or nothing. */
export function moreText({ more }: Finding, language: Language): string {
  if (more === undefined) return ''
  return ` (${CATALOGUES[language].report.findings.more} ${String(more)})`
}

/** What the reader should do now. */
export function actionText(finding: Finding, language: Language): string {
  return CATALOGUES[language].report.actions[actionOf(finding)]
}

/** The plain sentence of a finding; a code without one prints as itself. */
export function findingText(code: string, language: Language): string {
  const texts: Readonly<Record<string, string>> = CATALOGUES[language].findings
  return texts[code] ?? code
}

function timelineSection(report: Report, language: Language): string {
  const text = CATALOGUES[language].report.timeline
  const unlisted = report.unlisted === 0 ? '' : ` (${text.unlisted} ${String(report.unlisted)})`
  return section(
    `${text.heading}${unlisted}`,
    [text.signedAt, text.kind, text.way, text.signers, text.outcome, text.between, text.statement],
    report.timeline.map((row) => [
      `<time>${escapeHtml(row.signedAt)}</time>`,
      escapeHtml(row.kind),
      escapeHtml(`${row.from} → ${row.to}`),
      row.signers.map(escapeHtml).join('<br>'),
      escapeHtml(row.outcome),
      escapeHtml(row.between?.join(' – ') ?? ''),
      `<code>${escapeHtml(row.statement)}</code>`,
    ]),
  )
}

function disclosedSection(shown: Disclosed, language: Language): string {
  const text = CATALOGUES[language].report.disclosed
  const { fields, file, from, groups, kind, statement } = shown
  const extents = groups.map(([name, extent]) => [codeHtml(name), escapeHtml(text.extents[extent])])
  const rows = fields.map(([path, value]) => [codeHtml(path), escapeHtml(value)])
  const isWithheld = groups.some(([, extent]) => extent === 'withheld')
  return [
    section(`${text.heading} ${file}`, [text.group, text.extent], extents),
    isWithheld ? `<p class="note">${escapeHtml(text.note)}</p>` : '',
    ...(rows.length === 0 ? [] : [section(text.field, [text.field, text.value], rows)]),
    ...(shown.handedOver === undefined
      ? []
      : [`<p>${escapeHtml(handedOverText(shown.handedOver, language))}</p>`]),
    `<p>${escapeHtml(kind)}, ${escapeHtml(from)} ${codeHtml(statement)}</p>`,
  ].join('\n')
}

function codeHtml(value: string): string {
  return `<code>${escapeHtml(value)}</code>`
}

/** Who gave it to whom, on one line. */
export function handedOverText(
  { at, audience, by, purpose }: HandedOver,
  language: Language,
): string {
  const text = CATALOGUES[language].report.disclosed
  const when = `${text.at} ${at} (${text.clock})`
  return `${text.audience} ${audience}, ${text.by} ${by}, ${when}, ${text.purpose} ${purpose}`
}

function logsSection(report: Report, language: Language): string {
  const text = CATALOGUES[language].report.logs
  return section(
    text.heading,
    [
      text.origin,
      text.leaves,
      CLASSES.map((name) => text.classes[name]).join(' / '),
      text.period,
      text.cosigned,
      text.withheld,
      text.erased,
      text.root,
    ],
    report.logs.map((log) => [
      escapeHtml(log.origin),
      `${String(log.leaves)} / ${String(log.size)}`,
      CLASSES.map((name) => String(log.classes[name])).join(' / '),
      escapeHtml(log.period?.join(' – ') ?? ''),
      String(log.cosignedSize),
      String(log.withheld),
      String(log.erased),
      `<code>${escapeHtml(log.root)}</code>`,
    ]),
  )
}

function filesSection(report: Report, language: Language): string {
  const text = CATALOGUES[language].report.files
  return section(
    text.heading,
    [text.name, 'SHA-256'],
    Object.entries(report.files).map(([name, hash]) => [
      escapeHtml(name),
      `<code>${escapeHtml(hash)}</code>`,
    ]),
  )
}
