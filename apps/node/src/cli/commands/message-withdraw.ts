/**
 * `amana message withdraw`: takes a message back before the other agency answered for it, and says first what that does.
 *
 * @module
 * @spec docs/spec/08-exchange.md#withdrawal
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { WITHDRAWAL_REASONS } from '../../records.ts'
import { type ServiceInput } from '../../service-inputs.ts'
import { type ServiceResults } from '../../services.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { requireTyped } from '../prompts.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { shortId } from '../texts.ts'
import { withServices } from '../with-services.ts'

type Asked = ServiceInput<'withdraw'>
type Outcome = ServiceResults['withdraw']

/** `amana message withdraw`. */
export function withdrawCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'withdraw', 'messageWithdraw')
    .argument('<digest>')
    .addOption(
      new Option('--reason <reason>', say('help.option.withdrawalReason'))
        .choices(WITHDRAWAL_REASONS)
        .makeOptionMandatory(),
    )
    .option('--dry-run', say('help.option.dryRun'))
    .option('--yes', say('help.option.yes'))
    .action(async (digest, { dryRun = false, reason, yes, ...options }) =>
      messageWithdraw(contextOf(shell, options), { digest, reason, dryRun }, yes === true),
    )
}

async function messageWithdraw(
  context: CommandContext,
  asked: Asked,
  isSure: boolean,
): Promise<void> {
  const { io } = context
  const { reason } = asked
  const plan = await withServices(context, (node) => node.withdraw({ ...asked, dryRun: true }))
  const lines = planLines(io, plan)
  if (asked.dryRun) {
    answer(io, { ...plan, reason }, [...lines, io.say('message.withdraw.dryRun')])
    return
  }
  for (const line of lines) io.talk(line)
  const { digest } = plan
  if (!isSure) await requireTyped(io, 'message.withdraw.ask', shortId(digest))
  const done = await withServices(context, (node) => node.withdraw({ ...asked, digest }))
  answer(io, { ...done, reason }, [io.say(`message.withdraw.done.${done.way}`, { digest })])
}

function planLines({ say }: Io, { digest, late = [], others, way }: Outcome): readonly string[] {
  return [
    say(`message.withdraw.plan.${way}`, { digest }),
    ...(others.length === 0
      ? []
      : [`  ${say('message.withdraw.others', { count: others.length })}`]),
    ...(late.length === 0 ? [] : [`  ${say('message.withdraw.late', { desks: late.join(', ') })}`]),
  ]
}

function answer(io: Io, outcome: Outcome & Pick<Asked, 'reason'>, lines: readonly string[]): void {
  printAnswer(io, 'amana.cli.message-withdraw/1', { json: { ...outcome }, lines })
}
