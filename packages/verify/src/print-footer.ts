/**
 * What stands at the foot of each printed page of a report, so that no page can be put among those of another one: the
 * digest of the report and of each file that was read.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
import { encodeUtf8, sha256 } from '@amana/core'
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { hexadecimal } from './source.ts'

/** More lines would leave little of a page. */
const LISTED_FILES = 8
const NAME_CHARS = 40
const LINE_MM = 3
const ABOVE_AND_BELOW_MM = 14

/** What is asked of a report. */
interface PrintedReport {
  /** SHA-256 of each file by its name. */
  readonly files: Readonly<Record<string, string>>
}

/** The report as `amana-verify --json` writes it, and the page saves it. */
export function reportJson(report: PrintedReport): string {
  return `${JSON.stringify(report, undefined, 2)}\n`
}

/** The rule of CSS that prints it; no character of a file's name stands in it as itself. */
export function footerRule(report: PrintedReport, language: Language): string {
  const lines = footerLines(report, language)
  const margin = `15mm 15mm ${String(lines.length * LINE_MM + ABOVE_AND_BELOW_MM)}mm`
  const content = lines.map((line) => escapeCss(line)).join('\\a ')
  const font = `font:7pt/${String(LINE_MM)}mm ui-monospace,monospace;white-space:pre;text-align:left`
  return `@page{margin:${margin};@bottom-left{content:"${content}";${font}}}`
}

function footerLines(report: PrintedReport, language: Language): readonly string[] {
  const text = CATALOGUES[language].report.footer
  const files = Object.entries(report.files)
  const digest = hexadecimal(sha256(encodeUtf8(reportJson(report))))
  const unlisted = files.length - LISTED_FILES
  return [
    `${digest} ${text.report}`,
    ...files.slice(0, LISTED_FILES).map(([name, hash]) => `${hash} ${shortened(name)}`),
    ...(unlisted > 0 ? [`${text.more} ${String(unlisted)}`] : []),
  ]
}

function shortened(name: string): string {
  return name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS)}…` : name
}

/** A string of CSS may hold any character by its number. */
function escapeCss(text: string): string {
  return text.replaceAll(
    /[^A-Za-z0-9]/gu,
    (char) => `\\${(char.codePointAt(0) ?? 0).toString(16)} `,
  )
}
