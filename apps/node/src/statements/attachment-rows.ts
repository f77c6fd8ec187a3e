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

/** What an officer said of an attachment that waits: it comes first, it comes, nothing yet, not for now. */
export const CHOICES = ['first', 'pull', 'unasked', 'hold'] as const
/** One of them. */
export type Choice = (typeof CHOICES)[number]

const PARTS: Readonly<Record<Choice, string>> = { first: 'a', pull: 'b', unasked: 'c', hold: 'h' }
/** Ranges of keys end before these. */
const AFTER_ASKED = 'c'
const AFTER_UNASKED = 'd'

/** An attachment that waits to be fetched. */
export interface Wanted {
  readonly key: string
  readonly digest: string
  readonly statement: string
  /** Of the sealed file. */
  readonly length: number
  readonly choice: Choice
  /** Of those with the smaller one all are fetched before: by what an officer said, then by urgency. */
  readonly turn: string
}

/** The key of one attachment of one statement. */
export function attachmentKey(digest: string, statement: string): string {
  return `${digest}/${statement}`
}

/** The rows of a statement that became known: what the own officers attached is here, what came is to be fetched. */
export function attachmentWrites(record: StatementRecord): readonly StoreWrite[] {
  const { digest: statement, direction, peer } = record
  return attachmentsIn(record).flatMap(({ digest, length }) => {
    const key = attachmentKey(digest, statement)
    const row = { direction, length, peer }
    if (direction === 'out') {
      return [putRecord(RECORDS.attachment, key, { ...row, state: 'whole' as const })]
    }
    const rank = rankOf(ownUrgency(record) ?? 'urgent')
    const waits = { ...row, rank, state: 'waits' as const }
    return [
      putRecord(RECORDS.attachment, key, waits),
      wantedWrite({ digest, statement, row: waits }, 'unasked'),
    ]
  })
}

/** The row of one attachment of one statement. */
export interface NamedRow {
  readonly digest: string
  readonly statement: string
  readonly row: AttachmentRecord
}

function wantedWrite(one: NamedRow, choice: Choice): StoreWrite {
  const { digest, statement } = one
  return putRecord(RECORDS.wanted, wantedKey(one, choice), { digest, statement })
}

function wantedKey({ digest, row, statement }: NamedRow, choice: Choice): string {
  const turn = `${PARTS[choice]}${String(row.rank ?? 0)}`
  return `${row.peer}/${turn}/${orderKey(row.length)}/${digest}/${statement}`
}

/** Which of those that wait are meant. */
export type Waiting = 'asked' | 'all' | 'not-held'

/** What waits to be fetched from a peer, in its order. */
export async function wantedFrom(
  store: Store,
  peer: string,
  { limit, which }: { readonly limit: number; readonly which: Waiting },
): Promise<readonly Wanted[]> {
  const ends = { asked: `/${AFTER_ASKED}`, 'not-held': `/${AFTER_UNASKED}`, all: '0' }
  const range = { gte: `${peer}/`, lt: `${peer}${ends[which]}`, limit }
  const rows = await listRecords(store, RECORDS.wanted, range)
  return rows.map(({ key, value }) => {
    const [, turn = '', length] = key.split('/')
    const choice = CHOICES.find((one) => turn.startsWith(PARTS[one])) ?? 'unasked'
    return { key, ...value, length: Number(length), choice, turn }
  })
}

/** What an officer said of an attachment; nothing where it does not wait. @throws STORE_DAMAGED */
export async function choiceOf(store: Store, one: NamedRow): Promise<Choice | undefined> {
  for (const choice of CHOICES) {
    const row = await getRecord(store, RECORDS.wanted, wantedKey(one, choice))
    if (row !== undefined) return choice
  }
  return undefined
}

/** One that waits, by the row of its statement; nothing where it does not. @throws STORE_DAMAGED */
export async function wantedOf(store: Store, one: NamedRow): Promise<Wanted | undefined> {
  const choice = await choiceOf(store, one)
  if (choice === undefined) return undefined
  const { digest, row, statement } = one
  const key = wantedKey(one, choice)
  return { choice, digest, key, length: row.length, statement, turn: key.split('/')[1] ?? '' }
}

/** The writes with which an attachment that waits takes another place. */
export function chosenWrites(
  one: NamedRow,
  { before, choice }: { readonly before: Choice; readonly choice: Choice },
): readonly StoreWrite[] {
  if (before === choice) return []
  return [deleteRecord(RECORDS.wanted, wantedKey(one, before)), wantedWrite(one, choice)]
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
