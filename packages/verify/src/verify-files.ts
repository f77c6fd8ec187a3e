/**
 * Verifies the files that an auditor was given, together: bundles of one or two agencies, message files, single envelopes,
 * presentations and proofs, against the policy. No decryption key is ever taken.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#files
 */
import {
  AUDIT_LIMITS,
  decodeUtf8,
  isAnyAmanaError,
  type TrustView,
  type VerifiedCheckpoint,
  type VerifiedRoster,
} from '@amana/core'
import { type AnchorCheck, checkAnchor } from './check-anchor.ts'
import { checkConflictEvidence, headsAgainst, type HeadsCheck } from './conflict-evidence.ts'
import { checkLogProof } from './check-proof.ts'
import { foldFindings } from './fold-findings.ts'
import { type Finding, FindingList, findingOfRefusal, type Verdict } from './findings.ts'
import { instantOf } from './instant.ts'
import { keysOfDay, type KeysOfDay } from './key-holders.ts'
import { staleFindings } from './log-times.ts'
import { type ParsedPolicy, readPolicy } from './policy.ts'
import { countLog, NO_TOTALS, reconcile } from './reconcile.ts'
import { type Report, type TimelineRow } from './report.ts'
import { checkEnvelope, checkPresentation, type FileCheck } from './single-files.ts'
import { fileDigest, type FileSource, streamed, type StreamedFile, wholeFile } from './source.ts'
import { type BundleVerification, verifyBundle } from './verify-bundle.ts'
import { type MessageVerification, verifyMessageFile } from './verify-message.ts'

/** How files are verified. */
export interface VerifyOptions {
  /** The policy file's text; without it a file `policy.txt` among the others, without that nothing is verified. */
  readonly policy?: string
  /** The heads in signed minutes, as they are printed or typed. */
  readonly anchor?: string
  /** Seconds since 1970: the report's date, and what the age of cosignatures is counted from. */
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
  | 'proof'
  | 'policy'
  | 'unknown'

/**
 * Verifies files and reports. Whatever they hold, the answer is a report; a file that is not known makes it `could-not`.
 * A bundle is read as a stream, in memory that grows by about 2 KB a statement and not with its size; any other file is
 * at most 2 MiB, or a message file.
 */
export async function verifyFiles(
  sources: readonly FileSource[],
  options: VerifyOptions,
): Promise<Report> {
  const files = sources.map((file) => streamed(file))
  const opened = await openPolicy(files, options)
  if ('finding' in opened) return reportOf(files, options, [refusedCheck(opened.finding)])
  const { policy } = opened
  const bundles = await verifyBundles(files, policy, options.now)
  const messages = await verifyMessages(files, policy)
  const heads = await checkHeads(files, { policy, bundles })
  const trust = [...bundles, ...messages].find((file) => file.trust !== undefined)?.trust
  const singles: FileCheck[] = []
  for (const file of files) {
    const check = await checkSingle(file, trust)
    if (check !== undefined) singles.push(check)
  }
  const day = await dayAsked([...bundles, ...messages], options)
  const checks = [...bundles, ...messages, ...heads, ...singles, ...(day.check ?? [])]
  const made = await reportOf(files, options, checks)
  const report = { ...made, policyDigits: policy.digits }
  const withDay = day.keys === undefined ? report : { ...report, keysOfDay: day.keys }
  return withLogs(withDay, bundles, options)
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

async function openPolicy(
  files: readonly StreamedFile[],
  { policy }: VerifyOptions,
): Promise<OpenedPolicy> {
  const file = files.find(({ name }) => kindOf(name) === 'policy')
  const party = file?.name ?? 'policy.txt'
  if (policy === undefined && file === undefined) {
    return { finding: { code: 'NO_POLICY', severity: 'warn', level: 'INFO', party } }
  }
  try {
    const text = policy ?? (file === undefined ? '' : decodeUtf8(await oneObject(file)))
    return { policy: readPolicy(text) }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return { finding: findingOfRefusal(error, { party, otherwise: 'POLICY_MALFORMED' }) }
  }
}

/** A bundle with the name of its file. */
type VerifiedBundleFile = BundleVerification & Pick<FileCheck, 'file'>

async function verifyBundles(
  files: readonly StreamedFile[],
  policy: ParsedPolicy,
  now: number,
): Promise<readonly VerifiedBundleFile[]> {
  const verified: VerifiedBundleFile[] = []
  for (const file of files) {
    const { name } = file
    if (kindOf(name) !== 'bundle') continue
    const bundle = await verifyBundle(file, policy)
    const { agency = name, newestCosignature } = bundle.log ?? {}
    const stale = staleFindings(agency, newestCosignature, now)
    const findings = [...bundle.findings, ...stale].map((finding) => named(finding, name))
    verified.push({ ...bundle, findings, file: name })
  }
  return verified
}

async function verifyMessages(
  files: readonly StreamedFile[],
  policy: ParsedPolicy,
): Promise<readonly MessageVerification[]> {
  const verified: MessageVerification[] = []
  for (const file of files) {
    if (kindOf(file.name) !== 'message') continue
    verified.push(await verifyMessageFile(file.name, file.chunks(), policy))
  }
  return verified
}

/** Each file with heads of a log by itself, and its heads against the bundles of the same log. */
async function checkHeads(
  files: readonly StreamedFile[],
  known: { readonly policy: ParsedPolicy; readonly bundles: readonly BundleVerification[] },
): Promise<readonly HeadsCheck[]> {
  const checks: HeadsCheck[] = []
  for (const file of files) {
    const verify = HEADS_OF[kindOf(file.name)]
    if (verify === undefined) continue
    const check = await headsOf(file, (bytes) => verify(file.name, bytes, known.policy))
    const against = known.bundles.flatMap(({ log }) =>
      log === undefined ? [] : headsAgainst({ ...log, origin: log.summary.origin }, check.heads),
    )
    const verdict = against.length === 0 ? check.verdict : 'failed'
    checks.push({ ...check, verdict, findings: [...check.findings, ...against] })
  }
  return checks
}

/** Files that show signed heads, and how each is verified. */
const HEADS_OF: Partial<Readonly<Record<FileKind, typeof checkConflictEvidence>>> = {
  conflict: checkConflictEvidence,
  proof: checkLogProof,
}

async function headsOf(
  file: StreamedFile,
  verify: (bytes: Uint8Array) => Promise<HeadsCheck>,
): Promise<HeadsCheck> {
  const none: readonly VerifiedCheckpoint[] = []
  return { heads: none, ...(await checkObject(file, verify)) }
}

/** A finding that can name no agency names the file. */
function named(finding: Finding, name: string): Finding {
  return finding.party === '' ? { ...finding, party: name } : finding
}

async function checkSingle(
  file: StreamedFile,
  trust: TrustView | undefined,
): Promise<FileCheck | undefined> {
  const { name } = file
  switch (kindOf(name)) {
    case 'envelope':
      return checkObject(file, (bytes) => checkEnvelope(name, bytes, trust))
    case 'presentation':
      return checkObject(file, (bytes) => checkPresentation(name, bytes, trust))
    case 'unknown':
      return refusedCheck({ code: 'UNKNOWN_FILE', severity: 'warn', level: 'INFO', party: name })
    case 'bundle':
    case 'conflict':
    case 'message':
    case 'policy':
    case 'proof':
  }
  return undefined
}

async function checkObject<C extends FileCheck>(
  file: StreamedFile,
  check: (bytes: Uint8Array) => Promise<C>,
): Promise<C | FileCheck> {
  try {
    return await check(await oneObject(file))
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return refusedCheck(findingOfRefusal(error, { party: file.name, otherwise: 'BUNDLE_LIMIT' }))
  }
}

async function oneObject(file: StreamedFile): Promise<Uint8Array> {
  return wholeFile(file, AUDIT_LIMITS.bundleLineBytes)
}

function kindOf(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name.endsWith('.bundle.jsonl')) return 'bundle'
  if (name.endsWith('.message.jsonl')) return 'message'
  if (name.endsWith('.amana.json')) return 'envelope'
  if (name.endsWith('.sd-jwt')) return 'presentation'
  if (name.endsWith('.amana-evidence.json')) return 'conflict'
  if (name.endsWith('.tlog-proof')) return 'proof'
  return name.endsWith('policy.txt') ? 'policy' : 'unknown'
}

function refusedCheck(finding: Finding): FileCheck {
  return { verdict: 'could-not', findings: [finding], timeline: [] }
}

async function reportOf(
  files: readonly StreamedFile[],
  { now }: VerifyOptions,
  checks: readonly FileCheck[],
): Promise<Report> {
  const rows = mergeRows(checks.flatMap(({ timeline }) => timeline))
  return {
    verdict: worstOf(checks.map(({ verdict }) => verdict)),
    verifiedAt: instantOf(now),
    policyDigits: '',
    logs: [],
    totals: NO_TOTALS,
    months: [],
    anchored: 0,
    findings: listed(foldFindings(checks.flatMap(({ findings }) => findings))),
    timeline: rows.slice(-LISTED_ROWS),
    unlisted: Math.max(0, rows.length - LISTED_ROWS),
    disclosed: checks.flatMap(({ disclosed }) => disclosed ?? []),
    files: await digestsOf(files, checks),
  }
}

/** Of the timeline the newest are listed: nobody reads more, and a page of them can still be opened. */
const LISTED_ROWS = 10_000

/** At most a hundred of each kind; how many more there are, the last one says. */
function listed(findings: readonly Finding[]): readonly Finding[] {
  const list = new FindingList()
  for (const finding of findings) list.add(finding)
  return list.all()
}

/** A bundle that was read to its end brings its own; a file that never ends has none. */
async function digestsOf(
  files: readonly StreamedFile[],
  checks: readonly FileCheck[],
): Promise<Report['files']> {
  const known = new Map(checks.map(({ file, sha256 }) => [file, sha256]))
  const digests: (readonly [string, string])[] = []
  for (const file of files) {
    const found = known.get(file.name) ?? (await fileDigest(file))
    if (found !== undefined) digests.push([file.name, found])
  }
  return Object.fromEntries(digests)
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

/** Adds what the logs say: each for itself, every two against each other, and all against the anchor. */
function withLogs(
  report: Report,
  bundles: readonly BundleVerification[],
  { anchor }: VerifyOptions,
): Report {
  const logs = bundles.flatMap(({ log }) => log ?? [])
  const compared = bundles.flatMap((bundle, place) =>
    bundles.slice(place + 1).map((other) => reconcile(bundle, other)),
  )
  const [first] = logs
  const alone = first === undefined ? { months: [], totals: NO_TOTALS } : countLog(first)
  const { months, totals } = compared.find((pair) => pair.months.length > 0) ?? alone
  const anchored = anchor === undefined ? NO_ANCHOR : checkAnchor(anchor, logs)
  const findings = [...compared.flatMap((pair) => pair.findings), ...anchored.findings]
  const isFailed = anchored.isReadable && findings.some(({ severity }) => severity === 'fail')
  const verdicts: readonly Verdict[] = anchored.isReadable ? [] : ['could-not']
  return {
    ...report,
    verdict: isFailed ? 'failed' : worstOf([report.verdict, ...verdicts]),
    logs: logs.map(({ summary }) => summary),
    totals,
    months,
    anchored: anchored.matched,
    findings: listed(foldFindings(distinct([...report.findings, ...findings]))),
  }
}

const NO_ANCHOR: AnchorCheck = { matched: 0, findings: [], isReadable: true }

/** Three bundles give some findings twice. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()]
}
