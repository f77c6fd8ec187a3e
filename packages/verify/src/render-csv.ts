/**
 * The report as CSV (RFC 4180) for spreadsheets: findings, months and statements, one row each. No cell begins with what
 * a spreadsheet would run.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { type Finding } from './findings.ts'
import { actionText, COUNTS, findingText, moreText, type Report } from './report.ts'

/** What spreadsheets take for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r]/

/** The report as lines that end with CR LF, the first one with the names of the columns. */
export function renderCsv(report: Report, language: Language): string {
  const { csv, verdict } = CATALOGUES[language].report
  const rows = [
    csv.columns.split('|'),
    [
      'verdict',
      report.verdict,
      '',
      report.verifiedAt,
      report.policyDigits,
      verdict[report.verdict],
    ],
    ...report.findings.flatMap((finding) => findingRows(finding, language)),
    ...report.months.flatMap((row) =>
      COUNTS.map((name) => [
        'month',
        row.month,
        `${row.from} → ${row.to}`,
        name,
        String(row[name]),
      ]),
    ),
    ...report.timeline.map((row) => [
      'statement',
      row.outcome,
      `${row.from} → ${row.to}`,
      row.signedAt,
      row.statement,
      [row.kind, ...row.signers, ...(row.between ?? [])].join('; '),
    ]),
    ...Object.entries(report.files).map(([name, hash]) => ['file', 'SHA-256', name, '', hash]),
  ]
  return rows.map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('')
}

function findingRows(finding: Finding, language: Language): readonly (readonly string[])[] {
  const { code, consequences = [], level, party, severity, where = '' } = finding
  const text = `${findingText(code, language)}${moreText(finding, language)} ${actionText(finding, language)}`
  const own = ['finding', code, party, `${severity} ${level}`, where, text]
  return [own, ...consequences.flatMap((next) => findingRows(next, language))]
}

function cellOf(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return `"${safe.replaceAll('"', '""')}"`
}
