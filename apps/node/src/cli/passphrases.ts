/**
 * Where passphrases come from: a folder with one file a keystore, or a person at the prompt. Never the command line.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCancel, password } from '@clack/prompts'
import { AmanaError, type Random } from '@amana/core'
import { systemRandom } from '../system.ts'
import { makePassphrase } from '../vault/passphrase.ts'
import { type Io } from './io.ts'

/** Gives the passphrase of a keystore by its name (`node`, `roster`, `root-1`, `officer-<id>` …). */
export type Passphrases = (keystore: string) => Promise<string>

const LEAST_CHARS = 12

/**
 * Passphrases from `folder` where it is given, else from the person at the terminal.
 *
 * @throws CLI_PASSPHRASE when neither is there
 */
export function createPassphrases(io: Io, folder: string | undefined): Passphrases {
  return async (keystore) => {
    if (folder !== undefined) return readPassphrase(folder, keystore)
    return ask(io, keystore, 'passphrase.ask')
  }
}

/**
 * Passphrases for keystores that are being made: typed twice, and not too short.
 *
 * @throws CLI_PASSPHRASE when there is none, CLI_PASSPHRASE_WEAK below 12 characters or when both differ
 */
export function createNewPassphrases(io: Io, folder: string | undefined): Passphrases {
  return async (keystore) => {
    if (folder !== undefined) return assertLong(await readPassphrase(folder, keystore), keystore)
    const first = assertLong(await ask(io, keystore, 'passphrase.new'), keystore)
    const second = await ask(io, keystore, 'passphrase.again')
    if (first !== second) throw new AmanaError('CLI_PASSPHRASE_WEAK', { keystore })
    return first
  }
}

/** Makes a passphrase file for each keystore, for trials; existing files stay as they are. @throws CLI_FILE */
export async function makePassphrases(
  folder: string,
  keystores: readonly string[],
  random: Random,
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const keystore of keystores) {
      await writeNew(fileOf(folder, keystore), `${makePassphrase(random)}\n`)
    }
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path: folder }, { cause })
  }
}

/** Where a new keystore comes to lie, and its passphrase file where there is one. */
export interface NewKeystorePlace {
  readonly io: Io
  readonly folder: string
  readonly passphraseFolder?: string | undefined
}

/** The passphrase of one new keystore; with `makePassphrases` it is made, and said so. @throws as `createNewPassphrases` */
export async function newKeystorePassphrase(
  { io, folder, passphraseFolder }: NewKeystorePlace,
  name: string,
  options: { readonly makePassphrases?: true | undefined },
): Promise<string> {
  if (options.makePassphrases !== true) return createNewPassphrases(io, passphraseFolder)(name)
  const made = passphraseFolder ?? `${folder}-passphrases`
  await makePassphrases(made, [name], systemRandom)
  io.talk(io.say('passphrase.made', { folder: made }))
  return createNewPassphrases(io, made)(name)
}

async function ask(io: Io, keystore: string, key: string): Promise<string> {
  if (!io.interactive) throw new AmanaError('CLI_PASSPHRASE', { keystore })
  const typed = await password({ message: io.say(key, { keystore }), ...io.terminal })
  if (isCancel(typed) || typed === '') throw new AmanaError('CLI_PASSPHRASE', { keystore })
  return typed
}

function assertLong(passphrase: string, keystore: string): string {
  if (passphrase.length >= LEAST_CHARS) return passphrase
  throw new AmanaError('CLI_PASSPHRASE_WEAK', { keystore })
}

async function readPassphrase(folder: string, keystore: string): Promise<string> {
  try {
    return (await readFile(fileOf(folder, keystore), 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new AmanaError('CLI_PASSPHRASE', { keystore }, { cause })
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    if (!isThere) throw cause
  }
}

function fileOf(folder: string, keystore: string): string {
  return join(folder, `${keystore}.txt`)
}
