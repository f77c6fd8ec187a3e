/**
 * The auditor's report as one HTML file without script: verdict first, then who signed what and when. It prints.
 * Every text comes from the catalogues, every value is escaped.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { type Disclosed, type HandedOver } from './disclosed.ts'
import { type Finding, type Verdict } from './findings.ts'
import { escapeHtml, section } from './html.ts'
import { type KeysOfDay } from './key-holders.ts'
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
  readonly leaves: number
  readonly size: number
  readonly cosignedSize: number
  readonly root: string
}

/** Everything that the report shows. */
export interface Report {
  readonly verdict: Verdict
  /** Instant of the verification, RFC 3339, as the caller's clock says. */
  readonly verifiedAt: string
  readonly policyDigits: string
  readonly logs: readonly LogSummary[]
  readonly totals: Readonly<
    Record<'sent' | 'received' | 'matched' | 'inFlight' | 'mismatched', number>
  >
  readonly findings: readonly Finding[]
  readonly timeline: readonly TimelineRow[]
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
@media print{body{margin:0;max-width:none;font-size:10pt}h2{break-after:avoid}tr{break-inside:avoid}}
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
    `<title>${title}</title><style>${STYLE}</style></head><body>`,
    `<nav>${languages.map((language) => `<a href="#${language}">${CATALOGUES[language].report.language}</a>`).join(' · ')}</nav>`,
    languages.map((language) => renderIn(report, language)).join('<hr>'),
    `</body></html>\n`,
  ].join('\n')
}

function renderIn(report: Report, language: Language): string {
  const text = CATALOGUES[language].report
  return [
    `<main lang="${language}" id="${language}"><h1>${escapeHtml(text.title)}</h1>`,
    `<p class="verdict ${report.verdict}">${escapeHtml(text.verdict[report.verdict])}</p>`,
    `<p>${escapeHtml(text.verifiedAt)} <time>${escapeHtml(report.verifiedAt)}</time>. ${escapeHtml(text.policy)} <code>${escapeHtml(report.policyDigits)}</code></p>`,
    `<p class="note">${escapeHtml(text.disclaimer)}</p>`,
    totalsSection(report, language),
    findingsSection(report, language),
    ...report.disclosed.map((shown) => disclosedSection(shown, language)),
    timelineSection(report, language),
    ...daySections(report.keysOfDay, language),
    logsSection(report, language),
    filesSection(report, language),
    `</main>`,
  ].join('\n')
}

function totalsSection(report: Report, language: Language): string {
  const text = CATALOGUES[language].report
  const { sent, received, matched, inFlight, mismatched } = report.totals
  const counts = [
    [text.totals.sent, sent],
    [text.totals.received, received],
    [text.totals.matched, matched],
    [text.totals.inFlight, inFlight],
    [text.totals.mismatched, mismatched],
  ] as const
  return section(
    text.totals.heading,
    [],
    counts.map(([name, count]) => [escapeHtml(name), String(count)]),
  )
}

function findingsSection(report: Report, language: Language): string {
  const text = CATALOGUES[language].report
  if (report.findings.length === 0) {
    return `<h2>${escapeHtml(text.findings.heading)}</h2><p>${escapeHtml(text.findings.none)}</p>`
  }
  const { severity, party, what, where } = text.findings
  return section(
    text.findings.heading,
    [severity, party, what, where],
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
    `<code>${escapeHtml(finding.where ?? '')}</code>`,
  ]
  const consequences = finding.consequences ?? []
  return [own, ...consequences.flatMap((next) => findingRows(next, language, depth + 1))]
}

/** The plain sentence of a finding; a code without one prints as itself. */
export function findingText(code: string, language: Language): string {
  const texts: Readonly<Record<string, string>> = CATALOGUES[language].findings
  return texts[code] ?? code
}

function timelineSection(report: Report, language: Language): string {
  const text = CATALOGUES[language].report.timeline
  return section(
    text.heading,
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
    [text.origin, text.leaves, text.cosigned, text.root],
    report.logs.map((log) => [
      escapeHtml(log.origin),
      `${String(log.leaves)} / ${String(log.size)}`,
      String(log.cosignedSize),
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
