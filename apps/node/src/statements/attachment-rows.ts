/**
 * The rows of the attachments that statements name, and of those that are still to be fetched.
 *
 * @module
 * @spec docs/spec/10-attachments.md#what-a-node-keeps
 */
import { type Store, type StoreWrite } from '../ports.ts'
import {
  allRecords,
  type AttachmentRecord,
  deleteRecord,
  getRecord,
  listRecords,
  orderKey,
  putRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { attachmentsIn } from './statement-values.ts'
import { ownUrgency, rankOf } from './urgency.ts'

/** An attachment that is to be fetched. */
export interface Wanted {
  readonly key: string
  readonly digest: string
  readonly statement: string
  /** Of the sealed file. */
  readonly length: number
}

/** The key of one attachment of one statement. */
export function attachmentKey(digest: string, statement: string): string {
  return `${digest}/${statement}`
}

/** The rows of a statement that became known: what the own officers attached is here, what came is to be fetched. */
export function attachmentWrites(record: StatementRecord): readonly StoreWrite[] {
  const { direction, peer } = record
  const state = direction === 'out' ? 'whole' : 'waits'
  return attachmentsIn(record).flatMap(({ digest, length }) => [
    putRecord(RECORDS.attachment, attachmentKey(digest, record.digest), {
      direction,
      length,
      peer,
      state,
    }),
    ...(direction === 'out' ? [] : [wantedWrite(record, { digest, length })]),
  ])
}

function wantedWrite(
  record: StatementRecord,
  { digest, length }: { readonly digest: string; readonly length: number },
): StoreWrite {
  const rank = rankOf(ownUrgency(record) ?? 'urgent')
  const key = `${record.peer}/${String(rank)}/${orderKey(length)}/${digest}/${record.digest}`
  return putRecord(RECORDS.wanted, key, { digest, statement: record.digest })
}

/** What is to be fetched from a peer, the most urgent and the smallest first. */
export async function wantedFrom(
  store: Store,
  peer: string,
  limit: number,
): Promise<readonly Wanted[]> {
  const range = { gte: `${peer}/`, lt: `${peer}0`, limit }
  const rows = await listRecords(store, RECORDS.wanted, range)
  return rows.map(({ key, value }) => ({ key, ...value, length: Number(key.split('/')[2]) }))
}

/** The row of one attachment. @throws STORE_DAMAGED */
export async function attachmentRow(
  store: Store,
  digest: string,
  statement: string,
): Promise<AttachmentRecord | undefined> {
  return getRecord(store, RECORDS.attachment, attachmentKey(digest, statement))
}

/** Every statement that names a sealed file. @throws STORE_DAMAGED */
export async function naming(
  store: Store,
  digest: string,
): Promise<readonly { readonly statement: string; readonly row: AttachmentRecord }[]> {
  const rows = await allRecords(store, RECORDS.attachment, { gte: `${digest}/`, lt: `${digest}0` })
  return rows.map(({ key, value }) => ({ statement: key.slice(digest.length + 1), row: value }))
}

/** The writes with which an attachment is fetched or given up. */
export function settledWrites(
  { digest, key, statement }: Wanted,
  row: AttachmentRecord,
): readonly StoreWrite[] {
  return [
    putRecord(RECORDS.attachment, attachmentKey(digest, statement), row),
    deleteRecord(RECORDS.wanted, key),
  ]
}

/** The write with which an attachment of a statement is forgotten. */
export function droppedWrite(digest: string, statement: string): StoreWrite {
  return deleteRecord(RECORDS.attachment, attachmentKey(digest, statement))
}
