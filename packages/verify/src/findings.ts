/**
 * What a verification found: codes, never sentences; who is meant, and how strong the evidence is.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */

/** A failing finding makes the verdict red; a warning does not; information never does. */
export type Severity = 'fail' | 'warn' | 'info'

/**
 * PROVEN rests on signatures of the party that is meant; CONTRADICTED says that one of two is wrong; LOCAL is one
 * party's own word; INFO says nothing against anyone.
 */
export type FindingLevel = 'PROVEN' | 'CONTRADICTED' | 'LOCAL' | 'INFO'

/** One finding. */
export interface Finding {
  /** A code of the catalogue `findings`. */
  readonly code: string
  readonly severity: Severity
  readonly level: FindingLevel
  /** The agency that is meant, or the file where no agency can be named. */
  readonly party: string
  /** Where: a leaf index, a line number, a digest; facts only. */
  readonly where?: string
  /** Findings that follow from this one; they are shown under it and counted with it. */
  readonly consequences?: readonly Finding[]
}

/** What was verified, and with which result. `could-not` is never green. */
export type Verdict = 'verified' | 'failed' | 'could-not'

/** The verdict that findings give: any failure is a failure, nothing checked is never green. */
export function verdictOf(findings: readonly Finding[], checkedCount: number): Verdict {
  if (checkedCount === 0) return 'could-not'
  return findings.some((finding) => finding.severity === 'fail') ? 'failed' : 'verified'
}
