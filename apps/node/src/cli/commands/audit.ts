/**
 * `amana audit export`, and the group of commands about the log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#export
 */
import { resolve } from 'node:path'
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'
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
    .action((options) => auditExport(contextOf(shell, options), options))
  return groupCommand(shell, { name: 'audit', helpKey: 'audit' }, [
    exporting,
    auditVerifyCommand(shell),
    auditAnchorCommand(shell),
    auditConflictCommands(shell),
  ])
}

async function auditExport(
  context: CommandContext,
  options: { readonly format: (typeof FORMATS)[number]; readonly to: string },
): Promise<void> {
  const to = resolve(options.to)
  switch (options.format) {
    case 'bundle':
      return exportBundle(context, to)
    case 'tiles':
      return exportTiles(context, to)
    case 'policy':
      return exportPolicy(context, to)
  }
}

async function exportBundle(context: CommandContext, to: string): Promise<void> {
  const { file, leaves, sizeBytes } = await withServices(context, (node) =>
    node.exportBundle({ to }),
  )
  printAnswer(context.io, 'amana.cli.audit-export/1', {
    json: { format: 'bundle', file, leaves, sizeBytes },
    lines: [context.io.say('audit.bundle', { leaves, file, size: sizeBytes })],
  })
}

async function exportTiles(context: CommandContext, to: string): Promise<void> {
  const { folder, size } = await withServices(context, (node) => node.exportTiles({ to }))
  printAnswer(context.io, 'amana.cli.audit-export/1', {
    json: { format: 'tiles', folder, size },
    lines: [context.io.say('audit.tiles', { size, folder })],
  })
}

async function exportPolicy(context: CommandContext, to: string): Promise<void> {
  const { file, digits } = await withServices(context, (node) => node.exportPolicy({ to }))
  printAnswer(context.io, 'amana.cli.audit-export/1', {
    json: { format: 'policy', file, digits },
    lines: [context.io.say('audit.policy', { file, digits })],
  })
}
