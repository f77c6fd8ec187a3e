/**
 * Verifies one evidence bundle against the auditor's policy: the log, the trust documents, and every signed object that
 * the log names.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifier
 */
import {
  type AmanaError,
  type DispatchContent,
  isAnyAmanaError,
  type TrustView,
  type VerifiedRoster,
} from '@amana/core'
import { checkLog, type LogCheck, type ProvenCheckpoint } from './bundle-log.ts'
import { type BundleReading, readWholeBundle } from './bundle-reading.ts'
import { checkRecoveries, policyDigests } from './bundle-charters.ts'
import { checkTrust } from './bundle-trust.ts'
import { checkDispatches } from './check-dispatches.ts'
import { checkReceipts, type QuotedReceipt, quotedReceipts } from './check-receipts.ts'
import { checkReferences, type WitnessedCheckpoint } from './check-references.ts'
import { checkStages } from './check-stages.ts'
import { checkStatements } from './check-statements.ts'
import { type EvidenceCheck } from './evidence.ts'
import { type ExchangeFact } from './exchange-facts.ts'
import {
  type Finding,
  findingOfRefusal,
  isUnreadable,
  type Verdict,
  verdictOf,
} from './findings.ts'
import { judgeGovernance } from './log-governance.ts'
import { livenessFindings } from './log-times.ts'
import { type ParsedPolicy } from './policy.ts'
import { type LogSummary, type TimelineRow } from './report.ts'
import { type FileSource, streamed } from './source.ts'
import { timelineOf } from './timeline.ts'

/** What a bundle says of its log, for the comparison with the other agency's. */
export interface VerifiedLog {
  readonly agency: string
  readonly summary: LogSummary
  /** Whether class x, and class w up to the seal that is the last leaf, are shown from the first leaf on. */
  readonly isWhole: Readonly<Record<'exchange' | 'witness', boolean>>
  /** Milliseconds since 1970 of the newest leaf that is shown. */
  readonly newestMs: number
  readonly proven: readonly ProvenCheckpoint[]
  readonly roots: ReadonlyMap<number, string>
  readonly witnessed: readonly WitnessedCheckpoint[]
  /** Where the log before this one stood, by the word of the first leaf. */
  readonly previous?: PreviousLog
  readonly facts: readonly ExchangeFact[]
  readonly sentEnvs: ReadonlySet<string>
  /** Receipts whose signature verified and that say of this very fact what its leaf says, by `quoteKey`. */
  readonly receipts: ReadonlyMap<string, QuotedReceipt>
  /** Dispatches whose signature verified. */
  readonly dispatches: ReadonlyMap<string, SignedDispatch>
  /** Seconds since 1970, by the clock of a witness; absent without a cosignature that counts. */
  readonly newestCosignature?: number
  /** Counter of the newest leaf of class x that is shown; -1 without any. */
  readonly exchangeHead: number
  /** Seconds since 1970, as the bundle's header says: nobody signs it. */
  readonly createdAt: number
}

/** What a dispatch says of itself under its sender's signature. */
export interface SignedDispatch extends Pick<DispatchContent, 'channel' | 'sequence' | 'sentAt'> {
  /** Digest of the last dispatch of the other direction that its sender had placed. */
  readonly acknowledges: string | undefined
}

/** The newest head of a log that another one follows, as that one names it. */
export interface PreviousLog {
  readonly log: string
  readonly size: number
  /** base64url. */
  readonly root: string
}

/** The outcome for one bundle. */
export interface BundleVerification {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
  readonly timeline: readonly TimelineRow[]
  /** Absent when the bundle could not be read to its end. */
  readonly log?: VerifiedLog
  /** Under which messages of these agencies can be checked; absent when charter or rosters do not verify. */
  readonly trust?: TrustView
  /** Of the whole file, in hexadecimal; absent when it could not be read to its end. */
  readonly sha256?: string
  /** That verified. */
  readonly rosters: readonly VerifiedRoster[]
}

/**
 * Verifies a bundle. It is read once to its end, then each of its signed objects again where it stands. Whatever the
 * bytes are, the answer is a verdict: the first refusal ends the reading and is a finding; `could-not` where nothing could
 * be read.
 *
 * @throws AUDIT_VKEY when a key of the policy is malformed
 */
export async function verifyBundle(
  file: FileSource,
  policy: ParsedPolicy,
): Promise<BundleVerification> {
  try {
    return await verifyReading(await readWholeBundle(streamed(file), policy), policy)
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return refusedBundle(error)
  }
}

function refusedBundle(error: AmanaError): BundleVerification {
  const finding = findingOfRefusal(error, { party: '', otherwise: 'BUNDLE_MALFORMED' })
  return {
    verdict: isUnreadable(error) ? 'could-not' : 'failed',
    findings: [finding],
    timeline: [],
    rosters: [],
  }
}

async function verifyReading(
  reading: BundleReading,
  policy: ParsedPolicy,
): Promise<BundleVerification> {
  const log = checkLog(reading, policy)
  const { exchange } = reading
  const records = await reading.evidence.firstOfEach(['charter', 'roster'])
  const documents = await checkTrust(records, policy, reading.agency)
  const { trust, rosters } = documents
  const found = [reading, log, documents, exchange].flatMap(({ findings }) => findings)
  const governance = governanceOf(reading)
  found.push(...governance.findings, ...livenessFindings(reading.agency, log.proven))
  const before = [...checkPolicy(reading, policy, trust), ...found]
  if (trust === undefined) return untrustedBundle(reading, before, rosters)
  const { proven } = log
  const { facts } = exchange
  const check: EvidenceCheck = {
    reading,
    policy,
    trust,
    rosters,
    proven,
    facts,
    dispatches: new Map(),
    statements: new Map(),
    receipts: new Map(),
    named: new Set(),
    findings: [],
  }
  const witnessed = await checkObjects(check)
  const findings = [...before, ...check.findings]
  return {
    ...outcomeOf(reading, findings),
    timeline: timelineOf(check),
    log: { ...verifiedLog(check, log, governance.erased), witnessed },
    trust,
    rosters,
  }
}

/** What leaves of class g say; a presentation is named by the digest of its text, a group by what it commits to. */
function governanceOf({
  agency,
  claims,
  evidence,
  header,
  opened,
}: BundleReading): ReturnType<typeof judgeGovernance> {
  return judgeGovernance({
    agency,
    isWhole: header.range[0] === 0 && header.classes.includes('g'),
    leaves: claims.governance,
    isShown: (digest) => opened.has(digest) || evidence.of('presentation', digest).length > 0,
  })
}

/** In this order: a receipt answers a dispatch, both say which signatures of a statement count and since when. */
async function checkObjects(check: EvidenceCheck): Promise<readonly WitnessedCheckpoint[]> {
  await checkDispatches(check)
  await checkReceipts(check)
  await checkStatements(check)
  checkStages(check)
  return checkReferences(check)
}

/** The bundle was made for this policy, or for the same one under another charter of the chain; recoveries waited. */
function checkPolicy(
  { agency: party, claims, header }: BundleReading,
  policy: ParsedPolicy,
  trust: TrustView | undefined,
): readonly Finding[] {
  const charters = trust?.charters ?? []
  const where = header.policy
  const isOther = !policyDigests(policy, charters).has(where)
  const named = policy.policy.charterDigest
  const early = checkRecoveries(charters, claims.governance, { named, party })
  if (!isOther) return early
  return [{ code: 'POLICY_MISMATCH', severity: 'fail', level: 'LOCAL', party, where }, ...early]
}

/** Without trust documents no signed object is checked. */
function untrustedBundle(
  reading: BundleReading,
  findings: readonly Finding[],
  rosters: readonly VerifiedRoster[],
): BundleVerification {
  return { ...outcomeOf(reading, findings), timeline: [], rosters }
}

function outcomeOf(
  { sha256, shownCount }: BundleReading,
  findings: readonly Finding[],
): Pick<BundleVerification, 'findings' | 'verdict'> & { readonly sha256: string } {
  return { verdict: verdictOf(findings, shownCount), findings, sha256 }
}

function verifiedLog(
  check: EvidenceCheck,
  { summary, proven }: LogCheck,
  erased: number,
): Omit<VerifiedLog, 'witnessed'> {
  const { dispatches, reading } = check
  const [from, to] = reading.header.range
  const { facts, head, sentEnvs } = reading.exchange
  const previous = reading.claims.governance.find((leaf) => leaf.event === 'g.genesis')?.data.prev
  const newest = proven.reduce((latest, { cosignedAt }) => Math.max(latest, ...cosignedAt), 0)
  const isAll = from === 0 && to === reading.header.size
  // without the seal behind it, the last leaves of a class may have been left out
  const isSealed = reading.claims.newestSeal === reading.header.size - 1
  return {
    agency: reading.agency,
    summary: { ...summary, erased },
    isWhole: {
      exchange: isAll && reading.header.classes.includes('x'),
      witness: isAll && isSealed && reading.header.classes.includes('w'),
    },
    newestMs: reading.newestMs,
    ...(previous === undefined ? {} : { previous }),
    ...(newest > 0 ? { newestCosignature: newest } : {}),
    proven,
    roots: reading.roots,
    facts,
    sentEnvs,
    receipts: quotedReceipts(check),
    dispatches: new Map([...dispatches].map(([env, { content }]) => [env, signedOf(content)])),
    exchangeHead: head,
    createdAt: reading.header.created,
  }
}

function signedOf({ acknowledges, channel, sentAt, sequence }: DispatchContent): SignedDispatch {
  return { acknowledges: acknowledges?.digest, channel, sentAt, sequence }
}
