/**
 * How a command is declared: its name, its help in the reader's language, the options that all commands share.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import {
  createContext,
  type CommandContext,
  type CommonOptions,
  type Invocation,
} from './options.ts'
import { type Say } from './io.ts'

/** What declarations are made with. */
export interface Shell {
  readonly say: Say
  readonly invocation: Invocation
}

/** The options that `answeringCommand` and `leafCommand` declare, as commander infers them. */
type AnswerOptions = { json?: true | undefined; lang?: string | undefined }
type SharedOptions = AnswerOptions & {
  dir?: string | undefined
  passphrases?: string | undefined
}

/** A leaf command with the shared options; `helpKey` is a key of the catalogue's `help`. */
export function leafCommand(
  shell: Shell,
  name: string,
  helpKey: string,
): Command<[], SharedOptions> {
  const { say } = shell
  return answeringCommand(shell, name, helpKey)
    .option('--dir <dir>', say('help.option.dir'))
    .option('--passphrases <dir>', say('help.option.passphrases'))
}

/** A leaf command that works on no node's folder. */
export function answeringCommand(
  shell: Shell,
  name: string,
  helpKey: string,
): Command<[], AnswerOptions> {
  const { say } = shell
  return bareCommand(shell, name, helpKey)
    .option('--json', say('help.option.json'))
    .option('--lang <language>', say('help.option.lang'))
}

/** A command that holds others. */
export function groupCommand(
  shell: Shell,
  names: { readonly name: string; readonly helpKey: string },
  commands: readonly CommandUnknownOpts[],
): CommandUnknownOpts {
  const group: CommandUnknownOpts = bareCommand(shell, names.name, names.helpKey)
  for (const command of commands) group.addCommand(command)
  return group
}

function bareCommand(shell: Shell, name: string, helpKey: string): Command {
  const { streams } = shell.invocation
  return new Command(name)
    .description(shell.say(`help.${helpKey}`))
    .helpOption('-h, --help', shell.say('help.option.help'))
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => streams.stdout.write(text),
      writeErr: (text) => streams.stderr.write(text.replace(/^error: /, 'amana: ')),
    })
}

/** The context of a run of a command. */
export function contextOf(shell: Shell, options: CommonOptions): CommandContext {
  return createContext(shell.invocation, options)
}
