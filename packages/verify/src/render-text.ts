/**
 * The report as text for terminals: at most 80 columns, no colour, the verdict last, where the eye is.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
import { ERRORS } from '@amana/core'
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { type Disclosed } from './disclosed.ts'
import { type Finding, type Severity } from './findings.ts'
import { dayLines } from './render-day.ts'
import {
  actionText,
  anchorText,
  CLASSES,
  COUNTS,
  findingText,
  handedOverText,
  type LogSummary,
  moreText,
  type Report,
  type TimelineRow,
  whereText,
} from './report.ts'
import { heading, wrapText } from './text-lines.ts'

const MARKS: Readonly<Record<Severity, string>> = { fail: '✗', warn: '!', info: '·' }

/** The report in one language; every line ends with a newline. */
export function renderText(report: Report, language: Language): string {
  const text = CATALOGUES[language].report
  const lines = [
    `${text.title} – ${report.verifiedAt}`,
    ...digitLines(report, language),
    '',
    ...heading(text.logs.heading),
    ...logLines(report, language),
    ...wrapText(anchorText(report, language), 2),
    '',
    ...heading(text.totals.heading),
    ...totalLines(report, language),
    ...heading(text.findings.heading),
    ...findingLines(report.findings, language),
    ...monthLines(report, language),
    ...timelineLines(report, language),
    ...report.disclosed.flatMap((shown) => disclosedLines(shown, language)),
    ...dayLines(report.keysOfDay, language),
    ...heading(text.files.heading),
    ...Object.entries(report.files).flatMap(([name, hash]) => [
      ...wrapText(name, 2),
      `    ${hash}`,
    ]),
    '',
    ...wrapText(text.verdict[report.verdict], 0),
    ...wrapText(text.text.offline, 0),
  ]
  return `${lines.join('\n')}\n`
}

function digitLines({ policyDigits }: Report, language: Language): readonly string[] {
  if (policyDigits === '') return []
  return [CATALOGUES[language].report.policy, ...wrapText(policyDigits, 2)]
}

function logLines({ logs }: Report, language: Language): readonly string[] {
  const text = CATALOGUES[language].report
  if (logs.length === 0) return [`  ${text.text.noLogs}`, '']
  const lines = logs.flatMap((log) => [
    ...wrapText(log.origin, 2),
    ...wrapText(`${text.logs.leaves}: ${String(log.leaves)} / ${String(log.size)}`, 4),
    ...wrapText(classText(log, language), 4),
    ...wrapText(`${text.logs.cosigned}: ${String(log.cosignedSize)}`, 4),
    ...wrapText(`${text.logs.period}: ${log.period?.join(' – ') ?? '–'}`, 4),
    ...wrapText(`${text.logs.withheld}: ${String(log.withheld)}`, 4),
    ...wrapText(`${text.logs.erased}: ${String(log.erased)}`, 4),
    `    ${text.logs.root}: ${log.root}`,
  ])
  return [...lines, '']
}

function classText({ classes }: LogSummary, language: Language): string {
  const names = CATALOGUES[language].report.logs.classes
  return CLASSES.map((name) => `${names[name]} ${String(classes[name])}`).join(', ')
}

function totalLines({ totals }: Report, language: Language): readonly string[] {
  const names = CATALOGUES[language].report.totals
  const rows = COUNTS.map(
    (name) => `  ${names[name].padEnd(48)} ${String(totals[name]).padStart(6)}`,
  )
  return [...rows, '']
}

/** Only where there is more than the totals say. */
function monthLines({ months }: Report, language: Language): readonly string[] {
  if (months.length < 2) return []
  const { months: text, totals } = CATALOGUES[language].report
  const rows = months.flatMap((row) => [
    ...wrapText(`${row.month} ${row.from} → ${row.to}`, 2),
    ...wrapText(COUNTS.map((name) => `${totals[name]}: ${String(row[name])}`).join('; '), 4),
  ])
  return [...heading(text.heading), ...rows, '']
}

function findingLines(findings: readonly Finding[], language: Language): readonly string[] {
  if (findings.length === 0) return [...wrapText(CATALOGUES[language].report.findings.none, 2), '']
  return [...findings.flatMap((finding) => findingBlock(finding, language, 0)), '']
}

function findingBlock(finding: Finding, language: Language, depth: number): readonly string[] {
  const { code, severity, level, party, where, consequences = [] } = finding
  const indent = 2 + 2 * depth
  const { levels, severities } = CATALOGUES[language].report
  const place = where === undefined ? '' : ` – ${whereText(where, language)}`
  return [
    ...wrapText(`${MARKS[severity]} ${code} – ${party}${place}`, indent),
    ...wrapText(`${severities[severity]}, ${levels[level]}`, indent + 2),
    ...wrapText(`${findingText(code, language)}${moreText(finding, language)}`, indent + 2),
    ...wrapText(actionText(finding, language), indent + 2),
    ...causeLines(finding, language, indent + 2),
    ...consequences.flatMap((next) => findingBlock(next, language, depth + 1)),
  ]
}

/** What to do, where the error table knows it. */
function causeLines({ cause }: Finding, language: Language, indent: number): readonly string[] {
  if (cause === undefined) return []
  const { hintEn, hintFr } = ERRORS[cause]
  return wrapText(`${cause}: ${language === 'en' ? hintEn : hintFr}`, indent)
}

function timelineLines({ timeline, unlisted }: Report, language: Language): readonly string[] {
  if (timeline.length === 0) return []
  const text = CATALOGUES[language].report.timeline
  const more = unlisted === 0 ? '' : ` (${text.unlisted} ${String(unlisted)})`
  return [
    ...heading(`${text.heading}${more}`),
    ...timeline.flatMap((row) => rowLines(row, language)),
    '',
  ]
}

function disclosedLines(shown: Disclosed, language: Language): readonly string[] {
  const { fields, file, from, groups, handedOver, kind, statement } = shown
  const { extents, heading: title, note } = CATALOGUES[language].report.disclosed
  const isWithheld = groups.some(([, extent]) => extent === 'withheld')
  return [
    ...heading(`${title} ${file}`),
    ...wrapText(`${kind}, ${from}`, 2),
    ...wrapText(statement, 4),
    ...groups.flatMap(([name, extent]) => wrapText(`${name} – ${extents[extent]}`, 2)),
    ...(isWithheld ? wrapText(note, 2) : []),
    ...fields.flatMap(([path, value]) => wrapText(`${path}: ${value}`, 4)),
    ...(handedOver === undefined ? [] : wrapText(handedOverText(handedOver, language), 2)),
    '',
  ]
}

function rowLines(row: TimelineRow, language: Language): readonly string[] {
  const text = CATALOGUES[language].report.timeline
  const between = row.between === undefined ? [] : [`${text.between}:`, row.between.join(' – ')]
  return [
    ...wrapText(`${row.signedAt} ${row.kind} ${row.from} → ${row.to}: ${row.outcome}`, 2),
    ...row.signers.flatMap((signer) => wrapText(signer, 4)),
    ...wrapText(row.statement, 4),
    ...between.flatMap((line) => wrapText(line, 4)),
  ]
}
