/**
 * Makes the folder of a new node: keys under passphrases, settings, the log's first leaf, roster 1. It appears whole or
 * not at all.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import {
  AmanaError,
  buildFirstRoster,
  DigestSchema,
  type GeneralJws,
  type Json,
  signRoster,
  type VerifiedRoster,
} from '@amana/core'
import { createLog, openAuditWriter } from '../audit/audit-writer.ts'
import { CONFIG_FILE, formatConfig } from '../config/config.ts'
import { STORE_FOLDER } from '../node-parts.ts'
import { type Store } from '../ports.ts'
import { openLevelStore } from '../store/level-store.ts'
import { systemClock, systemRandom } from '../system.ts'
import { ENTRY_PATH, type EntryParts, writeOf } from '../trust/trust-documents.ts'
import { TrustState } from '../trust/trust-state.ts'
import { type AgencySecrets, createAgencySecrets } from '../vault/agency-secrets.ts'
import { keystorePath, writeKeystore } from '../vault/keystore-file.ts'
import {
  firstLogNames,
  type FirstOpeningKeys,
  loadFirstOpeningKeys,
  loadNodeKeys,
  loadSigningKey,
  type LogNames,
  type NodeKeys,
} from '../vault/load-keys.ts'
import { entryPartsOf, firstLists } from './agency-keys.ts'

/** What a new agency says of itself. */
export interface NewAgency {
  readonly folder: string
  readonly id: string
  readonly name: string
  readonly city: string
  readonly listen: readonly string[]
  /** Where the other agency reaches the node; none for a node that only dials. */
  readonly addresses: readonly string[]
}

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600

/** Gives the passphrase of a keystore that is being made. */
export type NewPassphrase = (keystore: string) => Promise<string>

/** The file of log heads, beside the store and in a folder of its own, so that it can be put on another disk. */
export const HEADS_FILE = 'heads/checkpoints.log'

/** The folder of root and recovery keystores: it is there to be taken away. */
export const ROOTS_FOLDER = 'roots'

/** Names of the keystores of a new agency, as their passphrases are asked for, with the folder of each. */
export const NEW_KEYSTORES: readonly { readonly name: string; readonly folder: string }[] = [
  { name: 'node', folder: '' },
  { name: 'roster', folder: '' },
  ...[1, 2, 3].map((n) => ({ name: `root-${String(n)}`, folder: ROOTS_FOLDER })),
  ...[1, 2, 3].map((n) => ({ name: `recovery-${String(n)}`, folder: ROOTS_FOLDER })),
]

/** Files and folders that a new node has, from its folder. */
export const NEW_FILES: readonly string[] = [
  CONFIG_FILE,
  HEADS_FILE,
  `${STORE_FOLDER}/`,
  ...NEW_KEYSTORES.map(({ name, folder }) => keystorePath(folder, name)),
]

/**
 * Makes an agency. Nothing leaves the machine.
 *
 * @throws CLI_EXISTS when the folder holds something, CLI_FILE, STORE_FILE, STORE_WRITE
 */
export async function createAgency(
  agency: NewAgency,
  passphraseOf: NewPassphrase,
): Promise<{ readonly roster: VerifiedRoster }> {
  await assertNewFolder(agency.folder)
  const { folder } = agency
  const suffix = Buffer.from(systemRandom(6)).toString('hex')
  const fresh = join(dirname(resolve(folder)), `.${basename(folder)}.${suffix}`)
  const first = await onDisk(folder, () => mkdir(fresh, { recursive: true, mode: FOLDER_MODE }))
  try {
    const made = await fill({ ...agency, folder: fresh }, passphraseOf)
    await onDisk(folder, () => rename(fresh, folder))
    return made
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    await removeEmpty(dirname(fresh), first ?? fresh)
    throw error
  }
}

/** @throws CLI_EXISTS when something is there already, CLI_FILE */
async function onDisk<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (cause) {
    const isTaken = codeOf(cause) === 'ENOTEMPTY' || codeOf(cause) === 'EEXIST'
    throw new AmanaError(isTaken ? 'CLI_EXISTS' : 'CLI_FILE', { path }, { cause })
  }
}

/** Takes away the folders made on the way, down to `first`, as far as nobody put anything into them. */
async function removeEmpty(folder: string, first: string): Promise<void> {
  try {
    for (let at = folder; at.startsWith(first); at = dirname(at)) await rmdir(at)
  } catch {
    // what is not empty is somebody else's
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined
}

/** A new agency goes where nothing is. @throws CLI_EXISTS when the folder holds something, CLI_FILE */
export async function assertNewFolder(folder: string): Promise<void> {
  let names: readonly string[] = []
  try {
    names = await readdir(folder)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return
    throw new AmanaError('CLI_FILE', { path: folder }, { cause })
  }
  if (names.length > 0) throw new AmanaError('CLI_EXISTS', { path: folder })
}

async function fill(
  agency: NewAgency,
  passphraseOf: NewPassphrase,
): Promise<{ readonly roster: VerifiedRoster }> {
  const secrets = createAgencySecrets(systemRandom)
  await writeKeystores(agency.folder, secrets, passphraseOf)
  await writeConfig(agency)
  const names = firstLogNames(agency.id)
  const keys = {
    ...(await loadNodeKeys(secrets.node, names)),
    ...(await loadFirstOpeningKeys(secrets.node)),
  }
  const folder = join(agency.folder, STORE_FOLDER)
  await onDisk(folder, () => mkdir(folder, { mode: FOLDER_MODE }))
  const store = await openLevelStore({ folder, key: keys.storeKey, random: systemRandom })
  try {
    const entry = await entryPartsOf(agency.name, secrets)
    return { roster: await beginLog({ agency, names, keys, store, entry, secrets }) }
  } finally {
    await store.close()
  }
}

interface Beginning {
  readonly agency: NewAgency
  readonly names: LogNames
  readonly keys: NodeKeys & FirstOpeningKeys
  readonly store: Store
  readonly entry: EntryParts
  readonly secrets: AgencySecrets
}

/** The first leaf, then the entry and roster 1 with its leaf. */
async function beginLog(beginning: Beginning): Promise<VerifiedRoster> {
  const { agency, names, keys, store, entry, secrets } = beginning
  const clock = systemClock
  const checkpointFile = join(agency.folder, HEADS_FILE)
  const noteKeys = [keys.log.ed25519, keys.log.mlDsa44, keys.witness.ed25519, keys.witness.mlDsa44]
  const { origin } = names
  const log = { store, origin, clock, checkpointFile }
  const genesis = await createLog({ ...log, agency: agency.id, keys: noteKeys })
  const audit = await openAuditWriter({ ...log, logKeys: keys.log })
  try {
    const writes = [writeOf([ENTRY_PATH, entry])]
    await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
    const trust = await TrustState.load({ store, audit, clock, agency: agency.id })
    const now = clock.now()
    const node = { agency: agency.id, names, keys, now, addresses: agency.addresses }
    const lists = await firstLists({ ...node, genesis: DigestSchema.parse(genesis) })
    return await trust.adoptRoster(
      await signed(buildFirstRoster(agency.id, now, lists), secrets.roster.seed),
    )
  } finally {
    await audit.close()
  }
}

async function signed(roster: Parameters<typeof signRoster>[0], seed: string): Promise<GeneralJws> {
  return signRoster(roster, await loadSigningKey(seed))
}

async function writeKeystores(
  folder: string,
  { node, recovery, roots, roster }: AgencySecrets,
  passphraseOf: NewPassphrase,
): Promise<void> {
  const records: readonly Json[] = [node, roster, ...roots, ...recovery]
  for (const [index, keystore] of NEW_KEYSTORES.entries()) {
    const secrets = records[index]
    if (secrets === undefined) throw new AmanaError('CLI_UNEXPECTED', { what: keystore.name })
    const path = keystorePath(join(folder, keystore.folder), keystore.name)
    const passphrase = await passphraseOf(keystore.name)
    await writeKeystore({ path, secrets, passphrase }, systemRandom)
  }
}

async function writeConfig({ folder, id, name, city, listen }: NewAgency): Promise<void> {
  const text = formatConfig({
    agency: { id, name, city },
    node: { listen: [...listen], checkpoints: HEADS_FILE },
  })
  const path = join(folder, CONFIG_FILE)
  await onDisk(path, () => writeFile(path, text, { mode: FILE_MODE, flag: 'wx' }))
}
