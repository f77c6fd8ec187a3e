/**
 * Findings under the one that explains them: one cause gives one line, and what follows from it stands below.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#causes
 */
import { type Finding, type FindingCode } from './findings.ts'

/** What two histories, or a log that was cut, explain of the agency whose log it is. */
const ANYTHING = 'anything'

/** A cause, and what it explains of the same party; the first that fits is taken. */
const CAUSES: readonly (readonly [FindingCode, typeof ANYTHING | readonly FindingCode[]])[] = [
  ['EQUIVOCATION', ANYTHING],
  ['TRUNCATED_VS_WITNESS', ANYTHING],
  [
    'ROOT_MISMATCH',
    ['ROOT_MISMATCH', 'NOT_WITNESSED', 'UNWITNESSED_TAIL', 'TRUNCATED', 'COSIGNED_NOTE_MISSING'],
  ],
  ['TIME_BEFORE_WITNESS', ['TIME_BEFORE_WITNESS']],
  ['TIME_AFTER_WITNESS', ['TIME_AFTER_WITNESS']],
]

/** Folds failures of one party under their cause; warnings and information stand for themselves, but under `NOT_WITNESSED`. */
export function foldFindings(findings: readonly Finding[]): readonly Finding[] {
  let left = findings
  for (const [code, explained] of CAUSES) left = foldUnder(left, code, explained)
  return left
}

function foldUnder(
  findings: readonly Finding[],
  code: FindingCode,
  explained: typeof ANYTHING | readonly FindingCode[],
): readonly Finding[] {
  const causes = new Map<string, Finding>()
  for (const finding of findings) {
    if (finding.code === code && finding.severity === 'fail' && !causes.has(finding.party)) {
      causes.set(finding.party, finding)
    }
  }
  if (causes.size === 0) return findings
  const isExplained = (finding: Finding): boolean => {
    const cause = causes.get(finding.party)
    if (cause === undefined || cause === finding) return false
    return explained === ANYTHING ? finding.severity === 'fail' : explained.includes(finding.code)
  }
  const folded = Map.groupBy(findings.filter(isExplained), ({ party }) => party)
  return findings.flatMap((finding): readonly Finding[] => {
    if (isExplained(finding)) return []
    const under = causes.get(finding.party) === finding ? folded.get(finding.party) : undefined
    if (under === undefined) return [finding]
    return [{ ...finding, consequences: [...(finding.consequences ?? []), ...under] }]
  })
}
