/**
 * `amana verify`: the auditor's program from the command line of a node. It needs no node, no key and no network.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#command-line
 */
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, decodeUtf8 } from '@amana/core'
import { type NamedFile, renderReport, renderText, secondsOf, verifyFiles } from '@amana/verify'
import { type Language } from '@amana/vocabulary'
import { systemClock } from '../../system.ts'
import { writeText } from '../files.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'

/** Exit statuses of the error table: verification failed, could not verify. */
const EXITS = { verified: 0, failed: 4, 'could-not': 9 } as const

interface VerifyOptions {
  readonly asOf?: string | undefined
  readonly policy?: string | undefined
  readonly report?: string | undefined
}

/** The command `verify`. */
export function verifyCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'verify', 'verify')
    .argument('<file...>')
    .option('--policy <file>', say('help.option.policy'))
    .option('--as-of <date>', say('help.option.asOf'))
    .option('--report <file>', say('help.option.report'))
    .action(async (files, options) => {
      const exit = await verify(contextOf(shell, options), files, options)
      shell.invocation.outcome.exit = exit
    })
}

async function verify(
  context: CommandContext,
  paths: readonly string[],
  options: VerifyOptions,
): Promise<number> {
  const { io } = context
  const asOf = dayOf(options.asOf)
  const policy = options.policy === undefined ? undefined : await textOf(options.policy)
  const files: NamedFile[] = []
  for (const path of paths) files.push({ name: nameOf(path, paths), bytes: await bytesOf(path) })
  const now = systemClock.now()
  const report = await verifyFiles(files, {
    now,
    ...(policy === undefined ? {} : { policy }),
    ...(asOf === undefined ? {} : { asOf }),
  })
  printAnswer(io, 'amana.cli.verify/1', {
    json: { report },
    lines: renderText(report, io.language).replace(/\n$/, '').split('\n'),
  })
  if (options.report !== undefined) {
    const file = resolve(options.report)
    const languages: readonly Language[] = io.language === 'fr' ? ['fr', 'en'] : ['en', 'fr']
    await writeText(file, renderReport(report, languages))
    io.talk(io.say('verify.report', { file }))
  }
  return EXITS[report.verdict]
}

/** Seconds since 1970 of the day that is asked for. @throws CLI_OPTION when it is none */
function dayOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const asOf = secondsOf(text)
  if (asOf === undefined) throw new AmanaError('CLI_OPTION', { option: '--as-of' })
  return asOf
}

/** Base names; where two files have one name, the paths as they were given. */
function nameOf(path: string, paths: readonly string[]): string {
  const name = basename(path)
  return paths.filter((other) => basename(other) === name).length > 1 ? path : name
}

async function textOf(path: string): Promise<string> {
  return decodeUtf8(await bytesOf(path))
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path))
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
}
