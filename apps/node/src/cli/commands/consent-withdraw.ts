/**
 * `amana consent withdraw`: takes a consent back for every reader who was given it. What it stops and who is told is shown
 * before anything is signed; nothing overrides it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#consents
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import {
  AmanaError,
  CODE_LISTS,
  deskGroups,
  kindDefinition,
  type WithdrawnDisclosure,
} from '@amana/core'
import { z } from 'zod'
import { messageInstant } from '../../statements/referral-statements.ts'
import { type ConsentsView, type ConsentView, type ReachedDesk } from '../../service-views.ts'
import { type ServiceResults } from '../../services.ts'
import { askFor } from '../acting.ts'
import { groupsOf, word } from '../consent-lines.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { requireText, requireTyped } from '../prompts.ts'
import {
  beginSigning,
  outcomeLines,
  placeFor,
  signed,
  type Signing,
  type SigningOptions,
} from '../referral-signing.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { instantIn, valueIn } from '../typed-values.ts'

interface WithdrawOptions extends SigningOptions {
  readonly channel?: string | undefined
  readonly groups?: string | undefined
  readonly reader?: string | undefined
  readonly scope: string
  readonly yes?: true | undefined
}

const KIND = 'referral.consent/1'

/** What is withdrawn for one reader, and her desks. */
interface Target extends WithdrawnDisclosure {
  /** Further desks that are told by the node. */
  readonly desks: readonly string[]
  /** Those that a person has to tell. */
  readonly byHand: readonly string[]
}

/** `amana consent withdraw`. */
export function withdrawCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'withdraw', 'consentWithdraw')
    .argument('<reference...>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .requiredOption('--scope <scope>', say('help.option.consentScope'))
    .option('--reader <role>', say('help.option.consentReader'))
    .option('--groups <groups>', say('help.option.consentGroups'))
    .option('--channel <text>', say('help.option.consentChannel'))
    .option('--approve <ids>', say('help.option.approve'))
    .option('--at <instant>', say('help.option.happenedAt'))
    .option('--dry-run', say('help.option.dryRun'))
    .option('--yes', say('help.option.yes'))
    .action((reference, options) => consentWithdraw(contextOf(shell, options), reference, options))
}

async function consentWithdraw(
  context: CommandContext,
  words: readonly string[],
  options: WithdrawOptions,
): Promise<void> {
  const { io } = context
  const channel = await requireText(io, {
    option: '--channel',
    ask: 'acts:consent.askChannel',
    given: options.channel,
  })
  const signing = await beginSigning(context, words, options)
  const { reference } = signing.place
  const view = await viewFor(context, signing, [])
  const targets = targetsOf(view, options)
  const { stops } = await viewFor(context, signing, targets.map(plain))
  for (const line of planLines(io, targets, stops)) io.talk(line)
  const isDry = options.dryRun === true
  if (!isDry && options.yes !== true) {
    await requireTyped(io, 'acts:consent.ask', reference.slice(-1))
  }
  const sent = await withdrawEach(context, signing, { targets, channel, options })
  printAnswer(io, 'amana.cli.consent-withdraw/1', {
    json: { reference, targets, stops, sent },
    lines: sent.flatMap((one) => outcomeLines(io, signing.place, one)),
  })
}

function plain({ fieldGroups, reader, scope }: Target): WithdrawnDisclosure {
  return { scope, reader, fieldGroups }
}

async function viewFor(
  context: CommandContext,
  { officer, place: { reference } }: Signing,
  withdrawing: readonly WithdrawnDisclosure[],
): Promise<ConsentsView> {
  const asked = withdrawing.map((one) => ({ ...one, fieldGroups: [...one.fieldGroups] }))
  const input = { purpose: 'referral', reference, withdrawing: asked } as const
  return askFor(context, {
    call: { act: 'open', method: 'consents', input: { ...input, withdrawing: asked } },
    officer,
    send: (node, question) => node.consents(question),
  })
}

const ScopeSchema = z.enum(CODE_LISTS.consentScope)
const ReaderSchema = z.enum(CODE_LISTS.readerRole)
const GroupsSchema = z.array(z.enum(CODE_LISTS.fieldGroup))

/** The reader who is named; else every reader to whom the scope stands given. @throws CLI_CODE, CLI_OPTION */
function targetsOf({ consents, desks }: ConsentsView, options: WithdrawOptions): readonly Target[] {
  const scope = ScopeSchema.parse(valueIn({ list: 'consentScope' }, options.scope, '--scope'))
  const named = namedReader(options)
  const given = newestByReader(consents.filter((one) => one.scope === scope))
  const readers = named === undefined ? given : [named]
  if (readers.length === 0) throw new AmanaError('CLI_OPTION', { option: '--reader' })
  return readers.map(({ fieldGroups, reader }) => {
    const own = desks.filter((desk) => desk.has + desk.waits > 0 && isOf(desk, reader))
    return {
      scope,
      reader,
      fieldGroups,
      desks: own.filter(isToldByNode).map(({ desk }) => desk),
      byHand: own.filter((desk) => !isToldByNode(desk)).map(({ desk }) => desk),
    }
  })
}

type Reading = Pick<WithdrawnDisclosure, 'reader' | 'fieldGroups'>

function namedReader({ groups, reader }: WithdrawOptions): Reading | undefined {
  if (reader === undefined && groups === undefined) return undefined
  const role = valueIn({ list: 'readerRole' }, reader ?? '', '--reader')
  const what = valueIn({ many: 'fieldGroup' }, groups ?? '', '--groups')
  return { reader: ReaderSchema.parse(role), fieldGroups: GroupsSchema.parse(what) }
}

function newestByReader(consents: readonly ConsentView[]): readonly Reading[] {
  const newest = new Map<string, ConsentView>()
  for (const one of consents.toSorted((a, b) => a.recorded.localeCompare(b.recorded))) {
    if (one.reader !== undefined) newest.set(one.reader, one)
  }
  return [...newest.values()].flatMap(({ fieldGroups, reader, status }) =>
    status !== 'given' || reader === undefined || fieldGroups === undefined
      ? []
      : [{ reader, fieldGroups }],
  )
}

/** An embassy is locked, and who sees nothing of a consent learns nothing from one: a person tells them. */
function isToldByNode({ desk: id, external, roles }: ReachedDesk): boolean {
  const desk = { id, external, roles: [...roles] }
  return !roles.includes('embassy_consular') && deskGroups(KIND, desk).mustSee.includes('consent')
}

function isPartner({ external, roles }: ReachedDesk): boolean {
  return external || roles.length > 0
}

function isOf(desk: ReachedDesk, reader: string): boolean {
  return isPartner(desk) && desk.roles.some((role) => role === reader)
}

function planLines(
  io: Io,
  targets: readonly Target[],
  stops: ConsentsView['stops'],
): readonly string[] {
  const { say } = io
  return [
    ...targets.flatMap(({ byHand, desks, fieldGroups, reader, scope }) => [
      say('acts:consent.plan', {
        scope: word(io, 'consentScope', scope),
        reader: word(io, 'readerRole', reader),
        groups: groupsOf(io, fieldGroups),
      }),
      say('acts:consent.told', { desks: [kindDefinition(KIND).desk, ...desks].join(', ') }),
      ...(byHand.length === 0 ? [] : [say('acts:consent.byHand', { desks: byHand.join(', ') })]),
    ]),
    ...stops.map(({ desks, digest }) =>
      say('acts:consent.stops', { digest: digest.slice(0, 12), desks: desks.join(', ') }),
    ),
  ]
}

interface Withdrawing {
  readonly targets: readonly Target[]
  readonly channel: string
  readonly options: WithdrawOptions
}

/** One statement a reader, each at its own place. */
async function withdrawEach(
  context: CommandContext,
  signing: Signing,
  { channel, options, targets }: Withdrawing,
): Promise<readonly ServiceResults['submit'][]> {
  const sent: ServiceResults['submit'][] = []
  for (const target of targets) {
    const place = await placeFor(context, signing.officer, signing.place.reference)
    const recorded =
      options.at === undefined ? messageInstant(place.now) : instantIn(options.at, '--at')
    const status = 'withdrawn'
    const consent = { ...plain(target), status, recorded, channel: channel.normalize('NFC') }
    const said = { kind: KIND, groups: { consent } }
    const toSign = { said, desks: target.desks, options }
    sent.push(await signed(context, { ...signing, place }, toSign))
  }
  return sent
}
