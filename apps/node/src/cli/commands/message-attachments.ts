/**
 * `amana message attachments` and `amana message attachment …`: what waits and how far it has come, which of it is fetched,
 * and one of them on a disk.
 *
 * @module
 * @spec docs/spec/10-attachments.md#for-people
 */
import { resolve } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { type Attachment } from '@amana/core'
import { type ServiceInput } from '../../service-inputs.ts'
import { type AttachmentView } from '../../service-views.ts'
import { attachmentsFor } from '../../agency/reading.ts'
import { type UnlockedOfficer } from '../../agency/signing.ts'
import { type AccountOptions, ask, askFor, reasonIn, unlockAsked } from '../acting.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { purposeOption } from '../purpose.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { durationOf, sizeOf } from '../texts.ts'
import { withServices } from '../with-services.ts'

const PERCENT = 100
const LIST_LIMIT = 1000

/** `amana message attachments`. */
export function attachmentsCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'attachments', 'messageAttachments')
    .argument('[digest]')
    .option('--officer <id>', shell.say('help.option.acting'))
    .option('--reason <text>', shell.say('help.option.reason'))
    .action((digest, options) => {
      const context = contextOf(shell, options)
      return digest === undefined ? listWaiting(context, options) : list(context, digest)
    })
}

/** `amana message attachment …`. */
export function attachmentCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const save = leafCommand(shell, 'save', 'messageAttachmentSave')
    .argument('<digest>')
    .argument('<attachment>')
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .requiredOption('--to <file>', say('help.option.to'))
    .addOption(purposeOption(shell))
    .action((digest, attachment, options) =>
      saveOne(contextOf(shell, options), { ...options, attachment, digest }),
    )
  return groupCommand(shell, { name: 'attachment', helpKey: 'messageAttachment' }, [
    save,
    choiceCommand(shell, 'first', 'messageAttachmentFirst'),
    choiceCommand(shell, 'pull', 'messageAttachmentPull'),
    choiceCommand(shell, 'hold', 'messageAttachmentHold'),
  ])
}

type Choosing = ServiceInput<'chooseAttachment'>

function choiceCommand(
  shell: Shell,
  choice: Choosing['choice'],
  helpKey: string,
): CommandUnknownOpts {
  return leafCommand(shell, choice, helpKey)
    .argument('<digest>')
    .argument('<attachment>')
    .action((digest, attachment, options) =>
      choose(contextOf(shell, options), { attachment, choice, digest }),
    )
}

/** What the officer chooses from: of every message, in the order in which it is fetched. */
async function listWaiting(context: CommandContext, options: AccountOptions): Promise<void> {
  const { io } = context
  const input = { ...reasonIn(options), limit: LIST_LIMIT }
  const { attachments } = await ask(context, {
    call: { act: 'list', method: 'waitingAttachments', input },
    officer: options.officer,
    send: (node, asked) => node.waitingAttachments(asked),
  })
  const lines = attachments.map((one) => {
    const { kind, message, urgency } = one
    const of = io.say('message.attachment.of', {
      message,
      kind,
      urgency: io.say(`node.urgency.${urgency}`),
    })
    return `${of}  ${attachmentLine(io, one)}`
  })
  printAnswer(io, 'amana.cli.message-attachments/1', {
    json: { attachments },
    lines: lines.length === 0 ? [io.say('message.attachment.noneWait')] : lines,
  })
}

async function choose(context: CommandContext, input: Choosing): Promise<void> {
  const { io } = context
  const { attachment, digest } = await withServices(context, (node) => node.chooseAttachment(input))
  printAnswer(io, 'amana.cli.message-attachment-choice/1', {
    json: { attachment, choice: input.choice, digest },
    lines: [attachmentLine(io, attachment)],
  })
}

async function list(context: CommandContext, digest: string): Promise<void> {
  const { io } = context
  const found = await withServices(context, (node) => node.attachments({ digest }))
  const lines = found.attachments.map((one) => attachmentLine(io, one))
  printAnswer(io, 'amana.cli.message-attachments/1', {
    json: { attachments: found.attachments, digest: found.digest },
    lines: lines.length === 0 ? [io.say('message.attachment.none')] : lines,
  })
}

function attachmentLine(io: Io, one: AttachmentView): string {
  const { say } = io
  const { cameBytes, code, isOverBudget, length, media, number, secondsLeft, sizeBytes } = one
  const percent = Math.floor((PERCENT * cameBytes) / length)
  const state = say(`message.attachment.state.${one.state}`, { code: code ?? '', percent })
  const left =
    secondsLeft === undefined
      ? ''
      : say('message.attachment.left', { time: durationOf(io, secondsLeft) })
  const first = one.isFirst === true ? say('message.attachment.first') : ''
  const budget = isOverBudget === true ? say('message.attachment.budget') : ''
  return [
    say('message.attachment.line', { number, media, size: sizeOf(io, sizeBytes), state }),
    ...[first, left, budget].filter((text) => text !== ''),
  ].join(', ')
}

interface SaveOptions extends AccountOptions {
  readonly attachment: string
  readonly digest: string
  readonly purpose: ServiceInput<'saveAttachment'>['purpose']
  readonly to: string
}

async function saveOne(context: CommandContext, options: SaveOptions): Promise<void> {
  const { io } = context
  const { attachment, digest, purpose, to } = options
  const officer = await unlockAsked(context, options.officer)
  const opened = officer === undefined ? [] : await openedAs(context, options, officer)
  const input = {
    attachment,
    digest,
    purpose,
    to: resolve(to),
    ...reasonIn(options),
    ...(opened.length === 0 ? {} : { opened: opened.map((one) => ({ ...one })) }),
  }
  const saved = await askFor(context, {
    call: { act: 'export', method: 'saveAttachment', input },
    officer,
    send: (node, signed) => node.saveAttachment(signed),
  })
  const size = sizeOf(io, saved.sizeBytes)
  printAnswer(io, 'amana.cli.message-attachment-save/1', {
    json: { ...saved },
    lines: [io.say('message.attachment.saved', { file: saved.file, size })],
  })
}

/** The attachments with their keys as the officer reads them; the opening is in the log first. */
async function openedAs(
  context: CommandContext,
  options: SaveOptions,
  officer: UnlockedOfficer,
): Promise<readonly Attachment[]> {
  const { digest, purpose } = options
  const view = await askFor(context, {
    call: { act: 'open', method: 'message', input: { digest, purpose, ...reasonIn(options) } },
    officer,
    send: (node, signed) => node.message(signed),
  })
  return attachmentsFor(view, officer)
}
