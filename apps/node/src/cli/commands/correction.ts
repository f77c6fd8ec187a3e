/**
 * `amana correction`: what should stand there instead is a proposal until the agency whose message it is decides.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#requests-and-corrections
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError } from '@amana/core'
import { z } from 'zod'
import { correctionDraft, type Correcting, type Members } from '../../agency/rights-drafts.ts'
import { type UnlockedOfficer } from '../../agency/signing.ts'
import { type CorrectionView } from '../../rights/corrections.ts'
import { type Io, printAnswer } from '../io.ts'
import { openAs } from '../opening.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { instantOf, shortId } from '../texts.ts'
import { sendBy, unlockOne } from '../two-officers.ts'
import { withServices } from '../with-services.ts'

/** Which act a command is. */
const ACTS = { accept: 'accepted', apply: 'applied', refuse: 'refused' } as const

/** The commands of the group `correction`. */
export function correctionCommands(shell: Shell): CommandUnknownOpts {
  const list = leafCommand(shell, 'list', 'correctionList').action((options) =>
    correctionList(contextOf(shell, options)),
  )
  return groupCommand(shell, { name: 'correction', helpKey: 'correction' }, [
    proposeCommand(shell),
    answerCommand(shell, 'accept', 'correctionAccept'),
    answerCommand(shell, 'refuse', 'correctionRefuse'),
    answerCommand(shell, 'apply', 'correctionApply'),
    list,
  ])
}

interface ProposeOptions {
  readonly dryRun?: true | undefined
  readonly group: string
  readonly member: string
  readonly officer: string
  readonly reason: string
  readonly value: string
}

function proposeCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'propose', 'correctionPropose')
    .argument('<digest>')
    .requiredOption('--group <group>', say('help.option.correctedGroup'))
    .requiredOption('--member <member>', say('help.option.correctedMember'))
    .requiredOption('--value <text>', say('help.option.correctedValue'))
    .requiredOption('--reason <text>', say('help.option.correctionReason'))
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((digest, options) => correctionPropose(contextOf(shell, options), digest, options))
}

/** Of what the own agency signed it is no proposal: the owner has decided. */
async function correctionPropose(
  context: CommandContext,
  asked: string,
  options: ProposeOptions,
): Promise<void> {
  const { group, member, reason, value: newValue } = options
  const message = await withServices(context, (node) => node.erasable({ digest: asked }))
  if (!message.groups.includes(group)) throw new AmanaError('CLI_OPTION', { option: '--group' })
  const { digest: statement, isOwn, isTest, peer, referral = '' } = message
  const act = isOwn ? 'accepted' : 'proposal'
  const targets = [{ group, member, newValue, statement }]
  const officer = options.dryRun === true ? undefined : await unlockOne(context, options.officer)
  await sendWord(context, { act, isTest, peer, reason, referral, targets }, officer)
}

function answerCommand(shell: Shell, name: keyof typeof ACTS, helpKey: string): CommandUnknownOpts {
  return leafCommand(shell, name, helpKey)
    .argument('<correction>')
    .requiredOption('--reason <text>', shell.say('help.option.correctionReason'))
    .requiredOption('--officer <id>', shell.say('help.option.officer'))
    .action((correction, options) =>
      correctionAnswer(contextOf(shell, options), correction, { ...options, act: ACTS[name] }),
    )
}

const TargetsSchema = z.object({
  rights: z.object({
    targets: z.array(
      z.object({
        group: z.string(),
        member: z.string(),
        newValue: z.string(),
        statement: z.string(),
      }),
    ),
  }),
})

/**
 * Says of a proposal that it is accepted or refused, or of a decision that it is applied; the officer must read it.
 *
 * @throws CLI_NO_MESSAGE; RIGHTS_ORDER when it is not this agency’s to say, or nothing was decided
 */
async function correctionAnswer(
  context: CommandContext,
  asked: string,
  {
    act,
    officer: id,
    reason,
  }: {
    readonly act: (typeof ACTS)[keyof typeof ACTS]
    readonly officer: string
    readonly reason: string
  },
): Promise<void> {
  const view = await findCorrection(context, asked)
  const officer = await unlockOne(context, id)
  const answers = act === 'applied' ? (view.decision ?? view.digest) : view.digest
  const opened = await openAs(context, { digest: view.digest, officer })
  const read = TargetsSchema.safeParse(opened.groups).data
  if (read === undefined) throw new AmanaError('STORE_GROUP_KEY', { group: 'rights' })
  const { isTest, referral } = view
  const peer = view.direction === 'in' ? view.from : (opened.to[0] ?? '')
  const { targets } = read.rights
  await sendWord(context, { act, answers, isTest, peer, reason, referral, targets }, officer)
}

async function sendWord(
  context: CommandContext,
  correcting: Omit<Correcting, 'now'> & { readonly targets: readonly Members[] },
  officer: UnlockedOfficer | undefined,
): Promise<void> {
  const { io } = context
  const { act, peer: agency } = correcting
  const digest =
    officer === undefined
      ? undefined
      : await withServices(context, async (node) => {
          const { now } = await node.context({ agency })
          return sendBy(node, correctionDraft({ ...correcting, now }), { first: officer })
        })
  printAnswer(io, 'amana.cli.correction/1', {
    json: { act, agency, ...(digest === undefined ? {} : { digest }) },
    lines: [
      digest === undefined
        ? io.say('rights:erasure.dryRun')
        : io.say(`rights:correction.said.${act}`, { agency, digest }),
    ],
  })
}

async function correctionList(context: CommandContext): Promise<void> {
  const { io } = context
  const corrections = await withServices(context, (node) => node.corrections({}))
  printAnswer(io, 'amana.cli.correction-list/1', {
    json: { corrections },
    lines:
      corrections.length === 0
        ? [io.say('rights:correction.none')]
        : corrections.flatMap((view) => correctionLines(io, view)),
  })
}

function correctionLines({ say: text }: Io, view: CorrectionView): readonly string[] {
  const { applied, conflicts, digest, from, issuedAt, status, targets } = view
  const head = text('rights:correction.line', {
    date: instantOf(issuedAt),
    digest: shortId(digest),
    from,
    status: text(`rights:correction.status.${status}`),
  })
  return [
    head,
    ...targets.map(({ group, member, statement }) =>
      text('rights:correction.target', {
        digest: shortId(statement),
        member: `${group}.${member}`,
      }),
    ),
    ...(applied.length === 0
      ? []
      : [text('rights:correction.applied', { agencies: applied.join(', ') })]),
    ...(conflicts.length === 0
      ? []
      : [text('rights:correction.conflict', { digests: conflicts.map(shortId).join(', ') })]),
  ]
}

/** The correction that a digest names. @throws CLI_NO_MESSAGE */
async function findCorrection(context: CommandContext, digest: string): Promise<CorrectionView> {
  const all = await withServices(context, (node) => node.corrections({}))
  const [found, another] = all.filter((one) => one.digest.startsWith(digest))
  if (found === undefined || another !== undefined)
    throw new AmanaError('CLI_NO_MESSAGE', { digest })
  return found
}
