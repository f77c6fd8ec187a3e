/**
 * Verifies the files that an auditor was given, together: bundles of one or two agencies, message files, single envelopes
 * and presentations, against the policy. No decryption key is ever taken.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#files
 */
import {
  decodeUtf8,
  isAnyAmanaError,
  sha256,
  type TrustView,
  type VerifiedRoster,
} from '@amana/core'
import { checkConflictEvidence, type ConflictCheck, headsAgainst } from './conflict-evidence.ts'
import { type Finding, findingOfRefusal, type Verdict } from './findings.ts'
import { instantOf } from './instant.ts'
import { keysOfDay, type KeysOfDay } from './key-holders.ts'
import { type ParsedPolicy, readPolicy } from './policy.ts'
import { NO_TOTALS, reconcile } from './reconcile.ts'
import { type Report, type TimelineRow } from './report.ts'
import { checkEnvelope, checkPresentation, type FileCheck } from './single-files.ts'
import { type BundleVerification, verifyBundle } from './verify-bundle.ts'
import { type MessageVerification, verifyMessageFile } from './verify-message.ts'

/** A file as it was read; only its name says what it is. */
export interface NamedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** How files are verified. */
export interface VerifyOptions {
  /** The policy file's text; without it a file `policy.txt` among the others, without that nothing is verified. */
  readonly policy?: string
  /** Seconds since 1970: only the report's date. */
  readonly now: number
  /** Seconds since 1970: the report also says who held which key then. */
  readonly asOf?: number
}

type FileKind =
  | 'bundle'
  | 'message'
  | 'envelope'
  | 'presentation'
  | 'conflict'
  | 'policy'
  | 'unknown'

/**
 * Verifies files and reports. Whatever they hold, the answer is a report; a file that is not known makes it `could-not`.
 */
export async function verifyFiles(
  files: readonly NamedFile[],
  options: VerifyOptions,
): Promise<Report> {
  const opened = openPolicy(files, options)
  if ('finding' in opened) return reportOf(files, options, [refusedCheck(opened.finding)])
  const { policy } = opened
  const bundles = await verifyBundles(files, policy)
  const messages = await verifyMessages(files, policy)
  const conflicts = await checkConflicts(files, { policy, bundles })
  const trust = [...bundles, ...messages].find((file) => file.trust !== undefined)?.trust
  const singles: FileCheck[] = []
  for (const file of files) {
    const check = await checkSingle(file, trust)
    if (check !== undefined) singles.push(check)
  }
  const day = await dayAsked([...bundles, ...messages], options)
  const checks = [...bundles, ...messages, ...conflicts, ...singles, ...(day.check ?? [])]
  const report = { ...reportOf(files, options, checks), policyDigits: policy.digits }
  return withLogs(day.keys === undefined ? report : { ...report, keysOfDay: day.keys }, bundles)
}

/** Who held which key on the day that was asked for; without any roster that is told, and is never green. */
async function dayAsked(
  files: readonly { readonly rosters: readonly VerifiedRoster[] }[],
  { asOf }: VerifyOptions,
): Promise<{ readonly keys?: KeysOfDay; readonly check?: readonly FileCheck[] }> {
  if (asOf === undefined) return {}
  const rosters = files.flatMap((file) => file.rosters)
  if (rosters.length > 0) return { keys: await keysOfDay(rosters, asOf) }
  const finding = { severity: 'warn', level: 'INFO', party: instantOf(asOf) } as const
  return { check: [refusedCheck({ ...finding, code: 'NO_ROSTERS' })] }
}

type OpenedPolicy = { readonly policy: ParsedPolicy } | { readonly finding: Finding }

function openPolicy(files: readonly NamedFile[], { policy }: VerifyOptions): OpenedPolicy {
  const file = files.find(({ name }) => kindOf(name) === 'policy')
  const party = file?.name ?? 'policy.txt'
  if (policy === undefined && file === undefined) {
    return { finding: { code: 'NO_POLICY', severity: 'warn', level: 'INFO', party } }
  }
  try {
    return { policy: readPolicy(policy ?? decodeUtf8(file?.bytes ?? new Uint8Array())) }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return { finding: findingOfRefusal(error, { party, otherwise: 'POLICY_MALFORMED' }) }
  }
}

async function verifyBundles(
  files: readonly NamedFile[],
  policy: ParsedPolicy,
): Promise<readonly BundleVerification[]> {
  const verified: BundleVerification[] = []
  for (const { name, bytes } of files) {
    if (kindOf(name) !== 'bundle') continue
    const bundle = await verifyBundle(once(bytes), policy)
    verified.push({ ...bundle, findings: bundle.findings.map((finding) => named(finding, name)) })
  }
  return verified
}

async function verifyMessages(
  files: readonly NamedFile[],
  policy: ParsedPolicy,
): Promise<readonly MessageVerification[]> {
  const verified: MessageVerification[] = []
  for (const { name, bytes } of files) {
    if (kindOf(name) === 'message')
      verified.push(await verifyMessageFile(name, once(bytes), policy))
  }
  return verified
}

/** Each file by itself, and its heads against the bundles of the same log. */
async function checkConflicts(
  files: readonly NamedFile[],
  known: { readonly policy: ParsedPolicy; readonly bundles: readonly BundleVerification[] },
): Promise<readonly ConflictCheck[]> {
  const checks: ConflictCheck[] = []
  for (const { name, bytes } of files) {
    if (kindOf(name) !== 'conflict') continue
    const check = await checkConflictEvidence(name, bytes, known.policy)
    const against = known.bundles.flatMap(({ log }) =>
      log === undefined ? [] : headsAgainst({ ...log, origin: log.summary.origin }, check.heads),
    )
    checks.push({ ...check, findings: [...check.findings, ...against] })
  }
  return checks
}

/** A finding that can name no agency names the file. */
function named(finding: Finding, name: string): Finding {
  return finding.party === '' ? { ...finding, party: name } : finding
}

async function checkSingle(
  { name, bytes }: NamedFile,
  trust: TrustView | undefined,
): Promise<FileCheck | undefined> {
  switch (kindOf(name)) {
    case 'envelope':
      return checkEnvelope(name, bytes, trust)
    case 'presentation':
      return checkPresentation(name, bytes, trust)
    case 'unknown':
      return refusedCheck({ code: 'UNKNOWN_FILE', severity: 'warn', level: 'INFO', party: name })
    case 'bundle':
    case 'conflict':
    case 'message':
    case 'policy':
  }
  return undefined
}

function kindOf(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name.endsWith('.bundle.jsonl')) return 'bundle'
  if (name.endsWith('.message.jsonl')) return 'message'
  if (name.endsWith('.amana.json')) return 'envelope'
  if (name.endsWith('.sd-jwt')) return 'presentation'
  if (name.endsWith('.amana-evidence.json')) return 'conflict'
  return name.endsWith('policy.txt') ? 'policy' : 'unknown'
}

function refusedCheck(finding: Finding): FileCheck {
  return { verdict: 'could-not', findings: [finding], timeline: [] }
}

function reportOf(
  files: readonly NamedFile[],
  { now }: VerifyOptions,
  checks: readonly FileCheck[],
): Report {
  return {
    verdict: worstOf(checks.map(({ verdict }) => verdict)),
    verifiedAt: instantOf(now),
    policyDigits: '',
    logs: [],
    totals: NO_TOTALS,
    findings: checks.flatMap(({ findings }) => findings),
    timeline: mergeRows(checks.flatMap(({ timeline }) => timeline)),
    disclosed: checks.flatMap(({ disclosed }) => disclosed ?? []),
    files: Object.fromEntries(files.map(({ name, bytes }) => [name, hexadecimal(sha256(bytes))])),
  }
}

/** A failure outweighs what could not be checked; nothing checked is never green. */
function worstOf(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('failed')) return 'failed'
  return verdicts.length === 0 || verdicts.includes('could-not') ? 'could-not' : 'verified'
}

/** Both agencies' bundles tell of the same statement: the row that says more stays. */
function mergeRows(rows: readonly TimelineRow[]): readonly TimelineRow[] {
  const merged = new Map<string, TimelineRow>()
  for (const row of rows) {
    const key = `${row.statement} ${row.from} ${row.to}`
    const known = merged.get(key)
    if (known === undefined) merged.set(key, row)
    else merged.set(key, { ...known, ...(known.outcome === 'pending' ? row : {}) })
  }
  return [...merged.values()].toSorted((a, b) => (a.signedAt < b.signedAt ? -1 : 1))
}

/** Adds what the logs say: each for itself, and where two are at hand against each other. */
function withLogs(report: Report, bundles: readonly BundleVerification[]): Report {
  const logs = bundles.flatMap(({ log }) => (log === undefined ? [] : [log.summary]))
  const [first, second] = bundles
  if (first === undefined) return report
  if (second === undefined) return { ...report, logs, totals: totalsOf(first) }
  const { totals, findings } = reconcile(first, second)
  const isFailed = findings.some(({ severity }) => severity === 'fail')
  return {
    ...report,
    verdict: isFailed ? 'failed' : report.verdict,
    logs,
    totals,
    findings: [...report.findings, ...findings],
  }
}

/** One log alone: nothing is matched. */
function totalsOf({ log }: BundleVerification): Report['totals'] {
  const facts = log?.facts ?? []
  const sent = facts.filter(({ direction }) => direction === 'sent')
  return {
    ...NO_TOTALS,
    sent: sent.length,
    received: facts.length - sent.length,
    inFlight: sent.filter(({ answers }) => answers.length === 0).length,
  }
}

function hexadecimal(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** @yields the whole */
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}
