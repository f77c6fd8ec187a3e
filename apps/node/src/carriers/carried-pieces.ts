/**
 * What carriers bring of attachments, and what is said of it: ranges are checked and put together, and the own node signs
 * which of them lack.
 *
 * @module
 * @spec docs/spec/10-attachments.md#by-carriers
 */
import {
  AmanaError,
  type Attachment,
  AttachmentOpener,
  assertRange,
  canonicalize,
  digest as digestOf,
  DigestSchema,
  encodeCanonical,
  type ErrorCode,
  isAnyAmanaError,
  MOST_PIECES,
  parseCanonical,
  parsePieces,
  parseRange,
  type PiecesContent,
  signPieces,
  verifyPieces,
  WIRE_LIMITS,
} from '@amana/core'
import { absorb, gapsOf, keepRange } from '../blobs/kept-ranges.ts'
import { resume } from '../blobs/pull.ts'
import { settleAttachment } from '../blobs/settle.ts'
import { type NodeParts } from '../node-parts.ts'
import { type StoreWrite } from '../ports.ts'
import { getRecord, listRecords, putRecord, RECORDS, type StatementRecord } from '../records.ts'
import {
  attachmentKey,
  naming,
  type Wanted,
  wantedFrom,
  wantedOf,
} from '../statements/attachment-rows.ts'
import { attachmentsIn } from '../statements/statement-values.ts'

type Parts = Pick<
  NodeParts,
  | 'agency'
  | 'audit'
  | 'blobs'
  | 'clock'
  | 'inbox'
  | 'keys'
  | 'ledger'
  | 'peerId'
  | 'store'
  | 'trust'
>

/** What became whole is said for so long: the other side may not have heard it. */
const SAID_SECONDS = 30 * 86_400
const PAGE = { limit: MOST_PIECES, which: 'all' } as const
const WORD_BYTES = 2 * WIRE_LIMITS.dispatchPayloadBytes

/** What this node has to say of the peer’s attachments, and what it says each time the same. */
export interface Word {
  readonly id: string
  sign(): Promise<Uint8Array>
}

/** Nothing where no attachment waits, and none became whole by a carrier of late. @throws STORE_DAMAGED */
export async function ownWord(parts: Parts): Promise<Word | undefined> {
  const { agency, clock, keys, peerId: node } = parts
  const items = await itemsOf(parts)
  if (items.length === 0) return undefined
  const id = digestOf(canonicalize(items.map(({ digest, missing }) => ({ digest, missing }))))
  const sign = async (): Promise<Uint8Array> => {
    const issuedAt = clock.now()
    const content: PiecesContent = { from: { agency, node }, issuedAt, items, v: 1 }
    const { payload, signatures } = await signPieces(content, keys.sealKey)
    return encodeCanonical({ payload, signatures: signatures.map((one) => ({ ...one })) })
  }
  return { id, sign }
}

async function itemsOf({ blobs, clock, store, trust }: Parts): Promise<PiecesContent['items']> {
  const items = new Map<string, PiecesContent['items'][number]>()
  for (const { digest, length } of await wantedFrom(store, trust.peer(), PAGE)) {
    const missing = await gapsOf(blobs, digest, length)
    items.set(digest, { digest: digestIn(digest), missing })
  }
  const oldest = clock.now() - SAID_SECONDS
  const pieced = await listRecords(store, RECORDS.pieced, { limit: MOST_PIECES })
  for (const { key: digest, value } of pieced) {
    if (value.at < oldest || items.size === MOST_PIECES || items.has(digest)) continue
    items.set(digest, { digest: digestIn(digest), missing: [] })
  }
  return [...items.values()]
}

function digestIn(text: string): Attachment['digest'] {
  return DigestSchema.parse(text)
}

/** Takes the peer’s word on own attachments; whether it was new. @throws as `parsePieces` and `verifyPieces` */
export async function takeWord(
  { audit, clock, store, trust }: Parts,
  body: Uint8Array,
): Promise<boolean> {
  const word = parsePieces(parseCanonical(body, WORD_BYTES))
  const peer = trust.peer()
  await verifyPieces(word, { agency: peer, now: clock.now() }, trust.view())
  const { issuedAt, items } = word.content
  const key = `pieces/${peer}`
  const newest = (await getRecord(store, RECORDS.counter, key))?.last ?? 0
  if (issuedAt < newest) return false
  const told = await Promise.all(items.map((item) => toldWrites(store, peer, item)))
  const writes: StoreWrite[] = told.flat()
  if (writes.length === 0) return false
  writes.push(putRecord(RECORDS.counter, key, { last: issuedAt }))
  await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
  return true
}

/** What changes by the peer’s word on one attachment. */
async function toldWrites(
  store: Parts['store'],
  peer: string,
  { digest, missing }: PiecesContent['items'][number],
): Promise<readonly StoreWrite[]> {
  const own = (await naming(store, digest)).filter(
    ({ row }) => row.direction === 'out' && row.peer === peer,
  )
  return own
    .filter(({ row }) => canonicalize(row.missing ?? null) !== canonicalize(missing))
    .map(({ row, statement }) =>
      putRecord(RECORDS.attachment, attachmentKey(digest, statement), {
        ...row,
        missing: [...missing],
      }),
    )
}

/** Who waits for an attachment. */
interface Waiting {
  readonly attachment: Attachment
  readonly record: StatementRecord
  readonly wanted: Wanted
}

/**
 * Takes a range of what is waited for; whether it was new.
 *
 * @throws NET_BLOB when nobody waits for it, and nobody did; WIRE_ATTACHMENT_CHUNK; STORE_BLOB
 */
export async function takeRange(parts: Parts, body: Uint8Array): Promise<boolean> {
  const { audit, blobs, clock, store } = parts
  const range = parseRange(body)
  const waiting = await waitingFor(parts, range.digest)
  const [first] = waiting
  if (first === undefined) {
    const known = (await naming(store, range.digest)).some(({ row }) => row.direction === 'in')
    if (known) return false
    throw new AmanaError('NET_BLOB', { reason: 'absent' })
  }
  const { attachment } = first
  assertRange(attachment, range)
  const gaps = await gapsOf(blobs, attachment.digest, attachment.length)
  const isNew = gaps.some(([from, to]) => from <= range.index && range.index < to)
  if (isNew) await keepRange(blobs, range)
  const writes = [putRecord(RECORDS.pieced, attachment.digest, { at: clock.now() })]
  await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
  await putTogether(parts, waiting)
  return isNew
}

async function waitingFor({ ledger, store }: Parts, digest: string): Promise<Waiting[]> {
  const waiting: Waiting[] = []
  for (const { row, statement } of await naming(store, digest)) {
    if (row.direction !== 'in' || row.state !== 'waits') continue
    const record = await ledger.get(statement)
    const attachment = record && attachmentsIn(record).find((one) => one.digest === digest)
    const wanted = await wantedOf(store, { digest, row, statement })
    if (record === undefined || attachment === undefined || wanted === undefined) continue
    waiting.push({ attachment, record, wanted })
  }
  return waiting
}

/** What has no gap any more is read as a whole, and everybody who waits for it is told. */
async function putTogether(parts: Parts, waiting: readonly Waiting[]): Promise<void> {
  const { blobs } = parts
  const [first] = waiting
  if (first === undefined) return
  const { attachment } = first
  const { digest, length } = attachment
  if ((await gapsOf(blobs, digest, length)).length > 0) return
  const code = await blobs.alone(digest, () => wholeOf(parts, attachment))
  if (code === undefined) return
  for (const { record, wanted } of waiting) {
    const settling = { ...parts, alone: <T>(step: () => Promise<T>) => parts.inbox.alone(step) }
    await settleAttachment(settling, wanted, { record, ...(code === 'whole' ? {} : { code }) })
  }
}

/** Nothing where a range that was kept did not fit after all: it is asked for again. */
async function wholeOf(
  { blobs }: Parts,
  attachment: Attachment,
): Promise<ErrorCode | 'whole' | undefined> {
  const { digest, length } = attachment
  const opener = new AttachmentOpener(attachment)
  try {
    await using file = await blobs.coming(digest)
    await resume(file, opener)
    await absorb(blobs, { digest, length, file, opener })
    opener.end()
    await file.finish()
    return 'whole'
  } catch (error) {
    if (!isAnyAmanaError(error) || !error.code.startsWith('WIRE_')) throw error
    if (error.code === 'WIRE_ATTACHMENT_SHORT') return undefined
    await blobs.drop(digest)
    return error.code
  }
}
