/**
 * `amana verify`: the auditor's program from the command line of a node. It needs no node, no key and no network.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#command-line
 */
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, decodeUtf8 } from '@amana/core'
import {
  type FileHandle,
  hasWarning,
  openFiles,
  renderText,
  reportFile,
  secondsOf,
  verifyFiles,
} from '@amana/verify'
import { systemClock } from '../../system.ts'
import { readBytes, writeText } from '../files.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'

/** Exit statuses of the error table: verification failed, could not verify. */
const EXITS = { verified: 0, failed: 4, 'could-not': 9 } as const

interface VerifyOptions {
  readonly anchor?: string | undefined
  readonly asOf?: string | undefined
  readonly policy?: string | undefined
  readonly report?: string | undefined
  readonly strict?: boolean | undefined
}

/** The command `verify`. */
export function verifyCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'verify', 'verify')
    .argument('<file...>')
    .option('--policy <file>', say('help.option.policy'))
    .option('--as-of <date>', say('help.option.asOf'))
    .option('--report <file>', say('help.option.report'))
    .option('--anchor <file>', say('help.option.anchor'))
    .option('--strict', say('help.option.strict'))
    .action(async (files, options) => {
      const exit = await verify(contextOf(shell, options), files, options)
      shell.invocation.outcome.exit = exit
    })
}

/** What is read is forgotten at once: a small nursery keeps a million leaves within 150 MB. */
const NURSERY = '--max-semi-space-size=4'

async function verify(
  context: CommandContext,
  paths: readonly string[],
  options: VerifyOptions,
): Promise<number> {
  const { io } = context
  setFlagsFromString(NURSERY)
  const asOf = dayOf(options.asOf)
  const policy = options.policy === undefined ? undefined : await textOf(options.policy)
  const anchor = options.anchor === undefined ? undefined : await textOf(options.anchor)
  await using opened = await openFiles(paths, handleOf)
  const now = systemClock.now()
  const report = await verifyFiles(opened.files, {
    now,
    ...(policy === undefined ? {} : { policy }),
    ...(anchor === undefined ? {} : { anchor }),
    ...(asOf === undefined ? {} : { asOf }),
  })
  printAnswer(io, 'amana.cli.verify/1', {
    json: { report },
    lines: renderText(report, io.language).replace(/\n$/, '').split('\n'),
  })
  if (options.report !== undefined) {
    const file = resolve(options.report)
    await writeText(file, reportFile(file, report, io.language))
    io.talk(io.say('verify.report', { file }))
  }
  return options.strict === true && hasWarning(report) ? EXITS.failed : EXITS[report.verdict]
}

/** Seconds since 1970 of the day that is asked for. @throws CLI_OPTION when it is none */
function dayOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const asOf = secondsOf(text)
  if (asOf === undefined) throw new AmanaError('CLI_OPTION', { option: '--as-of' })
  return asOf
}

async function textOf(path: string): Promise<string> {
  return decodeUtf8(await readBytes(path))
}

async function handleOf(path: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (cause) {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  }
}
