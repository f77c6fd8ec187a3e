/**
 * Gives a peer pieces of the attachments that were sent to it, whenever nothing of the exchange waits.
 *
 * @module
 * @spec docs/spec/10-attachments.md#transfer
 */
import { AmanaError } from '@amana/core'
import { type AuditWriter, type LinkSession, type Store } from '../ports.ts'
import { type AttachmentRecord, putRecord, RECORDS } from '../records.ts'
import { attachmentKey, naming } from '../statements/attachment-rows.ts'
import { type Blobs } from './blob-folder.ts'
import { encodeAnswer, parseRequest, type PieceAnswer, type PieceRequest } from './blob-frames.ts'
import { type Outflow } from './outflow.ts'
import { type Traffic } from './traffic.ts'

/** What a peer is given from. */
export interface ServeParts {
  readonly store: Store
  readonly audit: AuditWriter
  readonly folder: Blobs
  readonly traffic: Traffic
  readonly outflow: Outflow
  readonly nowMs: () => number
}

/** A peer that asks again within this is one that fetches: the time between says how fast the line is. */
const PAUSE_MS = 10_000

/**
 * Answers one request after the other until the peer ends the stream.
 *
 * @throws NET_CLOSED, NET_TIMEOUT, NET_BLOB; STORE_BLOB, STORE_WRITE
 */
export async function serve(
  parts: ServeParts,
  {
    frames,
    peer,
    signal,
  }: { readonly frames: LinkSession; readonly peer: string; readonly signal: AbortSignal },
): Promise<void> {
  const { nowMs, outflow, traffic } = parts
  let lastMs = nowMs()
  for (;;) {
    const frame = await frames.receive(signal)
    if (frame === null) return
    const asked = parseRequest(frame)
    const answer = await answerTo(parts, asked, peer)
    await outflow.idle(signal)
    signal.throwIfAborted()
    const sent = encodeAnswer(answer)
    await frames.send(sent, signal)
    if (answer.type === 'chunk') await noteServed(parts, asked, peer)
    const now = nowMs()
    if (now - lastMs < PAUSE_MS) traffic.measure(sent.byteLength, now - lastMs)
    lastMs = now
    traffic.count(sent.byteLength)
    await traffic.keepSometimes()
  }
}

async function answerTo(
  parts: ServeParts,
  asked: PieceRequest,
  peer: string,
): Promise<PieceAnswer> {
  const sent = await sentTo(parts, asked.digest, peer)
  if (sent === undefined) return { type: 'no', reason: 'absent' }
  if (asked.offset + asked.length > sent.row.length) {
    throw new AmanaError('NET_BLOB', { reason: 'range' })
  }
  if (parts.traffic.isSpent) return { type: 'no', reason: 'budget' }
  if (!(await parts.folder.has(asked.digest, sent.row.length)))
    return { type: 'no', reason: 'absent' }
  await logFetched(parts, asked.digest, peer)
  return { type: 'chunk', bytes: await parts.folder.piece(asked.digest, asked) }
}

async function sentTo(
  { store }: Pick<ServeParts, 'store'>,
  digest: string,
  peer: string,
): Promise<Awaited<ReturnType<typeof naming>>[number] | undefined> {
  return (await naming(store, digest)).find(
    ({ row }) => row.direction === 'out' && row.peer === peer,
  )
}

/**
 * Writes, once for each, that an attachment begins to leave; durable before its first byte does.
 *
 * @returns its row; nothing where it was not sent to that peer
 * @throws STORE_WRITE
 */
export async function logFetched(
  { audit, store }: Pick<ServeParts, 'audit' | 'store'>,
  att: string,
  peer: string,
): Promise<AttachmentRecord | undefined> {
  const sent = await sentTo({ store }, att, peer)
  if (sent === undefined || sent.row.fetched === true) return sent?.row
  const { row, statement } = sent
  const data = { att, std: statement, to: peer }
  const key = attachmentKey(att, statement)
  await audit.commit({
    events: [{ event: 'x.fetched', actor: 'sys', data }],
    writes: async () => ({
      writes: [putRecord(RECORDS.attachment, key, { ...row, fetched: true as const })],
      events: [],
    }),
  })
  return row
}

/** Who asks for the end of an attachment has all before it: carriers need not bring it. */
async function noteServed(
  { audit, store }: ServeParts,
  { digest, length, offset }: PieceRequest,
  peer: string,
): Promise<void> {
  const sent = await sentTo({ store }, digest, peer)
  if (sent === undefined || offset + length < sent.row.length) return
  const key = attachmentKey(digest, sent.statement)
  const writes = [putRecord(RECORDS.attachment, key, { ...sent.row, missing: [] })]
  await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
}
