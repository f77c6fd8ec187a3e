/**
 * How far a message has come, as lines of a terminal.
 *
 * @module
 * @spec docs/spec/08-exchange.md#stages-of-a-message
 */
import { codeLabel } from '@amana/vocabulary'
import { type MessageSummary, type ReceiptView } from '../../service-views.ts'
import { type Io } from '../io.ts'
import { instantOf } from '../texts.ts'

/** The last thing that officers said, with its time; and what a list of overdue messages waits for. */
export function stageLabel({ say }: Io, { awaited, stages }: MessageSummary): readonly string[] {
  const last = stages.at(-1)
  return [
    ...(last === undefined
      ? []
      : [say(`message.stage.${last.stage}`, { date: instantOf(last.at) })]),
    ...(awaited === undefined ? [] : [say(`message.awaited.${awaited}`)]),
  ]
}

/** Every signed word of the receiver. */
export function receiptLines(
  io: Io,
  { receipts }: { readonly receipts: readonly ReceiptView[] },
): readonly string[] {
  return receipts.map((receipt) =>
    io.say('message.receipt', {
      date: instantOf(receipt.at),
      what: whatOf(io, receipt),
      who: whoOf(receipt),
    }),
  )
}

function whatOf({ language, say }: Io, { isStep, note, stage }: ReceiptView): string {
  const said = isStep === true ? 'answered' : stage
  const what = say(`message.said.${said}`)
  const label = note === undefined ? undefined : codeLabel('actedNote', note, language)
  return label === undefined ? what : `${what} (${label})`
}

/** Office and roles, with the id in the agency’s roster; of a node its agency and desk. */
function whoOf({ agency, desk, officer, organisation, roles = [] }: ReceiptView): string {
  const place = desk === undefined ? agency : `${agency}, ${desk}`
  if (officer === undefined) return place
  return `${officer}, ${organisation ?? agency} (${place}; ${roles.join(', ')})`
}
