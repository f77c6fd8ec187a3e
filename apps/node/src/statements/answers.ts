/**
 * Answers of partner desks, at the node that hosts the desk and at the one that sent: what was answered for a statement at
 * a desk, and what of it is kept until then.
 *
 * @module
 * @spec docs/spec/08-exchange.md#several-desks
 */
import {
  type AnsweredDelivery,
  answerOf,
  type CheckedAnswer,
  DESK_ANSWER,
  deskIn,
  namedRoster,
  groupsSentTo,
  parseDispatch,
  parseOpenedGroups,
  parseStatement,
  type ReadingDesk,
  type TrustView,
} from '@amana/core'
import { type Store, type StoreWrite } from '../ports.ts'
import {
  type AnswerRecord,
  deleteRecord,
  type Delivery,
  getRecord,
  type OutRecord,
  putRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { deliveriesOf, deliveryTo } from './deliveries.ts'
import { type StatementLedger } from './statement-ledger.ts'
import { valuesOf } from './statement-values.ts'

interface Known {
  readonly store: Store
  readonly ledger: StatementLedger
}

/** The answer for a statement at a desk. */
export async function answerFor(
  store: Store,
  statement: string,
  desk: string,
): Promise<AnswerRecord | undefined> {
  return getRecord(store, RECORDS.answer, answerKey(statement, desk))
}

/** Every delivery of a statement, with what partner desks answered in place of `stored`. */
export async function answeredDeliveries(
  store: Store,
  record: StatementRecord,
): Promise<readonly Delivery[]> {
  return Promise.all(
    deliveriesOf(record).map(async (delivery) => {
      const answer = await answerFor(store, record.digest, delivery.desk)
      if (answer?.isFinal !== true) return delivery
      const { refusal, result: state } = answer
      return { ...delivery, state, ...(refusal === undefined ? {} : { refusal }) }
    }),
  )
}

/** The delivery of the peer's statement to a desk that this node hosts; nothing unless it is kept for that desk. */
export async function hostedDelivery(
  { ledger, store }: Known,
  statement: string,
  desk: string,
): Promise<AnsweredDelivery | undefined> {
  const record = await ledger.get(statement)
  if (record?.direction !== 'in') return undefined
  const delivery = deliveryTo(record, desk)
  if (delivery?.dispatch === undefined || delivery.state !== 'stored') return undefined
  const isAnswered = (await answerFor(store, statement, desk)) !== undefined
  return { dispatch: delivery.dispatch, isAnswered }
}

/** Which own statement went to which desk of whom. */
export interface SentTo {
  readonly peer: string
  readonly statement: string
  readonly desk: string
}

/** The delivery of an own statement to a partner desk of `peer`; nothing unless its dispatch went out to such a desk. */
export async function sentDelivery(
  { ledger, store, trust }: Known & { readonly trust: TrustView },
  { desk, peer, statement }: SentTo,
): Promise<AnsweredDelivery | undefined> {
  const record = await ledger.get(statement)
  if (record?.direction !== 'out' || record.peer !== peer) return undefined
  const delivery = deliveryTo(record, desk)
  const place = await getRecord(store, RECORDS.dispatch, delivery?.dispatch ?? '')
  const sent = await getRecord(store, RECORDS.out, place?.key ?? '')
  if (sent === undefined) return undefined
  const reading = readingDesk(sent, trust)
  if (!reading.external) return undefined
  const isAnswered = (await answerFor(store, statement, desk)) !== undefined
  return { dispatch: sent.digest, groups: sentGroups(record, reading), isAnswered }
}

/** The desk of an own dispatch, as the roster that it names describes it. @throws WIRE_TRUST_CONTEXT */
export function readingDesk(
  { dispatch }: Pick<OutRecord, 'dispatch'>,
  trust: TrustView,
): ReadingDesk {
  const { content } = parseDispatch(dispatch)
  const { agency, desk } = content.to
  return deskIn(namedRoster(content, { agency, trust }).payload, desk)
}

/** Which groups of an own statement were sealed for a desk. */
export function sentGroups(
  { atRest, opening, statement }: StatementRecord,
  desk: ReadingDesk,
): string {
  const { kind } = parseStatement(statement).content
  return groupsSentTo(kind, desk, (atRest ?? opening)?.salt ?? '')
}

/** The answer that a statement is; nothing where it is none. */
export function answerIn(record: StatementRecord): CheckedAnswer | undefined {
  const { content } = parseStatement(record.statement)
  if (content.kind !== DESK_ANSWER) return undefined
  return answerOf(content, parseOpenedGroups(content.kind, record.facts ?? valuesOf(record)))
}

/** The write that notes an answer. */
export function answerWrite(answer: CheckedAnswer, digest: string, isFinal: boolean): StoreWrite {
  const { desk, result, statement } = answer
  return putRecord(RECORDS.answer, answerKey(statement, desk), {
    digest,
    isFinal,
    result,
    ...(answer.result === 'refused' ? { refusal: answer.refusal } : {}),
  })
}

/** An answer that is taken back before it went makes room for another. */
export function unansweredWrites(record: StatementRecord): readonly StoreWrite[] {
  const answer = answerIn(record)
  if (answer === undefined) return []
  return [deleteRecord(RECORDS.answer, answerKey(answer.statement, answer.desk))]
}

/**
 * What a receipt for own answers changes: an answer that arrived is the last word, and the envelope that was kept for the
 * desk goes when all of it is answered; one that was refused makes room for another.
 */
export async function settledWrites(
  known: Known,
  receipted: readonly { readonly record: StatementRecord; readonly result: string }[],
): Promise<readonly StoreWrite[]> {
  const writes: StoreWrite[] = []
  const settled = new Map<string, CheckedAnswer[]>()
  for (const { record, result } of receipted) {
    const answer = answerIn(record)
    if (answer === undefined) continue
    if (result === 'opened') {
      writes.push(answerWrite(answer, record.digest, true))
      settled.set(answer.dispatch, [...(settled.get(answer.dispatch) ?? []), answer])
    } else if (result === 'refused') {
      writes.push(...unansweredWrites(record))
    }
  }
  for (const [dispatch, answers] of settled) {
    writes.push(...(await droppedEnvelope(known, dispatch, answers)))
  }
  return writes
}

async function droppedEnvelope(
  known: Known,
  dispatch: string,
  answers: readonly CheckedAnswer[],
): Promise<readonly StoreWrite[]> {
  const { key = '' } = (await getRecord(known.store, RECORDS.dispatch, dispatch)) ?? {}
  const entry = await getRecord(known.store, RECORDS.in, key)
  if (entry?.envelope === undefined) return []
  for (const statement of entry.statements) {
    if (answers.some((answer) => answer.statement === statement)) continue
    if (await isWaited(known, statement, dispatch)) return []
  }
  const { envelope: _dropped, ...kept } = entry
  return [putRecord(RECORDS.in, key, kept)]
}

/** Whether a statement of that dispatch is kept for a desk that has not answered. */
async function isWaited(
  { ledger, store }: Known,
  statement: string,
  dispatch: string,
): Promise<boolean> {
  const record = await ledger.get(statement)
  const delivery =
    record === undefined
      ? undefined
      : deliveriesOf(record).find((one) => one.dispatch === dispatch && one.state === 'stored')
  if (delivery === undefined) return false
  return (await answerFor(store, statement, delivery.desk))?.isFinal !== true
}

function answerKey(statement: string, desk: string): string {
  return `${statement}/${desk}`
}
