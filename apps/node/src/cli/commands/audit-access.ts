/**
 * `amana audit list`, `access`, `prove` and `review`: looking into the own log, and answering for what was opened.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#looking-into-the-log
 */
import { resolve } from 'node:path'
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AmanaError, LEAF_CLASSES, type LeafClass, PURPOSES, REVIEW_RESULTS } from '@amana/core'
import { codeLabel } from '@amana/vocabulary'
import { type ServiceInput } from '../../service-inputs.ts'
import { type AccessEntry, type AccessReport, type LeafView } from '../../service-views.ts'
import { type ServiceResults } from '../../services.ts'
import { type AccountOptions, ask, reasonIn } from '../acting.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'

const LIST_LIMIT = 100
const INDEX = /^(?:0|[1-9][0-9]{0,14})$/

/** The commands, for the group `audit`. */
export function accessCommands(shell: Shell): readonly CommandUnknownOpts[] {
  return [listCommand(shell), accessCommand(shell), proveCommand(shell), reviewCommand(shell)]
}

function listCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'list', 'auditList')
    .option('--classes <classes>', say('help.option.classes'))
    .option('--event <event>', say('help.option.event'))
    .option('--message <digest>', say('help.option.message'))
    .option('--limit <number>', say('help.option.limit'))
    .option('--before <index>', say('help.option.before'))
    .option('--epoch <log>', say('help.option.epoch'))
    .option('--disclosures', say('help.option.disclosures'))
    .addOption(purposeOfAudit(shell))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((options) => auditList(contextOf(shell, options), options))
}

function accessCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'access', 'auditAccess')
    .argument('[digest]')
    .option('--from <day>', say('help.option.from'))
    .option('--until <day>', say('help.option.until'))
    .option('--disclosures', say('help.option.disclosures'))
    .addOption(purposeOfAudit(shell))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((message, options) =>
      auditAccess(contextOf(shell, options), {
        ...options,
        ...(message === undefined ? {} : { message }),
      }),
    )
}

function proveCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'prove', 'auditProve')
    .argument('<index>')
    .requiredOption('--to <file>', say('help.option.to'))
    .option('--epoch <log>', say('help.option.epoch'))
    .addOption(purposeOfAudit(shell))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((index, options) => auditProve(contextOf(shell, options), index, options))
}

function reviewCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'review', 'auditReview')
    .argument('<index>')
    .addOption(
      new Option('--result <result>', say('help.option.result'))
        .choices(REVIEW_RESULTS)
        .makeOptionMandatory(),
    )
    .requiredOption('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((index, options) => auditReview(contextOf(shell, options), index, options))
}

type Purpose = (typeof PURPOSES)[number]

function purposeOfAudit(
  shell: Shell,
): Option<'--purpose <purpose>', undefined, 'audit', undefined, false, Purpose> {
  return new Option('--purpose <purpose>', shell.say('help.option.purpose'))
    .choices(PURPOSES)
    .default('audit' as const)
}

interface LookOptions extends AccountOptions {
  readonly disclosures?: true | undefined
  readonly purpose: Purpose
}

interface ListOptions extends LookOptions {
  readonly before?: string | undefined
  readonly classes?: string | undefined
  readonly epoch?: string | undefined
  readonly event?: string | undefined
  readonly limit?: string | undefined
  readonly message?: string | undefined
}

async function auditList(context: CommandContext, options: ListOptions): Promise<void> {
  const { io } = context
  const { before, classes, epoch, event, limit, message, officer } = options
  const input = {
    ...lookIn(options),
    limit: limit === undefined ? LIST_LIMIT : numberOf(limit, '--limit'),
    ...(before === undefined ? {} : { before: numberOf(before, '--before') }),
    ...(classes === undefined ? {} : { classes: classesOf(classes) }),
    ...(epoch === undefined ? {} : { epoch }),
    ...(event === undefined ? {} : { event }),
    ...(message === undefined ? {} : { message }),
  }
  const found = await ask(context, {
    call: { act: 'list', method: 'auditList', input },
    officer,
    send: (node, asked) => node.auditList(asked),
  })
  printAnswer(io, 'amana.cli.audit-list/1', {
    json: { ...found },
    lines: foundLines(io, found),
  })
}

function foundLines(io: Io, { leaves, next }: ServiceResults['auditList']): readonly string[] {
  const lines = leaves.flatMap((leaf) => leafLines(io, leaf))
  if (next !== undefined) return [...lines, io.say('audit.list.more', { next })]
  return leaves.length === 0 ? [io.say('audit.list.none')] : lines
}

interface AccessOptions extends LookOptions {
  readonly from?: string | undefined
  readonly message?: string
  readonly until?: string | undefined
}

async function auditAccess(context: CommandContext, options: AccessOptions): Promise<void> {
  const { io } = context
  const { from, message, officer, until } = options
  const input: ServiceInput<'auditAccess'> = {
    ...lookIn(options),
    ...(from === undefined ? {} : { from }),
    ...(message === undefined ? {} : { message }),
    ...(until === undefined ? {} : { until }),
  }
  const report = await ask(context, {
    call: { act: 'list', method: 'auditAccess', input },
    officer,
    send: (node, asked) => node.auditAccess(asked),
  })
  printAnswer(io, 'amana.cli.audit-access/1', { json: { report }, lines: reportLines(io, report) })
}

async function auditProve(
  context: CommandContext,
  index: string,
  options: LookOptions & { readonly epoch?: string | undefined; readonly to: string },
): Promise<void> {
  const { io } = context
  const { epoch, officer, purpose, to } = options
  const log = epoch === undefined ? {} : { epoch }
  const place = { ...log, index: numberOf(index, '<index>'), to: resolve(to) }
  const input = { ...reasonIn(options), ...place, purpose }
  const proof = await ask(context, {
    call: { act: 'export', method: 'auditProve', input },
    officer,
    send: (node, asked) => node.auditProve(asked),
  })
  printAnswer(io, 'amana.cli.audit-prove/1', {
    json: { ...proof },
    lines: [io.say('audit.proof', { ...proof })],
  })
}

async function auditReview(
  context: CommandContext,
  index: string,
  options: AccountOptions & { readonly result: (typeof REVIEW_RESULTS)[number] },
): Promise<void> {
  const { io } = context
  const { officer, result } = options
  const input = { ...reasonIn(options), by: null, index: numberOf(index, '<index>'), result }
  const judged = await ask(context, {
    call: { act: 'review', method: 'auditReview', input },
    officer,
    send: (node, asked) => node.auditReview(asked),
  })
  printAnswer(io, 'amana.cli.audit-review/1', {
    json: { ...judged },
    lines: [io.say(`audit.reviewed.${judged.result}`, { index: judged.index })],
  })
}

function lookIn(options: LookOptions): {
  readonly disclose?: true
  readonly purpose: Purpose
  readonly reason?: string
} {
  const { disclosures: disclose, purpose } = options
  return { ...reasonIn(options), purpose, ...(disclose === undefined ? {} : { disclose }) }
}

function numberOf(text: string, option: string): number {
  if (!INDEX.test(text)) throw new AmanaError('CLI_OPTION', { option })
  return Number(text)
}

/** Classes from text such as `a,g`. @throws CLI_OPTION */
export function classesOf(text: string): LeafClass[] {
  const named = text.split(',').map((one) => one.trim())
  const classes = LEAF_CLASSES.filter((one) => named.includes(one))
  if (classes.length !== named.length) throw new AmanaError('CLI_OPTION', { option: '--classes' })
  return classes
}

function leafLines({ say }: Io, leaf: LeafView): readonly string[] {
  const { actor, data, disclosed, event, index, time, withheld } = leaf
  return [
    say('audit.list.line', { index, time, event, actor, data: membersOf(data) }),
    ...disclosed.map(({ name, value }) => say('audit.list.field', { name, value: oneLine(value) })),
    ...(withheld === 0 ? [] : [say('audit.list.withheld', { count: withheld })]),
  ]
}

function membersOf(data: Readonly<Record<string, unknown>>): string {
  return Object.entries(data)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')
}

/** What an officer typed must not look like lines of ours. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{C}/gu, '·')
}

function reportLines(io: Io, { entries, officers, opens }: AccessReport): readonly string[] {
  const { say } = io
  if (entries.length === 0) return [say('audit.access.none')]
  return [
    ...opens.map(({ actor, count, day, purpose }) =>
      say('audit.access.opens', {
        actor,
        count,
        day,
        purpose: codeLabel('purpose', purpose, io.language) ?? purpose,
      }),
    ),
    ...entries.flatMap((entry) => entryLines(io, entry)),
    ...officers.flatMap(({ actor, fields }) => [
      say('audit.access.officer', { actor }),
      ...fields.map(({ name, value }) => say('audit.list.field', { name, value: oneLine(value) })),
    ]),
  ]
}

function entryLines(io: Io, entry: AccessEntry): readonly string[] {
  const { review } = entry
  const lines = leafLines(io, entry)
  return review === undefined
    ? lines
    : [...lines, io.say('audit.access.review', { state: io.say(`audit.review.${review}`) })]
}
