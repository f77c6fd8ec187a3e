/**
 * Receipts of officers: that a message was read, or acted on, by an officer who may read it, once for each of the two.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#read-and-acted
 */
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { type CodeOf } from '../messages/code-lists.ts'
import { type Message } from '../messages/message.ts'
import { mayReadOf } from '../messages/officer-matrix.ts'
import { ActedReceiptSchema } from '../messages/stage-receipt.ts'
import { DESK_ANSWER, isStageKind, type Stage, STAGE_KINDS } from '../trust/charter-rules.ts'
import { type VerifiedStatement } from './statement-rules.ts'
import { type StatementContent } from './statement.ts'

/** A message as it lies at its receiver, or at its sender as that one was sent it. */
export interface StagedMessage {
  readonly kind: string
  /** The dispatch in which it was placed. */
  readonly dispatch: string
  /** Of that dispatch, in seconds since 1970. */
  readonly sentAt: number
  /** What officers have signed of it already. */
  readonly signed: readonly Stage[]
}

/** Finds a message of which officers may say something; nothing where it was not delivered. */
export type FindStaged = (statement: string) => Promise<StagedMessage | undefined>

/** A receipt of an officer that names one message. */
export interface StageReceipt {
  readonly stage: Stage
  readonly statement: string
  readonly dispatch: string
  readonly note?: CodeOf<'actedNote'>
}

/** Whether officers say of a message of this kind that they have read it or acted on it. */
export function hasStages(kind: string): boolean {
  return kind !== DESK_ANSWER && !isStageKind(kind)
}

/** The receipt that a message is; nothing where it is of another kind. @throws WIRE_STAGE when it names no one statement */
export function stageReceiptOf(
  { relates }: Pick<StatementContent, 'relates'>,
  { groups, kind }: Message,
): StageReceipt | undefined {
  if (!isStageKind(kind)) return undefined
  const [named, ...others] = relates ?? []
  if (named?.relation !== 'answers' || others.length > 0) unfit('relates')
  const stage = kind === STAGE_KINDS.read ? 'read' : 'acted'
  return { ...ActedReceiptSchema.parse(groups['body']), stage, statement: named.digest }
}

/**
 * Checks a receipt of an officer against the message that it is about; a statement of another kind passes.
 *
 * @throws WIRE_STAGE with what does not fit: `relates`, `message`, `dispatch`, `officer`, `time`, `again`
 */
export async function assertStage(
  { content, signers }: VerifiedStatement,
  message: Message,
  find: FindStaged,
): Promise<StageReceipt | undefined> {
  const receipt = stageReceiptOf(content, message)
  if (receipt === undefined) return undefined
  const about = await find(receipt.statement)
  if (about === undefined || !hasStages(about.kind)) unfit('message')
  if (about.dispatch !== receipt.dispatch) unfit('dispatch')
  if (!signers.every(({ officer }) => mayReadOf(officer.roles, about.kind))) unfit('officer')
  if (content.iat < about.sentAt - WIRE_LIMITS.clockSkewSeconds) unfit('time')
  if (about.signed.includes(receipt.stage)) unfit('again')
  return receipt
}

function unfit(reason: string): never {
  throw new AmanaError('WIRE_STAGE', { reason })
}
