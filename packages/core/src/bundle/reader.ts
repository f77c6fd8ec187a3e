/**
 * Reads an evidence bundle as a stream, strictly: form, order, completeness and digest. Who signed what is for the
 * verifier, which sees every record before the last one has confirmed the file: it must hear the end.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { parseCanonical } from '../bytes/jcs.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { advanceBundle, BUNDLE_START, type BundleProgress } from './progress.ts'
import { type BundleRecord, BundleRecordSchema } from './records.ts'

const NEWLINE = 0x0a

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
    const record = parseRecord(line, progress.line + 1)
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

/**
 * Cuts bytes into lines, each with its newline; holds at most one line.
 *
 * @yields one line at a time
 */
async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun = NOTHING
  let line = 1
  for await (const chunk of chunks) {
    let rest = chunk
    for (let end = rest.indexOf(NEWLINE); end !== -1; end = rest.indexOf(NEWLINE)) {
      assertLineLength(begun.sizeBytes + end + 1, line)
      yield concatBytes(begun.memory.subarray(0, begun.sizeBytes), rest.subarray(0, end + 1))
      begun = NOTHING
      line += 1
      rest = rest.subarray(end + 1)
    }
    assertLineLength(begun.sizeBytes + rest.length, line)
    begun = continued(begun, rest)
  }
  if (begun.sizeBytes > 0) throw new AmanaError('AUDIT_BUNDLE_TRUNCATED', { line })
}

/** A line whose end has not come yet: the first bytes of the memory. */
interface BegunLine {
  readonly memory: Uint8Array
  readonly sizeBytes: number
}

const NOTHING: BegunLine = { memory: new Uint8Array(), sizeBytes: 0 }

/** Memory grows by doubling: a line that comes byte by byte costs no more than one that comes whole. */
function continued({ memory, sizeBytes }: BegunLine, part: Uint8Array): BegunLine {
  const needed = sizeBytes + part.length
  const enough = needed > memory.length ? new Uint8Array(2 * needed) : memory
  if (enough !== memory) enough.set(memory.subarray(0, sizeBytes))
  enough.set(part, sizeBytes)
  return { memory: enough, sizeBytes: needed }
}

function parseRecord(line: Uint8Array, number: number): BundleRecord {
  const parsed = BundleRecordSchema.safeParse(parseLine(line, number))
  if (parsed.success) return parsed.data
  throw new AmanaError('AUDIT_BUNDLE_RECORD', { line: number })
}

function parseLine(line: Uint8Array, number: number): unknown {
  try {
    return parseCanonical(line.subarray(0, -1), AUDIT_LIMITS.bundleLineBytes)
  } catch (cause) {
    throw new AmanaError('AUDIT_BUNDLE_RECORD', { line: number }, { cause })
  }
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

function assertLineLength(sizeBytes: number, line: number): void {
  if (sizeBytes > AUDIT_LIMITS.bundleLineBytes) {
    throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line })
  }
}
