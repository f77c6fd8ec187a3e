/**
 * `amana audit verify`, `anchor` and `conflict export`: the heads of both logs.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#anchors
 */
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { decodeUtf8, DigestSchema, encodeUtf8 } from '@amana/core'
import { type ServiceInput } from '../../service-inputs.ts'
import { type NodeServices, type ServiceResults } from '../../services.ts'
import { writeWhole } from '../../services/written-file.ts'
import { systemClock } from '../../system.ts'
import { type AccountOptions, ask, reasonIn } from '../acting.ts'
import { anchorCode, anchorPage } from '../anchor-page.ts'
import { readBytes } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'

const PROGRESS_MS = 1000

/** `amana audit verify`. */
export function auditVerifyCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'verify', 'auditVerify')
    .option('--epoch <log>', shell.say('help.option.epoch'))
    .action(({ epoch, ...options }) =>
      auditVerify(contextOf(shell, options), epoch === undefined ? {} : { epoch }),
    )
}

/** `amana audit anchor`. */
export function auditAnchorCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'anchor', 'auditAnchor')
    .option('--minutes <digest>', say('help.option.minutes'))
    .option('--confirm <file>', say('help.option.confirmAnchor'))
    .option('--to <file>', say('help.option.anchorTo'))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((options) => auditAnchor(contextOf(shell, options), options))
}

/** `amana audit conflict export`. */
export function auditConflictCommands(shell: Shell): CommandUnknownOpts {
  const exporting = leafCommand(shell, 'export', 'auditConflictExport')
    .option('--log <name>', shell.say('help.option.log'))
    .requiredOption('--to <file>', shell.say('help.option.to'))
    .option('--officer <id>', shell.say('help.option.acting'))
    .option('--reason <text>', shell.say('help.option.reason'))
    .action((options) => exportConflict(contextOf(shell, options), options))
  return groupCommand(shell, { name: 'conflict', helpKey: 'auditConflict' }, [exporting])
}

async function auditVerify(context: CommandContext, log: AskedLog): Promise<void> {
  const { io } = context
  const { size, root, cosignedSize } = await withServices(context, (node) =>
    io.interactive ? withProgress(io, node, log) : node.auditVerify(log),
  )
  printAnswer(io, 'amana.cli.audit-verify/1', {
    json: { size, root, cosignedSize },
    lines: [io.say('audit.verified', { size, root, cosigned: cosignedSize })],
  })
}

type AskedLog = ServiceInput<'auditVerify'>

/** The node says in its status how far it is. */
async function withProgress(
  io: Io,
  node: NodeServices,
  log: AskedLog,
): Promise<ServiceResults['auditVerify']> {
  const over = new AbortController()
  const telling = tell(io, node, over.signal)
  try {
    return await node.auditVerify(log)
  } finally {
    over.abort()
    await telling
  }
}

async function tell(io: Io, node: NodeServices, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(PROGRESS_MS, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const { checking } = (await node.status({})).log
    if (checking !== undefined) io.talk(io.say('audit.checking', { ...checking }))
  }
}

interface AnchorOptions extends AccountOptions {
  readonly minutes?: string | undefined
  readonly confirm?: string | undefined
  readonly to?: string | undefined
}

async function auditAnchor(context: CommandContext, options: AnchorOptions): Promise<void> {
  const { io } = context
  const made = await askForAnchor(context, options)
  const file = await pageOf(io, made, options.to)
  printAnswer(io, 'amana.cli.audit-anchor/1', {
    json: { ...made, ...file },
    lines: [
      ...made.text.trimEnd().split('\n'),
      '',
      ...anchorCode(made.text).trimEnd().split('\n'),
      ...('file' in file ? [io.say('audit.anchor.page.done', file)] : []),
    ],
  })
}

async function askForAnchor(
  context: CommandContext,
  options: AnchorOptions,
): Promise<ServiceResults['anchor']> {
  const { confirm, minutes, officer } = options
  const input = {
    ...reasonIn(options),
    ...(minutes === undefined ? {} : { minutes: DigestSchema.parse(minutes) }),
  }
  if (confirm === undefined) {
    return ask(context, {
      call: { act: 'print', method: 'anchor', input },
      officer,
      send: (node, asked) => node.anchor(asked),
    })
  }
  const text = decodeUtf8(await readBytes(resolve(confirm)))
  return ask(context, {
    call: { act: 'print', method: 'confirmAnchor', input: { ...input, text } },
    officer,
    send: (node, asked) => node.confirmAnchor(asked),
  })
}

async function pageOf(
  io: Io,
  made: ServiceResults['anchor'],
  to: string | undefined,
): Promise<{ readonly file: string } | Record<string, never>> {
  if (to === undefined) return {}
  const file = resolve(to)
  const page = anchorPage(io, { ...made, printedAt: systemClock.now() })
  await writeWhole(file, async (pending) => {
    await pending.write(encodeUtf8(page))
    await pending.finish()
  })
  return { file }
}

async function exportConflict(
  context: CommandContext,
  options: AccountOptions & { readonly log?: string | undefined; readonly to: string },
): Promise<void> {
  const { io } = context
  const { log, officer } = options
  const place = { to: resolve(options.to), ...(log === undefined ? {} : { log }) }
  const made = await ask(context, {
    call: { act: 'copy', method: 'exportConflict', input: { ...reasonIn(options), ...place } },
    officer,
    send: (node, asked) => node.exportConflict(asked),
  })
  printAnswer(io, 'amana.cli.audit-conflict-export/1', {
    json: { ...made },
    lines: [io.say('audit.conflict.exported', { file: made.file, log: made.log })],
  })
}
