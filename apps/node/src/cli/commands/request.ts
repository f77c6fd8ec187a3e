/**
 * `amana request`: what a person asks about her data, the 30 days to answer, the answer, and what she is given.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#requests-and-corrections
 */
import { readFile } from 'node:fs/promises'
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AmanaError, CODE_LISTS } from '@amana/core'
import { codeLabel } from '@amana/vocabulary'
import { z } from 'zod'
import { answerDraft, type Members, requestDraft } from '../../agency/rights-drafts.ts'
import { type UnlockedOfficer } from '../../agency/signing.ts'
import { type RequestView } from '../../rights/requests.ts'
import { type Io, printAnswer } from '../io.ts'
import { findRequest, openAs, openReferralAs } from '../opening.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { dayOf, shortId } from '../texts.ts'
import { sendBy, unlockOne, unlockTwo } from '../two-officers.ts'
import { withServices } from '../with-services.ts'
import { exportCommand } from './request-export.ts'

const DAY = 86_400

/** The commands of the group `request`. */
export function requestCommands(shell: Shell): CommandUnknownOpts {
  const list = leafCommand(shell, 'list', 'requestList').action((options) =>
    requestList(contextOf(shell, options)),
  )
  return groupCommand(shell, { name: 'request', helpKey: 'request' }, [
    openCommand(shell),
    list,
    answerCommand(shell),
    exportCommand(shell),
  ])
}

const OpenSchema = z.object({
  channel: z.string(),
  codeWord: z.string().optional(),
  detail: z.string().optional(),
  dryRun: z.literal(true).optional(),
  officer: z.string(),
  proof: z.string().optional(),
  received: z.string().optional(),
  representative: z.string().optional(),
  type: z.string(),
})

interface OpenOptions extends z.output<typeof OpenSchema> {}

function openCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const choice = (flags: string, key: string, list: readonly string[]) =>
    new Option(flags, say(`help.option.${key}`)).choices(list).makeOptionMandatory()
  return leafCommand(shell, 'open', 'requestOpen')
    .argument('<reference>')
    .addOption(choice('--type <type>', 'requestType', CODE_LISTS.dsrType))
    .addOption(choice('--channel <channel>', 'requestChannel', CODE_LISTS.requestChannel))
    .option('--received <instant>', say('help.option.requestReceived'))
    .option('--code-word <file>', say('help.option.codeWord'))
    .option('--representative <name>', say('help.option.representative'))
    .option('--proof <text>', say('help.option.representativeProof'))
    .option('--detail <text>', say('help.option.requestDetail'))
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((reference, options) =>
      requestOpen(contextOf(shell, options), reference, OpenSchema.parse(options)),
    )
}

/** Records what a person asked, and tells the other agency at once. */
async function requestOpen(
  context: CommandContext,
  reference: string,
  options: OpenOptions,
): Promise<void> {
  const { io } = context
  const officer = await unlockOne(context, options.officer)
  const place = await withServices(context, (node) => node.referralPlace({ reference }))
  const isSame = await isHerWord(context, { reference, officer, path: options.codeWord })
  const draft = requestDraft({
    channel: options.channel,
    isTest: place.handling?.caveats.includes('test:data') === true,
    peer: place.peer,
    receivedAt: instantIn(options, place.now),
    referral: reference,
    rights: askerOf(options, isSame),
    type: options.type,
  })
  const digest =
    options.dryRun === true
      ? undefined
      : await withServices(context, (node) => sendBy(node, draft, { first: officer }))
  const checked = io.say(isSame ? 'rights:request.known' : 'rights:request.unknown')
  printAnswer(io, 'amana.cli.request-open/1', {
    json: {
      codeWordChecked: isSame,
      opened: digest !== undefined,
      ...(digest === undefined ? {} : { digest }),
    },
    lines: [
      checked,
      digest === undefined
        ? io.say('rights:erasure.dryRun')
        : io.say('rights:request.opened', { agency: place.peer, digest }),
    ],
  })
}

/** @throws CLI_OPTION when it is none, lies ahead, or is more than 30 days ago */
function instantIn({ received }: OpenOptions, now: number): number {
  if (received === undefined) return now
  const at = Math.floor(Date.parse(received) / 1000)
  if (at <= now && now - at <= 30 * DAY) return at
  throw new AmanaError('CLI_OPTION', { option: '--received' })
}

/** @throws CLI_OPTION when somebody represents her and shows nothing */
function askerOf({ detail, proof, representative }: OpenOptions, isSame: boolean): Members {
  const said = {
    codeWordChecked: isSame ? 'yes' : 'no',
    ...(detail === undefined ? {} : { detail }),
  }
  if (representative === undefined) return { ...said, requester: 'self' }
  if (proof === undefined) throw new AmanaError('CLI_OPTION', { option: '--proof' })
  return { ...said, notExcluded: 'yes', proof, representative, requester: 'representative' }
}

const ContactSchema = z.object({ safeContact: z.object({ codeWord: z.string() }) })

/** Whether the word is that of the file; the officer must read the group that has it. */
async function isHerWord(
  context: CommandContext,
  {
    officer,
    path,
    reference,
  }: {
    readonly officer: UnlockedOfficer
    readonly path: string | undefined
    readonly reference: string
  },
): Promise<boolean> {
  if (path === undefined) return false
  const said = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  })
  const { file } = await openReferralAs(context, { officer, reference })
  if (file === undefined) return false
  const view = await openAs(context, { digest: file, officer })
  const kept = ContactSchema.safeParse(view.groups).data?.safeContact.codeWord
  return kept !== undefined && spelled(kept) === spelled(said)
}

/** However it is written: case, accents and spaces do not make another word. */
function spelled(word: string): string {
  return word
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f\s]/g, '')
    .toLowerCase()
}

/** Every request, with the days that are left. */
async function requestList(context: CommandContext): Promise<void> {
  const { io } = context
  const requests = await withServices(context, (node) => node.requests({}))
  printAnswer(io, 'amana.cli.request-list/1', {
    json: { requests },
    lines:
      requests.length === 0
        ? [io.say('rights:request.none')]
        : requests.flatMap((request) => requestLines(io, request)),
  })
}

function requestLines({ language, say }: Io, request: RequestView): readonly string[] {
  const { answers, digest, dueAt, from, referral, status, to, type } = request
  const head = say('rights:request.line', {
    date: dayOf(dueAt),
    digest: shortId(digest),
    referral,
    status: say(`rights:request.status.${status}`),
    type: codeLabel('dsrType', type, language) ?? type,
    way: `${from} → ${to}`,
  })
  const told = answers.map((answer) =>
    say('rights:request.answer', {
      agency: answer.from,
      date: answer.answeredAt,
      decision: codeLabel('dsrDecision', answer.decision, language) ?? answer.decision,
    }),
  )
  return [head, ...told.map((line) => `  ${line}`)]
}

const AnswerSchema = z.object({
  appeal: z.string(),
  approve: z.string(),
  decision: z.string(),
  dryRun: z.literal(true).optional(),
  officer: z.string(),
  reasons: z.string().optional(),
  restricted: z.array(z.string()).optional(),
})

interface AnswerOptions extends z.output<typeof AnswerSchema> {}

function answerCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const choice = (flags: string, key: string, list: readonly string[]) =>
    new Option(flags, say(`help.option.${key}`)).choices(list).makeOptionMandatory()
  return leafCommand(shell, 'answer', 'requestAnswer')
    .argument('<request>')
    .addOption(choice('--decision <decision>', 'requestDecision', CODE_LISTS.dsrDecision))
    .addOption(choice('--appeal <authority>', 'requestAppeal', CODE_LISTS.dataAuthority))
    .option('--reasons <text>', say('help.option.requestReasons'))
    .option('--restricted <group=day=why...>', say('help.option.requestRestricted'))
    .requiredOption('--officer <id>', say('help.option.officer'))
    .requiredOption('--approve <id>', say('help.option.second'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((request, options) =>
      requestAnswer(contextOf(shell, options), request, AnswerSchema.parse(options)),
    )
}

/** Signs the answer; the other agency is told of it, and it of this one. */
async function requestAnswer(
  context: CommandContext,
  asked: string,
  options: AnswerOptions,
): Promise<void> {
  const { io } = context
  const { appeal, decision, reasons } = options
  const request = await findRequest(context, asked)
  const restricted = (options.restricted ?? []).map(restrictionIn)
  const answer = await withServices(context, async (node) => {
    const { agency: own } = await node.status({})
    const { now } = await node.context({ agency: request.from === own ? request.to : request.from })
    return answerDraft({ appeal, decision, now, own, reasons, request, restricted })
  })
  const digest = options.dryRun === true ? undefined : await sendAnswer(context, answer, options)
  printAnswer(io, 'amana.cli.request-answer/1', {
    json: { request: request.digest, ...(digest === undefined ? {} : { digest }) },
    lines: [
      digest === undefined
        ? io.say('rights:erasure.dryRun')
        : io.say('rights:request.answered', { agency: answer.to.agency, digest }),
    ],
  })
}

async function sendAnswer(
  context: CommandContext,
  answer: ReturnType<typeof answerDraft>,
  options: AnswerOptions,
): Promise<string> {
  const officers = await unlockTwo(context, options)
  return withServices(context, (node) => sendBy(node, answer, officers))
}

/** `G9_investigation=2027-05-20=why`. @throws CLI_OPTION */
function restrictionIn(text: string): Members {
  const [group = '', reviewOn = '', ...why] = text.split('=')
  if (why.length === 0) throw new AmanaError('CLI_OPTION', { option: '--restricted' })
  return { group, reviewOn, why: why.join('=') }
}
