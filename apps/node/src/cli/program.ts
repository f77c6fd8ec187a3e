/**
 * The program `amana`: one command in, one exit status out.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { ERRORS } from '@amana/core'
import { auditCommands } from './commands/audit.ts'
import { custodyCommands } from './commands/custody.ts'
import { consentCommands } from './commands/consent.ts'
import { demoCommand } from './commands/demo.ts'
import { deskCommands } from './commands/desk.ts'
import { correctionCommands } from './commands/correction.ts'
import { erasureCommands } from './commands/erasure.ts'
import { groupCommands } from './commands/group.ts'
import { holdCommands } from './commands/hold.ts'
import { followupCommands } from './commands/followup.ts'
import { initCommand } from './commands/init.ts'
import { keyCommands } from './commands/key.ts'
import { lawCommand } from './commands/law.ts'
import { mailboxCommands } from './commands/mailbox.ts'
import { messageCommands } from './commands/message.ts'
import { nodeCommands } from './commands/node-commands.ts'
import { officerCommands } from './commands/officer.ts'
import { peerCommands } from './commands/peer.ts'
import { referralCommands } from './commands/referral.ts'
import { requestCommands } from './commands/request.ts'
import { retentionCommands } from './commands/retention.ts'
import { rosterCommands } from './commands/roster.ts'
import { simCommand } from './commands/sim.ts'
import { verifyCommand } from './commands/verify.ts'
import { createIo, createSay, printError } from './io.ts'
import { languageOf, type Invocation } from './options.ts'
import { groupCommand, type Shell } from './shell.ts'

const USAGE_EXIT = 2

/**
 * Runs one command; the number is the exit status of the table. Nothing is thrown: what went wrong is said in a
 * sentence with its code.
 */
export async function runCli(argv: readonly string[], invocation: Invocation): Promise<number> {
  const language = requestedLanguage(argv) ?? invocation.systemLanguage
  const shell = {
    say: createSay(language),
    invocation: { ...invocation, systemLanguage: language },
  }
  try {
    await createProgram(shell).parseAsync(operandsMarked(argv), { from: 'user' })
    return invocation.outcome.exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT
    const io = createIo(invocation.streams, { language, json: argv.includes('--json') })
    return ERRORS[printError(io, error).code].exit
  }
}

function createProgram(shell: Shell): CommandUnknownOpts {
  const program = groupCommand(shell, { name: 'amana', helpKey: 'program' }, [
    demoCommand(shell),
    initCommand(shell),
    nodeCommands(shell),
    officerCommands(shell),
    deskCommands(shell),
    peerCommands(shell),
    mailboxCommands(shell),
    rosterCommands(shell),
    keyCommands(shell),
    messageCommands(shell),
    referralCommands(shell),
    custodyCommands(shell),
    retentionCommands(shell),
    holdCommands(shell),
    erasureCommands(shell),
    followupCommands(shell),
    requestCommands(shell),
    correctionCommands(shell),
    consentCommands(shell),
    groupCommands(shell),
    auditCommands(shell),
    verifyCommand(shell),
    lawCommand(shell),
    simCommand(shell),
  ])
  return program.hook('preAction', (_program, command) => {
    for (const [place, value] of command.processedArgs.entries()) {
      command.processedArgs[place] = unmarked(value)
    }
    for (const [name, value] of Object.entries(command.opts())) {
      const plain = unmarked(value)
      if (plain !== value) command.setOptionValue(name, plain)
    }
  })
}

/** A digest that begins with a hyphen, as one in 64 does, or the beginning of one; no option looks like it. */
const HYPHENATED = /^-(?:[A-Za-z0-9_][A-Za-z0-9_-]{6,}|[A-Za-z0-9_-]{42})$/
const MARK = '\0'

/** The words with a mark before such digests, which would be taken for options. */
function operandsMarked(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((word, place) =>
    HYPHENATED.test(word) && (end === -1 || place < end) ? `${MARK}${word}` : word,
  )
}

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => unmarked(each))
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(1) : value
}

function requestedLanguage(argv: readonly string[]): ReturnType<typeof languageOf> {
  const joined = argv.find((word) => word.startsWith('--lang='))
  if (joined !== undefined) return languageOf(joined.slice('--lang='.length))
  const at = argv.indexOf('--lang')
  return at === -1 ? undefined : languageOf(argv[at + 1])
}
