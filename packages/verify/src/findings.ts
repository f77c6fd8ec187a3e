/**
 * What a verification found: codes, never sentences; who is meant, and how strong the evidence is.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */
import { type AmanaError, type ErrorCode, exitStatusOf } from '@amana/core'
import { type CATALOGUES } from '@amana/vocabulary'

/** A failing finding makes the verdict red; a warning does not; information never does. */
export type Severity = 'fail' | 'warn' | 'info'

/**
 * PROVEN rests on signatures of the party that is meant; CONTRADICTED says that one of two is wrong; LOCAL is one
 * party's own word; INFO says nothing against anyone.
 */
export type FindingLevel = 'PROVEN' | 'CONTRADICTED' | 'LOCAL' | 'INFO'

/** A code of the catalogue `findings`. */
export type FindingCode = keyof (typeof CATALOGUES)['en']['findings']

/** One finding. */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  readonly level: FindingLevel
  /** The agency that is meant, or the file where no agency can be named. */
  readonly party: string
  /** Where: a leaf index, a line number, a digest; facts only. */
  readonly where?: string
  /** The refusal behind it, from the error table. */
  readonly cause?: ErrorCode
  /** How many more of the same there are that are not listed. */
  readonly more?: number
  /** Findings that follow from this one; they are shown under it and counted with it. */
  readonly consequences?: readonly Finding[]
}

/** Of one code against one party so many findings are listed; the last one says how many more there are. */
const LISTED = 100

/** Findings of a reading that may be long: what is listed is bounded, what is counted is not. */
export class FindingList {
  readonly #counts = new Map<string, number>()
  readonly #listed: Finding[] = []

  /** Adds one; from the hundredth of its code, severity and party on it is only counted. */
  add(finding: Finding): void {
    const kind = kindOf(finding)
    const before = this.#counts.get(kind) ?? 0
    this.#counts.set(kind, before + 1 + (finding.more ?? 0))
    if (before < LISTED) this.#listed.push(finding)
  }

  /** In the order in which they came. */
  all(): readonly Finding[] {
    const last = new Map(this.#listed.map((finding) => [kindOf(finding), finding]))
    return this.#listed.map((finding) => {
      const count = this.#counts.get(kindOf(finding)) ?? 0
      return last.get(kindOf(finding)) === finding && count > LISTED
        ? { ...finding, more: count - LISTED }
        : finding
    })
  }
}

function kindOf({ code, party, severity }: Finding): string {
  return `${severity} ${code} ${party}`
}

/** What was verified, and with which result. `could-not` is never green. */
export type Verdict = 'verified' | 'failed' | 'could-not'

/** The verdict that findings give: any failure is a failure, nothing checked is never green. */
export function verdictOf(findings: readonly Finding[], checkedCount: number): Verdict {
  if (checkedCount === 0) return 'could-not'
  return findings.some((finding) => finding.severity === 'fail') ? 'failed' : 'verified'
}

/** The finding that a refusal of the log or the bundle is. */
const CODE_OF: Partial<Readonly<Record<ErrorCode, FindingCode>>> = {
  AUDIT_BUNDLE_DIGEST: 'BUNDLE_DIGEST',
  AUDIT_BUNDLE_EMPTY: 'BUNDLE_EMPTY',
  AUDIT_BUNDLE_LIMIT: 'BUNDLE_LIMIT',
  AUDIT_BUNDLE_TRUNCATED: 'BUNDLE_TRUNCATED',
  AUDIT_CHECKPOINT_ORIGIN: 'WRONG_LOG',
  AUDIT_CHECKPOINT_SIGNATURE: 'CHECKPOINT_BAD_SIGNATURE',
  AUDIT_CHECKPOINT_UNSIGNED: 'CHECKPOINT_UNSIGNED',
  AUDIT_CLASS_CHAIN: 'CLASS_CHAIN_BROKEN',
  AUDIT_DISCLOSURE: 'DISCLOSURE_MISMATCH',
  AUDIT_EVIDENCE: 'EVIDENCE_MISMATCH',
  AUDIT_GENESIS: 'GENESIS_MISMATCH',
  AUDIT_INDEX_GAP: 'INDEX_GAP',
  AUDIT_LEAF_CANONICAL: 'LEAF_NOT_CANONICAL',
  AUDIT_LEAF_EVENT: 'LEAF_UNKNOWN_EVENT',
  AUDIT_LEAF_INDEX: 'LEAF_WRONG_INDEX',
  AUDIT_LEAF_LOG: 'LEAF_WRONG_LOG',
  AUDIT_LEAF_SCHEMA: 'LEAF_SCHEMA',
  AUDIT_SEAL: 'SEAL_MISMATCH',
  AUDIT_TIME_BACKWARDS: 'TIME_BACKWARDS',
}

/** What a refusal means for a file: the finding, by its code in the table. */
export function findingOfRefusal(
  error: AmanaError,
  place: { readonly party: string; readonly otherwise: FindingCode },
): Finding {
  const where = whereOf(error.details)
  const isPurpose =
    error.code === 'AUDIT_LEAF_SCHEMA' &&
    'path' in error.details &&
    error.details.path === 'data.purpose'
  return {
    code: isPurpose ? 'ACCESS_WITHOUT_PURPOSE' : (CODE_OF[error.code] ?? place.otherwise),
    severity: 'fail',
    level: 'LOCAL',
    party: place.party,
    ...(where === undefined ? {} : { where }),
    cause: error.code,
  }
}

/** Whether a refusal says that nothing could be checked, which is not the same as evidence that fails. */
export function isUnreadable(error: AmanaError): boolean {
  return exitStatusOf(error.code) === 9
}

function whereOf(details: object): string | undefined {
  const known = ['line', 'index', 'expected', 'size', 'path', 'reason', 'keyId']
  const found = Object.entries(details).find(([name]) => known.includes(name))
  return found === undefined ? undefined : `${found[0]} ${String(found[1])}`
}
