/**
 * `amana message list` and `amana message show`.
 *
 * @module
 * @spec docs/spec/08-exchange.md#opening-a-message
 */
import { AmanaError } from '@amana/core'
import { codeLabel, type Language } from '@amana/vocabulary'
import { type ServiceInput } from '../../service-inputs.ts'
import { type GroupAtRest, type MessageSummary, type MessageView } from '../../service-views.ts'
import { readBy } from '../../agency/reading.ts'
import { type AccountOptions, ask, askFor, reasonIn, unlockAsked } from '../acting.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { instantOf } from '../texts.ts'
import { tellRead } from './message-acted.ts'
import { receiptLines, stageLabel } from './message-stages.ts'

const LIST_LIMIT = 1000

/** Options of `message list`. */
export interface ListOptions extends AccountOptions {
  readonly hours?: string | undefined
  readonly overdue?: true | undefined
  readonly purpose?: ServiceInput<'message'>['purpose'] | undefined
}

/** Lists messages, newest first; nothing of their content. The list is recorded before it is shown. */
export async function messageList(context: CommandContext, options: ListOptions): Promise<void> {
  const { io } = context
  const input = {
    ...reasonIn(options),
    ...purposeIn(options),
    ...overdueIn(options),
    limit: LIST_LIMIT,
  }
  const messages = await ask(context, {
    call: { act: 'list', method: 'messages', input },
    officer: options.officer,
    send: (node, asked) => node.messages(asked),
  })
  const lines = messages.map((message) => summaryLine(io, message))
  printAnswer(io, 'amana.cli.message-list/1', {
    json: { messages },
    lines: lines.length > 0 ? lines : [io.say(noneKey(options))],
  })
}

function noneKey({ overdue }: ListOptions): string {
  return overdue === true ? 'message.noneOverdue' : 'message.none'
}

/** @throws CLI_OPTION when the hours are no number, or are given without `--overdue` */
function overdueIn({ hours, overdue }: ListOptions): {
  readonly overdue?: { readonly hours?: number }
} {
  if (overdue === undefined && hours === undefined) return {}
  if (overdue === undefined || (hours !== undefined && !/^[0-9]{1,4}$/.test(hours))) {
    throw new AmanaError('CLI_OPTION', { option: '--hours' })
  }
  return { overdue: hours === undefined ? {} : { hours: Number(hours) } }
}

/** The purpose as a list takes it. */
export function purposeIn<P>({ purpose }: { readonly purpose?: P | undefined }): {
  readonly purpose?: P
} {
  return purpose === undefined ? {} : { purpose }
}

/** Options of `message show`. */
export interface ShowOptions extends AccountOptions {
  readonly breakGlass?: true | undefined
  readonly digest: string
  readonly purpose: ServiceInput<'message'>['purpose']
}

/** Opens one message; the opening is recorded before anything is shown. */
export async function messageShow(context: CommandContext, options: ShowOptions): Promise<void> {
  const { io } = context
  const { breakGlass, digest, purpose } = options
  const plain = { ...reasonIn(options), digest, purpose }
  const input = breakGlass === undefined ? plain : { ...plain, breakGlass }
  const officer = await unlockAsked(context, options.officer)
  const asked = await askFor(context, {
    call: { act: 'open', method: 'message', input },
    officer,
    send: (node, signed) => node.message(signed),
  })
  const message = withoutSealed(await readBy(asked, officer))
  const { review } = message
  const isRead = officer !== undefined && Object.keys(message.groups).length > 0
  if (isRead) await tellRead(context, officer, message.digest)
  if (review !== undefined) {
    io.talk(io.say('message.review', { index: review.index, date: instantOf(review.dueAt) }))
  }
  printAnswer(io, 'amana.cli.message-show/1', { json: { message }, lines: viewLines(io, message) })
}

/** Whose the groups are is told; what lies sealed is nobody's to read here. */
function withoutSealed({ atRest, ...message }: MessageView): ShownMessage {
  if (atRest === undefined) return message
  const groups = Object.entries(atRest.groups).map(
    ([name, { erased, left, readers }]) =>
      [
        name,
        {
          readers,
          ...(left === undefined ? {} : { left }),
          ...(erased === undefined ? {} : { erased }),
        },
      ] as const,
  )
  return {
    ...message,
    atRest: { groups: Object.fromEntries(groups), waiting: Object.keys(atRest.waiting) },
  }
}

/** A message as a command shows it. */
export interface ShownMessage extends Omit<MessageView, 'atRest'> {
  readonly atRest?: {
    readonly groups: Readonly<Record<string, Omit<GroupAtRest, 'commitment' | 'sealed'>>>
    readonly waiting: readonly string[]
  }
}

function summaryLine(io: Io, message: MessageSummary): string {
  const { desks, digest, from, issuedAt, kind, to } = message
  return io.say('message.line', {
    date: instantOf(issuedAt),
    way: `${from} → ${to.join(', ')}${desks.length === 1 ? ` (${desks[0]?.desk ?? ''})` : ''}`,
    kind,
    state: [stateAtDesks(io, message), ...stageLabel(io, message)].join(', '),
    digest: digest.slice(0, 12),
  })
}

/** At several desks the state at each. */
function stateAtDesks(io: Io, message: MessageSummary): string {
  const { desks } = message
  if (desks.length === 1) return stateLabel(io, message)
  return desks
    .map(({ desk, state }) => `${desk}: ${stateLabel(io, { ...message, state })}`)
    .join(', ')
}

/** What was taken back: still to be answered, or too late. */
function stateLabel({ say }: Io, { ended, state, withdrawal }: MessageSummary): string {
  const label = say(ended === true ? 'message.ended' : `message.state.${state}`)
  if (withdrawal === undefined || state === 'withdrawn') return label
  return state === 'sent' ? say('message.withdrawing') : say('message.tooLate', { state: label })
}

/** A message that was opened, line by line. */
export function viewLines(io: Io, message: ShownMessage): readonly string[] {
  const { language, say } = io
  const kind = codeLabel('messageKind', message.kind, language) ?? message.kind
  return [
    summaryLine(io, message),
    say('message.head', { kind, tlp: message.tlp, digest: message.digest }),
    ...message.signers.map(({ act, agency, officer, organisation }) =>
      say('message.signer', { act: say(`message.act.${act}`), agency, officer, organisation }),
    ),
    ...message.relates.map(({ digest, relation }) =>
      say('message.relates', {
        relation: codeLabel('relation', relation, language) ?? relation,
        digest,
      }),
    ),
    ...Object.entries(message.groups).flatMap(([name, value]) => [
      say('message.group', { name }),
      ...valueLines(value, name, language).map((line) => `  ${line}`),
    ]),
    ...receiptLines(io, message),
    ...(message.withheld.length === 0
      ? []
      : [say('message.withheld', { names: message.withheld.join(', ') })]),
    ...(message.erased === undefined
      ? []
      : [say('message.erased', { names: message.erased.join(', ') })]),
    ...atRestLines(io, message),
  ]
}

/** Which groups lie closed for whoever reads here, and what is known of them all the same. */
function atRestLines({ language, say }: Io, message: ShownMessage): readonly string[] {
  const { atRest, facts = {}, groups } = message
  if (atRest === undefined) return []
  const lying = Object.entries(atRest.groups)
  const named = (names: readonly string[], key: string): readonly string[] =>
    names.length === 0 ? [] : [say(key, { names: names.join(', ') })]
  const isOpen = lying.some(([name]) => Object.hasOwn(groups, name))
  const closed = lying.filter(
    ([name, { erased }]) => erased !== true && !Object.hasOwn(groups, name),
  )
  return [
    ...named(
      closed.map(([name]) => name),
      isOpen ? 'message.closed' : 'message.sealed',
    ),
    ...named(atRest.waiting, 'message.waitingGroups'),
    ...lying.flatMap(([name, { left = [] }]) =>
      left.length === 0 ? [] : [say('message.left', { name, officers: left.join(', ') })],
    ),
    ...(isOpen || Object.keys(facts).length === 0
      ? []
      : [say('message.facts'), ...valueLines(facts, 'body', language).map((line) => `  ${line}`)]),
  ]
}

/** One line a value: its path, and of a code the reader's word. */
export function valueLines(value: unknown, name: string, language: Language): readonly string[] {
  return leavesOf(value, []).map(({ leaf, path }) => {
    const member = path.findLast((part) => !/^\d+$/.test(part)) ?? name
    const label = codeLabel(member, leaf, language)
    return `${path.join('.')}: ${label === undefined ? leaf : `${label} (${leaf})`}`
  })
}

interface LeafValue {
  readonly path: readonly string[]
  readonly leaf: string
}

function leavesOf(value: unknown, path: readonly string[]): readonly LeafValue[] {
  if (typeof value !== 'object' || value === null) return [{ path, leaf: String(value) }]
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    leavesOf(inner, [...path, name]),
  )
}
