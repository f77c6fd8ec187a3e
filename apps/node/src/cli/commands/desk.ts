/**
 * `amana desk add`: a partner desk with a key of its own, and a new version of the roster that lists it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#partner-desks
 */
import { rm } from 'node:fs/promises'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, DESK_ROLES, type DeskRole, LocalIdSchema, SuiteSchema } from '@amana/core'
import { z } from 'zod'
import { addPartnerDesk, adoptNextRoster } from '../../agency/rosters.ts'
import { systemRandom } from '../../system.ts'
import { createDeskSecrets } from '../../vault/agency-secrets.ts'
import { deskKeystorePath, writeKeystore } from '../../vault/keystore-file.ts'
import { loadClassicKey, loadOpeningKey } from '../../vault/load-keys.ts'
import { exists } from '../files.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { newKeystorePassphrase } from '../passphrases.ts'
import { unlockRosterKey } from '../roster-key.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'

interface AddOptions {
  readonly roles: string
  readonly days: string
  readonly suite: string
  readonly makePassphrases?: true | undefined
}

const DAYS = '365'
const MOST_DAYS = 1096
/** With `desk:` before it, it is a role of at most 32 characters. */
const ID_CHARS = 27

/** The commands of the group `desk`. */
export function deskCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const add = leafCommand(shell, 'add', 'deskAdd')
    .argument('<id>')
    .requiredOption('--roles <roles>', say('help.option.deskRoles'))
    .option('--days <days>', say('help.option.days'), DAYS)
    .option('--suite <A1|A2>', say('help.option.suite'), 'A2')
    .option('--make-passphrases', say('help.option.makePassphrases'))
    .action((id, options) => deskAdd(contextOf(shell, options), id, options))
  return groupCommand(shell, { name: 'desk', helpKey: 'desk' }, [add])
}

async function deskAdd(context: CommandContext, id: string, options: AddOptions): Promise<void> {
  const { io } = context
  const { days, roles, suite } = checked(id, options)
  const folder = await requireFolder(context)
  const rosterKey = await unlockRosterKey(context, folder)
  const path = deskKeystorePath(folder, id)
  if (await exists(path)) throw new AmanaError('CLI_EXISTS', { path })
  const { version } = await withServices(context, async (services) => {
    const { agency } = await services.status({})
    const secrets = createDeskSecrets(agency, id, systemRandom)
    const passphrase = await newKeystorePassphrase(context, `desk-${id}`, options)
    const kept = suite === 'A1' ? { ...secrets, suite } : secrets
    await writeKeystore({ path, secrets: kept, passphrase }, systemRandom)
    try {
      const load = suite === 'A1' ? loadClassicKey : loadOpeningKey
      const { publicJwk: jwk } = await load(secrets.seed)
      return await adoptNextRoster(services, rosterKey, addPartnerDesk({ days, id, jwk, roles }))
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
  })
  printAnswer(io, 'amana.cli.desk-add/1', {
    json: { id, roles, suite, rosterVersion: version, keystore: path },
    lines: [io.say('desk.added', { id, version }), io.say('desk.keystore', { path })],
  })
}

const RolesSchema = z.array(z.enum(DESK_ROLES)).min(1)

function checked(
  id: string,
  options: AddOptions,
): {
  readonly roles: readonly DeskRole[]
  readonly days: number
  readonly suite: z.output<typeof SuiteSchema>
} {
  const { days } = options
  const roles = RolesSchema.safeParse(options.roles.split(',').map((role) => role.trim()))
  const suite = SuiteSchema.safeParse(options.suite)
  const isLength = /^[1-9][0-9]{0,3}$/.test(days) && Number(days) <= MOST_DAYS
  assertOption(LocalIdSchema.max(ID_CHARS).safeParse(id).success, id)
  assertOption(isLength, '--days')
  if (!roles.success) throw new AmanaError('CLI_OPTION', { option: '--roles' })
  if (!suite.success) throw new AmanaError('CLI_OPTION', { option: '--suite' })
  return { roles: [...new Set(roles.data)], days: Number(days), suite: suite.data }
}

function assertOption(holds: boolean, option: string): void {
  if (!holds) throw new AmanaError('CLI_OPTION', { option })
}
