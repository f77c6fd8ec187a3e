/**
 * `amana hold`: what must not be erased, for whom and why.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#holds
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AgencyIdSchema, AmanaError } from '@amana/core'
import { HOLD_BASES } from '../../records.ts'
import { type Hold } from '../../rights/holds.ts'
import { type ServiceInput } from '../../service-inputs.ts'
import { ask, reasonIn } from '../acting.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { dayOf, shortId } from '../texts.ts'
import { withServices } from '../with-services.ts'

/** The commands of the group `hold`. */
export function holdCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const list = leafCommand(shell, 'list', 'holdList').action((options) =>
    holdList(contextOf(shell, options)),
  )
  const lift = leafCommand(shell, 'lift', 'holdLift')
    .argument('<about>')
    .requiredOption('--reason <text>', say('help.option.reason'))
    .requiredOption('--officer <id>', say('help.option.officer'))
    .action((about, options) => holdLift(contextOf(shell, options), about, options))
  return groupCommand(shell, { name: 'hold', helpKey: 'hold' }, [setCommand(shell), lift, list])
}

interface SetOptions {
  readonly basis: ServiceInput<'hold'>['basis']
  readonly for: string
  readonly officer: string
  readonly reason: string
  readonly until: string
}

function setCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'set', 'holdSet')
    .argument('<about>')
    .addOption(
      new Option('--basis <basis>', say('help.option.holdBasis'))
        .choices(HOLD_BASES)
        .makeOptionMandatory(),
    )
    .requiredOption('--for <office>', say('help.option.holdFor'))
    .requiredOption('--until <day>', say('help.option.holdUntil'))
    .requiredOption('--reason <text>', say('help.option.holdReason'))
    .requiredOption('--officer <id>', say('help.option.officer'))
    .action((about, options) => holdSet(contextOf(shell, options), about, options))
}

async function holdSet(context: CommandContext, about: string, options: SetOptions): Promise<void> {
  const { io } = context
  const { basis, for: office, reason, until } = options
  assertOption(AgencyIdSchema.safeParse(office).success, '--for')
  assertOption(/^\d{4}-\d{2}-\d{2}$/.test(until), '--until')
  const input = { about, basis, office, reason: reason.normalize('NFC'), until }
  const done = await ask(context, {
    call: { act: 'hold', method: 'hold', input },
    officer: options.officer,
    send: (node, asked) => node.hold(asked),
  })
  const { held, statements } = done
  printAnswer(io, 'amana.cli.hold-set/1', {
    json: { ...done },
    lines: [io.say('rights:hold.set', { count: statements.length, held, until })],
  })
}

async function holdLift(
  context: CommandContext,
  about: string,
  options: { readonly officer: string; readonly reason: string },
): Promise<void> {
  const { io } = context
  const { lifted } = await ask(context, {
    call: { act: 'hold', method: 'unhold', input: { ...reasonIn(options), about } },
    officer: options.officer,
    send: (node, asked) => node.unhold(asked),
  })
  printAnswer(io, 'amana.cli.hold-lift/1', {
    json: { lifted },
    lines: [io.say('rights:hold.lifted', { count: lifted })],
  })
}

async function holdList(context: CommandContext): Promise<void> {
  const { io } = context
  const holds = await withServices(context, (node) => node.holds({}))
  printAnswer(io, 'amana.cli.hold-list/1', {
    json: { holds },
    lines:
      holds.length === 0 ? [io.say('rights:hold.none')] : holds.map((hold) => holdLine(io, hold)),
  })
}

function holdLine({ say }: Io, hold: Hold): string {
  const { basis, by, reason, scope, setAt, statement, until } = hold
  return say('rights:hold.line', {
    basis: say(`rights:hold.basis.${basis}`),
    by,
    date: dayOf(setAt),
    digest: shortId(statement),
    reason,
    scope: say(`rights:hold.scope.${scope}`),
    until,
  })
}

function assertOption(holds: boolean, option: string): void {
  if (!holds) throw new AmanaError('CLI_OPTION', { option })
}
