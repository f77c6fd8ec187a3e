/**
 * How far a message has come, for the people who use a node: what the receiver’s node and its officers signed of it, each
 * with its time.
 *
 * @module
 * @spec docs/spec/08-exchange.md#stages-of-a-message
 */
import { parseReceipt, parseStatement, type Stage } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import {
  type Delivery,
  getRecord,
  RECORDS,
  type StageRecord,
  type StatementRecord,
} from '../records.ts'
import { type ReceiptView, type StageView } from '../service-views.ts'
import { type ServiceResults } from '../services.ts'
import { answerFor } from '../statements/answers.ts'
import { deliveriesOf } from '../statements/deliveries.ts'
import { stageReceiptIn, stagesOf } from '../statements/stages.ts'

type Parts = Pick<NodeParts, 'agency' | 'ledger' | 'store'>

/** What officers said of it, in order. @throws STORE_DAMAGED */
export async function stageViews(
  { store }: Pick<Parts, 'store'>,
  { digest }: Pick<StatementRecord, 'digest'>,
): Promise<readonly StageView[]> {
  const { acted, read } = await stagesOf(store, digest)
  return [...viewOf('read', read), ...viewOf('acted', acted)]
}

function viewOf(stage: Stage, record: StageRecord | undefined): readonly StageView[] {
  return record === undefined ? [] : [{ at: record.at, stage }]
}

/** What an officer’s program must know to sign a receipt for a message; nothing of its content. @throws STORE_DAMAGED */
export async function receiptFacts(
  parts: Parts,
  record: StatementRecord,
): Promise<ServiceResults['stages']> {
  const { digest, direction, dispatch, peer, state, statement } = record
  const { handling, kind } = parseStatement(statement).content
  const isReceived = direction === 'in' && state === 'received'
  return {
    digest,
    kind,
    peer,
    stages: await stageViews(parts, record),
    testData: handling.caveats.includes('test:data'),
    ...(isReceived && dispatch !== undefined ? { dispatch } : {}),
  }
}

/** Every receipt: of the receiver’s node at each desk, of officers of its partner desks, and of its officers. @throws STORE_DAMAGED */
export async function receiptViews(
  parts: Parts,
  record: StatementRecord,
): Promise<readonly ReceiptView[]> {
  const agency = record.direction === 'out' ? record.peer : parts.agency
  const atDesks = deliveriesOf(record).map((delivery) => atDesk(parts, record, delivery))
  const { acted, read } = await stagesOf(parts.store, record.digest)
  const said = [
    ...(read === undefined ? [] : [byOfficer(parts, 'read', read)]),
    ...(acted === undefined ? [] : [byOfficer(parts, 'acted', acted)]),
  ]
  const views = [...(await Promise.all(atDesks)).flat(), ...(await Promise.all(said))]
  return views.map((view) => ({ agency, ...view }))
}

type View = Omit<ReceiptView, 'agency'>

async function atDesk(
  parts: Parts,
  record: StatementRecord,
  delivery: Delivery,
): Promise<readonly View[]> {
  return [...(await byNode(parts, record, delivery)), ...(await byDesk(parts, record, delivery))]
}

/** What the receipt of the receiver’s node says. */
async function byNode(
  { store }: Parts,
  { digest: statement, direction }: StatementRecord,
  { desk, dispatch = '' }: Delivery,
): Promise<readonly View[]> {
  const key = (await getRecord(store, RECORDS.dispatch, dispatch))?.key ?? ''
  const entry =
    direction === 'out'
      ? await getRecord(store, RECORDS.out, key)
      : await getRecord(store, RECORDS.in, key)
  if (entry?.receipt === undefined) return []
  const { content, digest } = parseReceipt(entry.receipt)
  return content.results
    .filter((one) => one.statement === statement)
    .map(({ result: stage }) => ({ at: content.issuedAt, desk, digest, stage }))
}

/** What an officer of a partner desk answered. */
async function byDesk(
  { ledger, store }: Parts,
  { digest: statement }: StatementRecord,
  { desk }: Delivery,
): Promise<readonly View[]> {
  const answer = await answerFor(store, statement, desk)
  const answering = answer === undefined ? undefined : await ledger.get(answer.digest)
  if (answer === undefined || answering === undefined) return []
  const { digest, result: stage } = answer
  const { iat: at } = parseStatement(answering.statement).content
  return [{ at, desk, digest, stage, ...authorOf(answering) }]
}

async function byOfficer({ ledger }: Parts, stage: Stage, said: StageRecord): Promise<View> {
  const { at, digest, isStep } = said
  const by = await ledger.get(digest)
  const note = by === undefined ? undefined : stageReceiptIn(by)?.note
  return {
    at,
    digest,
    stage,
    ...(by === undefined ? {} : authorOf(by)),
    ...(note === undefined ? {} : { note }),
    ...(isStep === true ? { isStep } : {}),
  }
}

/** The office, and the roles of the day; the roster of the agency says whose id it is. */
function authorOf({ signers }: StatementRecord): Pick<View, 'officer' | 'organisation' | 'roles'> {
  const author = signers.find(({ act }) => act === 'author')
  if (author === undefined) return {}
  const { officer, organisation, roles } = author
  return { officer, organisation, roles }
}
