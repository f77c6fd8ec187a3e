/**
 * Findings in the texts of a draft, as an officer reads them.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import { fieldLabel } from '@amana/vocabulary'
import { type ShownFinding } from '../agency/looking-over.ts'
import { type Io } from './io.ts'

/** One line a finding: the field, the place in it, why, and what stands there. */
export function findingLines(
  { language, say }: Pick<Io, 'language' | 'say'>,
  findings: readonly ShownFinding[],
): readonly string[] {
  return findings.map(({ path, start, text, why }) => {
    const label = fieldLabel(path, language)
    return say('message.finding.line', {
      path: label === undefined ? path : `${path} (${label})`,
      place: String(start + 1),
      text,
      why: say(`message.finding.why.${why}`),
    })
  })
}

/** Findings in JSON. */
export function findingsJson(
  findings: readonly ShownFinding[],
): readonly Readonly<Record<string, number | string>>[] {
  return findings.map(({ length, path, start, text, why }) => ({ path, start, length, why, text }))
}
