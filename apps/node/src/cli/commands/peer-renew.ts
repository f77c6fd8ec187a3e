/**
 * `amana peer renew propose`, `diff` and `sign`: the next charter, by files from agency to agency.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { basename, join, resolve } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import {
  AmanaError,
  assertSafetyNumber,
  decodeUtf8,
  type GeneralJws,
  type NextCharterParts,
  type RootPair,
} from '@amana/core'
import { z } from 'zod'
import { readRootPair } from '../../agency/pairing.ts'
import {
  makePairs,
  newPairNames,
  type NewPairs,
  PAIRS_THRESHOLD,
  proposeCharter,
  type Renewal,
  renewalIn,
  signRenewal,
} from '../../agency/renewal.ts'
import { beginChain, makeRosterKey, type NewRosterKey } from '../../agency/rosters.ts'
import { systemRandom } from '../../system.ts'
import { keystorePath } from '../../vault/keystore-file.ts'
import { readBytes, readJws, writeJws } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { createNewPassphrases, makePassphrases, newKeystorePassphrase } from '../passphrases.ts'
import { requireText } from '../prompts.ts'
import { changeLines, doneLines, printRenewal, renewalFacts } from '../renewal-lines.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'
import { readRoots, rootFiles } from './peer-confirm.ts'

const DAY_SECONDS = 86_400
const MOST_DAYS = 365
const SuitesSchema = z.array(z.enum(['A1', 'A2'])).min(1)

interface ProposeOptions {
  readonly days?: string | undefined
  readonly name?: string | undefined
  readonly suites?: string | undefined
  readonly newRoots?: string | undefined
  readonly newRecovery?: string | undefined
  readonly newRosterKey?: true | undefined
  readonly makePassphrases?: true | undefined
  readonly roots?: string | undefined
  readonly recovery?: string | undefined
  readonly to?: string | undefined
  readonly dryRun?: true | undefined
}

type SignOptions = Pick<ProposeOptions, 'roots' | 'to' | 'dryRun'> & {
  readonly digits?: string | undefined
}

/** The commands of the group `peer renew`. */
export function peerRenewCommands(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const option = (name: string): string => say(`help.option.${name}`)
  const proposing = leafCommand(shell, 'propose', 'peerRenewPropose')
    .option('--days <days>', option('charterDays'))
    .option('--name <name>', option('name'))
    .option('--suites <suites>', option('suites'))
    .option('--new-roots <dir>', option('newRoots'))
    .option('--new-recovery <dir>', option('newRecovery'))
    .option('--new-roster-key', option('newRosterKey'))
    .option('--make-passphrases', option('makePassphrases'))
    .option('--roots <files>', option('roots'))
    .option('--recovery <files>', option('recovery'))
    .option('--to <file>', option('to'))
    .option('--dry-run', option('dryRun'))
    .action((options) => propose(contextOf(shell, options), options))
  const comparing = leafCommand(shell, 'diff', 'peerRenewDiff')
    .argument('<file>')
    .action((file, options) => diff(contextOf(shell, options), file))
  const signing = leafCommand(shell, 'sign', 'peerRenewSign')
    .argument('<file>')
    .option('--digits <file>', option('digits'))
    .option('--roots <files>', option('roots'))
    .option('--to <file>', option('to'))
    .option('--dry-run', option('dryRun'))
    .action((file, options) => sign(contextOf(shell, options), file, options))
  return groupCommand(shell, { name: 'renew', helpKey: 'peerRenew' }, [
    proposing,
    comparing,
    signing,
  ])
}

async function propose(context: CommandContext, options: ProposeOptions): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const changes = changesFrom(options)
  const { agency, planned } = await withServices(context, async (services) => ({
    agency: (await services.status({})).agency,
    planned: await proposeCharter(services, changes),
  }))
  if (options.dryRun === true) {
    const renewal = withWishes(planned, agency, options)
    printRenewal(io, 'propose', { renewal, json: { proposed: false } })
    return
  }
  const signers = await proposersOf(context, folder, options)
  const fresh = await makeKeys(context, folder, { options, version: planned.charter.version })
  const { file, renewal, roster, signed } = await withServices(context, async (services) => {
    const chain = fresh.rosterKey && (await beginChain(services, fresh.rosterKey.key))
    const entry = { ...changes.entry, ...entryOf(fresh), ...chain?.entry }
    const made = await proposeCharter(services, { ...changes, entry })
    const to = resolve(options.to ?? defaultFile(folder, made, agency))
    const pairs = [...signers, ...(fresh.roots?.pairs.slice(0, PAIRS_THRESHOLD) ?? [])]
    // on the disk before the node has the charter that names it: without this roster it could not come into force
    const first = chain && (await writeRoster(to, chain.roster))
    const taken = await signRenewal(services, made, { pairs })
    if (chain !== undefined) await services.adoptRoster({ roster: { ...chain.roster } })
    return { file: to, renewal: made, roster: first, signed: taken }
  })
  await writeJws(file, signed.charter)
  const { progress } = signed
  const json = { proposed: true, progress, file, ...filesOf(folder, fresh, roster) }
  printRenewal(io, 'propose', { renewal, json, done: { file, progress, roster } })
}

/** Keys that are made for a proposal. */
interface FreshKeys {
  readonly roots: NewPairs | undefined
  readonly recovery: NewPairs | undefined
  readonly rosterKey: NewRosterKey | undefined
}

async function makeKeys(
  context: CommandContext,
  folder: string,
  { options, version }: { readonly options: ProposeOptions; readonly version: number },
): Promise<FreshKeys> {
  const { makePassphrases: isMade, newRecovery, newRoots, newRosterKey } = options
  const pairs = async (use: 'root' | 'recovery', to: string | undefined) =>
    newPairs(context, newPairNames(use, version), { makePassphrases: isMade, to })
  const passphraseOf = async (name: string): Promise<string> =>
    newKeystorePassphrase(context, name, options)
  return {
    roots: await pairs('root', newRoots),
    recovery: await pairs('recovery', newRecovery),
    rosterKey: newRosterKey === true ? await makeRosterKey(folder, passphraseOf) : undefined,
  }
}

function filesOf(
  folder: string,
  { recovery, roots, rosterKey }: FreshKeys,
  roster: string | undefined,
): Readonly<Record<string, unknown>> {
  return {
    newRoots: roots?.files ?? [],
    newRecovery: recovery?.files ?? [],
    ...(rosterKey === undefined ? {} : { newRosterKey: keystorePath(folder, rosterKey.keystore) }),
    ...(roster === undefined ? {} : { roster }),
  }
}

/** Beside the charter, for a line that is down. */
async function writeRoster(charterFile: string, roster: GeneralJws): Promise<string> {
  const file = `${charterFile.replace(/\.json$/, '')}.roster.json`
  await writeJws(file, roster)
  return file
}

/** A dry run makes no key, but says which ones would change. */
function withWishes(
  { changes, ...planned }: Renewal,
  agency: string,
  { newRecovery, newRoots, newRosterKey }: ProposeOptions,
): Renewal {
  const wished = [
    ...(newRecovery === undefined ? [] : ['recovery' as const]),
    ...(newRoots === undefined ? [] : ['roots' as const]),
    ...(newRosterKey === undefined ? [] : ['roster' as const, 'rosterKeys' as const]),
  ]
  return { ...planned, changes: [...wished.map((what) => ({ agency, what })), ...changes] }
}

/** The root pairs that are still there; where the quorum is lost, the recovery pairs that were named. */
async function proposersOf(
  context: CommandContext,
  folder: string,
  { recovery, roots }: ProposeOptions,
): Promise<readonly RootPair[]> {
  if (recovery === undefined) return readRoots(context, await rootFiles(folder, { roots }))
  const pairs: RootPair[] = []
  for (const file of recovery.split(',')) {
    pairs.push(await readRootPair(file, await context.passphrases(keystoreName(file))))
  }
  return pairs
}

function keystoreName(file: string): string {
  return basename(file, '.keystore.json')
}

function entryOf({ recovery, roots }: FreshKeys): NonNullable<NextCharterParts['entry']> {
  return {
    ...(roots === undefined ? {} : { roots: roots.listed, threshold: PAIRS_THRESHOLD }),
    ...(recovery === undefined
      ? {}
      : { recovery: recovery.listed, recoveryThreshold: PAIRS_THRESHOLD }),
  }
}

async function newPairs(
  { folder, io, passphraseFolder }: CommandContext,
  names: readonly string[],
  { makePassphrases: isMade, to }: Pick<ProposeOptions, 'makePassphrases' | 'to'>,
): Promise<NewPairs | undefined> {
  if (to === undefined) return undefined
  let passphrases = passphraseFolder
  if (isMade === true) {
    passphrases ??= `${folder}-passphrases`
    await makePassphrases(passphrases, names, systemRandom)
    io.talk(io.say('passphrase.made', { folder: passphrases }))
  }
  return makePairs(resolve(to), names, createNewPassphrases(io, passphrases))
}

/** @throws CLI_OPTION when a number of days or a suite is none */
function changesFrom({
  days,
  name,
  suites,
}: ProposeOptions): Omit<NextCharterParts, 'agency' | 'issuedAt'> {
  return {
    ...(days === undefined ? {} : { validForSeconds: daysOf(days) * DAY_SECONDS }),
    ...(name === undefined ? {} : { entry: { name } }),
    ...(suites === undefined ? {} : { suites: suitesOf(suites) }),
  }
}

function daysOf(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return days
  throw new AmanaError('CLI_OPTION', { option: '--days' })
}

function suitesOf(text: string): z.output<typeof SuitesSchema> {
  const suites = SuitesSchema.safeParse(text.split(',').toSorted())
  if (suites.success) return suites.data
  throw new AmanaError('CLI_OPTION', { option: '--suites' })
}

async function diff(context: CommandContext, file: string): Promise<void> {
  const proposal = await readJws(file)
  const renewal = await withServices(context, (services) => renewalIn(services, proposal, file))
  printRenewal(context.io, 'diff', { renewal, json: {} })
}

async function sign(context: CommandContext, path: string, options: SignOptions): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const file = await readJws(path)
  const renewal = await withServices(context, (services) => renewalIn(services, file, path))
  if (options.dryRun === true) {
    printRenewal(io, 'sign', { renewal, json: { signed: false } })
    return
  }
  // whoever signs has read what changes, before anything is asked
  for (const line of changeLines(io, renewal)) io.talk(line)
  await assertHeard(io, renewal, options)
  const pairs = await readRoots(context, await rootFiles(folder, options))
  const { agency, signed } = await withServices(context, async (services) => ({
    agency: (await services.status({})).agency,
    signed: await signRenewal(services, renewal, { file, pairs }),
  }))
  const to = resolve(options.to ?? defaultFile(folder, renewal, agency))
  await writeJws(to, signed.charter)
  const { progress } = signed
  printAnswer(io, 'amana.cli.peer-renew-sign/1', {
    json: { ...renewalFacts(renewal), signed: true, progress, file: to },
    lines: doneLines(io, { file: to, progress }),
  })
}

/** Other root keys of an agency are compared by voice before anybody types the passphrase of a root keystore. */
async function assertHeard(io: Io, renewal: Renewal, { digits }: SignOptions): Promise<void> {
  if (!renewal.isCompared) return
  const typed =
    digits === undefined
      ? await requireText(io, { option: '--digits', ask: 'peer.confirm.ask', given: undefined })
      : decodeUtf8(await readBytes(digits))
  assertSafetyNumber(typed, renewal.safetyNumber)
}

function defaultFile(folder: string, { charter }: Renewal, agency: string): string {
  return join(folder, 'public', `charter-${String(charter.version)}-${agency}.json`)
}
