/**
 * `amana init`: makes the folder of a new node.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { join } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AgencyIdSchema, AmanaError } from '@amana/core'
import {
  assertNewFolder,
  createAgency,
  NEW_FILES,
  NEW_KEYSTORES,
  type NewAgency,
  ROOTS_FOLDER,
} from '../../agency/create-agency.ts'
import { systemRandom } from '../../system.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { createNewPassphrases, makePassphrases } from '../passphrases.ts'
import { requireText } from '../prompts.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'

interface InitOptions {
  readonly agency?: string | undefined
  readonly name?: string | undefined
  readonly city?: string | undefined
  readonly listen: readonly string[]
  readonly address?: readonly string[] | undefined
  readonly makePassphrases?: true | undefined
  readonly dryRun?: true | undefined
}

const LISTEN = '/ip4/127.0.0.1/tcp/4180'

/** The command `init`. */
export function initCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'init', 'init')
    .option('--agency <id>', say('help.option.agency'))
    .option('--name <name>', say('help.option.name'))
    .option('--city <city>', say('help.option.city'))
    .option('--listen <address...>', say('help.option.listen'), [LISTEN])
    .option('--address <address...>', say('help.option.address'))
    .option('--make-passphrases', say('help.option.makePassphrases'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((options) => init(contextOf(shell, options), options))
}

async function init(context: CommandContext, options: InitOptions): Promise<void> {
  const { io } = context
  const agency = await newAgency(context, options)
  await assertNewFolder(agency.folder)
  const files = NEW_FILES.map((file) => join(agency.folder, file))
  if (options.dryRun === true) {
    printAnswer(io, 'amana.cli.init/1', {
      json: { agency: agency.id, folder: agency.folder, created: false, files },
      lines: [io.say('init.dryRun', { files: files.join(', ') })],
    })
    return
  }
  const folder = await passphraseFolder(context, options)
  io.talk(io.say('init.keys'))
  const { roster } = await createAgency(agency, createNewPassphrases(io, folder))
  printAnswer(io, 'amana.cli.init/1', {
    json: {
      agency: agency.id,
      folder: agency.folder,
      created: true,
      files,
      roster: { version: roster.version, digest: roster.digest },
    },
    lines: [
      io.say('init.done', { agency: agency.id, folder: agency.folder }),
      io.say('init.roots', { folder: join(agency.folder, ROOTS_FOLDER) }),
      ...(agency.addresses.length === 0 ? [io.say('init.noAddress')] : []),
      io.say('init.next', { agency: agency.id }),
    ],
  })
}

async function newAgency(context: CommandContext, options: InitOptions): Promise<NewAgency> {
  const { io, folder } = context
  const id = await requireText(io, {
    option: '--agency',
    ask: 'init.agency',
    given: options.agency,
  })
  if (!AgencyIdSchema.safeParse(id).success) {
    throw new AmanaError('CLI_OPTION', { option: '--agency' })
  }
  const name = await requireText(io, { option: '--name', ask: 'init.name', given: options.name })
  const city = await requireText(io, { option: '--city', ask: 'init.city', given: options.city })
  const { listen } = options
  const addresses = options.address ?? listen.filter(isReachable)
  return { folder, id, name, city, listen, addresses }
}

/** An address that says nothing to the other agency: every interface, or a port that is chosen later. */
function isReachable(address: string): boolean {
  return !/\/(0\.0\.0\.0|::|tcp\/0)(\/|$)/.test(address)
}

async function passphraseFolder(
  { io, folder, passphraseFolder: named }: CommandContext,
  options: InitOptions,
): Promise<string | undefined> {
  if (options.makePassphrases !== true) return named
  const made = named ?? `${folder}-passphrases`
  await makePassphrases(
    made,
    NEW_KEYSTORES.map(({ name }) => name),
    systemRandom,
  )
  io.talk(io.say('passphrase.made', { folder: made }))
  return made
}
