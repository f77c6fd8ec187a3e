/**
 * Lines of evidence files: one canonical JSON object each, ended by one newline, read and written as a stream.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#bundle
 */
import { type z } from 'zod'
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical, type Json, parseCanonical } from '../bytes/jcs.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'

const NEWLINE = 0x0a

/**
 * Cuts bytes into lines, each with its newline; holds at most one line.
 *
 * @yields one line at a time
 * @throws AUDIT_BUNDLE_LIMIT when a line is too long
 * @throws AUDIT_BUNDLE_TRUNCATED when the last newline is missing
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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

/**
 * Every record of a block is held at a time. Longer ones make nothing faster, and let an engine take records for lasting
 * ones: it then keeps the text of every block until it looks for what is garbage, some 80 MB of it.
 */
const BLOCK_BYTES = 8192

/**
 * Cuts bytes into blocks of whole lines: many short ones, or a long one alone.
 *
 * @yields bytes that end with a newline
 * @throws AUDIT_BUNDLE_LIMIT when a line is too long
 * @throws AUDIT_BUNDLE_TRUNCATED when the last newline is missing
 */
export async function* splitBlocks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun = NOTHING
  let line = 1
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += BLOCK_BYTES) {
      const part = chunk.subarray(start, start + BLOCK_BYTES)
      const end = part.lastIndexOf(NEWLINE) + 1
      assertLineLength(
        begun.sizeBytes + (end === 0 ? part.length : part.indexOf(NEWLINE) + 1),
        line,
      )
      if (end > 0) {
        const block = concatBytes(begun.memory.subarray(0, begun.sizeBytes), part.subarray(0, end))
        line += countOf(block)
        begun = NOTHING
        yield block
      }
      begun = continued(begun, part.subarray(end))
    }
  }
  if (begun.sizeBytes > 0) throw new AmanaError('AUDIT_BUNDLE_TRUNCATED', { line })
}

function countOf(block: Uint8Array): number {
  let lines = 0
  for (let end = block.indexOf(NEWLINE); end !== -1; end = block.indexOf(NEWLINE, end + 1)) {
    lines += 1
  }
  return lines
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

/** Reads one line, newline included, as a record. @throws AUDIT_BUNDLE_RECORD when it is none in canonical form */
export function parseLine<S extends z.ZodType>(
  schema: S,
  bytes: Uint8Array,
  line: number,
): z.output<S> {
  const parsed = schema.safeParse(parseCanonicalLine(bytes, line))
  if (parsed.success) return parsed.data
  throw new AmanaError('AUDIT_BUNDLE_RECORD', { line })
}

/** A record as a line with its newline. @throws AUDIT_BUNDLE_LIMIT when it is too long */
export function encodeLine(record: Json, line: number): Uint8Array {
  const bytes = concatBytes(encodeCanonical(record), Uint8Array.of(NEWLINE))
  assertLineLength(bytes.length, line)
  return bytes
}

function parseCanonicalLine(bytes: Uint8Array, line: number): unknown {
  try {
    return parseCanonical(bytes.subarray(0, -1), AUDIT_LIMITS.bundleLineBytes)
  } catch (cause) {
    throw new AmanaError('AUDIT_BUNDLE_RECORD', { line }, { cause })
  }
}

function assertLineLength(sizeBytes: number, line: number): void {
  if (sizeBytes > AUDIT_LIMITS.bundleLineBytes) {
    throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line })
  }
}
