/**
 * Where an officer sits at a hand-over: beside the node of the agency, or with a keystore, an evidence file and a policy.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#without-a-node
 */
import { basename, join } from 'node:path'
import { AmanaError } from '@amana/core'
import { trustOf } from '../../agency/answering.ts'
import {
  type Lookout,
  lookoutOf,
  lookoutOfNode,
  type Seat,
  seatAtNode,
  seatWithout,
} from '../../agency/handing-over.ts'
import { unlockOfficer, unlockOfficerFile } from '../../agency/signing.ts'
import { type NodeServices } from '../../services.ts'
import { systemClock } from '../../system.ts'
import { exists, readBytes } from '../files.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { withServices } from '../with-services.ts'

/** Options that say who signs, and by what others are checked. */
export interface SeatOptions {
  readonly officer?: string | undefined
  readonly keystore?: string | undefined
  readonly evidence?: string | undefined
  readonly policy?: string | undefined
}

/** Whether an officer is to sign: else it is only looked at. @throws CLI_OPTION when the options contradict each other */
export function isSigning(options: SeatOptions): boolean {
  const { evidence, keystore, officer, policy } = options
  const isApart = evidence !== undefined
  if (isApart !== (policy !== undefined)) throw option(isApart ? '--policy' : '--evidence')
  if (keystore !== undefined && !isApart) throw option('--evidence')
  if (officer !== undefined && isApart) throw option('--officer')
  return officer !== undefined || keystore !== undefined
}

/**
 * Calls `use` with the officer who signs, and the node’s services where there is a node.
 *
 * @throws CLI_OFFICER, CLI_OPTION, CLI_NOT_VERIFIED, STORE_KEYSTORE, STORE_PASSPHRASE, and as `withServices`
 */
export async function withSeat<T>(
  context: CommandContext,
  options: SeatOptions,
  use: (seat: Seat, services?: NodeServices) => Promise<T>,
): Promise<T> {
  const { keystore, officer: id } = options
  if (keystore !== undefined) {
    const trust = await trustAtHand(options)
    const name = basename(keystore).replace(/\.keystore\.json$/, '')
    const officer = await unlockOfficerFile(keystore, await context.passphrases(`officer-${name}`))
    return use(seatWithout(trust, officer, systemClock.now()))
  }
  if (id === undefined) throw option('--officer')
  const folder = await requireFolder(context)
  const officer = await unlockOfficer(folder, id, await context.passphrases(`officer-${id}`))
  return withServices(context, async (services) =>
    use(await seatAtNode(services, officer), services),
  )
}

/** Calls `use` with the rosters at hand: those of files where they are named, else those of the node. */
export async function withLookout<T>(
  context: CommandContext,
  options: SeatOptions,
  use: (lookout: Lookout) => Promise<T>,
): Promise<T> {
  if (options.evidence !== undefined) return use(lookoutOf(await trustAtHand(options)))
  if (!(await exists(join(context.folder, 'amana.toml')))) throw option('--evidence')
  return withServices(context, async (services) => use(lookoutOfNode(services)))
}

async function trustAtHand({ evidence = '', policy = '' }: SeatOptions) {
  return trustOf({ path: evidence, bytes: await readBytes(evidence) }, await readBytes(policy))
}

function option(name: string): AmanaError {
  return new AmanaError('CLI_OPTION', { option: name })
}
