/**
 * Answers of partner desks: that an officer of that desk answers, once, for a statement that the desk was sent.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#answer-of-a-partner-desk
 */
import { AmanaError } from '../errors.ts'
import { type DeskAnswer, DeskAnswerSchema } from '../messages/desk-answer.ts'
import { type Message } from '../messages/message.ts'
import { DESK_ANSWER } from '../trust/charter-rules.ts'
import { type VerifiedStatement } from './statement-rules.ts'
import { type StatementContent } from './statement.ts'

/** How a statement stands at a partner desk, by whoever is told the answer. */
export interface AnsweredDelivery {
  readonly dispatch: string
  /** Of the groups that were sealed for the desk; only the sender knows it. */
  readonly groups?: string
  readonly isAnswered: boolean
}

/** Finds the delivery of a statement to a desk; nothing where it was not sent there, or needs no answer. */
export type FindDelivery = (
  statement: string,
  desk: string,
) => Promise<AnsweredDelivery | undefined>

/** An answer that was checked: which statement at which desk, and what became of it. */
export type CheckedAnswer = DeskAnswer & { readonly statement: string }

/** The answer that a message is; nothing where it is of another kind. @throws WIRE_ANSWER when it names no one statement */
export function answerOf(
  { relates }: Pick<StatementContent, 'relates'>,
  { groups, kind }: Message,
): CheckedAnswer | undefined {
  if (kind !== DESK_ANSWER) return undefined
  const [answered, ...others] = relates ?? []
  if (answered?.relation !== 'answers' || others.length > 0) unfit('relates')
  return { ...DeskAnswerSchema.parse(groups['body']), statement: answered.digest }
}

/**
 * Checks an answer against the delivery that it is about; a statement of another kind passes.
 *
 * @throws WIRE_ANSWER with what does not fit: `relates`, `officer`, `delivery`, `dispatch`, `groups`, `again`
 */
export async function assertAnswer(
  { content, signers }: VerifiedStatement,
  message: Message,
  find: FindDelivery,
): Promise<CheckedAnswer | undefined> {
  const answer = answerOf(content, message)
  if (answer === undefined) return undefined
  const author = signers.find(({ act }) => act === 'author')
  if (author?.officer.roles.includes(`desk:${answer.desk}`) !== true) unfit('officer')
  const delivery = await find(answer.statement, answer.desk)
  if (delivery === undefined) unfit('delivery')
  if (delivery.dispatch !== answer.dispatch) unfit('dispatch')
  if (answer.result === 'opened' && (delivery.groups ?? answer.groups) !== answer.groups) {
    unfit('groups')
  }
  if (delivery.isAnswered) unfit('again')
  return answer
}

function unfit(reason: string): never {
  throw new AmanaError('WIRE_ANSWER', { reason })
}
