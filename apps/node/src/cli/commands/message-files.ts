/**
 * `amana message validate`, `inspect` and `export`.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { basename, resolve } from 'node:path'
import { AmanaError, ERRORS, LATER_VERSIONS, parseDraft } from '@amana/core'
import { type InspectedFile, inspectFile, inspectHeading, memberLines } from '@amana/verify'
import { discloseMessage } from '../../agency/disclosing.ts'
import { presentAs } from '../../agency/reading.ts'
import { type UnlockedOfficer } from '../../agency/signing.ts'
import { type ServiceInput } from '../../service-inputs.ts'
import { type ServiceResults } from '../../services.ts'
import { type AccountOptions, ask, askFor, reasonIn, unlockAsked } from '../acting.ts'
import { readJson, readPieces, writeText } from '../files.ts'
import { errorAnswer, type Io, printAnswer, printError } from '../io.ts'
import { type CommandContext, type Invocation } from '../options.ts'
import { systemClock } from '../../system.ts'
import { dayOf } from '../texts.ts'
import { withServices } from '../with-services.ts'
import { lawLines } from './law.ts'

/** Checks a draft as it would be checked before it is signed. Needs no node. */
export async function messageValidate(context: CommandContext, file: string): Promise<void> {
  const { io } = context
  const draft = parseDraft(await readJson(file))
  const { kind, to } = draft
  const law = lawLines(io, draft, dayOf(systemClock.now()))
  const newer = newerVersion(kind)
  printAnswer(io, 'amana.cli.message-validate/1', {
    json: {
      kind,
      to: to.agency,
      ...(newer === undefined ? {} : { newer }),
      ...(law.length === 0 ? {} : { law }),
    },
    lines: [
      io.say('message.valid', { kind }),
      ...(newer === undefined ? [] : [io.say('message.newer', { kind: newer })]),
      ...law,
    ],
  })
}

function newerVersion(kind: string): string | undefined {
  return Object.entries(LATER_VERSIONS).find(([, earlier]) => earlier === kind)?.[0]
}

/** Takes any object apart, and prints as it reads: a bundle may be of any length. Needs no node and no key. */
export async function messageInspect(
  { io }: CommandContext,
  file: string,
  outcome: Invocation['outcome'],
): Promise<void> {
  const { what, members } = await inspectFile(basename(file), readPieces(file))
  if (io.json) {
    const refusal = await printMembers(io, what, members)
    if (refusal !== undefined) outcome.exit = ERRORS[refusal.code].exit
    return
  }
  for (const line of inspectHeading(what, io.language)) await io.flow(line)
  for await (const member of members) {
    for (const line of memberLines(member, io.language)) await io.flow(line)
  }
}

/** One object over many lines, whole also where the file is refused in its middle: then its last member is `error`. */
async function printMembers(
  io: Io,
  what: InspectedFile['what'],
  members: InspectedFile['members'],
): Promise<AmanaError | undefined> {
  const head = JSON.stringify({ schema: 'amana.cli.message-inspect/1', what }).slice(0, -1)
  let before = `${head},"members":[`
  let refusal: AmanaError | undefined
  try {
    for await (const member of members) {
      await io.flow(before)
      before = `${JSON.stringify(member)},`
    }
  } catch (error) {
    refusal = printError({ ...io, json: false }, error)
  }
  const told = refusal === undefined ? '' : `,"error":${JSON.stringify(errorAnswer(io, refusal))}`
  io.answer(`${before.replace(/,$/, '')}]${told}}`)
  return refusal
}

/** Forms of an export: with all that fixes who held which key, the bare text of RFC 9901, what a partner desk opens. */
export const EXPORT_FORMATS = ['message', 'sd-jwt', 'envelope'] as const

/** Options of `message export`. */
export interface ExportOptions extends AccountOptions {
  readonly digest: string
  /** The partner desk that gets the envelope. */
  readonly desk?: string | undefined
  readonly disclose?: string | undefined
  /** For whom the officer signs that it is. */
  readonly for?: string | undefined
  readonly format: (typeof EXPORT_FORMATS)[number]
  readonly purpose: ServiceInput<'presentation'>['purpose']
  readonly to: string
}

/** By this ending `amana verify` knows the file. */
const MESSAGE_FILE = '.message.jsonl'
const ENVELOPE_FILE = '.amana.json'

/** Writes a message for an auditor: its signatures, and the fields named and no others. */
export async function messageExport(
  context: CommandContext,
  options: ExportOptions,
): Promise<void> {
  const disclose = options.disclose?.split(',').map((path) => path.trim()) ?? []
  assertOptions(options, disclose)
  if (options.format === 'envelope') return exportEnvelope(context, options)
  if (options.format === 'sd-jwt') return exportPresentation(context, options, disclose)
  return exportFile(context, options, disclose)
}

/** Whoever signs for an audience shows something, and names himself; a bare presentation is for no audience. */
function assertOptions(
  { desk, for: audience, format, officer, to }: ExportOptions,
  disclose: readonly string[],
): void {
  const isFile = format === 'message'
  const isEnvelope = format === 'envelope'
  assertOption(isEnvelope === (desk !== undefined), '--desk')
  assertOption(!isEnvelope || to.endsWith(ENVELOPE_FILE), '--to')
  assertOption(!isEnvelope || disclose.length === 0, '--disclose')
  assertOption(
    isEnvelope || disclose.length > 0 || (isFile && audience === undefined),
    '--disclose',
  )
  assertOption(isFile || audience === undefined, '--for')
  assertOption(audience === undefined || officer !== undefined, '--officer')
  assertOption(!isFile || to.endsWith(MESSAGE_FILE), '--to')
}

function assertOption(holds: boolean, option: string): void {
  if (!holds) throw new AmanaError('CLI_OPTION', { option })
}

async function exportEnvelope(context: CommandContext, options: ExportOptions): Promise<void> {
  const { io } = context
  const { desk = '', digest, officer, purpose, to } = options
  const input = { ...reasonIn(options), desk, digest, purpose, to: resolve(to) }
  const { file, statements } = await ask(context, {
    call: { act: 'export', method: 'exportEnvelope', input },
    officer,
    send: (node, asked) => node.exportEnvelope(asked),
  })
  printAnswer(io, 'amana.cli.message-export/1', {
    json: { format: 'envelope', file, desk, statements },
    lines: [io.say('message.exportedEnvelope', { desk, file })],
  })
}

async function exportPresentation(
  context: CommandContext,
  options: ExportOptions,
  disclose: readonly string[],
): Promise<void> {
  const { io } = context
  const { digest, purpose } = options
  const officer = await unlockAsked(context, options.officer)
  const shown = await shownBy(context, { disclose, officer, options })
  const input = { ...reasonIn(options), digest, ...shown, purpose }
  const { presentation } = await askFor(context, {
    call: { act: 'export', method: 'presentation', input },
    officer,
    send: (node, asked) => node.presentation(asked),
  })
  const file = resolve(options.to)
  await writeText(file, presentation)
  printAnswer(io, 'amana.cli.message-export/1', {
    json: { format: 'sd-jwt', file, disclosed: disclose },
    lines: [io.say('message.exported', { file })],
  })
}

async function exportFile(
  context: CommandContext,
  options: ExportOptions,
  disclose: readonly string[],
): Promise<void> {
  const { io } = context
  const { for: audience } = options
  const { file } = await exported(context, options, disclose)
  const json = { format: 'message', file, disclosed: disclose }
  printAnswer(io, 'amana.cli.message-export/1', {
    json: audience === undefined ? json : { ...json, audience },
    lines: [io.say('message.exportedFile', { file })],
  })
}

async function exported(
  context: CommandContext,
  options: ExportOptions,
  disclose: readonly string[],
): Promise<ServiceResults['exportMessage']> {
  const { digest, for: audience, purpose } = options
  const asked = { ...reasonIn(options), digest, purpose, to: resolve(options.to) }
  const officer = await unlockAsked(context, options.officer)
  const shown = await shownBy(context, { disclose, officer, options })
  if (audience !== undefined && officer !== undefined) {
    return withServices(context, (node) =>
      discloseMessage(node, { ...asked, ...shown, audience }, officer),
    )
  }
  return askFor(context, {
    call: { act: 'export', method: 'exportMessage', input: { ...asked, ...shown } },
    officer,
    send: (node, signed) => node.exportMessage(signed),
  })
}

interface Showing {
  readonly disclose: readonly string[]
  readonly officer: UnlockedOfficer | undefined
  readonly options: ExportOptions
}

/**
 * What is shown: of groups at rest the presentation that the officer's program makes, after the leaf of his opening; else
 * the paths, for the node.
 */
async function shownBy(
  context: CommandContext,
  { disclose, officer, options }: Showing,
): Promise<{ readonly disclose?: string[]; readonly presentation?: string }> {
  if (disclose.length === 0) return {}
  if (officer === undefined) return { disclose: [...disclose] }
  const { digest, purpose } = options
  const presentation = await withServices(context, (node) =>
    presentAs(node, officer, { ...reasonIn(options), digest, disclose, purpose }),
  )
  return presentation === undefined ? { disclose: [...disclose] } : { presentation }
}
