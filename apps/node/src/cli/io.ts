/**
 * The terminal as the commands see it: answers on stdout, talk on stderr, one language, JSON or text.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { type Readable, type Writable } from 'node:stream'
import { AmanaError } from '@amana/core'
import { CATALOGUES, type Language } from '@amana/vocabulary'
import { createInstance } from 'i18next'

/** Looks a text up in the reader's language. */
export type Say = (key: string, values?: Readonly<Record<string, string | number>>) => string

/** What a command writes with; lines, never fragments. */
export interface Io {
  readonly language: Language
  readonly json: boolean
  /** Whether a person sits there: prompts and progress are allowed. */
  readonly interactive: boolean
  /** Where questions are asked, beside the answer. */
  readonly terminal: Terminal | undefined
  readonly say: Say
  /** A line of the answer. */
  readonly answer: (line: string) => void
  /** A line of a long answer; resolves when the reader takes more. */
  readonly flow: (line: string) => Promise<void>
  /** A line beside the answer. */
  readonly talk: (line: string) => void
}

/** What a question is drawn on, and what the answer is typed into. */
export interface Terminal {
  readonly input: Readable
  readonly output: Writable
}

/** Where answers go; what is no stream of the machine takes everything at once. */
export interface Sink {
  readonly isTTY?: boolean
  readonly destroyed?: boolean
  write(text: string): unknown
  once?(event: 'close' | 'drain', listener: () => void): unknown
  off?(event: 'close' | 'drain', listener: () => void): unknown
}

/** Where lines go. */
export interface Streams {
  readonly terminal?: Terminal
  readonly stdout: Sink
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly stdin: { readonly isTTY?: boolean }
}

/** The texts of one language, keys as `namespace:path.of.key`. A key that is missing prints itself. */
export function createSay(language: Language): Say {
  const i18n = createInstance({
    lng: language,
    resources: CATALOGUES,
    defaultNS: 'cli',
    interpolation: { escapeValue: false },
    initAsync: false,
  })
  void i18n.init()
  return (key, values) => i18n.t(key, { ...values })
}

/** Binds the streams to a language and a form of answer. */
export function createIo(
  streams: Streams,
  options: { readonly language: Language; readonly json: boolean },
): Io {
  return {
    ...options,
    terminal: streams.terminal,
    interactive: !options.json && streams.stdin.isTTY === true && streams.stderr.isTTY === true,
    say: createSay(options.language),
    answer: (line) => streams.stdout.write(`${line}\n`),
    flow: async (line) => {
      if (streams.stdout.write(`${line}\n`) === false) await drained(streams.stdout)
    },
    talk: (line) => streams.stderr.write(`${line}\n`),
  }
}

/** Until the reader has taken what waits, or has gone: as long as a person reads a page. */
async function drained(sink: Sink): Promise<void> {
  if (sink.once === undefined || sink.destroyed === true) return
  const { promise, resolve } = Promise.withResolvers<void>()
  sink.once('drain', resolve)
  sink.once('close', resolve)
  await promise
  sink.off?.('drain', resolve)
  sink.off?.('close', resolve)
}

/** Prints the versioned JSON answer of a command, or its lines. */
export function printAnswer(
  io: Io,
  schema: string,
  answer: { readonly json: Readonly<Record<string, unknown>>; readonly lines: readonly string[] },
): void {
  if (io.json) io.answer(JSON.stringify({ schema, ...answer.json }))
  else for (const line of answer.lines) io.answer(line)
}

/**
 * Says what went wrong and what to do, in two lines, and gives the exit status of the table. An error that is not ours
 * is named by its class only: its text might hold what must not be printed.
 */
export function printError(io: Io, error: unknown): AmanaError {
  const known = isOurs(error)
    ? error
    : new AmanaError('CLI_UNEXPECTED', { what: error instanceof Error ? error.name : 'error' })
  const { hint, message, ...told } = errorAnswer(io, known)
  if (io.json) {
    io.answer(JSON.stringify({ schema: 'amana.cli.error/1', ...told, message, hint }))
  }
  io.talk(`amana: ${message} [${known.code}]`)
  io.talk(`amana: ${io.say('hint')}${io.language === 'fr' ? '\u00a0' : ''}: ${hint}`)
  return known
}

/** What an answer in JSON says of an error, in the reader's language. */
export function errorAnswer(
  { language }: Pick<Io, 'language'>,
  error: AmanaError,
): Readonly<Record<'code' | 'hint' | 'message', string>> & { readonly details: object } {
  const { code, details } = error
  return { code, details, message: error.in(language), hint: error.hint(language) }
}

function isOurs(error: unknown): error is AmanaError {
  return error instanceof AmanaError
}
