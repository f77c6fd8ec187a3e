/**
 * The order of a bundle: what may follow what. Writer and reader go through the same checks, record by record.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#order
 */
import { parseLeaf } from '../audit/leaf.ts'
import { readDisclosure } from '../audit/leaf-disclosure.ts'
import { decodeBase64url } from '../bytes/base64.ts'
import { digest } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import {
  type BundleCounts,
  type BundleHeader,
  type BundleRecord,
  type EvidenceRecord,
} from './records.ts'

const PHASES = {
  bundle: 0,
  checkpoint: 1,
  node: 2,
  hash: 2,
  leaf: 2,
  open: 2,
  evidence: 3,
  end: 4,
} as const

const COUNTERS = {
  checkpoint: 'checkpoints',
  node: 'nodes',
  hash: 'hashes',
  leaf: 'leaves',
  open: 'opens',
  evidence: 'evidence',
} as const

/** How far a bundle has come. */
export interface BundleProgress {
  /** Lines so far. */
  readonly line: number
  readonly header: BundleHeader | undefined
  readonly phase: number
  /** Index of the leaf that the next tree record has to begin with. */
  readonly next: number
  readonly counts: BundleCounts
  /** The leaf directly before, whose disclosures may follow. */
  readonly openable: { readonly index: number; readonly bytes: string } | undefined
}

/** Before the first line. */
export const BUNDLE_START: BundleProgress = {
  line: 0,
  header: undefined,
  phase: 0,
  next: 0,
  counts: { checkpoints: 0, evidence: 0, hashes: 0, leaves: 0, nodes: 0, opens: 0 },
  openable: undefined,
}

/**
 * Takes the next record.
 *
 * @throws AUDIT_BUNDLE_LIMIT when there are too many records
 * @throws AUDIT_BUNDLE_ORDER when this record may not stand here
 * @throws AUDIT_INDEX_GAP when leaves are missing before it, twice, or it is not aligned
 * @throws AUDIT_DISCLOSURE as `readDisclosure`
 * @throws AUDIT_EVIDENCE when the content has another digest
 * @throws AUDIT_BUNDLE_EMPTY when the bundle ends without a leaf
 */
export function advanceBundle(progress: BundleProgress, record: BundleRecord): BundleProgress {
  const started = { ...progress, line: progress.line + 1 }
  if (started.line > AUDIT_LIMITS.bundleRecords) {
    throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line: started.line })
  }
  assertPhase(started, record)
  const entered = count({ ...started, phase: PHASES[record.record] }, record)
  switch (record.record) {
    case 'bundle':
      return { ...entered, header: record }
    case 'node':
    case 'hash':
    case 'leaf':
      return takeTreeRecord(entered, record)
    case 'open':
      return takeDisclosure(entered, record)
    case 'evidence':
      return takeEvidence(entered, record)
    case 'end':
      return takeEnd(entered)
    case 'checkpoint':
      break
  }
  return entered
}

/** The header stands first and once; the kinds follow each other and never go back; nothing follows the end. */
function assertPhase(progress: BundleProgress, record: BundleRecord): void {
  const isHeader = record.record === 'bundle'
  const isBack = PHASES[record.record] < progress.phase
  if (isHeader !== (progress.line === 1) || isBack || progress.phase === PHASES.end) {
    throw orderRefusal(progress)
  }
}

function count(progress: BundleProgress, record: BundleRecord): BundleProgress {
  if (record.record === 'bundle' || record.record === 'end') return progress
  const name = COUNTERS[record.record]
  return { ...progress, counts: { ...progress.counts, [name]: progress.counts[name] + 1 } }
}

function takeTreeRecord(
  progress: BundleProgress,
  record: Extract<BundleRecord, { record: 'node' | 'hash' | 'leaf' }>,
): BundleProgress {
  const width = record.record === 'node' ? 2 ** record.level : 1
  const { header, next } = progress
  const isAligned = record.index % width === 0
  if (record.index !== next || !isAligned || header === undefined || next + width > header.size) {
    throw new AmanaError('AUDIT_INDEX_GAP', { expected: next, found: record.index })
  }
  if (record.record !== 'leaf') return { ...progress, next: next + width, openable: undefined }
  const [from, to] = header.range
  if (record.index < from || record.index >= to) throw orderRefusal(progress)
  return { ...progress, next: next + 1, openable: { index: record.index, bytes: record.bytes } }
}

function takeDisclosure(
  progress: BundleProgress,
  record: Extract<BundleRecord, { record: 'open' }>,
): BundleProgress {
  const { openable } = progress
  if (openable?.index !== record.index) throw orderRefusal(progress)
  readDisclosure(parseLeaf(decodeBase64url(openable.bytes)), record.disclosure)
  return progress
}

function takeEvidence(progress: BundleProgress, record: EvidenceRecord): BundleProgress {
  assertTreeComplete(progress)
  if (!isOfDigest(record)) {
    throw new AmanaError('AUDIT_EVIDENCE', { line: progress.line })
  }
  return progress
}

/** Whether the content has the digest that the record names. */
export function isOfDigest({ content, digest: named }: EvidenceRecord): boolean {
  return digest(typeof content === 'string' ? content : content.payload) === named
}

function takeEnd(progress: BundleProgress): BundleProgress {
  assertTreeComplete(progress)
  if (progress.counts.leaves === 0) throw new AmanaError('AUDIT_BUNDLE_EMPTY', {})
  return progress
}

function assertTreeComplete({ header, next }: BundleProgress): void {
  const size = header?.size ?? 0
  if (next !== size) throw new AmanaError('AUDIT_INDEX_GAP', { expected: next, found: size })
}

function orderRefusal(progress: BundleProgress): AmanaError {
  return new AmanaError('AUDIT_BUNDLE_ORDER', { line: progress.line })
}
