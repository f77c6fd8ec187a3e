/**
 * What the checks of signed objects share: where the objects are, under which trust, and how a refusal is told.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import {
  type EvidenceRecord,
  isAnyAmanaError,
  type TrustView,
  type UnverifiedDispatch,
  type UnverifiedReceipt,
  type UnverifiedStatement,
  type VerifiedRoster,
  type VerifiedSigner,
} from '@amana/core'
import { type ProvenCheckpoint } from './bundle-log.ts'
import { type BundleReading } from './bundle-reading.ts'
import { type ExchangeFact } from './exchange-facts.ts'
import { type Finding, type FindingCode, type FindingLevel } from './findings.ts'
import { type ParsedPolicy } from './policy.ts'

/** A statement of a bundle; signers only where all of them verified and the dispatch bound their signatures. */
export interface CheckedStatement {
  readonly statement: UnverifiedStatement
  readonly signers?: readonly VerifiedSigner[]
}

/** Everything that checks of a bundle's signed objects look at, and where they put what they find. */
export interface EvidenceCheck {
  readonly reading: BundleReading
  readonly policy: ParsedPolicy
  readonly trust: TrustView
  readonly rosters: readonly VerifiedRoster[]
  readonly proven: readonly ProvenCheckpoint[]
  readonly facts: readonly ExchangeFact[]
  /** Dispatches whose signature verified. */
  readonly dispatches: Map<string, UnverifiedDispatch>
  /** By the key of the fact: each dispatch binds signatures of its own. */
  readonly statements: Map<string, CheckedStatement>
  /** Receipts that answer their dispatch under a valid signature. */
  readonly receipts: Map<string, UnverifiedReceipt>
  /** Evidence that stands for something that a leaf names. */
  readonly named: Set<EvidenceRecord>
  readonly findings: Finding[]
}

/** The first evidence of that kind and digest; without it, `EVIDENCE_MISSING`. */
export function evidenceOf(
  check: EvidenceCheck,
  kind: EvidenceRecord['kind'],
  digest: string,
): EvidenceRecord | undefined {
  const [record] = check.reading.evidence.get(`${kind} ${digest}`)?.values() ?? []
  if (record === undefined) blame(check, 'EVIDENCE_MISSING', `${kind} ${digest}`)
  else check.named.add(record)
  return record
}

/** Adds a failing finding against the agency whose log it is. */
export function blame(check: EvidenceCheck, code: FindingCode, where: string): void {
  const party = check.reading.agency
  check.findings.push({ code, severity: 'fail', level: 'LOCAL', party, where })
}

/** Who a refused object speaks against. */
export interface Blame {
  readonly where: string
  readonly party: string
  readonly level: FindingLevel
  /** What the receiver refused and said so is no fault of the log. */
  readonly isRefused?: boolean
  /** `SIGNATURE_INVALID` unless told. */
  readonly code?: FindingCode
}

/** Runs a check; a refusal becomes a finding. Anything but a refusal is an error of this program. */
export async function attempt(
  check: Pick<EvidenceCheck, 'findings'>,
  { where, party, level, isRefused = false, code = 'SIGNATURE_INVALID' }: Blame,
  step: () => Promise<void>,
): Promise<void> {
  try {
    await step()
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const finding: Finding = isRefused
      ? { code: 'REFUSED', severity: 'info', level: 'INFO', party, where, cause: error.code }
      : { code, severity: 'fail', level, party, where, cause: error.code }
    check.findings.push(finding)
  }
}
