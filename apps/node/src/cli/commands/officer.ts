/**
 * `amana officer add`: a key of the officer's own, and a new version of the roster that lists it.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import { rm } from 'node:fs/promises'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AgencyIdSchema, AmanaError, LocalIdSchema, RoleSchema } from '@amana/core'
import { addOfficers, adoptNextRoster } from '../../agency/rosters.ts'
import { systemRandom } from '../../system.ts'
import { createOfficerSecrets } from '../../vault/agency-secrets.ts'
import { officerKeystorePath, writeKeystore } from '../../vault/keystore-file.ts'
import { loadSigningKey, newestJwk } from '../../vault/load-keys.ts'
import { exists } from '../files.ts'
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
  return groupCommand(shell, { name: 'officer', helpKey: 'officer' }, [add])
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
