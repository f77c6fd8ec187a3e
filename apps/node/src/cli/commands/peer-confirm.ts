/**
 * `amana peer compare`, `confirm` and `reject`: what was heard over the telephone decides.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#safety-number
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, assertSafetyNumber, decodeUtf8, type RootPair } from '@amana/core'
import { ROOTS_FOLDER } from '../../agency/create-agency.ts'
import { confirmHeard, readRootPair } from '../../agency/pairing.ts'
import { type ComparisonView } from '../../service-views.ts'
import { readBytes, writeJws } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { requireText, requireTyped } from '../prompts.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'

const ROOTS = 2
const KEYSTORE = '.keystore.json'
/** Groups of the safety number on a line, as they are read. */
const GROUPS_A_LINE = 4

/** `amana peer compare`. */
export function peerCompareCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'compare', 'peerCompare')
    .argument('<agency>')
    .action((agency, options) => peerCompare(contextOf(shell, options), agency))
}

/** `amana peer confirm`. */
export function peerConfirmCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'confirm', 'peerConfirm')
    .argument('<agency>')
    .option('--digits <file>', say('help.option.digits'))
    .option('--roots <files>', say('help.option.roots'))
    .action((agency, options) => peerConfirm(contextOf(shell, options), agency, options))
}

/** `amana peer reject`. */
export function peerRejectCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'reject', 'peerReject')
    .argument('<agency>')
    .option('--yes', shell.say('help.option.yes'))
    .action((agency, options) =>
      peerReject(contextOf(shell, options), agency, options.yes === true),
    )
}

/** `amana peer resume`. */
export function peerResumeCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'resume', 'peerResume')
    .argument('<agency>')
    .action((agency, options) => peerResume(contextOf(shell, options), agency))
}

async function peerResume(context: CommandContext, agency: string): Promise<void> {
  const { io } = context
  const { resumed } = await withServices(context, (services) => services.resumePeer({ agency }))
  printAnswer(io, 'amana.cli.peer-resume/1', {
    json: { agency, resumed },
    lines: [io.say(resumed === 0 ? 'peer.resume.none' : 'peer.resume.done', { agency })],
  })
}

async function peerCompare(context: CommandContext, agency: string): Promise<void> {
  const { io } = context
  const comparison = await withServices(context, (services) => services.comparison({ agency }))
  const { safetyNumber, invites } = comparison
  printAnswer(io, 'amana.cli.peer-compare/1', {
    json: { agency, safetyNumber, invites },
    lines: [
      io.say('peer.compare.call', { agency }),
      ...groupLines(comparison),
      ...inviteLines(io, comparison),
      io.say('peer.compare.next', { agency }),
    ],
  })
}

function groupLines({ safetyNumber }: ComparisonView): readonly string[] {
  const groups = safetyNumber.split(' ')
  return [0, 1, 2].map(
    (line) => `    ${groups.slice(line * GROUPS_A_LINE, (line + 1) * GROUPS_A_LINE).join('  ')}`,
  )
}

function inviteLines(io: Io, { invites }: ComparisonView): readonly string[] {
  return invites.map(({ agency, digits, issuedAt }) =>
    io.say('peer.compare.invite', {
      agency,
      digits,
      date: new Date(issuedAt * 1000).toISOString().slice(0, 10),
    }),
  )
}

interface ConfirmOptions {
  readonly digits?: string | undefined
  readonly roots?: string | undefined
}

async function peerConfirm(
  context: CommandContext,
  agency: string,
  options: ConfirmOptions,
): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const heard = await withServices(context, (services) => services.comparison({ agency }))
  const typed = await digitsOf(io, options)
  // a wrong number is said before anybody types the passphrase of a root keystore
  assertSafetyNumber(typed, heard.safetyNumber)
  const roots = await readRoots(context, await rootFiles(folder, options))
  const { own, confirmed } = await withServices(context, async (services) => ({
    own: (await services.status({})).agency,
    confirmed: await confirmHeard(services, { ...heard, typed }, roots),
  }))
  const file = join(folder, 'public', `charter-${own}.json`)
  await writeJws(file, confirmed.charter)
  const { inForce } = confirmed
  printAnswer(io, 'amana.cli.peer-confirm/1', {
    json: { agency, inForce, file },
    lines: [
      inForce
        ? io.say('peer.confirm.inForce', { agency, file })
        : io.say('peer.confirm.waiting', { file }),
    ],
  })
}

async function digitsOf(io: Io, { digits }: ConfirmOptions): Promise<string> {
  if (digits !== undefined) return decodeUtf8(await readBytes(digits))
  return requireText(io, { option: '--digits', ask: 'peer.confirm.ask', given: undefined })
}

/** The files that were named, or the first two root keystores that still lie in the node's folder. */
export async function rootFiles(
  folder: string,
  { roots }: { readonly roots?: string | undefined },
): Promise<readonly string[]> {
  const found = roots === undefined ? await rootsIn(join(folder, ROOTS_FOLDER)) : roots.split(',')
  if (found.length < ROOTS) throw new AmanaError('CLI_OPTION', { option: '--roots' })
  return found.slice(0, ROOTS)
}

async function rootsIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder)
    return names
      .filter((name) => name.startsWith('root-') && name.endsWith(KEYSTORE))
      .toSorted()
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

/** Opens root keystores, each with its own passphrase. @throws STORE_FILE, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function readRoots(
  { passphrases }: CommandContext,
  files: readonly string[],
): Promise<readonly RootPair[]> {
  const pairs: RootPair[] = []
  for (const file of files) {
    pairs.push(await readRootPair(file, await passphrases(basename(file, KEYSTORE))))
  }
  return pairs
}

/** There is no way back: whoever is at a terminal types the agency's id once more. */
async function peerReject(
  context: CommandContext,
  agency: string,
  isConfirmed: boolean,
): Promise<void> {
  const { io } = context
  if (!isConfirmed) await requireTyped(io, 'peer.reject.ask', agency)
  await withServices(context, (services) => services.rejectInvite({ agency }))
  printAnswer(io, 'amana.cli.peer-reject/1', {
    json: { agency },
    lines: [io.say('peer.reject.done', { agency })],
  })
}
