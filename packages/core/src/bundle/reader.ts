/**
 * Reads an evidence bundle as a stream, strictly: form, order, completeness and digest. Who signed what is for the
 * verifier, which sees every record before the last one has confirmed the file: it must hear the end.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeBase64url } from '../bytes/base64.ts'
import { AmanaError } from '../errors.ts'
import { parseLine, splitLines } from './lines.ts'
import { advanceBundle, BUNDLE_START, type BundleProgress } from './progress.ts'
import { type BundleRecord, BundleRecordSchema } from './records.ts'

/**
 * The records of a bundle, given as bytes in pieces of any size.
 *
 * @yields one record at a time; the last is `end`, and without it nothing that came before may be relied on
 * @throws AUDIT_BUNDLE_LIMIT when a line is too long or there are too many
 * @throws AUDIT_BUNDLE_RECORD when a line is not a record in canonical form
 * @throws AUDIT_BUNDLE_ORDER, AUDIT_INDEX_GAP, AUDIT_DISCLOSURE, AUDIT_EVIDENCE, AUDIT_BUNDLE_EMPTY as `advanceBundle`
 * @throws AUDIT_BUNDLE_DIGEST when the last record's counts or digest are others
 * @throws AUDIT_BUNDLE_TRUNCATED when the last record or its newline is missing
 */
export async function* readBundle(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<BundleRecord> {
  let progress = BUNDLE_START
  let ended = false
  const hash = sha256.create()
  for await (const line of splitLines(chunks)) {
    const record = parseLine(BundleRecordSchema, line, progress.line + 1)
    progress = advanceBundle(progress, record)
    if (record.record === 'end') {
      assertEnd(progress, record, encodeBase64url(hash.digest()))
      ended = true
    } else {
      hash.update(line)
    }
    yield record
  }
  if (!ended) throw new AmanaError('AUDIT_BUNDLE_TRUNCATED', { line: progress.line })
}

function assertEnd(
  { counts, line }: BundleProgress,
  end: Extract<BundleRecord, { record: 'end' }>,
  digestOfLines: string,
): void {
  const isCounted = COUNTERS.every((name) => end[name] === counts[name])
  if (!isCounted || end.sha256 !== digestOfLines) {
    throw new AmanaError('AUDIT_BUNDLE_DIGEST', { line })
  }
}

const COUNTERS = ['checkpoints', 'evidence', 'hashes', 'leaves', 'nodes', 'opens'] as const
