/**
 * `amana audit epoch head`, `propose`, `sign` and `adopt`: another log, begun by both agencies.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import { resolve } from 'node:path'
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { decodeUtf8, EPOCH_REASONS, parseLogEpoch, type ParsedEpoch } from '@amana/core'
import { beginEpoch, proposeEpoch, signEpoch } from '../../agency/log-epoch.ts'
import { adoptNextRoster } from '../../agency/rosters.ts'
import { epochView } from '../../services/epoch-services.ts'
import { type EpochView } from '../../service-views.ts'
import { readBytes, readJws, writeJws, writeText } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { unlockClosedRosterKey, unlockRosterKey } from '../roster-key.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'

type Reason = (typeof EPOCH_REASONS)[number]

/** The commands of the group `audit epoch`. */
export function auditEpochCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const to = say('help.option.to')
  const head = leafCommand(shell, 'head', 'auditEpochHead')
    .requiredOption('--to <file>', to)
    .action((options) => writeHead(contextOf(shell, options), options.to))
  const propose = leafCommand(shell, 'propose', 'auditEpochPropose')
    .addOption(
      new Option('--reason <reason>', say('help.option.epochReason'))
        .choices(EPOCH_REASONS)
        .makeOptionMandatory(),
    )
    .option('--last <file>', say('help.option.epochLast'))
    .requiredOption('--to <file>', to)
    .action((options) => writeProposal(contextOf(shell, options), options))
  const sign = leafCommand(shell, 'sign', 'auditEpochSign')
    .argument('<file>')
    .option('--dry-run', say('help.option.dryRun'))
    .requiredOption('--to <file>', to)
    .action((file, options) => signProposal(contextOf(shell, options), file, options))
  const adopt = leafCommand(shell, 'adopt', 'auditEpochAdopt')
    .argument('<file>')
    .action((file, options) => adoptEpoch(contextOf(shell, options), file))
  return groupCommand(shell, { name: 'epoch', helpKey: 'auditEpoch' }, [head, propose, sign, adopt])
}

async function writeHead(context: CommandContext, to: string): Promise<void> {
  const file = resolve(to)
  const { log, note, size } = await withServices(context, (node) => node.cosignedHead({}))
  await writeText(file, note)
  printAnswer(context.io, 'amana.cli.audit-epoch-head/1', {
    json: { file, log, size },
    lines: [context.io.say('audit.epoch.head', { file, log, size })],
  })
}

async function writeProposal(
  context: CommandContext,
  options: { readonly reason: Reason; readonly last?: string | undefined; readonly to: string },
): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const { last } = options
  const note = last === undefined ? {} : { last: decodeUtf8(await readBytes(resolve(last))) }
  const passphrase = await context.passphrases('node')
  const rosterKey = await unlockClosedRosterKey(context, { folder, passphrase })
  const wish = { reason: options.reason, ...note }
  const epoch = await proposeEpoch({ folder, passphrase }, wish, rosterKey)
  const file = resolve(options.to)
  await writeJws(file, epoch.jws)
  const view = epochView(epoch)
  printAnswer(io, 'amana.cli.audit-epoch-propose/1', {
    json: { ...view, file },
    lines: [...epochLines(io, view), io.say('audit.epoch.proposed', { file })],
  })
}

async function signProposal(
  context: CommandContext,
  file: string,
  options: { readonly dryRun?: true | undefined; readonly to: string },
): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const agreement = await readJws(file)
  const view = await withServices(context, (node) =>
    node.checkEpoch({ agreement: { ...agreement } }),
  )
  if (options.dryRun === true) {
    return printAnswer(io, 'amana.cli.audit-epoch-sign/1', {
      json: { ...view, signed: false },
      lines: [...epochLines(io, view), io.say('audit.epoch.unsigned')],
    })
  }
  const rosterKey = await unlockRosterKey(context, folder)
  const signed = await signEpoch(parseLogEpoch(agreement), rosterKey)
  await withServices(context, (node) => node.acceptEpoch({ agreement: { ...signed } }))
  const to = resolve(options.to)
  await writeJws(to, signed)
  printAnswer(io, 'amana.cli.audit-epoch-sign/1', {
    json: { ...view, signed: true, file: to },
    lines: [
      ...epochLines(io, view),
      io.say('audit.epoch.signed', { before: view.before, file: to }),
    ],
  })
}

async function adoptEpoch(context: CommandContext, file: string): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const agreement = await readJws(file)
  const passphrase = await context.passphrases('node')
  const rosterKey = await unlockClosedRosterKey(context, { folder, passphrase })
  const epoch = await beginEpoch({ folder, passphrase }, agreement)
  const { version } = await withServices(context, (node) =>
    adoptNextRoster(node, rosterKey, withLog(epoch)),
  )
  const view = epochView(epoch)
  printAnswer(io, 'amana.cli.audit-epoch-adopt/1', {
    json: { ...view, version },
    lines: [...epochLines(io, view), io.say('audit.epoch.adopted', { log: view.log, version })],
  })
}

/** Every node of the agency keeps the one log. */
function withLog({ content }: ParsedEpoch): Parameters<typeof adoptNextRoster>[2] {
  return ({ payload }) => ({ nodes: payload.nodes.map((node) => ({ ...node, log: content.log })) })
}

function epochLines({ say }: Io, view: EpochView): readonly string[] {
  const { agency, before, log, lost } = view
  const reason = say(`audit.epoch.reason.${view.reason}`)
  return [
    say('audit.epoch.log', { agency, before, log, reason }),
    lost === undefined
      ? say('audit.epoch.whole')
      : say('audit.epoch.lost', { from: lost.from, to: lost.to - 1 }),
  ]
}
