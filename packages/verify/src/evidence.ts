/**
 * What the checks of signed objects share: where the objects are, under which trust, and how a refusal is told.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import {
  type DispatchContent,
  type EvidenceRecord,
  isAnyAmanaError,
  type ReceiptContent,
  type StatementContent,
  type TrustView,
  type VerifiedRoster,
} from '@amana/core'
import { type ProvenCheckpoint } from './bundle-log.ts'
import { type BundleReading } from './bundle-reading.ts'
import { type EvidencePlace } from './evidence-store.ts'
import { type ExchangeFact } from './exchange-facts.ts'
import { type Finding, type FindingCode, type FindingLevel } from './findings.ts'
import { type ParsedPolicy } from './policy.ts'

/** What is kept of a statement: signers only where all verified and the dispatch bound their signatures. */
export interface CheckedStatement extends Pick<StatementContent, 'iat' | 'kind'> {
  /** As `act officer, organisation`. */
  readonly signers: readonly string[]
  /** Of an officer's receipt: the message that it names, and the roles of who signed. */
  readonly stage?: { readonly statement: string; readonly roles: readonly (readonly string[])[] }
}

/** What is kept of a dispatch. */
export interface CheckedDispatch {
  readonly digest: string
  readonly content: DispatchContent
  /** Digest of its signatures. */
  readonly osig: string
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
  readonly dispatches: Map<string, CheckedDispatch>
  /** By the key of the fact: each dispatch binds signatures of its own. */
  readonly statements: Map<string, CheckedStatement>
  /** Receipts that answer their dispatch under a valid signature. */
  readonly receipts: Map<string, ReceiptContent>
  /** Evidence that stands for something that a leaf names. */
  readonly named: Set<EvidencePlace>
  readonly findings: Finding[]
}

/** The first evidence of that kind and digest; without it, `EVIDENCE_MISSING`. */
export async function evidenceOf(
  check: EvidenceCheck,
  kind: EvidenceRecord['kind'],
  digest: string,
): Promise<EvidenceRecord | undefined> {
  const place = placeOf(check, kind, digest)
  return place === undefined ? undefined : check.reading.evidence.read(place)
}

/** Where it stands; without it, `EVIDENCE_MISSING`. */
export function placeOf(
  check: EvidenceCheck,
  kind: EvidenceRecord['kind'],
  digest: string,
): EvidencePlace | undefined {
  const [place] = check.reading.evidence.of(kind, digest)
  if (place === undefined) blame(check, 'EVIDENCE_MISSING', `${kind} ${digest}`)
  else check.named.add(place)
  return place
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
  /** Asked when the step was refused: whether nothing but the party's own signatures is needed to see it. */
  readonly isProven?: () => Promise<boolean>
  /** What the receiver refused and said so is no fault of the log. */
  readonly isRefused?: boolean
  /** `SIGNATURE_INVALID` unless told. */
  readonly code?: FindingCode
}

/** Runs a check; a refusal becomes a finding. Anything but a refusal is an error of this program. */
export async function attempt(
  check: Pick<EvidenceCheck, 'findings'>,
  { where, party, level, isProven, isRefused = false, code = 'SIGNATURE_INVALID' }: Blame,
  step: () => Promise<void>,
): Promise<void> {
  try {
    await step()
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const { code: cause } = error
    if (isRefused) {
      check.findings.push({ code: 'REFUSED', severity: 'info', level: 'INFO', party, where, cause })
      return
    }
    const held = (await isProven?.()) === true ? 'PROVEN' : level
    check.findings.push({ code, severity: 'fail', level: held, party, where, cause })
  }
}
