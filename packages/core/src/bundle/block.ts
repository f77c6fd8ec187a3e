/**
 * The records of a block of lines. Leaves and hashes, of which a log has millions, are recognised by their one spelling;
 * every other line, and every line that is not exactly so spelled, goes through the reader of canonical JSON.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */
import { isAnyAmanaError } from '../errors.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import { type Digest } from '../crypto/digest.ts'
import { parseLine } from './lines.ts'
import { type BundleRecord, BundleRecordSchema, LEAF_CHARS } from './records.ts'

/** A record, and which bytes of the file its line is, from `start` to before `end`. */
export interface BundleLine {
  readonly record: BundleRecord
  readonly start: number
  readonly end: number
}

const NEWLINE = 0x0a
const LEAF_LINE =
  /\{"bytes":"(?<bytes>[A-Za-z0-9_-]+)","index":(?<index>0|[1-9][0-9]{0,14}),"record":"leaf"\}\n/y
const HASH_LINE =
  /\{"hash":"(?<hash>[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])","index":(?<index>0|[1-9][0-9]{0,14}),(?:"level":(?<level>[1-9]|[1-4][0-9]|5[0-2]),)?"record":"(?<record>hash|node)"\}\n/y

/**
 * The lines of a block, in their order, `line` being the number of the first one.
 *
 * @yields one record at a time
 * @throws AUDIT_BUNDLE_RECORD when a line is not a record in canonical form
 */
export function* recordsOfBlock(
  block: Uint8Array,
  place: { readonly line: number; readonly offset: number },
): Generator<BundleLine> {
  const text = asciiOf(block)
  let { line } = place
  for (let start = 0; start < block.length; line += 1) {
    const end = block.indexOf(NEWLINE, start) + 1
    const record =
      spelledOut(text, start, end) ??
      parseLine(BundleRecordSchema, block.subarray(start, end), line)
    yield { record, start: place.offset + start, end: place.offset + end }
    start = end
  }
}

/** The text whose characters are the bytes; nothing where a character takes several. */
function asciiOf(block: Uint8Array): string {
  try {
    const text = decodeUtf8(block)
    return text.length === block.length ? text : ''
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return ''
  }
}

function spelledOut(text: string, start: number, end: number): BundleRecord | undefined {
  return leafAt(text, start, end) ?? hashAt(text, start, end)
}

function leafAt(text: string, start: number, end: number): BundleRecord | undefined {
  LEAF_LINE.lastIndex = start
  const found = LEAF_LINE.exec(text)
  const [, bytes = '', index] = found ?? []
  if (found === null || LEAF_LINE.lastIndex !== end || bytes.length > LEAF_CHARS) return undefined
  return { bytes, index: Number(index), record: 'leaf' }
}

function hashAt(text: string, start: number, end: number): BundleRecord | undefined {
  HASH_LINE.lastIndex = start
  const [, hash, index, level, record] = HASH_LINE.exec(text) ?? []
  if (!isDigest(hash) || HASH_LINE.lastIndex !== end) return undefined
  if (record === 'hash' && level === undefined) return { hash, index: Number(index), record }
  if (record !== 'node' || level === undefined) return undefined
  return { hash, index: Number(index), level: Number(level), record }
}

/** The pattern holds what a digest is. */
function isDigest(hash: string | undefined): hash is Digest {
  return hash !== undefined
}
