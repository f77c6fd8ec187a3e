/**
 * The first pass over a bundle: its records in their order, the leaves one after the other, the tree, the signatures of
 * the log. What is kept is what later checks need of it; the leaves themselves are forgotten when they are hashed.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifier
 */
import {
  AmanaError,
  AUDIT_LIMITS,
  type BundleHeader,
  type BundleLine,
  createSha256,
  digest,
  encodeBase64url,
  type LeafClass,
  LogFollower,
  readBundleLines,
} from '@amana/core'
import { CheckpointShelf, type ReadCheckpoint } from './checkpoint-shelf.ts'
import { EvidenceStore } from './evidence-store.ts'
import { type ExchangeFacts, FactCollector } from './exchange-facts.ts'
import { type Finding, FindingList } from './findings.ts'
import { AccessCheck } from './log-access.ts'
import { ClaimCollector, type LogClaims } from './log-claims.ts'
import { isFirstLog } from './log-names.ts'
import { TimeCheck } from './log-times.ts'
import { checkpointPolicyOf, logOf, type ParsedPolicy } from './policy.ts'
import { hexadecimal, type StreamedFile } from './source.ts'

/** A bundle that was read to its end. Nothing of the evidence is verified yet. */
export interface BundleReading {
  readonly header: BundleHeader
  /** Whose log it is. */
  readonly agency: string
  readonly checkpoints: readonly ReadCheckpoint[]
  /** What leaves of the classes g and w say. */
  readonly claims: LogClaims
  readonly exchange: ExchangeFacts
  /** Digests of the disclosures that are shown beside their leaves. */
  readonly opened: ReadonlySet<string>
  /** Roots in base64url by the size of the tree: wherever a seal or a checkpoint stands. */
  readonly roots: ReadonlyMap<number, string>
  readonly evidence: EvidenceStore
  readonly shownCount: number
  /** Leaves that are shown, by class. */
  readonly classCounts: Readonly<Record<LeafClass, number>>
  /** Values that leaves committed to and that are not shown. */
  readonly withheld: number
  /** Milliseconds since 1970 of the newest leaf that is shown. */
  readonly newestMs: number
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string
  readonly findings: readonly Finding[]
}

interface Progress {
  readonly header: BundleHeader
  readonly agency: string
  readonly policy: ParsedPolicy
  readonly follower: LogFollower
  readonly checkpoints: CheckpointShelf
  readonly claims: ClaimCollector
  readonly exchange: FactCollector
  readonly roots: Map<number, string>
  readonly evidence: EvidenceStore
  readonly access: AccessCheck
  readonly opened: Set<string>
  /** Made at the first leaf, when all checkpoints were read. */
  times: TimeCheck | undefined
  readonly classCounts: Record<LeafClass, number>
  readonly findings: FindingList
}

/**
 * Reads a bundle of a log that the policy names.
 *
 * @throws AUDIT_* as `readBundleLines`, `followLeaf` and `CheckpointShelf.take`: the first refusal ends the reading
 * @throws AUDIT_CHECKPOINT_ORIGIN when the policy does not name the log
 * @throws AUDIT_BUNDLE_LIMIT when more has to be kept than a reader holds
 */
export async function readWholeBundle(
  file: StreamedFile,
  policy: ParsedPolicy,
): Promise<BundleReading> {
  let progress: Progress | undefined
  const hash = createSha256()
  for await (const lines of readBundleLines(file.chunks(), hash)) {
    for (const line of lines) {
      const { record } = line
      if (record.record === 'bundle') progress = begin(file, record, policy)
      else if (progress === undefined) continue
      else if (record.record === 'checkpoint') await progress.checkpoints.take(record.note)
      else take(progress, line)
    }
  }
  if (progress === undefined) throw new AmanaError('AUDIT_BUNDLE_TRUNCATED', { line: 0 })
  return readingOf(progress, hexadecimal(hash.digest()))
}

function readingOf(progress: Progress, sha256: string): BundleReading {
  const { access, agency, checkpoints, classCounts, evidence, findings, header, opened, roots } =
    progress
  const newestMs = progress.follower.timeMs
  return {
    agency,
    checkpoints: checkpoints.all(),
    claims: progress.claims.collected(),
    evidence,
    exchange: progress.exchange.collected(),
    findings: [...findings.all(), ...(progress.times?.all() ?? []), ...access.all(newestMs)],
    header,
    newestMs,
    opened,
    roots,
    sha256,
    classCounts,
    shownCount: Object.values(classCounts).reduce((sum, count) => sum + count, 0),
    withheld: access.withheld,
  }
}

function begin(file: StreamedFile, header: BundleHeader, policy: ParsedPolicy): Progress {
  const log = logOf(policy, header.log)
  if (log === undefined) {
    const expected = policy.policy.logs.map(({ origin }) => origin).join(', ')
    throw new AmanaError('AUDIT_CHECKPOINT_ORIGIN', { expected })
  }
  const isWhole = header.range[0] === 0 && isFirstLog(header.log)
  const exchange = new FactCollector(log.agency, isWhole)
  const isKnown = isWhole && header.classes.includes('x') ? exchange : undefined
  return {
    header,
    agency: log.agency,
    policy,
    follower: new LogFollower(header.log, header.classes, header.range[0]),
    checkpoints: new CheckpointShelf(checkpointPolicyOf(policy, log)),
    claims: new ClaimCollector(),
    exchange,
    roots: new Map(),
    evidence: new EvidenceStore(file),
    access: new AccessCheck(
      log.agency,
      isKnown === undefined ? undefined : (fact) => isKnown.has(fact),
    ),
    opened: new Set(),
    times: undefined,
    classCounts: { a: 0, g: 0, w: 0, x: 0 },
    findings: new FindingList(),
  }
}

function take(progress: Progress, line: BundleLine): void {
  const { record } = line
  switch (record.record) {
    case 'leaf':
      takeLeaf(progress, record.bytes)
      return
    case 'node':
      takeHash(progress, record.level, record)
      return
    case 'hash':
      takeHash(progress, 0, record)
      return
    case 'evidence':
      progress.evidence.add(record, line)
      return
    case 'open':
      takeOpened(progress, record.disclosure, line)
      return
    case 'checkpoint':
    case 'bundle':
    case 'end':
  }
}

function takeLeaf(progress: Progress, bytes: string): void {
  const { hash, leaf } = progress.follower.take(bytes)
  progress.classCounts[leaf.class] += 1
  if (leaf.index === 0) checkGenesis(progress, encodeBase64url(hash))
  progress.times ??= new TimeCheck(progress.agency, progress.checkpoints.all())
  progress.times.take(leaf, progress.follower.timeMs)
  if (leaf.class === 'x') progress.exchange.take(leaf, hash)
  else progress.claims.take(leaf)
  progress.access.take(leaf, progress.follower.timeMs)
  if (leaf.event === 'w.seal') progress.roots.set(leaf.index + 1, rootText(progress))
  noteRoot(progress)
}

/** @throws AUDIT_BUNDLE_LIMIT when more are shown than a reader holds */
function takeOpened({ access, opened }: Progress, disclosure: string, { start }: BundleLine): void {
  access.show()
  opened.add(digest(disclosure))
  if (opened.size > AUDIT_LIMITS.bundleClaims) {
    throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: start })
  }
}

function takeHash(
  progress: Progress,
  level: number,
  { hash, index }: { readonly hash: string; readonly index: number },
): void {
  if (index === 0 && level === 0) checkGenesis(progress, hash)
  progress.follower.skip(level, hash)
  noteRoot(progress)
}

/** The first leaf is the one that the agency's roster, and so the policy, names. */
function checkGenesis({ agency: party, findings, header, policy }: Progress, hash: string): void {
  if (hash === logOf(policy, header.log)?.genesis) return
  const code = 'GENESIS_MISMATCH'
  findings.add({ code, severity: 'fail', level: 'LOCAL', party, where: 'index 0' })
}

/** Keeps the root where a checkpoint of this size waits for it. */
function noteRoot(progress: Progress): void {
  const { checkpoints, follower, roots } = progress
  if (checkpoints.hasSize(follower.size)) roots.set(follower.size, rootText(progress))
}

function rootText({ follower }: Progress): string {
  return encodeBase64url(follower.root())
}
