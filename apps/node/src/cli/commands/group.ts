/**
 * `amana group …`: a group of people, each with a file of her own, counted where it leaves and where it arrives.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#groups
 */
import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { CODE_LISTS } from '@amana/core'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { groupArrive, groupDepart } from './group-count.ts'
import { groupManifest } from './group-manifest.ts'
import { GROUP_KINDS } from './group-people.ts'

/** The commands of the group `group`. */
export function groupCommands(shell: Shell): CommandUnknownOpts {
  return groupCommand(shell, { name: 'group', helpKey: 'group' }, [
    manifestCommand(shell),
    departCommand(shell),
    arriveCommand(shell),
  ])
}

function manifestCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return withSigning(shell, leafCommand(shell, 'manifest', 'groupManifest'))
    .argument('<group>')
    .argument('<file>')
    .option('--approve <ids>', say('help.option.approve'))
    .addOption(
      new Option('--kind <kind>', say('help.option.groupKind'))
        .choices(GROUP_KINDS)
        .default('referral.stranded-migrant/1' as const),
    )
    .option('--with <file>', say('help.option.groupWith'))
    .addOption(
      new Option('--screening <result>', say('help.option.groupScreening')).choices(
        CODE_LISTS.traffickingStatus,
      ),
    )
    .option('--to <file>', say('help.option.groupTo'))
    .action((group, file, options) =>
      groupManifest(
        contextOf(shell, options),
        { file, group },
        { ...options, outcome: shell.invocation.outcome },
      ),
    )
}

function departCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return withSigning(shell, leafCommand(shell, 'depart', 'groupDepart'))
    .argument('<group>')
    .argument('<file>')
    .requiredOption('--receiver <organisation>', say('help.option.custodyReceiver'))
    .requiredOption('--origin <code>', say('help.option.groupOrigin'))
    .requiredOption('--destination <code>', say('help.option.groupDestination'))
    .addOption(
      new Option('--transport <mode>', say('help.option.custodyTransport'))
        .choices(CODE_LISTS.transportMode)
        .makeOptionMandatory(),
    )
    .option('--from <organisation>', say('help.option.groupFrom'))
    .option('--list <file>', say('help.option.groupList'))
    .action((group, file, options) =>
      groupDepart(contextOf(shell, options), { file, group }, options),
    )
}

function arriveCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return withSigning(shell, leafCommand(shell, 'arrive', 'groupArrive'))
    .argument('<group>')
    .argument('<file>')
    .option('--destination <code>', say('help.option.groupDestination'))
    .addOption(
      new Option('--transport <mode>', say('help.option.custodyTransport')).choices(
        CODE_LISTS.transportMode,
      ),
    )
    .action((group, file, options) =>
      groupArrive(contextOf(shell, options), { file, group }, options),
    )
}

function withSigning<A extends unknown[], O extends Record<string, unknown>>(
  { say }: Shell,
  command: Command<A, O>,
) {
  return command
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--at <instant>', say('help.option.custodyAt'))
    .addOption(
      new Option('--tlp <marking>', say('help.option.custodyTlp'))
        .choices(CODE_LISTS.tlp)
        .default('AMBER+STRICT' as const),
    )
    .option('--exercise', say('help.option.custodyExercise'))
    .option('--dry-run', say('help.option.dryRun'))
}
