/**
 * `amana officer add`: keys of the officer's own, and a new version of the roster that lists them; `amana officer grant`.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import { rm } from 'node:fs/promises'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AgencyIdSchema, AmanaError, LocalIdSchema, RoleSchema } from '@amana/core'
import { addOfficers, adoptNextRoster } from '../../agency/rosters.ts'
import { grantTo } from '../../agency/granting.ts'
import { unlockOfficer } from '../../agency/signing.ts'
import { systemRandom } from '../../system.ts'
import { createOfficerSecrets } from '../../vault/agency-secrets.ts'
import { officerKeystorePath, writeKeystore } from '../../vault/keystore-file.ts'
import { loadSigningKey, newestJwk } from '../../vault/load-keys.ts'
import { exists } from '../files.ts'
import { reasonIn } from '../acting.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { newKeystorePassphrase } from '../passphrases.ts'
import { unlockRosterKey } from '../roster-key.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'

interface AddOptions {
  readonly organisation: string
  readonly roles: string
  readonly days: string
  readonly makePassphrases?: true | undefined
}

const DAYS = '365'
const MOST_DAYS = 1096

/** The commands of the group `officer`. */
export function officerCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const add = leafCommand(shell, 'add', 'officerAdd')
    .argument('<id>')
    .requiredOption('--organisation <id>', say('help.option.organisation'))
    .requiredOption('--roles <roles>', say('help.option.roles'))
    .option('--days <days>', say('help.option.days'), DAYS)
    .option('--make-passphrases', say('help.option.makePassphrases'))
    .action((id, options) => officerAdd(contextOf(shell, options), id, options))
  return groupCommand(shell, { name: 'officer', helpKey: 'officer' }, [add, grantCommand(shell)])
}

interface GrantOptions {
  readonly officer: string
  readonly reason?: string | undefined
  readonly dryRun?: true | undefined
}

function grantCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'grant', 'officerGrant')
    .argument('<id>')
    .requiredOption('--officer <id>', say('help.option.granting'))
    .option('--reason <text>', say('help.option.reason'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((id, options) => officerGrant(contextOf(shell, options), id, options))
}

/** Lets an officer read what another one reads, as far as his roles go. */
async function officerGrant(
  context: CommandContext,
  id: string,
  options: GrantOptions,
): Promise<void> {
  const { io } = context
  const dryRun = options.dryRun === true
  const folder = await requireFolder(context)
  const { officer: by } = options
  const officer = await unlockOfficer(folder, by, await context.passphrases(`officer-${by}`))
  const groups = await withServices(context, (node) =>
    grantTo(node, officer, {
      ...reasonIn(options),
      dryRun,
      onProgress: (done) => {
        io.talk(io.say('officer.granting', { count: done }))
      },
      to: id,
    }),
  )
  printAnswer(io, 'amana.cli.officer-grant/1', {
    json: { id, officer: by, groups, granted: !dryRun },
    lines: [io.say(dryRun ? 'officer.wouldGrant' : 'officer.granted', { count: groups, id })],
  })
}

async function officerAdd(context: CommandContext, id: string, options: AddOptions): Promise<void> {
  const { io } = context
  const officer = checked(id, options)
  const folder = await requireFolder(context)
  const rosterKey = await unlockRosterKey(context, folder)
  const path = officerKeystorePath(folder, id)
  if (await exists(path)) throw new AmanaError('CLI_EXISTS', { path })
  const { version } = await withServices(context, async (services) => {
    const { agency } = await services.status({})
    const secrets = createOfficerSecrets(agency, id, systemRandom)
    const passphrase = await newKeystorePassphrase(context, `officer-${id}`, options)
    await writeKeystore({ path, secrets, passphrase }, systemRandom)
    try {
      const key = await loadSigningKey(secrets.seed)
      const encryption = await newestJwk(secrets)
      const added = addOfficers([{ ...officer, encryption, key }])
      return await adoptNextRoster(services, rosterKey, added)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  })
  printAnswer(io, 'amana.cli.officer-add/1', {
    json: { id, organisation: officer.organisation, rosterVersion: version, keystore: path },
    lines: [io.say('officer.added', { id, organisation: officer.organisation, version })],
  })
}

function checked(
  id: string,
  { days, organisation, roles }: AddOptions,
): {
  readonly id: string
  readonly organisation: string
  readonly roles: readonly string[]
  readonly days: number
} {
  const names = roles.split(',').map((role) => role.trim())
  const isLength = /^[1-9][0-9]{0,3}$/.test(days) && Number(days) <= MOST_DAYS
  assertOption(LocalIdSchema.safeParse(id).success, id)
  assertOption(AgencyIdSchema.safeParse(organisation).success, '--organisation')
  assertOption(
    names.every((role) => RoleSchema.safeParse(role).success) &&
      new Set(names).size === names.length,
    '--roles',
  )
  assertOption(isLength, '--days')
  return { id, organisation, roles: names, days: Number(days) }
}

function assertOption(holds: boolean, option: string): void {
  if (!holds) throw new AmanaError('CLI_OPTION', { option })
}
