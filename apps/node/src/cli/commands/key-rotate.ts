/**
 * `amana key rotate`: a new key for an officer, a desk or what a carrier brings, and the roster that lists it.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { rename, rm } from 'node:fs/promises'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, type PrivateKey, type Suite, SuiteSchema } from '@amana/core'
import {
  replaceOfficerKey,
  type Rotation,
  rotateDepositKey,
  rotateDeskKey,
} from '../../agency/key-changes.ts'
import { adoptNextRoster, loadRosterKey, newestOwnRoster } from '../../agency/rosters.ts'
import { type NodeServices, type ServiceResults } from '../../services.ts'
import { systemRandom } from '../../system.ts'
import {
  createOfficerSecrets,
  OfficerSecretsSchema,
  RotatedUseSchema,
} from '../../vault/agency-secrets.ts'
import { officerKeystorePath, readKeystore, writeKeystore } from '../../vault/keystore-file.ts'
import { loadSigningKey } from '../../vault/load-keys.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { shortId } from '../texts.ts'
import { withServices } from '../with-services.ts'

interface RotateOptions {
  readonly days: string
  readonly suite?: string | undefined
  readonly supersede?: true | undefined
  readonly dryRun?: true | undefined
}

const DAYS = '365'
const MOST_DAYS = 1096

/** `amana key rotate`. */
export function keyRotateCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'rotate', 'keyRotate')
    .argument('<officer|desk|deposit>')
    .argument('[id]')
    .option('--days <days>', say('help.option.days'), DAYS)
    .option('--suite <A1|A2>', say('help.option.suite'))
    .option('--supersede', say('help.option.supersede'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((what, id, options) => keyRotate(contextOf(shell, options), { what, id, options }))
}

interface Target {
  readonly what: string
  readonly id: string | undefined
  readonly options: RotateOptions
}

async function keyRotate(context: CommandContext, target: Target): Promise<void> {
  const { io } = context
  const { options, what, id = '' } = target
  const rotation = { days: daysOf(options.days), supersede: options.supersede === true }
  const rotate = rotatorOf(context, target)
  const folder = await requireFolder(context)
  const until = Math.floor(rotation.days)
  if (options.dryRun === true) {
    const { version } = await withServices(context, newestOwnRoster)
    printAnswer(io, 'amana.cli.key-rotate/1', {
      json: { what, id, days: until, superseded: rotation.supersede, rotated: false },
      lines: [io.say('key.rotate.dryRun', { what, id, days: until, version: version + 1 })],
    })
    return
  }
  const rosterKey = await loadRosterKey(folder, await context.passphrases('roster'))
  const { keyId, adopted } = await withServices(context, (services) =>
    rotate(services, rosterKey, rotation),
  )
  printAnswer(io, 'amana.cli.key-rotate/1', {
    json: {
      what,
      id,
      days: until,
      superseded: rotation.supersede,
      rotated: true,
      keyId,
      rosterVersion: adopted.version,
    },
    lines: [
      io.say('key.rotate.done', { what, id, key: shortId(keyId), version: adopted.version }),
      io.say(rotation.supersede ? 'key.rotate.superseded' : 'key.rotate.kept'),
    ],
  })
}

interface Rotated {
  readonly keyId: string
  readonly adopted: ServiceResults['adoptRoster']
}

type Rotator = (
  services: NodeServices,
  rosterKey: PrivateKey<'Ed25519'>,
  rotation: Rotation,
) => Promise<Rotated>

/** @throws CLI_OPTION when it is none of officer, desk and deposit, or has no suites to choose from */
function rotatorOf(context: CommandContext, { what, id = '', options }: Target): Rotator {
  if (what === 'desk') return rotateDesk(id, suiteOf(options))
  if (options.suite !== undefined) throw new AmanaError('CLI_OPTION', { option: '--suite' })
  if (what === 'deposit') return rotateDeposit
  if (what === 'officer') return rotateOfficer(context, id)
  throw new AmanaError('CLI_OPTION', { option: '<officer|desk|deposit>' })
}

/** A2, unless another suite is named. @throws CLI_OPTION */
function suiteOf({ suite = 'A2' }: RotateOptions): Suite {
  const known = SuiteSchema.safeParse(suite)
  if (!known.success) throw new AmanaError('CLI_OPTION', { option: '--suite' })
  return known.data
}

function rotateDesk(desk: string, suite: Suite): Rotator {
  const use = RotatedUseSchema.exclude(['deposit']).safeParse(desk)
  if (!use.success) throw new AmanaError('CLI_KEY_HOLDER', { holder: desk })
  return async (services, rosterKey, rotation) => {
    const { jwk, keyId } = await services.makeKey({ use: use.data, suite })
    const change = rotateDeskKey(desk, jwk, rotation)
    return { keyId, adopted: await adoptNextRoster(services, rosterKey, change) }
  }
}

const rotateDeposit: Rotator = async (services, rosterKey, rotation) => {
  const { peerId } = await services.status({})
  const { jwk, keyId } = await services.makeKey({ use: 'deposit' })
  if (jwk.alg !== 'HPKE-9-KE') throw new AmanaError('WIRE_KEY_USE', { keyId })
  const change = rotateDepositKey(peerId, jwk, rotation)
  return { keyId, adopted: await adoptNextRoster(services, rosterKey, change) }
}

/**
 * The officer's passphrase opens the old keystore, so the officer is there; the new one has the same. It takes the place
 * of the old one when the roster lists the new key.
 */
function rotateOfficer(context: CommandContext, id: string): Rotator {
  return async (services, rosterKey, rotation) => {
    const { agency } = await services.status({})
    const path = officerKeystorePath(context.folder, id)
    const passphrase = await context.passphrases(`officer-${id}`)
    await readKeystore(path, passphrase, OfficerSecretsSchema)
    const secrets = createOfficerSecrets(agency, id, systemRandom)
    const fresh = officerKeystorePath(context.folder, `${id}.next`)
    await rm(fresh, { force: true })
    await writeKeystore({ path: fresh, secrets, passphrase }, systemRandom)
    const key = await loadSigningKey(secrets.seed)
    const adopted = await adoptNextRoster(services, rosterKey, replaceOfficerKey(id, key, rotation))
    await rename(fresh, path)
    return { keyId: key.keyId, adopted }
  }
}

function daysOf(text: string): number {
  if (/^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= MOST_DAYS) return Number(text)
  throw new AmanaError('CLI_OPTION', { option: '--days' })
}
