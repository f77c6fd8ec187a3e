/**
 * `amana custody arrived` and `amana followup …`: that the person arrived safely, and how she is on the days on which
 * somebody has to ask.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referralfollow-up1
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, type CodeListName, type Referral } from '@amana/core'
import { z } from 'zod'
import { askFor, reasonIn, unlockAsked } from '../acting.ts'
import { membersIn } from '../field-options.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { purposeOption } from '../purpose.ts'
import { referenceIn } from '../reference.ts'
import {
  beginSigning,
  type Signing,
  signInReferral,
  type SigningOptions,
} from '../referral-signing.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { codeIn } from '../typed-values.ts'

const DAY_CHARS = 'YYYY-MM-DD'.length
const MS = 1000
const WELLBEING = /^(?:[0-9]|10)$/
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** `amana custody arrived`. */
export function arrivedCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'arrived', 'custodyArrived')
    .argument('<reference...>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--at <instant>', say('help.option.custodyAt'))
    .option('--dry-run', say('help.option.dryRun'))
    .action(async (reference, options) =>
      custodyArrived(contextOf(shell, options), reference, options),
    )
}

/** The commands of the group `followup`. */
export function followupCommands(shell: Shell): CommandUnknownOpts {
  return groupCommand(shell, { name: 'followup', helpKey: 'followup' }, [
    recordCommand(shell),
    listCommand(shell),
  ])
}

/** The receiving side confirms the arrival, and the person is in its care. */
async function custodyArrived(
  context: CommandContext,
  reference: readonly string[],
  options: SigningOptions,
): Promise<void> {
  const signing = await beginSigning(context, reference, options)
  const body = { event: 'start_care', arrivalConfirmed: 'yes' }
  const said = { kind: 'referral.event/1', groups: { body } }
  await signInReferral(context, signing, { said, options, schema: 'amana.cli.custody-arrived/1' })
}

interface RecordOptions extends SigningOptions {
  readonly type: string
  readonly due?: string | undefined
  readonly done?: string | undefined
  readonly safe?: string | undefined
  readonly traffickers?: string | undefined
  readonly stays?: string | undefined
  readonly wellbeing?: string | undefined
  readonly service?: readonly string[] | undefined
  readonly outcome?: string | undefined
  readonly informed?: string | undefined
  readonly with?: string | undefined
}

function recordCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'record', 'followupRecord')
    .argument('<reference...>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--type <type>', say('help.option.followupType'), 'in_care')
    .option('--due <day>', say('help.option.followupDue'))
    .option('--done <day>', say('help.option.followupDone'))
    .option('--safe <answer>', say('help.option.followupSafe'))
    .option('--traffickers <answer>', say('help.option.followupTraffickers'))
    .option('--stays <place>', say('help.option.followupStays'))
    .option('--wellbeing <0-10>', say('help.option.followupWellbeing'))
    .option('--service <code=answer...>', say('help.option.followupService'))
    .option('--outcome <code>', say('help.option.followupOutcome'))
    .option('--informed <answer>', say('help.option.followupInformed'))
    .option('--with <file>', say('help.option.followupWith'))
    .option('--approve <ids>', say('help.option.approve'))
    .option('--dry-run', say('help.option.dryRun'))
    .action(async (reference, options) =>
      followupRecord(contextOf(shell, options), reference, options),
    )
}

async function followupRecord(
  context: CommandContext,
  reference: readonly string[],
  options: RecordOptions,
): Promise<void> {
  const groups = await saidOf(options)
  const signing = await beginSigning(context, reference, options)
  const today = new Date(signing.place.now * MS).toISOString().slice(0, DAY_CHARS)
  const dueOn = dayIn(options.due, '--due') ?? (await nextDue(context, signing)) ?? today
  const doneOn = dayIn(options.done, '--done') ?? today
  const routing = { ...groups['routing'], type: followupType(options), dueOn, doneOn }
  const said = { kind: 'referral.follow-up/1', groups: { ...groups, routing } }
  await signInReferral(context, signing, { said, options, schema: 'amana.cli.followup-record/1' })
}

type Groups = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const GroupsSchema: z.ZodType<Groups> = z.record(z.string(), z.record(z.string(), z.unknown()))

/** What was typed, over what stands in the file. @throws CLI_CODE, CLI_OPTION, as `membersIn` */
async function saidOf(options: RecordOptions): Promise<Groups> {
  const { informed, outcome, safe, service, stays, traffickers } = options
  const given = GroupsSchema.safeParse(await membersIn(options.with))
  if (!given.success) throw new AmanaError('CLI_OPTION', { option: '--with' })
  const typed: Groups = {
    placement: { placeType: code('stayPlace', stays, '--stays') },
    risk: {
      safe: code('yesNoUnknown', safe, '--safe'),
      contactByTraffickers: code('yesNoUnknown', traffickers, '--traffickers'),
    },
    needs: { servicesReceived: servicesIn(service), wellbeing: wellbeingIn(options) },
    statistics: { outcome: code('closureOutcome', outcome, '--outcome') },
    consent: { personInformed: code('yesNo', informed, '--informed') },
  }
  const groups = given.data
  const joined = Object.entries(typed).map(([name, members]) => {
    const own = Object.entries(members).filter(([, value]) => value !== undefined)
    return [name, { ...groups[name], ...Object.fromEntries(own) }] as const
  })
  return { ...groups, ...Object.fromEntries(joined) }
}

/** @throws CLI_CODE */
function code(list: CodeListName, typed: string | undefined, option: string): string | undefined {
  return typed === undefined ? undefined : codeIn({ list }, typed, option)
}

function followupType({ type }: RecordOptions): string {
  return codeIn({ list: 'followUpType' }, type, '--type')
}

function servicesIn(typed: readonly string[] | undefined) {
  return typed?.map((text) => {
    const [service = '', received = 'yes'] = text.split('=')
    return {
      service: codeIn({ list: 'serviceType' }, service, '--service'),
      received: codeIn({ list: 'yesNo' }, received, '--service'),
    }
  })
}

/** @throws CLI_OPTION */
function wellbeingIn({ wellbeing }: RecordOptions): number | undefined {
  if (wellbeing === undefined) return undefined
  if (!WELLBEING.test(wellbeing)) throw new AmanaError('CLI_OPTION', { option: '--wellbeing' })
  return Number(wellbeing)
}

/** @throws CLI_OPTION */
function dayIn(typed: string | undefined, option: string): string | undefined {
  if (typed === undefined) return undefined
  if (DAY.test(typed) && !Number.isNaN(Date.parse(typed))) return typed
  throw new AmanaError('CLI_OPTION', { option })
}

/** The first day of the referral on which nobody has asked yet. */
async function nextDue(
  context: CommandContext,
  { officer, place: { reference } }: Signing,
): Promise<string | undefined> {
  const input = { purpose: 'protection' as const, reference }
  const { followUps } = await askFor(context, {
    call: { act: 'open', method: 'referral', input },
    officer,
    send: (node, asked) => node.referral(asked),
  })
  const open = followUps.filter(({ status }) => status === 'running' || status === 'overdue')
  return open[0]?.dueAt.slice(0, DAY_CHARS)
}

function listCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'list', 'followupList')
    .argument('<reference...>')
    .addOption(purposeOption(shell))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action(async (words, options) => {
      const context = contextOf(shell, options)
      const officer = await unlockAsked(context, options.officer)
      const reference = await referenceIn(context, words)
      const input = { ...reasonIn(options), purpose: options.purpose, reference }
      const referral = await askFor(context, {
        call: { act: 'open', method: 'referral', input },
        officer,
        send: (node, asked) => node.referral(asked),
      })
      listed(context.io, referral)
    })
}

function listed(io: Io, { deadlines, followUps, reference }: Referral): void {
  const arrival = deadlines.filter(({ clock }) => clock === 'arrival')
  const all = [...arrival, ...followUps]
  printAnswer(io, 'amana.cli.followup-list/1', {
    json: { reference, arrival, followUps },
    lines:
      all.length === 0 ? [io.say('custody:followup.none')] : all.map((one) => dueLine(io, one)),
  })
}

function dueLine({ say }: Io, { clock, dueAt, status }: Referral['followUps'][number]): string {
  const line = say('referral.deadline', {
    clock: say(`referral:clock.${clock}`),
    date: dueAt.slice(0, DAY_CHARS),
    status: say(`referral.deadlineStatus.${status}`),
  })
  return status === 'overdue' ? `! ${line}` : `  ${line}`
}
