/**
 * Writes an evidence bundle line by line; nothing is held but counts and a running digest.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#bundle
 */
import { encodeBase64url } from '../bytes/base64.ts'
import { createSha256, DigestSchema } from '../crypto/digest.ts'
import { encodeLine } from './lines.ts'
import { advanceBundle, BUNDLE_START } from './progress.ts'
import {
  type BundleHeader,
  type BundleRecord,
  type EvidenceRecord,
  type TreeRecord,
} from './records.ts'

/** What a bundle is made of, in its order. */
export interface BundleParts {
  readonly header: BundleHeader
  /** Checkpoints as signed notes, the one of the bundle's size among them. */
  readonly notes: Iterable<string>
  /** From `treeRecords`. */
  readonly tree: AsyncIterable<TreeRecord>
  readonly evidence: Iterable<EvidenceRecord> | AsyncIterable<EvidenceRecord>
}

/**
 * A bundle's lines as bytes, each with its newline.
 *
 * @yields one line at a time
 * @throws AUDIT_BUNDLE_LIMIT, AUDIT_BUNDLE_ORDER, AUDIT_INDEX_GAP, AUDIT_EVIDENCE, AUDIT_BUNDLE_EMPTY when the parts
 * would make a bundle that its own reader refuses
 */
export async function* writeBundle(parts: BundleParts): AsyncGenerator<Uint8Array> {
  let progress = BUNDLE_START
  const hash = createSha256()
  for await (const record of recordsOf(parts)) {
    progress = advanceBundle(progress, record)
    const line = encodeLine(record, progress.line)
    hash.update(line)
    yield line
  }
  const digestOfLines = DigestSchema.parse(encodeBase64url(hash.digest()))
  const end: BundleRecord = { ...progress.counts, record: 'end', sha256: digestOfLines }
  yield encodeLine(end, advanceBundle(progress, end).line)
}

/** @yields all records but the last */
async function* recordsOf(parts: BundleParts): AsyncGenerator<BundleRecord> {
  yield parts.header
  for (const note of parts.notes) yield { note, record: 'checkpoint' }
  yield* parts.tree
  yield* parts.evidence
}
