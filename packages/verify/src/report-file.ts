/**
 * The report as a file, by the ending of its name, and whether a strict reader takes it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#command-line
 */
import { type Language } from '@amana/vocabulary'
import { renderCsv } from './render-csv.ts'
import { renderReport, type Report } from './report.ts'

/** CSV where the name says so, else HTML in both languages, the given one first. */
export function reportFile(name: string, report: Report, language: Language): string {
  if (name.endsWith('.csv')) return renderCsv(report, language)
  return renderReport(report, language === 'fr' ? ['fr', 'en'] : ['en', 'fr'])
}

/** Whether anything is weaker than it could be: who is strict takes that for a failure. */
export function hasWarning({ findings }: Report): boolean {
  return findings.some(({ severity }) => severity === 'warn')
}
