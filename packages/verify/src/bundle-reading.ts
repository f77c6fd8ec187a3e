/**
 * The first pass over a bundle: its records in their order, the leaves one after the other, the tree, the signatures of
 * the log. What is kept is what later checks need; leaves of other classes are forgotten when they are hashed.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifier
 */
import {
  AmanaError,
  type BundleHeader,
  type BundleRecord,
  decodeBase64url,
  encodeBase64url,
  type EvidenceRecord,
  followClasses,
  followLeaf,
  type Leaf,
  type LogCursor,
  readBundle,
  rootOf,
  signaturesDigest,
  skipSubtree,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from '@amana/core'
import { type Finding } from './findings.ts'
import { checkpointPolicyOf, logOf, type ParsedPolicy } from './policy.ts'

/** A leaf that later checks read, with the hash that receipts and proofs name it by. */
export interface ReadLeaf {
  readonly leaf: Leaf
  /** base64url. */
  readonly hash: string
}

/**
 * Evidence by kind and digest, in its order. Signed objects of one digest are told apart by the digest of their
 * signatures; of a text there is only one.
 */
export type Evidence = ReadonlyMap<string, ReadonlyMap<string, EvidenceRecord>>

/** A bundle that was read to its end. Nothing of the evidence is verified yet. */
export interface BundleReading {
  readonly header: BundleHeader
  /** Whose log it is. */
  readonly agency: string
  /** Signed by both keys of the log; cosignatures by known witnesses verified. */
  readonly checkpoints: readonly VerifiedCheckpoint[]
  /** Leaves of the classes g, w and x, without padding. */
  readonly leaves: readonly ReadLeaf[]
  /** Roots in base64url by the size of the tree: wherever a seal or a checkpoint stands. */
  readonly roots: ReadonlyMap<number, string>
  readonly evidence: Evidence
  readonly shownCount: number
  /** Milliseconds since 1970 of the newest leaf that is shown. */
  readonly newestMs: number
  readonly findings: readonly Finding[]
}

interface Progress {
  readonly header: BundleHeader
  readonly agency: string
  readonly policy: ParsedPolicy
  cursor: LogCursor
  readonly checkpoints: VerifiedCheckpoint[]
  readonly checkpointSizes: Set<number>
  readonly leaves: ReadLeaf[]
  readonly roots: Map<number, string>
  readonly evidence: Map<string, Map<string, EvidenceRecord>>
  shownCount: number
  readonly findings: Finding[]
}

/**
 * Reads a bundle of a log that the policy names.
 *
 * @throws AUDIT_* as `readBundle`, `followLeaf` and `verifyCheckpoint`: the first refusal ends the reading
 * @throws AUDIT_CHECKPOINT_ORIGIN when the policy does not name the log
 */
export async function readWholeBundle(
  chunks: AsyncIterable<Uint8Array>,
  policy: ParsedPolicy,
): Promise<BundleReading> {
  let progress: Progress | undefined
  for await (const record of readBundle(chunks)) {
    if (record.record === 'bundle') progress = begin(record, policy)
    else if (progress !== undefined) await take(progress, record)
  }
  if (progress === undefined) throw new AmanaError('AUDIT_BUNDLE_TRUNCATED', { line: 0 })
  const { cursor, ...reading } = progress
  return { ...reading, newestMs: cursor.timeMs }
}

function begin(header: BundleHeader, policy: ParsedPolicy): Progress {
  const log = logOf(policy, header.log)
  if (log === undefined) {
    const expected = policy.policy.logs.map(({ origin }) => origin).join(', ')
    throw new AmanaError('AUDIT_CHECKPOINT_ORIGIN', { expected })
  }
  return {
    header,
    agency: log.agency,
    policy,
    cursor: followClasses(header.log, header.classes, header.range[0]),
    checkpoints: [],
    checkpointSizes: new Set(),
    leaves: [],
    roots: new Map(),
    evidence: new Map(),
    shownCount: 0,
    findings: [],
  }
}

async function take(progress: Progress, record: BundleRecord): Promise<void> {
  switch (record.record) {
    case 'checkpoint':
      await takeCheckpoint(progress, record.note)
      return
    case 'leaf':
      takeLeaf(progress, record)
      return
    case 'node':
    case 'hash':
      takeHash(progress, record)
      return
    case 'evidence':
      takeEvidence(progress, record)
      return
    case 'bundle':
    case 'open':
    case 'end':
  }
}

async function takeCheckpoint(progress: Progress, note: string): Promise<void> {
  const log = logOf(progress.policy, progress.header.log)
  if (log === undefined) throw new AmanaError('AUDIT_CHECKPOINT_ORIGIN', { expected: '' })
  const checkpoint = await verifyCheckpoint(note, checkpointPolicyOf(progress.policy, log))
  progress.checkpoints.push(checkpoint)
  progress.checkpointSizes.add(checkpoint.size)
}

function takeLeaf(
  progress: Progress,
  { bytes, index }: Extract<BundleRecord, { record: 'leaf' }>,
): void {
  const followed = followLeaf(progress.cursor, decodeBase64url(bytes))
  progress.cursor = followed.cursor
  progress.shownCount += 1
  const { leaf, placed } = followed
  const hash = encodeBase64url(placed.hash)
  if (index === 0) checkGenesis(progress, hash)
  if (leaf.class !== 'a' && leaf.event !== 'w.pad') progress.leaves.push({ leaf, hash })
  if (leaf.event === 'w.seal') progress.roots.set(index + 1, rootText(progress.cursor))
  noteRoot(progress)
}

function takeHash(
  progress: Progress,
  record: Extract<BundleRecord, { record: 'node' | 'hash' }>,
): void {
  const level = record.record === 'node' ? record.level : 0
  if (record.index === 0 && level === 0) checkGenesis(progress, record.hash)
  progress.cursor = skipSubtree(progress.cursor, level, decodeBase64url(record.hash))
  noteRoot(progress)
}

/** The same object twice is one; the digest is over what is signed, so others differ in their signatures only. */
function takeEvidence({ evidence }: Progress, record: EvidenceRecord): void {
  const name = `${record.kind} ${record.digest}`
  const alike = evidence.get(name) ?? new Map<string, EvidenceRecord>()
  const { content } = record
  const signatures = typeof content === 'string' ? '' : signaturesDigest(content)
  evidence.set(name, alike.set(signatures, record))
}

/** The first leaf is the one that the agency's roster, and so the policy, names. */
function checkGenesis(progress: Progress, hash: string): void {
  if (hash !== logOf(progress.policy, progress.header.log)?.genesis) {
    progress.findings.push(ofLog(progress, 'GENESIS_MISMATCH', 'index 0'))
  }
}

/** Keeps the root where a checkpoint of this size waits for it. */
function noteRoot({ cursor, checkpointSizes, roots }: Progress): void {
  const { size } = cursor.range
  if (checkpointSizes.has(size)) roots.set(size, rootText(cursor))
}

function rootText({ range }: LogCursor): string {
  return encodeBase64url(rootOf(range))
}

function ofLog(
  { agency }: Pick<Progress, 'agency'>,
  code: Finding['code'],
  where: string,
): Finding {
  return { code, severity: 'fail', level: 'LOCAL', party: agency, where }
}
