/**
 * `amana consent …`: what the person said to one scope, one reader and named groups, and what she took back.
 *
 * @module
 * @spec docs/spec/08-exchange.md#consents
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { digest, DigestSchema, type PURPOSES } from '@amana/core'
import { type Field } from '../act-fields.ts'
import { type AccountOptions, ask, reasonIn } from '../acting.ts'
import { addFields, fillIn, membersIn, type Members, typedFor } from '../field-options.ts'
import { readBytes } from '../files.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { purposeOption } from '../purpose.ts'
import { referenceIn } from '../reference.ts'
import { beginSigning, signInReferral, type SigningOptions } from '../referral-signing.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { instantIn, type Typed } from '../typed-values.ts'
import { messageInstant } from '../../statements/referral-statements.ts'
import { consentLines } from '../consent-lines.ts'
import { withdrawCommand } from './consent-withdraw.ts'

const needed = true as const
const yesNo = { list: 'yesNo' } as const

/** What is recorded of a consent. */
const FIELDS: readonly Field[] = [
  { flag: '--scope', path: ['scope'], form: { list: 'consentScope' }, needed },
  { flag: '--status', path: ['status'], form: { list: 'consentStatus' }, needed },
  { flag: '--reader', path: ['reader'], form: { list: 'readerRole' }, needed },
  { flag: '--groups', path: ['fieldGroups'], form: { many: 'fieldGroup' }, needed },
  { flag: '--given-by', path: ['givenBy'], form: { list: 'consentGivenBy' } },
  { flag: '--medium', path: ['medium'], form: { list: 'consentMedium' } },
  { flag: '--witness', path: ['witness'], form: 'text' },
  { flag: '--language', path: ['language'], form: 'text' },
  { flag: '--notice', path: ['notice'], form: 'text' },
  { flag: '--understood', path: ['understood'], form: yesNo },
  { flag: '--consequences-explained', path: ['consequencesExplained'], form: yesNo },
  { flag: '--expires-at', path: ['expiresAt'], form: 'instant' },
  { flag: '--legal-basis', path: ['legalBasis'], form: { list: 'legalBasis' } },
  { flag: '--justification', path: ['justification'], form: 'text' },
  { flag: '--clinician', path: ['clinician'], form: 'text' },
  { flag: '--second-organisation', path: ['secondOrganisation'], form: 'office' },
]

interface RecordOptions extends SigningOptions {
  readonly desk?: string | undefined
  readonly with?: string | undefined
}

interface ShowOptions extends AccountOptions {
  readonly purpose: (typeof PURPOSES)[number]
}

/** The commands of the group `consent`. */
export function consentCommands(shell: Shell): CommandUnknownOpts {
  return groupCommand(shell, { name: 'consent', helpKey: 'consent' }, [
    recordCommand(shell),
    withdrawCommand(shell),
    showCommand(shell),
  ])
}

function recordCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const command = leafCommand(shell, 'record', 'consentRecord')
    .argument('<reference...>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--approve <ids>', say('help.option.approve'))
    .option('--at <instant>', say('help.option.happenedAt'))
    .option('--desk <ids>', say('help.option.desks'))
    .option('--with <file>', say('help.option.withFile'))
    .option('--dry-run', say('help.option.dryRun'))
    .action(async (reference, options, own) =>
      consentRecord(contextOf(shell, options), reference, {
        options,
        typed: typedFor(own, FIELDS),
      }),
    )
  addFields(command, FIELDS, shell.invocation.systemLanguage)
  return command
}

async function consentRecord(
  context: CommandContext,
  words: readonly string[],
  {
    options,
    typed,
  }: { readonly options: RecordOptions; readonly typed: ReadonlyMap<string, Typed> },
): Promise<void> {
  const signing = await beginSigning(context, words, options)
  const { now } = signing.place
  const recorded = options.at === undefined ? messageInstant(now) : instantIn(options.at, '--at')
  const known = { recorded, ...(await membersIn(options.with)) }
  const consent = await withNotice(await fillIn(context.io, FIELDS, { known, typed }))
  await signInReferral(context, signing, {
    said: { kind: 'referral.consent/1', groups: { consent } },
    fields: FIELDS,
    group: 'consent',
    desks: options.desk?.split(',').map((id) => id.trim()) ?? [],
    options,
    schema: 'amana.cli.consent-record/1',
  })
}

/** The digest of the text that was read out: of a file, unless the digest itself was typed. @throws CLI_FILE */
async function withNotice(members: Members): Promise<Members> {
  const { notice } = members
  if (typeof notice !== 'string' || DigestSchema.safeParse(notice).success) return members
  return { ...members, notice: digest(await readBytes(notice)) }
}

function showCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'show', 'consentShow')
    .argument('<reference...>')
    .addOption(purposeOption(shell))
    .option('--officer <id>', say('help.option.acting'))
    .option('--reason <text>', say('help.option.reason'))
    .action((reference, options) => consentShow(contextOf(shell, options), reference, options))
}

async function consentShow(
  context: CommandContext,
  words: readonly string[],
  options: ShowOptions,
): Promise<void> {
  const reference = await referenceIn(context, words)
  const input = { ...reasonIn(options), purpose: options.purpose, reference }
  const { stops: _asked, ...view } = await ask(context, {
    call: { act: 'open', method: 'consents', input },
    officer: options.officer,
    send: (node, asked) => node.consents(asked),
  })
  printAnswer(context.io, 'amana.cli.consent-show/1', {
    json: { ...view },
    lines: consentLines(context.io, view),
  })
}
