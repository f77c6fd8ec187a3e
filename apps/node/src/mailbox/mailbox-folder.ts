/**
 * The folder of a mailbox: its settings, the key by which nodes know it, and what it keeps.
 *
 * @module
 * @spec docs/spec/09-carriers.md#folder-of-a-mailbox
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import {
  AgencyIdSchema,
  AmanaError,
  decodeBase64url,
  encodeBase64url,
  peerIdOfKey,
  type PrivateKey,
  privateKeyFromSeed,
} from '@amana/core'
import { parse, stringify } from 'smol-toml'
import { z } from 'zod'
import { AddressSchema, PeerIdSchema } from '../config/config.ts'
import { type Store } from '../ports.ts'
import { openLevelStore } from '../store/level-store.ts'
import { systemRandom } from '../system.ts'
import { keystorePath, readKeystore, writeKeystore } from '../vault/keystore-file.ts'

/** The name of the settings in a mailbox’s folder. */
export const MAILBOX_FILE = 'mailbox.toml'
/** The name of its one keystore. */
export const MAILBOX_KEYSTORE = 'mailbox'

const FILE_CHARS = 64 * 1024
const SEED_BYTES = 32
const SeedSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const SecretsSchema = z.strictObject({ libp2p: SeedSchema, storeKey: SeedSchema })

/** What `mailbox.toml` says. */
export const MailboxConfigSchema = z.strictObject({
  mailbox: z.strictObject({
    keepDays: z.int().min(1).max(90),
    listen: z.array(AddressSchema).min(1).max(8),
    quotaMebibytes: z.int().min(4).max(1_048_576),
  }),
  /** The agencies that it serves, each with the ids of its nodes. */
  peers: z
    .array(
      z.strictObject({ agency: AgencyIdSchema, peerIds: z.array(PeerIdSchema).min(1).max(16) }),
    )
    .min(2)
    .max(64),
})

/** What `mailbox.toml` says. */
export type MailboxConfig = z.output<typeof MailboxConfigSchema>

/** A mailbox whose folder is open. */
export interface MailboxFolder {
  readonly config: MailboxConfig
  readonly peerKey: PrivateKey<'Ed25519'>
  readonly peerId: string
  readonly store: Store
}

/**
 * Makes the folder; it appears whole or not at all. Gives the id by which nodes know the mailbox.
 *
 * @throws CLI_EXISTS when something is there, CLI_FILE, STORE_FILE
 */
export async function createMailbox(
  folder: string,
  config: MailboxConfig,
  passphrase: string,
): Promise<string> {
  const seed = systemRandom(SEED_BYTES)
  const secrets = {
    libp2p: encodeBase64url(seed),
    storeKey: encodeBase64url(systemRandom(SEED_BYTES)),
  }
  const suffix = Buffer.from(systemRandom(6)).toString('hex')
  const fresh = join(dirname(resolve(folder)), `.${basename(folder)}.${suffix}`)
  try {
    await mkdir(fresh, { recursive: true, mode: 0o700 })
    await writeFile(join(fresh, MAILBOX_FILE), `${stringify(config)}\n`, { mode: 0o600 })
    const path = keystorePath(fresh, MAILBOX_KEYSTORE)
    await writeKeystore({ path, secrets, passphrase }, systemRandom)
    await rename(fresh, folder)
  } catch (cause) {
    await rm(fresh, { recursive: true, force: true })
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const isTaken = code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR'
    throw new AmanaError(isTaken ? 'CLI_EXISTS' : 'CLI_FILE', { path: folder }, { cause })
  }
  return peerIdOfKey((await privateKeyFromSeed('Ed25519', seed)).publicJwk)
}

/** The settings of a mailbox. @throws CLI_NO_MAILBOX, STORE_CONFIG */
export async function loadMailboxConfig(folder: string): Promise<MailboxConfig> {
  const file = join(folder, MAILBOX_FILE)
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AmanaError('CLI_NO_MAILBOX', { path: folder }, { cause })
  })
  if (text.length > FILE_CHARS)
    throw new AmanaError('STORE_CONFIG', { file, line: 1, problem: 'size' })
  const parsed = MailboxConfigSchema.safeParse(parsedToml(file, text))
  if (parsed.success) return parsed.data
  const problem = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new AmanaError('STORE_CONFIG', { file, line: 1, problem })
}

/** Opens a mailbox’s folder. @throws as `loadMailboxConfig`; STORE_PASSPHRASE, STORE_LOCKED, STORE_DAMAGED */
export async function openMailboxFolder(
  folder: string,
  passphrase: string,
): Promise<MailboxFolder> {
  const config = await loadMailboxConfig(folder)
  const path = keystorePath(folder, MAILBOX_KEYSTORE)
  const { libp2p, storeKey } = await readKeystore(path, passphrase, SecretsSchema)
  const peerKey = await privateKeyFromSeed('Ed25519', decodeBase64url(libp2p))
  const key = decodeBase64url(storeKey)
  const store = await openLevelStore({ folder: join(folder, 'store'), key, random: systemRandom })
  return { config, peerKey, peerId: peerIdOfKey(peerKey.publicJwk), store }
}

function parsedToml(file: string, text: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw new AmanaError('STORE_CONFIG', { file, line: 1, problem: 'toml' }, { cause })
  }
}
