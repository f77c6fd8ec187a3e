/**
 * Parts of own attachments that go by a carrier: of messages that were sent, as long as the peer does not say to have
 * them.
 *
 * @module
 * @spec docs/spec/10-attachments.md#by-carriers
 */
import { ATTACHMENT_LIMITS, encodeRange, rangeCount, rangeSpan } from '@amana/core'
import { logFetched } from '../blobs/serve.ts'
import { type NodeParts } from '../node-parts.ts'
import { type AttachmentRecord, eachRecord, RECORDS } from '../records.ts'
import { deliveryTo } from '../statements/deliveries.ts'

type Parts = Pick<NodeParts, 'audit' | 'blobs' | 'ledger' | 'store' | 'trust'>

/** One part. */
export interface LeavingRange {
  readonly digest: string
  readonly index: number
  /** Of the part. */
  readonly bytes: number
}

const PAGE_ROWS = 200
/** A deposit of a part of a mebibyte: base64 of its bucket, with what is around it. */
const DEPOSIT_SHARE = 1.45
const DEPOSIT_BYTES = 4096

/** The message left this node and was not refused, so that the peer may know the attachment. */
const LEFT: ReadonlySet<string> = new Set(['sent', 'held', 'opened'])

/**
 * In the order of digests and places; of one attachment that several messages name once.
 *
 * @yields each that the peer may lack
 * @throws TRUST_NO_CHARTER, STORE_DAMAGED
 */
export async function* leavingRanges(parts: Parts): AsyncGenerator<LeavingRange> {
  let last = ''
  for await (const { key, value } of eachRecord(parts.store, RECORDS.attachment, {
    limit: PAGE_ROWS,
  })) {
    const [digest = '', statement = ''] = key.split('/')
    if (digest === last || !(await isLeaving(parts, statement, value))) continue
    last = digest
    if (await parts.blobs.has(digest, value.length)) yield* rangesOf(digest, value)
  }
}

function* rangesOf(
  digest: string,
  { length, missing = [[0, rangeCount(length)]] }: AttachmentRecord,
): Generator<LeavingRange> {
  for (const [from = 0, to = 0] of missing) {
    for (let index = from; index < Math.min(to, rangeCount(length)); index += 1) {
      yield { digest, index, bytes: rangeSpan(length, index).length }
    }
  }
}

async function isLeaving(
  { ledger, trust }: Parts,
  statement: string,
  { direction, peer }: AttachmentRecord,
): Promise<boolean> {
  if (direction !== 'out' || peer !== trust.peer()) return false
  const record = await ledger.get(statement)
  if (record === undefined || record.withdrawal !== undefined) return false
  return LEFT.has((deliveryTo(record, record.desk) ?? record).state)
}

/** How many there are, and about how many bytes their files have. */
export async function rangesLeaving(
  parts: Parts,
): Promise<{ readonly ranges: number; readonly rangeBytes: number }> {
  let [ranges, rangeBytes] = [0, 0]
  for await (const { bytes } of leavingRanges(parts)) {
    ranges += 1
    rangeBytes += Math.ceil(bytes * DEPOSIT_SHARE) + DEPOSIT_BYTES
  }
  return { ranges, rangeBytes }
}

/** The body of a part, once the leaf that it leaves is durable; nothing where the file has gone. @throws STORE_BLOB */
export async function readRange(
  parts: Parts,
  { digest, index }: Pick<LeavingRange, 'digest' | 'index'>,
): Promise<Uint8Array | undefined> {
  const { blobs, trust } = parts
  const sent = await logFetched(parts, digest, trust.peer())
  if (sent === undefined || !(await blobs.has(digest, sent.length))) return undefined
  const salt = await blobs.piece(digest, { offset: 0, length: ATTACHMENT_LIMITS.saltBytes })
  const bytes = await blobs.piece(digest, rangeSpan(sent.length, index))
  return encodeRange({ digest, salt, index, bytes })
}
