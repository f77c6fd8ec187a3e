/**
 * Keystore files on the disk: written whole or not at all, never over another, for their owner alone.
 *
 * @module
 * @spec docs/spec/01-bytes.md#keystores
 */
import { access, chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  AmanaError,
  canonicalize,
  encodeBase64url,
  type Json,
  isAnyAmanaError,
  openKeystore,
  type Random,
  sealKeystore,
} from '@amana/core'
import { type z } from 'zod'

const FOLDER_MODE = 0o700
const FILE_MODE = 0o600
/** A keystore of all secrets of a node is under 4 KiB. */
const FILE_BYTES = 1024 * 1024
const NAME_BYTES = 9

/** What goes into a keystore file. */
export interface NewKeystore {
  readonly path: string
  readonly secrets: Json
  readonly passphrase: string
}

/** `<folder>/<name>.keystore.json`; the name is that by which its passphrase is asked for, as in `root-1`. */
export function keystorePath(folder: string, name: string): string {
  return join(folder, `${name}.keystore.json`)
}

/** Name of the keystore of the roster key that was made with the agency. */
export const FIRST_ROSTER_KEYSTORE = 'roster'

/** Name of the keystore of a later one: two proposals never share a file. */
export function rosterKeystoreName(keyId: string): string {
  return `${FIRST_ROSTER_KEYSTORE}-${keyId}`
}

/** `<folder>/officers/<id>.keystore.json`. */
export function officerKeystorePath(folder: string, officerId: string): string {
  return keystorePath(join(folder, 'officers'), officerId)
}

/** `<folder>/desks/<id>.keystore.json`. */
export function deskKeystorePath(folder: string, deskId: string): string {
  return keystorePath(join(folder, 'desks'), deskId)
}

/**
 * Seals secrets under the passphrase and writes them to a new file, mode 0600, in a folder of mode 0700.
 *
 * @throws STORE_FILE when the file exists or cannot be written
 */
export async function writeKeystore(keystore: NewKeystore, random: Random): Promise<void> {
  await putKeystore(keystore, random, assertFree)
}

/**
 * Writes a keystore anew in the place of the one that is there: the new file is on the disk before the old one goes.
 *
 * @throws STORE_FILE when there is none, or it cannot be written
 */
export async function replaceKeystore(keystore: NewKeystore, random: Random): Promise<void> {
  await putKeystore(keystore, random, (path) => access(path))
}

async function putKeystore(
  keystore: NewKeystore,
  random: Random,
  assertPlace: (path: string) => Promise<void>,
): Promise<void> {
  const { path } = keystore
  const sealed = await sealKeystore(keystore.secrets, keystore.passphrase, random)
  const fresh = `${path}.${encodeBase64url(random(NAME_BYTES))}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE })
    await chmod(dirname(path), FOLDER_MODE)
    await assertPlace(path)
    await writeSynced(fresh, `${canonicalize({ ...sealed })}\n`)
    await rename(fresh, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    await rm(fresh, { force: true }).catch(() => undefined)
    throw fileError(path, cause)
  }
}

/**
 * Opens a keystore file and reads its secrets as `schema` says.
 *
 * @throws STORE_FILE when it cannot be read
 * @throws STORE_KEYSTORE when it, or what it holds, has another form
 * @throws STORE_KEYSTORE_WEAK, STORE_PASSPHRASE as `openKeystore`
 */
export async function readKeystore<T>(
  path: string,
  passphrase: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const opened = await openKeystore(parseFile(await textOf(path)), passphrase)
  const parsed = schema.safeParse(opened)
  if (!parsed.success) throw new AmanaError('STORE_KEYSTORE', { reason: 'secrets' })
  return parsed.data
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw fileError(path, cause)
  }
}

function parseFile(text: string): unknown {
  if (text.length > FILE_BYTES) throw new AmanaError('STORE_KEYSTORE', { reason: 'size' })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AmanaError('STORE_KEYSTORE', { reason: 'JSON' }, { cause })
  }
}

/** A keystore that was written over is gone, and with it every key in it. */
async function assertFree(path: string): Promise<void> {
  let file
  try {
    file = await open(path, 'r')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return
    throw cause
  }
  await file.close()
  throw new AmanaError('STORE_FILE', { path, reason: 'EEXIST' })
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', FILE_MODE)
  await file.writeFile(text)
  await file.sync()
}

async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

function fileError(path: string, cause: unknown): AmanaError {
  if (isAnyAmanaError(cause)) return cause
  return new AmanaError('STORE_FILE', { path, reason: codeOf(cause) }, { cause })
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : 'unknown'
}
