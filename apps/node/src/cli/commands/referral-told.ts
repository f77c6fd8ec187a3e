/**
 * `amana referral told`: an act of the other agency that was told by telephone. It moves nothing, and waits for the signed
 * act.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referraltold1
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { type CommandContext } from '../options.ts'
import { beginSigning, signInReferral, type SigningOptions } from '../referral-signing.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { codeIn, instantIn } from '../typed-values.ts'
import { withServices } from '../with-services.ts'

interface ToldOptions extends SigningOptions {
  readonly toldAt: string
  readonly toldBy: string
  readonly note?: string | undefined
  readonly over: string
  readonly readBack: string
}

/** `amana referral told`. */
export function toldCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'told', 'referralTold')
    .argument('<event>')
    .argument('<reference...>')
    .requiredOption('--officer <id>', say('help.option.heardBy'))
    .requiredOption('--told-by <officer>', say('help.option.toldBy'))
    .requiredOption('--told-at <instant>', say('help.option.toldAt'))
    .requiredOption('--read-back <yes|no>', say('help.option.readBack'))
    .option('--over <channel>', say('help.option.toldOver'), 'phone')
    .option('--note <text>', say('help.option.note'))
    .option('--at <instant>', say('help.option.happenedAt'))
    .option('--dry-run', say('help.option.dryRun'))
    .action(async (event, reference, options) =>
      referralTold(contextOf(shell, options), { event, reference }, options),
    )
}

async function referralTold(
  context: CommandContext,
  asked: { readonly event: string; readonly reference: readonly string[] },
  options: ToldOptions,
): Promise<void> {
  const { note, over, readBack, toldAt, toldBy } = options
  const body = {
    act: codeIn({ list: 'referralEvent' }, asked.event, '<event>'),
    actAt: instantIn(toldAt, '--told-at'),
    channel: codeIn({ list: 'toldBy' }, over, '--over'),
    readBack: codeIn({ list: 'yesNo' }, readBack, '--read-back'),
    ...(note === undefined ? {} : { note: note.normalize('NFC') }),
  }
  const signing = await beginSigning(context, asked.reference, options)
  const agency = signing.place.peer
  const rosters = await withServices(context, (node) => node.rosters({}))
  const isOfficer = rosters.some(
    (roster) => roster.agency === agency && roster.officers.some(({ id }) => id === toldBy),
  )
  const who = isOfficer ? { officer: toldBy } : { caller: toldBy.normalize('NFC') }
  const said = { kind: 'referral.told/1', groups: { body: { ...body, agency, ...who } } }
  await signInReferral(context, signing, { said, options, schema: 'amana.cli.referral-told/1' })
}
