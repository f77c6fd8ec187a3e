/**
 * What every command has in common: the folder of the node, the form and language of the answer, the passphrases.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { AmanaError } from '@amana/core'
import { type Language } from '@amana/vocabulary'
import { createIo, type Io, type Streams } from './io.ts'
import { createPassphrases, type Passphrases } from './passphrases.ts'

/** Options that stand on every command. */
export interface CommonOptions {
  readonly dir?: string | undefined
  readonly json?: boolean | undefined
  readonly lang?: string | undefined
  readonly passphrases?: string | undefined
}

/** What a command works with. */
export interface CommandContext {
  readonly io: Io
  readonly passphrases: Passphrases
  /** Folder of passphrase files, where one was named. */
  readonly passphraseFolder?: string | undefined
  /** The node's folder as it was named; `requireFolder` checks it. */
  readonly folder: string
}

/** What a program run hands to its commands: streams, and the language that the system asks for. */
export interface Invocation {
  readonly streams: Streams
  readonly systemLanguage: Language
  /** Fires when the process is asked to end. */
  readonly ended: AbortSignal
  /** How more processes of this program are started. */
  readonly program: Program
  /** The exit status of a command that ended well and found something bad. */
  readonly outcome: { exit: number }
}

/** How to start one more process of this program. */
export interface Program {
  readonly execPath: string
  readonly execArgv: readonly string[]
  readonly main: string
}

/** Joins the common options to the streams. */
export function createContext(invocation: Invocation, options: CommonOptions): CommandContext {
  const io = createIo(invocation.streams, {
    language: languageOf(options.lang) ?? invocation.systemLanguage,
    json: options.json === true,
  })
  return {
    io,
    passphrases: createPassphrases(io, options.passphrases),
    passphraseFolder: options.passphrases,
    folder: resolve(options.dir ?? '.'),
  }
}

/**
 * The folder of a node, which holds `amana.toml`.
 *
 * @throws CLI_NO_FOLDER
 */
export async function requireFolder(context: CommandContext): Promise<string> {
  try {
    await access(join(context.folder, 'amana.toml'))
  } catch (cause) {
    throw new AmanaError('CLI_NO_FOLDER', { path: context.folder }, { cause })
  }
  return context.folder
}

/** The language of an option or of a locale name such as `fr_NE.UTF-8`; nothing for any other. */
export function languageOf(text: string | undefined): Language | undefined {
  if (text === undefined) return undefined
  if (/^fr(?![a-z])/i.test(text)) return 'fr'
  return /^en(?![a-z])/i.test(text) ? 'en' : undefined
}
