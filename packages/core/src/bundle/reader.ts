/**
 * Reads an evidence bundle as a stream, strictly: form, order, completeness and digest. Who signed what is for the
 * verifier, which sees every record before the last one has confirmed the file: it must hear the end.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */
import { encodeBase64url } from '../bytes/base64.ts'
import { createSha256, type Sha256Stream } from '../crypto/digest.ts'
import { AmanaError, isAnyAmanaError } from '../errors.ts'
import { type BundleLine, recordsOfBlock } from './block.ts'
import { parseLine, splitBlocks, splitLines } from './lines.ts'
import { advanceBundle, BUNDLE_START, type BundleProgress, isOfDigest } from './progress.ts'
import { type BundleRecord, BundleRecordSchema, type EvidenceRecord } from './records.ts'

/**
 * The records of a bundle, given as bytes in pieces of any size.
 *
 * @yields one record at a time; the last is `end`, and without it nothing that came before may be relied on
 * @throws as `readBundleLines`
 */
export async function* readBundle(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<BundleRecord> {
  for await (const lines of readBundleLines(chunks)) {
    for (const { record } of lines) yield record
  }
}

/**
 * The lines of a bundle in groups, at most 8 KiB of them or one long line, for who reads millions. `hash` is given
 * every byte: at the end its digest is that of the file.
 *
 * @yields some lines, in their order; the last one is `end`, and without it nothing that came before may be relied on
 * @throws AUDIT_BUNDLE_LIMIT when a line is too long or there are too many
 * @throws AUDIT_BUNDLE_RECORD when a line is not a record in canonical form
 * @throws AUDIT_BUNDLE_ORDER, AUDIT_INDEX_GAP, AUDIT_DISCLOSURE, AUDIT_EVIDENCE, AUDIT_BUNDLE_EMPTY as `advanceBundle`
 * @throws AUDIT_BUNDLE_DIGEST when the last record's counts or digest are others
 * @throws AUDIT_BUNDLE_TRUNCATED when the last record or its newline is missing
 */
export async function* readBundleLines(
  chunks: AsyncIterable<Uint8Array>,
  hash: Sha256Stream = createSha256(),
): AsyncGenerator<readonly BundleLine[]> {
  const reading: Reading = { hash, offset: 0, progress: BUNDLE_START }
  let ended = false
  for await (const block of splitBlocks(chunks)) {
    const lines: BundleLine[] = []
    const refusal = readBlock(reading, block, lines)
    if (lines.length > 0) yield lines
    ended = lines.at(-1)?.record.record === 'end'
    if (refusal !== undefined) throw refusal
  }
  if (!ended) throw new AmanaError('AUDIT_BUNDLE_TRUNCATED', { line: reading.progress.line })
}

/**
 * One line of evidence by itself, as it is read a second time; nothing where the line is no evidence.
 *
 * @throws AUDIT_BUNDLE_LIMIT, AUDIT_BUNDLE_RECORD, AUDIT_BUNDLE_TRUNCATED as `readBundleLines`
 */
export async function readEvidenceLine(
  chunks: AsyncIterable<Uint8Array>,
): Promise<EvidenceRecord | undefined> {
  for await (const line of splitLines(chunks)) {
    const record = parseLine(BundleRecordSchema, line, 1)
    return record.record === 'evidence' && isOfDigest(record) ? record : undefined
  }
  return undefined
}

interface Reading {
  readonly hash: Sha256Stream
  offset: number
  progress: BundleProgress
}

/** Adds the lines of a block up to the first that is refused: what comes before it may be refused for more. */
function readBlock(reading: Reading, block: Uint8Array, lines: BundleLine[]): Error | undefined {
  const { offset } = reading
  const place = { line: reading.progress.line + 1, offset }
  let hashed = 0
  try {
    for (const line of recordsOfBlock(block, place)) {
      reading.progress = advanceBundle(reading.progress, line.record)
      if (line.record.record === 'end') {
        reading.hash.update(block.subarray(0, line.start - offset))
        hashed = line.start - offset
        assertEnd(reading.progress, line.record, encodeBase64url(reading.hash.digest()))
      }
      lines.push(line)
    }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return error
  }
  reading.hash.update(block.subarray(hashed))
  reading.offset += block.length
  return undefined
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
