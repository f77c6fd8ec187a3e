/**
 * `amana referral list` and `amana referral show`.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referral
 */
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { PURPOSES, type Referral } from '@amana/core'
import { codeLabel } from '@amana/vocabulary'
import { type ReferralSummary } from '../../service-views.ts'
import { type AccountOptions, ask, reasonIn } from '../acting.ts'
import { printAnswer, type Io } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { purposeOption } from '../purpose.ts'
import { referenceIn } from '../reference.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { type ListOptions, purposeIn } from './message-reading.ts'
import { actCommands } from './referral-act.ts'
import { newCommand } from './referral-new.ts'
import { nextCommand } from './referral-next.ts'
import { toldCommand } from './referral-told.ts'
import { overdueCommand, statisticsCommand, underwayCommand } from './referral-underway.ts'

const LIST_LIMIT = 1000

/** The commands of the group `referral`. */
export function referralCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const list = leafCommand(shell, 'list', 'referralList')
    .addOption(new Option('--purpose <purpose>', say('help.option.purpose')).choices(PURPOSES))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((options) => referralList(contextOf(shell, options), options))
  const show = leafCommand(shell, 'show', 'referralShow')
    .argument('<reference...>')
    .addOption(purposeOption(shell))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((reference, options) => referralShow(contextOf(shell, options), reference, options))
  return groupCommand(shell, { name: 'referral', helpKey: 'referral' }, [
    newCommand(shell),
    list,
    show,
    nextCommand(shell),
    actCommands(shell),
    toldCommand(shell),
    underwayCommand(shell),
    overdueCommand(shell),
    statisticsCommand(shell),
  ])
}

async function referralList(context: CommandContext, options: ListOptions): Promise<void> {
  const { io } = context
  const input = { ...reasonIn(options), ...purposeIn(options), limit: LIST_LIMIT }
  const referrals = await ask(context, {
    call: { act: 'list', method: 'referrals', input },
    officer: options.officer,
    send: (node, asked) => node.referrals(asked),
  })
  const lines = referrals.map((referral) => headLine(io, referral))
  printAnswer(io, 'amana.cli.referral-list/1', {
    json: { referrals },
    lines: lines.length === 0 ? [io.say('referral.none')] : lines,
  })
}

interface ShowOptions extends AccountOptions {
  readonly purpose: (typeof PURPOSES)[number]
}

async function referralShow(
  context: CommandContext,
  words: readonly string[],
  options: ShowOptions,
): Promise<void> {
  const { purpose } = options
  const reference = await referenceIn(context, words)
  const input = { ...reasonIn(options), purpose, reference }
  const referral = await ask(context, {
    call: { act: 'open', method: 'referral', input },
    officer: options.officer,
    send: (node, asked) => node.referral(asked),
  })
  printAnswer(context.io, 'amana.cli.referral-show/1', {
    json: { referral },
    lines: referralLines(context.io, referral),
  })
}

function headLine(
  { language, say }: Io,
  {
    exercise,
    overdue,
    reference,
    state,
    updatedAt,
    urgency,
  }: Partial<ReferralSummary> & Pick<ReferralSummary, 'reference' | 'state'>,
): string {
  const line = say('referral.line', {
    reference,
    state: stateLabel({ language, say }, state),
    urgency: label(language, 'urgency', urgency),
    date: updatedAt ?? '',
  })
  const marks = [
    ...(exercise === true ? [say('referral.exercise')] : []),
    ...(overdue === undefined || overdue === 0
      ? []
      : [say('referral.overdue', { count: overdue })]),
  ]
  return [line.trimEnd(), ...marks].join('  ')
}

function referralLines(io: Io, referral: Referral): readonly string[] {
  const { language, say } = io
  const { custodian, custody, deadlines, followUps, openGates, pending, responsible, tasks, told } =
    referral
  return [
    headLine(io, referral),
    ...(responsible === undefined ? [] : [say('referral.responsible', { agency: responsible })]),
    ...(custodian === undefined ? [] : [custodianLine(io, custodian)]),
    ...referral.steps.flatMap((step) => stepLines(io, step)),
    ...custody.flatMap((leg) => legLines(io, leg, referral)),
    ...tasks.map(({ authority, status, subject, kind }) =>
      say('referral.task', {
        what: label(language, kind === 'clearance' ? 'clearanceType' : 'travelDocType', subject),
        authority,
        status: label(language, 'requestStatus', status),
      }),
    ),
    ...pending.map(({ agency, event }) =>
      say('referral.pending', { agency, event: eventLabel(io, event) }),
    ),
    ...told.map(({ act, actAt, agency, confirmedBy }) =>
      say(confirmedBy === undefined ? 'referral.told' : 'referral.toldConfirmed', {
        agency,
        date: actAt,
        event: eventLabel(io, act),
      }),
    ),
    ...openGates.map(({ gate }) => say('referral.missing', { what: say(`referral:gate.${gate}`) })),
    ...deadlines.map((deadline) => deadlineLine(io, deadline)),
    ...followUps.map((deadline) => deadlineLine(io, deadline)),
  ]
}

/** A leg; of a disputed one also who has to settle it. */
function legLines(
  { language, say }: Io,
  { disputed, from, leg, legType, status, to }: Referral['custody'][number],
  { receiving, sending }: Referral,
): readonly string[] {
  const line = say('referral.leg', {
    from: from.organisation,
    to: to.organisation,
    type: label(language, 'legType', legType),
    status: say(`referral.legStatus.${status}`),
  })
  if (!disputed) return [line]
  const parties = [sending ?? from.organisation, receiving ?? to.organisation]
  return [
    line,
    say('referral.legDisputed', { leg, one: parties[0] ?? '', other: parties[1] ?? '' }),
  ]
}

function custodianLine(
  { language, say }: Io,
  { organisation, receipt, type: code }: NonNullable<Referral['custodian']>,
): string {
  const type = label(language, 'custodianType', code)
  return receipt === undefined
    ? say('referral.custodianOfFile', { organisation, type })
    : say('referral.custodian', { organisation, type })
}

function deadlineLine(
  { say }: Io,
  { clock, dueAt, status }: Referral['deadlines'][number],
): string {
  return say('referral.deadline', {
    clock: say(`referral:clock.${clock}`),
    date: dueAt,
    status: say(`referral.deadlineStatus.${status}`),
  })
}

function stepLines(io: Io, step: Referral['steps'][number]): readonly string[] {
  const { say } = io
  const { by, effect, occurredAt: date, refused, warnings } = step
  const { officer, organisation } = by
  const isHalf = effect === 'proposed' || effect === 'refused'
  const event = isHalf ? eventLabel(io, step.event) : say(`referral:event.${step.event}`)
  const line = say('referral.step', { date, event, officer, organisation })
  return [
    isHalf ? `${line}  ${say(`referral.effect.${effect}`)}` : line,
    ...refused.map((reason) => `    ✗ ${say(`referral:reason.${reason}`)}`),
    ...warnings.map((warning) => `    ! ${say(`referral:warning.${warning}`)}`),
  ]
}

/** An event that has not happened: what was to be done. The other kinds say what was. */
function eventLabel({ language, say }: Pick<Io, 'language' | 'say'>, event: string): string {
  return codeLabel('referralEvent', event, language) ?? say(`referral:event.${event}`)
}

function stateLabel({ language, say }: Pick<Io, 'language' | 'say'>, state: string): string {
  return codeLabel('referralStatus', state, language) ?? say('referral.stateNone')
}

function label(language: Io['language'], list: string, code: string | undefined): string {
  return code === undefined ? '' : (codeLabel(list, code, language) ?? code)
}
