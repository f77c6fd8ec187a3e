/**
 * `amana message …`: sign and queue, take back, list, open, show a part to an auditor, look into a file.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { PURPOSES } from '@amana/core'
import { purposeOption } from '../purpose.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { actedCommand } from './message-acted.ts'
import { attachmentCommands, attachmentsCommand } from './message-attachments.ts'
import { answerCommand, openCommand } from './message-desk.ts'
import { EXPORT_FORMATS, messageExport, messageInspect, messageValidate } from './message-files.ts'
import { previewCommand } from './message-preview.ts'
import { messageList, messageShow } from './message-reading.ts'
import { messageSend } from './message-sending.ts'
import { withdrawCommand } from './message-withdraw.ts'

/** The commands of the group `message`. */
export function messageCommands(shell: Shell): CommandUnknownOpts {
  return groupCommand(shell, { name: 'message', helpKey: 'message' }, [
    sendCommand(shell),
    withdrawCommand(shell),
    listCommand(shell),
    showCommand(shell),
    attachmentsCommand(shell),
    attachmentCommands(shell),
    previewCommand(shell),
    validateCommand(shell),
    inspectCommand(shell),
    exportCommand(shell),
    openCommand(shell),
    answerCommand(shell),
    actedCommand(shell),
  ])
}

function sendCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'send', 'messageSend')
    .argument('<file>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--approve <ids>', say('help.option.approve'))
    .option('--desk <ids>', say('help.option.desks'))
    .option('--attach <file...>', say('help.option.attach'))
    .option('--accept-findings <why>', say('help.option.acceptFindings'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((file, options) => messageSend(contextOf(shell, options), file, options))
}

function listCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'list', 'messageList')
    .addOption(new Option('--purpose <purpose>', say('help.option.purpose')).choices(PURPOSES))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .option('--overdue', say('help.option.overdue'))
    .option('--hours <n>', say('help.option.overdueHours'))
    .action((options) => messageList(contextOf(shell, options), options))
}

function showCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'show', 'messageShow')
    .argument('<digest>')
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .option('--break-glass', say('help.option.breakGlass'))
    .addOption(purposeOption(shell))
    .action((digest, options) => messageShow(contextOf(shell, options), { ...options, digest }))
}

function validateCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'validate', 'messageValidate')
    .argument('<file>')
    .action((file, options) => messageValidate(contextOf(shell, options), file))
}

function inspectCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'inspect', 'messageInspect')
    .argument('<file>')
    .action((file, options) => {
      return messageInspect(contextOf(shell, options), file, shell.invocation.outcome)
    })
}

function exportCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'export', 'messageExport')
    .argument('<digest>')
    .option('--desk <id>', say('help.option.exportDesk'))
    .option('--disclose <paths>', say('help.option.disclose'))
    .option('--for <auditor>', say('help.option.for'))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .addOption(
      new Option('--format <format>', say('help.option.exportFormat'))
        .choices(EXPORT_FORMATS)
        .default('message' as const),
    )
    .requiredOption('--to <file>', say('help.option.to'))
    .addOption(purposeOption(shell))
    .action((digest, options) => messageExport(contextOf(shell, options), { ...options, digest }))
}
