/**
 * `amana referral list` and `amana referral show`.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referral
 */
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { PURPOSES } from '@amana/core'
import { type ReferralDetail } from '../../services.ts'
import { printAnswer, type Io } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'

const LIST_LIMIT = 1000

/** The commands of the group `referral`. */
export function referralCommands(shell: Shell): CommandUnknownOpts {
  const list = leafCommand(shell, 'list', 'referralList').action((options) =>
    referralList(contextOf(shell, options)),
  )
  const show = leafCommand(shell, 'show', 'referralShow')
    .argument('<reference>')
    .addOption(
      new Option('--purpose <purpose>', shell.say('help.option.purpose'))
        .choices(PURPOSES)
        .makeOptionMandatory(),
    )
    .action((reference, options) =>
      referralShow(contextOf(shell, options), { reference, purpose: options.purpose }),
    )
  return groupCommand(shell, { name: 'referral', helpKey: 'referral' }, [list, show])
}

async function referralList(context: CommandContext): Promise<void> {
  const { io } = context
  const referrals = await withServices(context, (node) => node.referrals({ limit: LIST_LIMIT }))
  const lines = referrals.map((referral) =>
    io.say('referral.line', {
      reference: referral.reference,
      state: io.say(`referral.state.${referral.state}`),
      urgency: referral.urgency,
      date: referral.updatedAt,
    }),
  )
  printAnswer(io, 'amana.cli.referral-list/1', {
    json: { referrals },
    lines: lines.length === 0 ? [io.say('referral.none')] : lines,
  })
}

async function referralShow(
  context: CommandContext,
  asked: { readonly reference: string; readonly purpose: (typeof PURPOSES)[number] },
): Promise<void> {
  const referral = await withServices(context, (node) => node.referral(asked))
  printAnswer(context.io, 'amana.cli.referral-show/1', {
    json: { referral },
    lines: referralLines(context.io, referral),
  })
}

function referralLines(io: Io, referral: ReferralDetail): readonly string[] {
  const { say } = io
  const state = say(`referral.state.${referral.state}`)
  const { reference, urgency, updatedAt, custodian } = referral
  return [
    say('referral.line', { reference, state, urgency, date: updatedAt }),
    say('referral.custodian', { custodian }),
    ...referral.steps.map((step) => stepLine(io, step)),
    ...referral.tasks.map((task) => say('referral.task', task)),
    ...(referral.missing.length === 0
      ? []
      : [say('referral.missing', { gates: referral.missing.join(', ') })]),
    ...(referral.followUpsDue.length === 0
      ? []
      : [say('referral.followUps', { dates: referral.followUpsDue.join(', ') })]),
  ]
}

function stepLine(io: Io, step: ReferralDetail['steps'][number]): string {
  const { event, occurredAt: date, by } = step
  if (step.refused.length > 0) {
    return io.say('referral.refusedStep', { date, event, reasons: step.refused.join(', ') })
  }
  return io.say('referral.step', {
    date,
    event,
    officer: by.officer,
    organisation: by.organisation,
  })
}
