/**
 * `amana referral next`: what may be done now, by whom, and what is still missing for it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#next-steps
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { type NextStep, type PURPOSES } from '@amana/core'
import { codeLabel } from '@amana/vocabulary'
import { type ReferralNext } from '../../service-views.ts'
import { type AccountOptions, ask, reasonIn } from '../acting.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { purposeOption } from '../purpose.ts'
import { referenceIn } from '../reference.ts'
import { missingLines } from '../refused-step.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { instantOf } from '../texts.ts'

interface NextOptions extends AccountOptions {
  readonly purpose: (typeof PURPOSES)[number]
}

/** `amana referral next`. */
export function nextCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'next', 'referralNext')
    .argument('<reference...>')
    .addOption(purposeOption(shell))
    .option('--officer <id>', say('help.option.nextFor'))
    .option('--reason <text>', say('help.option.reason'))
    .action((reference, options) => referralNext(contextOf(shell, options), reference, options))
}

async function referralNext(
  context: CommandContext,
  words: readonly string[],
  options: NextOptions,
): Promise<void> {
  const { io } = context
  const reference = await referenceIn(context, words)
  const input = { ...reasonIn(options), purpose: options.purpose, reference }
  const next = await ask(context, {
    call: { act: 'open', method: 'referralNext', input },
    officer: options.officer,
    send: (node, asked) => node.referralNext(asked),
  })
  printAnswer(io, 'amana.cli.referral-next/1', {
    json: { next },
    lines: nextLines(io, next, options.officer),
  })
}

function nextLines(io: Io, next: ReferralNext, officer: string | undefined): readonly string[] {
  const { language, say } = io
  const { pending, reference, state, steps, told } = next
  const own = steps.filter(({ mine }) => mine)
  const others = steps.filter(({ mine }) => !mine)
  return [
    say('acts:next.head', {
      reference,
      state: codeLabel('referralStatus', state, language) ?? say('referral.stateNone'),
    }),
    ...(officer === undefined ? [] : [say(ownKey(own), { officer })]),
    ...own.flatMap((step) => stepLines(io, step)),
    ...(others.length === 0 ? [] : [say('acts:next.others')]),
    ...others.flatMap((step) => stepLines(io, step)),
    ...pending.map(({ agency, event, exp }) =>
      say('acts:next.pending', { agency, event: eventLabel(io, event), date: instantOf(exp) }),
    ),
    ...told
      .filter(({ confirmedBy }) => confirmedBy === undefined)
      .map(({ act, actAt, agency }) =>
        say('acts:next.told', { agency, date: actAt, event: eventLabel(io, act) }),
      ),
  ]
}

function ownKey(own: readonly NextStep[]): string {
  return own.length === 0 ? 'acts:next.none' : 'acts:next.mine'
}

function stepLines(io: Io, { by, event, joint, mine, missing, to }: NextStep): readonly string[] {
  const { language, say } = io
  const word = event.replaceAll('_', '-')
  const label = eventLabel(io, event)
  const leads = to === undefined ? '' : ` → ${codeLabel('referralStatus', to, language) ?? to}`
  const half = joint === undefined ? '' : ` (${say(`acts:next.joint.${joint.part}`)})`
  const who = by
    .map(({ agency, roles }) =>
      say('acts:next.by', {
        agency,
        roles: roles.map((role) => say(`acts:role.${role}`)).join(', '),
      }),
    )
    .join('; ')
  return [
    `  ${word}  ${label}${leads}${half}${mine ? '' : `  ${who}`}`,
    ...missingLines(io, missing).map((line) => `  ${line}`),
  ]
}

function eventLabel({ language, say }: Io, event: string): string {
  return codeLabel('referralEvent', event, language) ?? say(`referral:event.${event}`)
}
