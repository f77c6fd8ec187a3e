/**
 * What officers of the receiver said of a message, at its receiver and at its sender: read, and acted on. A step that
 * answers a message is as good as their word that they acted on it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#stages-of-a-message
 */
import {
  hasStages,
  isStageKind,
  parseDispatch,
  parseOpenedGroups,
  parseStatement,
  referralReferenceOf,
  type Stage,
  type StagedMessage,
  type StageReceipt,
  stageReceiptOf,
} from '@amana/core'
import { z } from 'zod'
import { type Store, type StoreWrite } from '../ports.ts'
import {
  deleteRecord,
  getRecord,
  listRecords,
  putRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { deliveryTo } from './deliveries.ts'
import { type KnownStages, owedWrites } from './stage-clocks.ts'
import { type StatementLedger } from './statement-ledger.ts'
import { valuesOf } from './statement-values.ts'

interface Known {
  readonly store: Store
  readonly ledger: StatementLedger
}

/** What officers, or a step that answers it, say of a message. @throws STORE_DAMAGED */
export async function stagesOf(store: Store, statement: string): Promise<KnownStages> {
  const range = { gte: `${statement}/`, lt: `${statement}0`, limit: 2 }
  const rows = await listRecords(store, RECORDS.stage, range)
  return Object.fromEntries(rows.map(({ key, value }) => [key.slice(statement.length + 1), value]))
}

/** The peer's message as it lies here; nothing unless this node opened it. @throws STORE_DAMAGED */
export async function receivedMessage(
  { ledger, store }: Known,
  statement: string,
): Promise<StagedMessage | undefined> {
  const record = await ledger.get(statement)
  if (record?.direction !== 'in' || record.state !== 'received') return undefined
  const place = await getRecord(store, RECORDS.dispatch, record.dispatch ?? '')
  return stagedIn(store, record, await getRecord(store, RECORDS.in, place?.key ?? ''))
}

/** An own message that was sent to `peer`; nothing unless the peer may have opened it. @throws STORE_DAMAGED */
export async function sentMessage(
  { ledger, store }: Known,
  peer: string,
  statement: string,
): Promise<StagedMessage | undefined> {
  const record = await ledger.get(statement)
  if (record?.direction !== 'out' || record.peer !== peer) return undefined
  const { dispatch = '', state } = deliveryTo(record, record.desk) ?? record
  if (!MAY_BE_OPEN.has(state)) return undefined
  const place = await getRecord(store, RECORDS.dispatch, dispatch)
  return stagedIn(store, record, await getRecord(store, RECORDS.out, place?.key ?? ''))
}

/** The receipt of its node may come later than the word of its officer. */
const MAY_BE_OPEN: ReadonlySet<string> = new Set(['sent', 'held', 'opened'])

async function stagedIn(
  store: Store,
  { digest, statement }: StatementRecord,
  entry: Parameters<typeof dispatchOf>[0] | undefined,
): Promise<StagedMessage | undefined> {
  if (entry === undefined) return undefined
  const { content, digest: dispatch } = dispatchOf(entry)
  const { acted, read } = await stagesOf(store, digest)
  return {
    kind: parseStatement(statement).content.kind,
    dispatch,
    sentAt: content.sentAt,
    signed: [
      ...(read === undefined ? [] : (['read'] as const)),
      ...(acted === undefined || acted.isStep === true ? [] : (['acted'] as const)),
    ],
  }
}

function dispatchOf({
  dispatch,
}: {
  readonly dispatch: Parameters<typeof parseDispatch>[0]
}): ReturnType<typeof parseDispatch> {
  return parseDispatch(dispatch)
}

/** The receipt that a statement is; nothing where it is none. */
export function stageReceiptIn(record: StatementRecord): StageReceipt | undefined {
  const { content } = parseStatement(record.statement)
  if (!isStageKind(content.kind)) return undefined
  return stageReceiptOf(content, parseOpenedGroups(content.kind, record.facts ?? valuesOf(record)))
}

/** The write that notes what an officer said, by the statement with which he did. */
export function stageWrite(
  receipt: StageReceipt,
  by: StatementRecord,
  isFinal: boolean,
): StoreWrite {
  const { iat } = parseStatement(by.statement).content
  const key = stageKey(receipt.statement, receipt.stage)
  return putRecord(RECORDS.stage, key, { at: iat, digest: by.digest, isFinal })
}

/** A receipt that was taken back or refused makes room for another. */
async function unstagedWrites(
  { store }: Known,
  record: StatementRecord,
): Promise<readonly StoreWrite[]> {
  const receipt = stageReceiptIn(record)
  if (receipt === undefined) return []
  const { [receipt.stage]: noted } = await stagesOf(store, receipt.statement)
  return noted?.digest !== record.digest
    ? []
    : [deleteRecord(RECORDS.stage, stageKey(receipt.statement, receipt.stage))]
}

/** What the peer’s word on an own statement changes: what is owed for it now; of a receipt that it arrived. @throws STORE_DAMAGED */
export async function stageSettledWrites(
  known: Known,
  { record, result }: { readonly record: StatementRecord; readonly result: string },
): Promise<readonly StoreWrite[]> {
  if (result === 'refused') return undoneWrites(known, record)
  if (result !== 'opened') return []
  const receipt = stageReceiptIn(record)
  if (receipt !== undefined) return [stageWrite(receipt, record, true)]
  return owedWrites(known.store, record, await stagesOf(known.store, record.digest))
}

/** What officers of the peer said becomes known with the statement by which they did. @throws STORE_DAMAGED */
export async function arrivedWrites(
  known: Known,
  came: StatementRecord,
): Promise<readonly StoreWrite[]> {
  const receipt = stageReceiptIn(came)
  if (receipt === undefined) return actedWrites(known, came)
  const about = await known.ledger.get(receipt.statement)
  const write = stageWrite(receipt, came, true)
  if (about === undefined) return [write]
  const { iat: at } = parseStatement(came.statement).content
  const row = { at, digest: came.digest, isFinal: true }
  const stages = { ...(await stagesOf(known.store, about.digest)), [receipt.stage]: row }
  return [write, ...(await owedWrites(known.store, about, stages))]
}

/** An own statement that was refused or taken back said nothing of another. @throws STORE_DAMAGED */
export async function undoneWrites(
  known: Known,
  record: StatementRecord,
): Promise<readonly StoreWrite[]> {
  return [...(await unstagedWrites(known, record)), ...(await unactedWrites(known, record))]
}

/** By these the addressee of a file answers it. */
const ANSWERING_EVENTS: ReadonlySet<string> = new Set([
  'acknowledge',
  'request_info',
  'accept',
  'decline',
  'reroute',
])
const EventSchema = z.looseObject({ event: z.string() })
const ANSWERING_RELATIONS: ReadonlySet<string> = new Set(['reply', 'answers', 'agrees'])

/**
 * The writes by which a step answers messages of the other side: those that it names, and by its first word on a referral
 * the file of it.
 *
 * @throws STORE_DAMAGED
 */
export async function actedWrites(
  known: Known,
  step: StatementRecord,
): Promise<readonly StoreWrite[]> {
  const { iat } = parseStatement(step.statement).content
  const row = { at: iat, digest: step.digest, isFinal: true, isStep: true } as const
  const writes: StoreWrite[] = []
  for (const record of await answeredBy(known, step)) {
    const stages = await stagesOf(known.store, record.digest)
    if (stages.acted !== undefined) continue
    writes.push(putRecord(RECORDS.stage, stageKey(record.digest, 'acted'), row))
    if (record.direction === 'in') continue
    writes.push(...(await owedWrites(known.store, record, { ...stages, acted: row })))
  }
  return writes
}

/** A step that did not come to pass answers nothing. @throws STORE_DAMAGED */
async function unactedWrites(known: Known, step: StatementRecord): Promise<readonly StoreWrite[]> {
  const writes: StoreWrite[] = []
  for (const { digest } of await answeredBy(known, step)) {
    const { acted } = await stagesOf(known.store, digest)
    if (acted?.digest !== step.digest) continue
    writes.push(deleteRecord(RECORDS.stage, stageKey(digest, 'acted')))
  }
  return writes
}

/** The messages of the other side that a step answers. */
async function answeredBy(
  { ledger }: Known,
  step: StatementRecord,
): Promise<readonly StatementRecord[]> {
  const { kind, relates = [] } = parseStatement(step.statement).content
  if (!hasStages(kind)) return []
  const named = relates
    .filter(({ relation }) => ANSWERING_RELATIONS.has(relation))
    .map(({ digest }) => ledger.get(digest))
  const records = [...(await Promise.all(named)), ...(await filesAnswered(ledger, step))]
  return records
    .filter((record) => record !== undefined)
    .filter(({ direction }) => direction !== step.direction)
    .filter(({ statement }) => hasStages(parseStatement(statement).content.kind))
}

async function filesAnswered(
  ledger: StatementLedger,
  step: StatementRecord,
): Promise<readonly StatementRecord[]> {
  const { kind } = parseStatement(step.statement).content
  if (kind !== 'referral.event/1') return []
  const facts = ledger.factsOf(step)
  const event = EventSchema.safeParse(facts['body']).data?.event
  if (event === undefined || !ANSWERING_EVENTS.has(event)) return []
  const reference = referralReferenceOf(kind, facts)
  const steps = reference === undefined ? [] : await ledger.ofReferral(reference)
  return steps.filter(({ statement }) => isFile(parseStatement(statement).content.kind))
}

function isFile(kind: string): boolean {
  return kind.startsWith('victim.referral/') || kind === 'referral.stranded-migrant/1'
}

function stageKey(statement: string, stage: Stage): string {
  return `${statement}/${stage}`
}
