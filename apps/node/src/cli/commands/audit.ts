/**
 * `amana audit export`, and the group of commands about the log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#export
 */
import { resolve } from 'node:path'
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError } from '@amana/core'
import { type AccountOptions, ask, reasonIn } from '../acting.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'
import { accessCommands, classesOf } from './audit-access.ts'
import { auditEpochCommands } from './audit-epoch.ts'
import { auditAnchorCommand, auditConflictCommands, auditVerifyCommand } from './audit-heads.ts'

const FORMATS = ['bundle', 'tiles', 'policy'] as const

/** The commands of the group `audit`. */
export function auditCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const exporting = leafCommand(shell, 'export', 'auditExport')
    .addOption(
      new Option('--format <format>', say('help.option.format'))
        .choices(FORMATS)
        .default('bundle' as const),
    )
    .requiredOption('--to <dir>', say('help.option.to'))
    .option('--classes <classes>', say('help.option.classes'))
    .option('--disclosures', say('help.option.disclosures'))
    .option('--epoch <log>', say('help.option.epoch'))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((options) => auditExport(contextOf(shell, options), options))
  return groupCommand(shell, { name: 'audit', helpKey: 'audit' }, [
    exporting,
    auditVerifyCommand(shell),
    auditAnchorCommand(shell),
    auditConflictCommands(shell),
    ...accessCommands(shell),
    auditEpochCommands(shell),
  ])
}

async function auditExport(
  context: CommandContext,
  options: ExportOptions & { readonly format: (typeof FORMATS)[number] },
): Promise<void> {
  const { classes, disclosures, format } = options
  const choosesLeaves = classes !== undefined || disclosures !== undefined
  if (choosesLeaves && format !== 'bundle') {
    throw new AmanaError('CLI_OPTION', { option: '--classes' })
  }
  switch (format) {
    case 'bundle':
      return exportBundle(context, options)
    case 'tiles':
      return exportTiles(context, options)
    case 'policy':
      return exportPolicy(context, options)
  }
}

interface ExportOptions extends AccountOptions {
  readonly classes?: string | undefined
  readonly disclosures?: true | undefined
  readonly epoch?: string | undefined
  readonly to: string
}

async function exportBundle(context: CommandContext, options: ExportOptions): Promise<void> {
  const { classes, disclosures: disclose, epoch, officer, to } = options
  const input = {
    ...reasonIn(options),
    ...(classes === undefined ? {} : { classes: classesOf(classes) }),
    ...(disclose === undefined ? {} : { disclose }),
    ...placeIn({ epoch, to }),
  }
  const { file, leaves, sizeBytes } = await ask(context, {
    call: { act: 'export', method: 'exportBundle', input },
    officer,
    send: (node, asked) => node.exportBundle(asked),
  })
  printAnswer(context.io, 'amana.cli.audit-export/1', {
    json: { format: 'bundle', file, leaves, sizeBytes },
    lines: [context.io.say('audit.bundle', { leaves, file, size: sizeBytes })],
  })
}

async function exportTiles(context: CommandContext, options: ExportOptions): Promise<void> {
  const input = { ...reasonIn(options), ...placeIn(options) }
  const { folder, size } = await ask(context, {
    call: { act: 'export', method: 'exportTiles', input },
    officer: options.officer,
    send: (node, asked) => node.exportTiles(asked),
  })
  printAnswer(context.io, 'amana.cli.audit-export/1', {
    json: { format: 'tiles', folder, size },
    lines: [context.io.say('audit.tiles', { size, folder })],
  })
}

async function exportPolicy(context: CommandContext, options: ExportOptions): Promise<void> {
  const { file, digits } = await withServices(context, (node) =>
    node.exportPolicy(placeIn(options)),
  )
  printAnswer(context.io, 'amana.cli.audit-export/1', {
    json: { format: 'policy', file, digits },
    lines: [context.io.say('audit.policy', { file, digits })],
  })
}

/** Which log, and where it is written. */
function placeIn({ epoch, to }: Pick<ExportOptions, 'epoch' | 'to'>): {
  readonly epoch?: string
  readonly to: string
} {
  return { ...(epoch === undefined ? {} : { epoch }), to: resolve(to) }
}
