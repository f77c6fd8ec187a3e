/**
 * `amana key rotate`: a new key for an officer, a desk, what a carrier brings, or the node, and the roster that lists it.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { rename, rm } from 'node:fs/promises'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, type Suite, SuiteSchema } from '@amana/core'
import { listWeeks, planWeeks } from '../../agency/desk-weeks.ts'
import {
  replaceNodeKeys,
  replaceOfficerKeys,
  type Rotation,
  rotateDepositKey,
  rotateDeskKey,
} from '../../agency/key-changes.ts'
import { proposeChange } from '../../agency/proposals.ts'
import { adoptNextRoster, newestOwnRoster, type RosterChange } from '../../agency/rosters.ts'
import { type NodeServices, type ServiceResults } from '../../services.ts'
import { systemClock, systemRandom } from '../../system.ts'
import {
  OfficerSecretsSchema,
  renewOfficerSecrets,
  type RotatedUse,
  RotatedUseSchema,
} from '../../vault/agency-secrets.ts'
import { officerKeystorePath, readKeystore, writeKeystore } from '../../vault/keystore-file.ts'
import { loadSigningKey, newestJwk } from '../../vault/load-keys.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { unlockRosterKey } from '../roster-key.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { dayOf, shortId } from '../texts.ts'
import { withServices } from '../with-services.ts'
import { writeProposal } from './roster-files.ts'

interface RotateOptions {
  readonly days?: string | undefined
  readonly weeks?: string | undefined
  readonly suite?: string | undefined
  readonly supersede?: true | undefined
  readonly to?: string | undefined
  readonly dryRun?: true | undefined
}

const DAYS = 365
const MOST_DAYS = 1096

/** `amana key rotate`. */
export function keyRotateCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'rotate', 'keyRotate')
    .argument('<officer|desk|deposit|node>')
    .argument('[id]')
    .option('--days <days>', say('help.option.days'))
    .option('--weeks <weeks>', say('help.option.weeks'))
    .option('--suite <A1|A2>', say('help.option.suite'))
    .option('--supersede', say('help.option.supersede'))
    .option('--to <file>', say('help.option.proposalTo'))
    .option('--dry-run', say('help.option.dryRun'))
    .action((what, id, options) => keyRotate(contextOf(shell, options), { what, id, options }))
}

interface Target {
  readonly what: string
  readonly id: string | undefined
  readonly options: RotateOptions
}

/** A key whose private half is there and that the next roster is to list. */
interface Made {
  readonly keyIds: readonly string[]
  readonly change: RosterChange
  /** What is done once the roster lists it. */
  readonly listed?: () => Promise<void>
}

/** What a run of the command does, said before anything is made. */
interface Plan {
  readonly json: Readonly<Record<string, unknown>>
  /** What a dry run says, for the version of the roster to come. */
  readonly wouldDo: (version: number) => string
  /** What was done, once `where` says in which roster or proposal. */
  readonly did: (keyIds: readonly string[], where: string) => readonly string[]
  /** Nothing where nothing is missing. */
  readonly make: ((services: NodeServices) => Promise<Made>) | undefined
}

async function keyRotate(context: CommandContext, target: Target): Promise<void> {
  const { io } = context
  const { dryRun, to } = target.options
  const folder = await requireFolder(context)
  const plan = await planOf(context, target)
  const { make } = plan
  const { version: before } = await withServices(context, newestOwnRoster)
  if (dryRun === true || make === undefined) {
    printAnswer(io, 'amana.cli.key-rotate/1', {
      json: { ...plan.json, rotated: false },
      lines: [plan.wouldDo(before + 1)],
    })
    return
  }
  const done =
    to === undefined ? await signed(context, make, folder) : await proposed(context, make, to)
  printAnswer(io, 'amana.cli.key-rotate/1', {
    json: { ...plan.json, ...done.json, keyIds: done.keyIds },
    lines: plan.did(done.keyIds, done.where),
  })
}

interface Done {
  readonly keyIds: readonly string[]
  readonly json: Readonly<Record<string, unknown>>
  readonly where: string
}

type Make = NonNullable<Plan['make']>

/** Made and listed at once, by whoever knows the passphrase of the roster key. */
async function signed(context: CommandContext, make: Make, folder: string): Promise<Done> {
  const rosterKey = await unlockRosterKey(context, folder)
  return withServices(context, async (services) => {
    const { change, keyIds, listed } = await make(services)
    const { version } = await adoptNextRoster(services, rosterKey, change)
    await listed?.()
    const where = context.io.say('key.rotate.inRoster', { version })
    return { keyIds, json: { rotated: true, rosterVersion: version }, where }
  })
}

/** Made, and listed in a proposal that somebody else reads and signs. */
async function proposed(context: CommandContext, make: Make, to: string): Promise<Done> {
  return withServices(context, async (services) => {
    const { change, keyIds } = await make(services)
    const proposal = await proposeChange(services, change)
    const file = await writeProposal(proposal, to)
    const { version } = proposal
    const where = context.io.say('key.rotate.inProposal', { version, file })
    return { keyIds, json: { rotated: false, proposal: file, rosterVersion: version }, where }
  })
}

/** @throws CLI_OPTION when it is none of officer, desk, deposit and node, or an option is not for it */
async function planOf(context: CommandContext, target: Target): Promise<Plan> {
  const { options, what } = target
  if (what === 'desk' && options.weeks !== undefined) return planOfWeeks(context, target)
  if (options.weeks !== undefined) throw new AmanaError('CLI_OPTION', { option: '--weeks' })
  const { id = '' } = target
  const days = daysOf(options)
  const make = makerOf(context, target, { days, supersede: options.supersede === true })
  const { say } = context.io
  return {
    json: { what, id, days, superseded: options.supersede === true },
    wouldDo: (version) => say('key.rotate.dryRun', { what, id, days, version }),
    did: ([key = ''], where) => [
      say('key.rotate.done', { what, id, key: shortId(key), where }),
      say(noteOf(target)),
    ],
    make,
  }
}

function noteOf({ options, what }: Target): string {
  if (what === 'node') return 'key.rotate.node'
  return options.supersede === true ? 'key.rotate.superseded' : 'key.rotate.kept'
}

async function planOfWeeks(
  context: CommandContext,
  { id: desk = '', options }: Target,
): Promise<Plan> {
  const { say } = context.io
  if (options.days !== undefined) throw new AmanaError('CLI_OPTION', { option: '--days' })
  const weeks = weeksOf(options)
  const suite = suiteOf(options)
  const use = deskOf(desk)
  const algorithm = suite === 'A1' ? 'ECDH-ES+A256KW' : 'HPKE-9-KE'
  const supersede = options.supersede === true
  const { payload } = await withServices(context, newestOwnRoster)
  const plan = planWeeks(payload, { desk, algorithm, weeks, supersede }, systemClock.now())
  const count = plan.spans.length
  const until = [...plan.kept, ...plan.spans].at(-1)?.exp ?? 0
  const facts = { desk, count, date: dayOf(until) }
  return {
    json: { what: 'desk', id: desk, weeks, made: count, until, superseded: supersede },
    wouldDo: (version) =>
      count === 0 ? say('key.weeks.enough', facts) : say('key.weeks.dryRun', { ...facts, version }),
    did: (_keyIds, where) => [say('key.weeks.done', { ...facts, where }), say('key.weeks.kept')],
    make:
      count === 0
        ? undefined
        : async (services) => {
            const made = await services.makeKeys({ use, suite, count })
            const jwks = made.map(({ jwk }) => jwk)
            return { keyIds: made.map(({ keyId }) => keyId), change: listWeeks(plan, jwks) }
          },
  }
}

function makerOf(
  context: CommandContext,
  { what, id = '', options }: Target,
  rotation: Rotation,
): Make {
  if (what === 'desk') return makeDesk(id, suiteOf(options), rotation)
  if (options.suite !== undefined) throw new AmanaError('CLI_OPTION', { option: '--suite' })
  if (what === 'deposit') return makeDeposit(rotation)
  if (what === 'node') return makeNode(rotation)
  // the new key of an officer takes the place of the old one in its file: that is not left to a proposal
  if (options.to !== undefined) throw new AmanaError('CLI_OPTION', { option: '--to' })
  if (what === 'officer') return makeOfficer(context, id, rotation)
  throw new AmanaError('CLI_OPTION', { option: '<officer|desk|deposit|node>' })
}

/** A2, unless another suite is named. @throws CLI_OPTION */
function suiteOf({ suite = 'A2' }: RotateOptions): Suite {
  const known = SuiteSchema.safeParse(suite)
  if (!known.success) throw new AmanaError('CLI_OPTION', { option: '--suite' })
  return known.data
}

function deskOf(desk: string): Exclude<RotatedUse, 'deposit'> {
  const use = RotatedUseSchema.exclude(['deposit']).safeParse(desk)
  if (!use.success) throw new AmanaError('CLI_KEY_HOLDER', { holder: desk })
  return use.data
}

function makeDesk(desk: string, suite: Suite, rotation: Rotation): Make {
  const use = deskOf(desk)
  return async (services) => {
    const { jwk, keyId } = onlyOf(await services.makeKeys({ use, suite }))
    return { keyIds: [keyId], change: rotateDeskKey(desk, jwk, rotation) }
  }
}

function makeDeposit(rotation: Rotation): Make {
  return async (services) => {
    const { peerId } = await services.status({})
    const { jwk, keyId } = onlyOf(await services.makeKeys({ use: 'deposit' }))
    if (jwk.alg !== 'HPKE-9-KE') throw new AmanaError('WIRE_KEY_USE', { keyId })
    return { keyIds: [keyId], change: rotateDepositKey(peerId, jwk, rotation) }
  }
}

/** What the old keys signed and is on its way must still be heard, so they are never revoked in the same step. */
function makeNode({ days, supersede }: Rotation): Make {
  if (supersede) throw new AmanaError('CLI_OPTION', { option: '--supersede' })
  return async (services) => {
    const { peerId } = await services.status({})
    const { keyId, ...fresh } = await services.makeNodeKeys({})
    return { keyIds: [keyId], change: replaceNodeKeys(peerId, fresh, { days }) }
  }
}

function onlyOf(made: ServiceResults['makeKeys']): ServiceResults['makeKeys'][number] {
  const [only] = made
  if (only === undefined) throw new AmanaError('CLI_NO_KEY', { keyId: '' })
  return only
}

/**
 * The officer's passphrase opens the old keystore, so the officer is there; the new one has the same. It takes the place
 * of the old one when the roster lists the new key.
 */
function makeOfficer(context: CommandContext, id: string, rotation: Rotation): Make {
  return async (services) => {
    const { agency } = await services.status({})
    const path = officerKeystorePath(context.folder, id)
    const passphrase = await context.passphrases(`officer-${id}`)
    const before = await readKeystore(path, passphrase, OfficerSecretsSchema)
    const secrets = renewOfficerSecrets({ ...before, agency, id }, systemRandom)
    const fresh = officerKeystorePath(context.folder, `${id}.next`)
    await rm(fresh, { force: true })
    await writeKeystore({ path: fresh, secrets, passphrase }, systemRandom)
    const key = await loadSigningKey(secrets.seed)
    const encryption = await newestJwk(secrets)
    return {
      keyIds: [key.keyId],
      change: replaceOfficerKeys(id, { encryption, key }, rotation),
      listed: () => rename(fresh, path),
    }
  }
}

function daysOf({ days = String(DAYS) }: RotateOptions): number {
  if (/^[1-9][0-9]{0,3}$/.test(days) && Number(days) <= MOST_DAYS) return Number(days)
  throw new AmanaError('CLI_OPTION', { option: '--days' })
}

function weeksOf({ weeks = '' }: RotateOptions): number {
  if (/^[1-9][0-9]?$/.test(weeks)) return Number(weeks)
  throw new AmanaError('CLI_OPTION', { option: '--weeks' })
}
