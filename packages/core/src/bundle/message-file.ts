/**
 * Writes and reads a message file, strictly: form, order, completeness and digest. Who signed what is for the verifier.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#message-file
 */
import { encodeBase64url } from '../bytes/base64.ts'
import { createSha256, digest, DigestSchema } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { encodeLine, parseLine, splitLines } from './lines.ts'
import {
  MESSAGE_EVIDENCE,
  type MessageEvidence,
  type MessageHeader,
  type MessageRecord,
  MessageRecordSchema,
} from './message-records.ts'

/** What a message file is made of, in its order. Nothing of it is verified. */
export interface MessageFile {
  readonly header: MessageHeader
  /** In the order of `MESSAGE_EVIDENCE`. */
  readonly evidence: readonly MessageEvidence[]
}

/** How far a file has come: its lines, and the last one. */
interface Progress {
  readonly line: number
  readonly last: MessageRecord | undefined
}

/**
 * A message file's lines as bytes, each with its newline.
 *
 * @yields one line at a time
 * @throws AUDIT_BUNDLE_LIMIT, AUDIT_BUNDLE_ORDER, AUDIT_EVIDENCE when the parts would make a file that its reader refuses
 */
export function* writeMessageFile({ header, evidence }: MessageFile): Generator<Uint8Array> {
  let progress: Progress = { line: 0, last: undefined }
  const hash = createSha256()
  for (const record of [header, ...evidence]) {
    progress = advance(progress, record)
    const line = encodeLine(record, progress.line)
    hash.update(line)
    yield line
  }
  const digestOfLines = DigestSchema.parse(encodeBase64url(hash.digest()))
  const end: MessageRecord = { evidence: evidence.length, record: 'end', sha256: digestOfLines }
  yield encodeLine(end, advance(progress, end).line)
}

/**
 * Reads a message file, given as bytes in pieces of any size, to its end.
 *
 * @throws AUDIT_BUNDLE_LIMIT when a line is too long or there are too many
 * @throws AUDIT_BUNDLE_RECORD when a line is not a record in canonical form
 * @throws AUDIT_BUNDLE_ORDER when a record may not stand where it stands
 * @throws AUDIT_EVIDENCE when content has another digest
 * @throws AUDIT_BUNDLE_DIGEST when the last record's count or digest is another
 * @throws AUDIT_BUNDLE_TRUNCATED when the last record or its newline is missing
 */
export async function readMessageFile(chunks: AsyncIterable<Uint8Array>): Promise<MessageFile> {
  let progress: Progress = { line: 0, last: undefined }
  let header: MessageHeader | undefined
  const evidence: MessageEvidence[] = []
  const hash = createSha256()
  for await (const bytes of splitLines(chunks)) {
    const record = parseLine(MessageRecordSchema, bytes, progress.line + 1)
    progress = advance(progress, record)
    if (record.record === 'end') {
      const { line } = progress
      assertEnd(record, { evidence: evidence.length, hash: hash.digest(), line })
    } else {
      hash.update(bytes)
    }
    if (record.record === 'message') header = record
    if (record.record === 'evidence') evidence.push(record)
  }
  if (header === undefined || progress.last?.record !== 'end') {
    throw new AmanaError('AUDIT_BUNDLE_TRUNCATED', { line: progress.line })
  }
  return { header, evidence }
}

function advance({ line: before, last }: Progress, record: MessageRecord): Progress {
  const line = before + 1
  if (line > AUDIT_LIMITS.messageFileRecords) throw new AmanaError('AUDIT_BUNDLE_LIMIT', { line })
  if (!mayFollow(last, record)) throw new AmanaError('AUDIT_BUNDLE_ORDER', { line })
  if (record.record === 'evidence') assertDigest(record, line)
  return { line, last: record }
}

/** The header first and once, evidence by kind, one presentation, one disclosure and only of it, and the end. */
function mayFollow(last: MessageRecord | undefined, next: MessageRecord): boolean {
  if (next.record === 'message') return last === undefined
  if (last === undefined || last.record === 'end') return false
  if (next.record === 'end') return true
  const before = last.record === 'evidence' ? last.kind : undefined
  if (next.kind === 'disclosure') return before === 'presentation'
  const [was, is] = [placeOf(before), placeOf(next.kind)]
  return next.kind === 'presentation' ? was < is : was <= is
}

function placeOf(kind: MessageEvidence['kind'] | undefined): number {
  return kind === undefined ? 0 : MESSAGE_EVIDENCE.indexOf(kind)
}

function assertDigest({ content, digest: named }: MessageEvidence, line: number): void {
  if (digest(typeof content === 'string' ? content : content.payload) !== named) {
    throw new AmanaError('AUDIT_EVIDENCE', { line })
  }
}

/** What the last record has to say. */
function assertEnd(
  { evidence, sha256: named }: Extract<MessageRecord, { record: 'end' }>,
  found: { readonly evidence: number; readonly hash: Uint8Array; readonly line: number },
): void {
  if (evidence !== found.evidence || named !== encodeBase64url(found.hash)) {
    throw new AmanaError('AUDIT_BUNDLE_DIGEST', { line: found.line })
  }
}
