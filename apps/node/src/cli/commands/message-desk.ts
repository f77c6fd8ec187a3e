/**
 * `amana message open`, at a partner desk without a node, and `amana message answer`, at the node that hosts it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#several-desks
 */
import { basename, resolve } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import {
  AmanaError,
  canonicalize,
  isAnyAmanaError,
  type Json,
  type OpenedAtDesk,
  openAtDesk,
  openedValues,
  type SignedStatement,
} from '@amana/core'
import { z } from 'zod'
import { signAnswers, trustOf, type UnlockedDesk, unlockDesk } from '../../agency/answering.ts'
import { unlockOfficerFile } from '../../agency/signing.ts'
import { signerRecords } from '../../statements/statement-ledger.ts'
import { systemClock } from '../../system.ts'
import { exists, readBytes, readJson, writeText } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'
import { type ShownMessage, viewLines } from './message-reading.ts'

interface OpenOptions {
  readonly keystore: string
  readonly evidence: string
  readonly policy: string
  readonly officer?: string | undefined
  readonly to?: string | undefined
}

/** As many as an envelope has statements. */
const MOST_ANSWERS = 64
const AnswersSchema = z.strictObject({
  answers: z
    .array(z.strictObject({ opening: z.json(), statement: z.json() }))
    .min(1)
    .max(MOST_ANSWERS),
  v: z.literal(1),
})

/** `amana message open`. */
export function openCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'open', 'messageOpen')
    .argument('<file>')
    .requiredOption('--keystore <file>', say('help.option.deskKeystore'))
    .requiredOption('--evidence <file>', say('help.option.evidence'))
    .requiredOption('--policy <file>', say('help.option.policy'))
    .option('--officer <file>', say('help.option.answerOfficer'))
    .option('--to <file>', say('help.option.answerTo'))
    .action((file, options) => messageOpen(contextOf(shell, options), file, options))
}

/** `amana message answer`. */
export function answerCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'answer', 'messageAnswer')
    .argument('<file>')
    .option('--dry-run', shell.say('help.option.dryRun'))
    .action((file, { dryRun = false, ...options }) =>
      messageAnswer(contextOf(shell, options), file, dryRun),
    )
}

async function messageOpen(
  context: CommandContext,
  path: string,
  options: OpenOptions,
): Promise<void> {
  const { io } = context
  if ((options.officer === undefined) !== (options.to === undefined)) {
    throw new AmanaError('CLI_OPTION', { option: options.to === undefined ? '--to' : '--officer' })
  }
  await assertNewFile(options.to)
  const desk = await unlockDesk(options.keystore, await passphraseOf(context, options.keystore))
  const evidence = { path: options.evidence, bytes: await readBytes(options.evidence) }
  const trust = await trustOf(evidence, await readBytes(options.policy))
  const now = systemClock.now()
  const reader = { agency: desk.agency, desk: desk.id, key: desk.key, now, trust }
  const opened = await openAtDesk(await readBytes(path), reader)
  const views = opened.statements.map((outcome) => viewOf(outcome, desk))
  const file = await answered(context, { desk, now, opened, trust }, options)
  printAnswer(io, 'amana.cli.message-open/1', {
    json: { desk: desk.id, messages: views, ...(file === undefined ? {} : { file }) },
    lines: [
      ...views.flatMap((view) => openedLines(io, view)),
      ...(file === undefined ? [] : [io.say('message.answersWritten', { file })]),
    ],
  })
}

interface AtDesk {
  readonly desk: UnlockedDesk
  readonly now: number
  readonly opened: OpenedAtDesk
  readonly trust: Parameters<typeof signAnswers>[1]['trust']
}

/** Before anybody types a passphrase. @throws CLI_EXISTS when something lies there */
async function assertNewFile(to: string | undefined): Promise<void> {
  if (to === undefined) return
  const path = resolve(to)
  if (await exists(path)) throw new AmanaError('CLI_EXISTS', { path })
}

/** Signs and writes the answers where that is asked for; the file. */
async function answered(
  context: CommandContext,
  { desk, now, opened, trust }: AtDesk,
  { officer: keystore, to }: OpenOptions,
): Promise<string | undefined> {
  if (keystore === undefined || to === undefined) return undefined
  const file = resolve(to)
  const officer = await unlockOfficerFile(
    keystore,
    await passphraseOf(context, keystore, 'officer-'),
  )
  const answers = await signAnswers(opened, { desk, now, officer, trust })
  await writeText(file, `${canonicalize({ answers: answers.map(submissionOf), v: 1 })}\n`)
  return file
}

function submissionOf({ opening, statement }: SignedStatement): Json {
  const { payload, signatures } = statement
  const signed = { payload, signatures: signatures.map((one) => ({ ...one })) }
  return { opening: { ...opening }, statement: signed }
}

/** Keystores of desks and officers lie beside each other: a passphrase is asked for by kind and file name. */
async function passphraseOf(
  { passphrases }: CommandContext,
  keystore: string,
  kind = 'desk-',
): Promise<string> {
  return passphrases(`${kind}${basename(keystore).replace(/\.keystore\.json$/, '')}`)
}

type DeskView = ShownMessage & { readonly code?: string }

function viewOf(outcome: OpenedAtDesk['statements'][number], { id }: UnlockedDesk): DeskView {
  const { statement } = outcome
  if (statement === undefined) throw new AmanaError('WIRE_POLICY', { rule: 'void' })
  const { aud, handling, iat, iss, kind, relates = [] } = statement.content
  const isOpened = outcome.result === 'opened'
  const state = isOpened ? 'received' : 'refused'
  return {
    digest: statement.digest,
    kind,
    from: iss,
    to: aud,
    issuedAt: iat,
    tlp: handling.tlp,
    state,
    desks: [{ desk: id, state }],
    stages: [],
    receipts: [],
    signers: isOpened
      ? signerRecords(outcome.verified.signers).map(({ roles: _roles, ...signer }) => signer)
      : [],
    groups: isOpened ? openedValues(outcome.opening) : {},
    withheld: isOpened ? Object.keys(outcome.opening.withheld) : [],
    relates,
    ...(isOpened ? {} : { code: outcome.error.code }),
  }
}

function openedLines(io: Io, view: DeskView): readonly string[] {
  const { code } = view
  const lines = viewLines(io, view)
  return code === undefined ? lines : [...lines, io.say('message.refusedHere', { code })]
}

/** Hands in the answers of a partner desk; one that is here already is passed over, so that a file can be given again. */
async function messageAnswer(
  context: CommandContext,
  path: string,
  dryRun: boolean,
): Promise<void> {
  const { io } = context
  const parsed = AnswersSchema.safeParse(await readJson(path))
  if (!parsed.success) throw new AmanaError('CLI_NOT_AMANA', { path })
  const digests = await withServices(context, async ({ submit }) => {
    const taken: string[] = []
    for (const answer of parsed.data.answers) {
      try {
        const { digest } = await submit({ ...answer, dryRun })
        taken.push(digest)
      } catch (error) {
        if (!isAnyAmanaError(error) || error.code !== 'WIRE_REPLAY') throw error
      }
    }
    return taken
  })
  printAnswer(io, 'amana.cli.message-answer/1', {
    json: { digests, queued: !dryRun },
    lines: answerLines(io, digests, dryRun),
  })
}

function answerLines({ say }: Io, digests: readonly string[], dryRun: boolean): readonly string[] {
  if (digests.length === 0) return [say('message.answersKnown')]
  return dryRun ? [say('message.dryRun')] : digests.map((digest) => say('message.sent', { digest }))
}
