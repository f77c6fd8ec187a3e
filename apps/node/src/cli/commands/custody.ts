/**
 * `amana custody …`: two officers of two organisations hand a person over, with or without a node, a line or a file.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#commands
 */
import { type Command, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { CODE_LISTS } from '@amana/core'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { custodyFinish } from './custody-finish.ts'
import { custodyOffer } from './custody-offer.ts'
import { custodyReceive } from './custody-receive.ts'
import { custodyTakeBack } from './custody-take-back.ts'
import { arrivedCommand } from './followup.ts'

/** The commands of the group `custody`. */
export function custodyCommands(shell: Shell): CommandUnknownOpts {
  return groupCommand(shell, { name: 'custody', helpKey: 'custody' }, [
    offerCommand(shell),
    receiveCommand(shell),
    finishCommand(shell),
    takeBackCommand(shell),
    arrivedCommand(shell),
  ])
}

function offerCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const types = CODE_LISTS.custodianType
  return withAnswer(shell, withSeat(shell, leafCommand(shell, 'offer', 'custodyOffer')))
    .argument('<reference>')
    .option('--leg <id>', say('help.option.custodyLeg'))
    .addOption(
      new Option('--leg-type <type>', say('help.option.custodyLegType')).choices(
        CODE_LISTS.legType,
      ),
    )
    .addOption(new Option('--from-type <type>', say('help.option.custodyFromType')).choices(types))
    .option('--receiver <organisation>', say('help.option.custodyReceiver'))
    .addOption(
      new Option('--receiver-type <type>', say('help.option.custodyReceiverType')).choices(types),
    )
    .option('--hours <n>', say('help.option.custodyHours'))
    .addOption(new Option('--tlp <marking>', say('help.option.custodyTlp')).choices(CODE_LISTS.tlp))
    .option('--exercise', say('help.option.custodyExercise'))
    .option('--with <file>', say('help.option.custodyWith'))
    .action((reference, options) => custodyOffer(contextOf(shell, options), reference, options))
}

function receiveCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return withAnswer(shell, withSeat(shell, leafCommand(shell, 'receive', 'custodyReceive')))
    .argument('[files...]')
    .option('--scan <text...>', say('help.option.custodyScan'))
    .option('--missing <item...>', say('help.option.custodyMissing'))
    .option('--dispute', say('help.option.custodyDispute'))
    .option('--unverified', say('help.option.custodyUnverified'))
    .action((files, options) => custodyReceive(contextOf(shell, options), files, options))
}

function finishCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'finish', 'custodyFinish')
    .argument('[files...]')
    .option('--scan <text...>', say('help.option.custodyScan'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((files, options) =>
      custodyFinish(contextOf(shell, options), files, {
        ...options,
        outcome: shell.invocation.outcome,
      }),
    )
}

function takeBackCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'take-back', 'custodyTakeBack')
    .argument('<file>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--at <instant>', say('help.option.custodyAt'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((file, options) => custodyTakeBack(contextOf(shell, options), file, options))
}

/** Who signs: an officer beside the node, or a keystore with what its agency’s rosters are read from. */
function withSeat<A extends unknown[], O extends Record<string, unknown>>(
  { say }: Shell,
  command: Command<A, O>,
) {
  return command
    .option('--officer <id>', say('help.option.officer'))
    .option('--keystore <file>', say('help.option.custodyKeystore'))
    .option('--evidence <file>', say('help.option.custodyEvidence'))
    .option('--policy <file>', say('help.option.policy'))
}

/** What either officer says of the moment, and where it is written. */
function withAnswer<A extends unknown[], O extends Record<string, unknown>>(
  { say }: Shell,
  command: Command<A, O>,
) {
  return command
    .option('--at <instant>', say('help.option.custodyAt'))
    .option('--place <code>', say('help.option.custodyPlace'))
    .addOption(
      new Option('--condition <code>', say('help.option.custodyCondition')).choices(
        CODE_LISTS.custodyCondition,
      ),
    )
    .addOption(
      new Option('--transport <mode>', say('help.option.custodyTransport')).choices(
        CODE_LISTS.transportMode,
      ),
    )
    .option('--carrier <text>', say('help.option.custodyCarrier'))
    .option('--document <name...>', say('help.option.custodyDocument'))
    .option('--belonging <item...>', say('help.option.custodyBelonging'))
    .addOption(
      new Option('--identity-checked <answer>', say('help.option.custodyIdentity')).choices(
        CODE_LISTS.yesNo,
      ),
    )
    .option('--says <text>', say('help.option.custodySays'))
    .option('--reservations <text>', say('help.option.custodyReservations'))
    .option('--to <file>', say('help.option.custodyTo'))
    .option('--page <file>', say('help.option.custodyPage'))
    .option('--codes', say('help.option.custodyCodes'))
    .option('--dry-run', say('help.option.dryRun'))
}
