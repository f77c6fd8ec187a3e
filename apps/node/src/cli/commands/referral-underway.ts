/**
 * `amana referral underway`, `overdue` and `statistics`: all referrals at once, without anything about a person.
 *
 * @module
 * @spec docs/spec/08-exchange.md#all-referrals
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AmanaError, type OverdueRow, PURPOSES, type Underway } from '@amana/core'
import { type OverdueReferralStep } from '../../service-views.ts'
import { type AccountOptions, ask, reasonIn } from '../acting.ts'
import { word } from '../consent-lines.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { type ListOptions, purposeIn } from './message-reading.ts'

const LIST_LIMIT = 10_000
const DAY = /^\d{4}-\d{2}-\d{2}$/
/** What a table says in place of a count from 1 to 10. */
const SMALL = '<11'

type TableOptions = Pick<ListOptions, 'officer' | 'purpose' | 'reason'> & {
  readonly csv?: true | undefined
}

type StatisticsOptions = AccountOptions &
  TableOptions & {
    readonly exercises?: true | undefined
    readonly from: string
    readonly to: string
  }

/** `amana referral underway`. */
export function underwayCommand(shell: Shell): CommandUnknownOpts {
  return listing(shell, 'underway', 'referralUnderway').action((options) =>
    referralUnderway(contextOf(shell, options), options),
  )
}

/** `amana referral overdue`. */
export function overdueCommand(shell: Shell): CommandUnknownOpts {
  return listing(shell, 'overdue', 'referralOverdue')
    .option('--csv', shell.say('help.option.csv'))
    .action((options) => referralOverdue(contextOf(shell, options), options))
}

/** `amana referral statistics`. */
export function statisticsCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return listing(shell, 'statistics', 'referralStatistics')
    .requiredOption('--from <day>', say('help.option.from'))
    .requiredOption('--to <day>', say('help.option.until'))
    .option('--exercises', say('help.option.exercises'))
    .option('--csv', say('help.option.csv'))
    .action((options) => referralStatistics(contextOf(shell, options), options))
}

function listing(shell: Shell, name: string, helpKey: string) {
  const { say } = shell
  return leafCommand(shell, name, helpKey)
    .addOption(new Option('--purpose <purpose>', say('help.option.purpose')).choices(PURPOSES))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
}

async function referralUnderway(context: CommandContext, options: TableOptions): Promise<void> {
  const { io } = context
  const input = { ...reasonIn(options), ...purposeIn(options), limit: LIST_LIMIT }
  const persons = await ask(context, {
    call: { act: 'list', method: 'underway', input },
    officer: options.officer,
    send: (node, asked) => node.underway(asked),
  })
  printAnswer(io, 'amana.cli.referral-underway/1', {
    json: { persons },
    lines:
      persons.length === 0
        ? [io.say('acts:underway.none')]
        : persons.map((line) => underwayLine(io, line)),
  })
}

/** One line a person: reference, who has her, where to, the clock that is due. */
function underwayLine(io: Io, line: Underway): string {
  const { exercise, leg, next, reference, state } = line
  return [
    `${next?.overdue === true ? '!' : ' '} ${reference}`,
    word(io, 'referralStatus', state),
    ...(exercise === true ? [io.say('referral.exercise')] : []),
    custodianPart(io, line),
    ...(leg === undefined
      ? []
      : [io.say('acts:underway.leg', { organisation: leg.to, date: leg.since })]),
    ...clockPart(io, line),
    ...heardPart(io, line),
  ].join('  ')
}

function custodianPart({ say }: Io, { with: custodian }: Underway): string {
  if (custodian === undefined) return say('acts:underway.nobody')
  const { organisation, since } = custodian
  if (since === undefined) return say('acts:underway.byFile', { organisation })
  return say('acts:underway.with', { organisation, date: since })
}

function clockPart(io: Io, { next }: Underway): readonly string[] {
  if (next === undefined) return []
  const told = { clock: word(io, 'deadlineClock', next.clock), date: next.dueAt }
  return [io.say(next.overdue ? 'acts:underway.overdue' : 'acts:underway.next', told)]
}

function heardPart(io: Io, { heard }: Underway): readonly string[] {
  if (heard === undefined) return []
  const { at: date, incident, place } = heard
  const what = incident === undefined ? [] : [word(io, 'incidentKind', incident)]
  return [io.say('acts:underway.heard', { place, date }), ...what]
}

async function referralOverdue(context: CommandContext, options: TableOptions): Promise<void> {
  const { io } = context
  const input = { ...reasonIn(options), ...purposeIn(options), limit: LIST_LIMIT }
  const steps = await ask(context, {
    call: { act: 'list', method: 'overdueSteps', input },
    officer: options.officer,
    send: (node, asked) => node.overdueSteps(asked),
  })
  const none = steps.length === 0 ? [io.say('acts:overdue.none')] : undefined
  printAnswer(io, 'amana.cli.referral-overdue/1', {
    json: { steps },
    lines:
      options.csv === true
        ? csvOf(STEP_COLUMNS, steps)
        : (none ?? steps.map((step) => overdueLine(io, step))),
  })
}

const STEP_COLUMNS = ['reference', 'clock', 'urgency', 'side', 'dueAt', 'escalation'] as const
const ROW_COLUMNS = ['clock', 'urgency', 'side', 'inTime', 'overdue', 'late'] as const

function overdueLine(io: Io, step: OverdueReferralStep): string {
  const { clock, dueAt, escalation, exercise, reference, side, urgency } = step
  const line = io.say('acts:overdue.line', {
    date: dueAt,
    reference,
    clock: word(io, 'deadlineClock', clock),
    urgency: word(io, 'urgency', urgency),
    side: io.say(`acts:side.${side}`),
    to: io.say(`acts:escalation.${escalation}`),
  })
  return exercise === true ? `${line}  ${io.say('referral.exercise')}` : line
}

/** @throws CLI_OPTION when a day is none, or the last is before the first */
async function referralStatistics(
  context: CommandContext,
  options: StatisticsOptions,
): Promise<void> {
  const { io } = context
  const { exercises, from, to: until } = options
  if (!DAY.test(from)) throw new AmanaError('CLI_OPTION', { option: '--from' })
  if (!DAY.test(until) || until < from) throw new AmanaError('CLI_OPTION', { option: '--to' })
  const only = exercises === true ? { exercises } : {}
  const input = { ...reasonIn(options), ...purposeIn(options), from, until, ...only }
  const rows = await ask(context, {
    call: { act: 'list', method: 'statistics', input },
    officer: options.officer,
    send: (node, asked) => node.statistics(asked),
  })
  const none = rows.length === 0 ? [io.say('acts:statistics.none')] : undefined
  printAnswer(io, 'amana.cli.referral-statistics/1', {
    json: { from, until, rows },
    lines:
      options.csv === true
        ? csvOf(ROW_COLUMNS, rows)
        : (none ?? rows.map((row) => rowLine(io, row))),
  })
}

function rowLine(io: Io, { clock, inTime, late, overdue, side, urgency }: OverdueRow): string {
  return io.say('acts:statistics.line', {
    clock: word(io, 'deadlineClock', clock),
    urgency: word(io, 'urgency', urgency),
    side: io.say(`acts:side.${side}`),
    inTime: shown(inTime),
    overdue: shown(overdue),
    late: shown(late),
  })
}

function shown(count: number | string): string {
  return count === 'suppressed' ? SMALL : String(count)
}

/** Codes, days and counts: nothing in them asks for quotes. */
function csvOf<C extends string>(
  columns: readonly C[],
  rows: readonly Readonly<Record<C, number | string>>[],
): readonly string[] {
  return [
    columns.join(','),
    ...rows.map((row) => columns.map((column) => shown(row[column])).join(',')),
  ]
}
