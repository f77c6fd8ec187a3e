/**
 * Where passphrases come from: a folder with one file a keystore, or a person at the prompt. Never the command line.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCancel, password } from '@clack/prompts'
import { AmanaError, encodeBase64url, type Random } from '@amana/core'
import { type Io } from './io.ts'

/** Gives the passphrase of a keystore by its name (`node`, `roster`, `root-1`, `officer-<id>` …). */
export type Passphrases = (keystore: string) => Promise<string>

const PASSPHRASE_BYTES = 18

/**
 * Passphrases from `folder` where it is given, else from the person at the terminal.
 *
 * @throws CLI_PASSPHRASE when neither is there
 */
export function createPassphrases(io: Io, folder: string | undefined): Passphrases {
  return async (keystore) => {
    if (folder !== undefined) return readPassphrase(folder, keystore)
    if (!io.interactive) throw new AmanaError('CLI_PASSPHRASE', { keystore })
    const typed = await password({ message: io.say('passphrase.ask', { keystore }) })
    if (isCancel(typed)) throw new AmanaError('CLI_PASSPHRASE', { keystore })
    return typed
  }
}

/** Makes a passphrase file for each keystore, for trials and for the demonstration; existing files stay as they are. */
export async function makePassphrases(
  folder: string,
  keystores: readonly string[],
  random: Random,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const keystore of keystores) {
    const text = `${encodeBase64url(random(PASSPHRASE_BYTES))}\n`
    try {
      await writeFile(fileOf(folder, keystore), text, { mode: 0o600, flag: 'wx' })
    } catch (cause) {
      if (!isExisting(cause)) throw new AmanaError('CLI_PASSPHRASE', { keystore }, { cause })
    }
  }
}

async function readPassphrase(folder: string, keystore: string): Promise<string> {
  try {
    return (await readFile(fileOf(folder, keystore), 'utf8')).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new AmanaError('CLI_PASSPHRASE', { keystore }, { cause })
  }
}

function fileOf(folder: string, keystore: string): string {
  return join(folder, `${keystore}.txt`)
}

function isExisting(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
}
