/**
 * `amana erasure`: order the erasure of what one sent, carry an order out, and give the signed word on it.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#an-order-of-erasure
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AmanaError } from '@amana/core'
import { codeLabel } from '@amana/vocabulary'
import { askAsTwo, attestationDrafts, orderDraft } from '../../agency/erasing.ts'
import { type TargetPlan } from '../../rights/erasures.ts'
import { type OrderBasis, ORDER_BASES, type OrderView } from '../../rights/orders.ts'
import { type AccountOptions, reasonIn } from '../acting.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { requireTyped } from '../prompts.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { instantOf, shortId } from '../texts.ts'
import { sendBy, type TwoOptions, unlockTwo } from '../two-officers.ts'
import { withServices } from '../with-services.ts'

/** The commands of the group `erasure`. */
export function erasureCommands(shell: Shell): CommandUnknownOpts {
  const list = leafCommand(shell, 'list', 'erasureList').action((options) =>
    erasureList(contextOf(shell, options)),
  )
  return groupCommand(shell, { name: 'erasure', helpKey: 'erasure' }, [
    requestCommand(shell),
    list,
    carryOutCommand(shell),
    attestCommand(shell),
  ])
}

interface RequestOptions extends TwoOptions {
  readonly basis: OrderBasis
  readonly dryRun?: true | undefined
  readonly groups?: string | undefined
}

function requestCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'request', 'erasureRequest')
    .argument('<digest>')
    .addOption(
      new Option('--basis <basis>', say('help.option.erasureBasis'))
        .choices(ORDER_BASES)
        .makeOptionMandatory(),
    )
    .option('--groups <groups>', say('help.option.erasedGroups'))
    .requiredOption('--officer <id>', say('help.option.officer'))
    .requiredOption('--approve <id>', say('help.option.second'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((digest, options) => erasureRequest(contextOf(shell, options), digest, options))
}

/** Orders the agency that got a message to erase groups of it. */
async function erasureRequest(
  context: CommandContext,
  digest: string,
  options: RequestOptions,
): Promise<void> {
  const { io } = context
  const message = await withServices(context, (node) => node.erasable({ digest }))
  if (message.referral === undefined) {
    throw new AmanaError('RIGHTS_ORDER', { digest: message.digest, reason: 'referral' })
  }
  const groups = groupsAsked(options, message.groups)
  const told = { agency: message.peer, digest: message.digest, groups: groups.join(', ') }
  if (options.dryRun === true) {
    printAnswer(io, 'amana.cli.erasure-request/1', {
      json: { agency: message.peer, groups, message: message.digest, ordered: false },
      lines: [io.say('rights:erasure.wouldOrder', told)],
    })
    return
  }
  const officers = await unlockTwo(context, options)
  const order = await withServices(context, async (node) => {
    const { now } = await node.context({ agency: message.peer })
    return sendBy(node, orderDraft({ basis: options.basis, groups, message, now }), officers)
  })
  printAnswer(io, 'amana.cli.erasure-request/1', {
    json: { agency: message.peer, groups, message: message.digest, order, ordered: true },
    lines: [
      io.say('rights:erasure.ordered', { ...told, order }),
      io.say('rights:erasure.own', { order: shortId(order) }),
      io.say('rights:erasure.notReached'),
    ],
  })
}

/** @throws CLI_OPTION when a name is none of a group that the message has */
function groupsAsked({ groups }: RequestOptions, here: readonly string[]): readonly string[] {
  if (groups === undefined) return here
  const asked = groups.split(',').map((name) => name.trim())
  if (asked.every((name) => here.includes(name))) return [...new Set(asked)]
  throw new AmanaError('CLI_OPTION', { option: '--groups' })
}

interface CarryOutOptions extends AccountOptions, TwoOptions {
  readonly dryRun?: true | undefined
  readonly officer?: string | undefined
  readonly yes?: true | undefined
}

function carryOutCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'carry-out', 'erasureCarryOut')
    .argument('<order>')
    .option('--officer <id>', say('help.option.officer'))
    .option('--approve <id>', say('help.option.second'))
    .option('--reason <text>', say('help.option.reason'))
    .option('--dry-run', say('help.option.dryRun'))
    .option('--yes', say('help.option.yes'))
    .action((order, options) => erasureCarryOut(contextOf(shell, options), order, options))
}

/** Erases what an order names, but for what is held or on its way; nothing brings it back. */
async function erasureCarryOut(
  context: CommandContext,
  asked: string,
  options: CarryOutOptions,
): Promise<void> {
  const { io } = context
  const view = await withServices(context, (node) => node.erasure({ order: asked }))
  const lines = view.targets.flatMap((target) => targetLines(io, target))
  if (options.dryRun === true) {
    printAnswer(io, 'amana.cli.erasure-carry-out/1', {
      json: { erased: 0, order: view },
      lines: [...lines, io.say('rights:erasure.dryRun')],
    })
    return
  }
  for (const line of lines) io.talk(line)
  const { digest: order } = view
  if (options.yes !== true) await requireTyped(io, 'rights:erasure.ask', shortId(order))
  const officers = await unlockTwo(context, options)
  const done = await withServices(context, async (node) => {
    const input = { ...reasonIn(options), order }
    return node.erase(await askAsTwo(node, officers, { act: 'erase', method: 'erase', input }))
  })
  printAnswer(io, 'amana.cli.erasure-carry-out/1', {
    json: { ...done },
    lines: [
      ...done.order.targets.flatMap((target) => targetLines(io, target)),
      io.say(done.erased === 0 ? 'rights:erasure.nothing' : 'rights:erasure.done', {
        count: done.erased,
      }),
      ...(done.order.direction === 'in'
        ? [io.say('rights:erasure.attest', { order: shortId(order) })]
        : []),
      io.say('rights:erasure.notReached'),
    ],
  })
}

function attestCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'attest', 'erasureAttest')
    .argument('<order>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .requiredOption('--approve <id>', say('help.option.second'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((order, options) => erasureAttest(contextOf(shell, options), order, options))
}

/** Sends the owner the signed word on an order: what was erased, and what is held and why. */
async function erasureAttest(
  context: CommandContext,
  asked: string,
  options: TwoOptions & { readonly dryRun?: true | undefined },
): Promise<void> {
  const { io } = context
  const view = await withServices(context, (node) => node.erasure({ order: asked }))
  const lines = view.targets.flatMap((target) => targetLines(io, target))
  const now = await withServices(
    context,
    async (node) => (await node.context({ agency: view.from })).now,
  )
  const drafts = view.direction === 'in' ? attestationDrafts(view, now) : []
  if (drafts.length === 0) {
    throw new AmanaError('RIGHTS_ORDER', { digest: view.digest, reason: 'open' })
  }
  const attestations: string[] = []
  if (options.dryRun !== true) {
    const officers = await unlockTwo(context, options)
    for (const draft of drafts) {
      attestations.push(await withServices(context, (node) => sendBy(node, draft, officers)))
    }
  }
  const attested = attestations.map((digest) =>
    io.say('rights:erasure.attested', { agency: view.from, digest }),
  )
  printAnswer(io, 'amana.cli.erasure-attest/1', {
    json: { attestations, order: view },
    lines: [...lines, ...(attested.length === 0 ? [io.say('rights:erasure.dryRun')] : attested)],
  })
}

/** Every order of either agency, what would become of it here, and what was attested. */
async function erasureList(context: CommandContext): Promise<void> {
  const { io } = context
  const orders = await withServices(context, (node) => node.erasures({}))
  const lines = orders.flatMap((order) => orderLines(io, order))
  printAnswer(io, 'amana.cli.erasure-list/1', {
    json: { orders },
    lines: lines.length === 0 ? [io.say('rights:erasure.none')] : lines,
  })
}

function orderLines(io: Io, order: OrderView): readonly string[] {
  const { language, say } = io
  const { attested, basis, digest, direction, done, from, issuedAt, targets, to } = order
  const head = say('rights:erasure.order', {
    basis: codeLabel('erasureBasis', basis, language) ?? basis,
    date: instantOf(issuedAt),
    digest: shortId(digest),
    way: `${from} → ${to}`,
  })
  const word = attested.map(({ action, executedAt, from: agency, holds }) => {
    const [hold] = holds
    return hold === undefined || action === 'erase'
      ? say('rights:erasure.word.erase', { agency, date: executedAt })
      : say('rights:erasure.word.keep', { agency, by: hold.by, until: hold.until })
  })
  const waits = direction === 'out' && attested.length === 0
  return [
    head,
    ...targets.flatMap((target) => targetLines(io, target)).map((line) => `  ${line}`),
    ...(done === undefined
      ? []
      : [`  ${say('rights:erasure.doneAt', { date: instantOf(done.at) })}`]),
    ...word.map((line) => `  ${line}`),
    ...(waits ? [`  ${say('rights:erasure.waits', { agency: to })}`] : []),
  ]
}

/** One line for each state in which groups of a message are. */
function targetLines({ say }: Io, { groups, hold, statement }: TargetPlan): readonly string[] {
  const byState = Map.groupBy(Object.keys(groups), (name) => groups[name] ?? 'absent')
  const lines = [...byState].map(([state, names]) =>
    say(`rights:erasure.state.${state}`, { digest: shortId(statement), names: names.join(', ') }),
  )
  if (hold === undefined) return lines
  const { by, reason, until } = hold
  return [...lines, `  ${say('rights:erasure.hold', { by, reason, until })}`]
}
