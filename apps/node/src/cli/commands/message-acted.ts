/**
 * `amana message acted`, and the receipt that `amana message show` makes by itself.
 *
 * @module
 * @spec docs/spec/08-exchange.md#stages-of-a-message
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AmanaError, CODE_LISTS, type CodeOf, isAnyAmanaError } from '@amana/core'
import { isReadOwed, signReceiptOf } from '../../agency/receipting.ts'
import { type UnlockedOfficer } from '../../agency/signing.ts'
import { unlockAsked } from '../acting.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'

interface ActedOptions {
  readonly digest: string
  readonly dryRun: boolean
  readonly note?: CodeOf<'actedNote'> | undefined
  readonly officer: string
}

/** `amana message acted`. */
export function actedCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'acted', 'messageActed')
    .argument('<digest>')
    .requiredOption('--officer <id>', say('help.option.actedOfficer'))
    .addOption(
      new Option('--note <code>', say('help.option.actedNote')).choices(CODE_LISTS.actedNote),
    )
    .option('--dry-run', say('help.option.dryRun'))
    .action((digest, { dryRun = false, note, officer, ...options }) =>
      messageActed(contextOf(shell, options), { digest, dryRun, note, officer }),
    )
}

async function messageActed(
  context: CommandContext,
  { officer: id, ...asked }: ActedOptions,
): Promise<void> {
  const { io } = context
  const officer = await unlockAsked(context, id)
  if (officer === undefined) throw new AmanaError('CLI_OFFICER', { id })
  const { digest, queued } = await withServices(context, (node) =>
    signReceiptOf(node, officer, { ...asked, stage: 'acted' }),
  )
  printAnswer(io, 'amana.cli.message-acted/1', {
    json: { digest, queued },
    lines: [queued ? io.say('message.sent', { digest }) : io.say('message.dryRun')],
  })
}

/**
 * Lets the sender know that an officer has read it. Where that cannot be signed now, he reads all the same: the next
 * officer who reads signs it.
 */
export async function tellRead(
  context: CommandContext,
  officer: UnlockedOfficer,
  digest: string,
): Promise<void> {
  const { io } = context
  try {
    const receipt = await withServices(context, async (node) => {
      if (!isReadOwed(await node.stages({ digest }))) return undefined
      return signReceiptOf(node, officer, { digest, dryRun: false, stage: 'read' })
    })
    if (receipt !== undefined) io.talk(io.say('message.readTold', { digest: receipt.digest }))
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    io.talk(io.say('message.readNotTold', { code: error.code }))
  }
}
