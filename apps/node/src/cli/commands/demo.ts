/**
 * `amana demo`: two nodes on this machine replay a case from the first invite to the auditor’s verdict.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { Option, type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError } from '@amana/core'
import { makeDemoFolder } from '../../demo/demo-folder.ts'
import { CASES, type CaseName, parseStory, readStory, type Story } from '../../demo/story.ts'
import { Teller } from '../../demo/teller.ts'
import { type Play, type Played, playDemo } from '../../demo/play.ts'
import { readBytes } from '../files.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext, type Invocation } from '../options.ts'
import { answeringCommand, contextOf, type Shell } from '../shell.ts'

/** Exit status of the error table: verification failed. */
const FAILED = 4

interface DemoOptions {
  readonly dir?: string | undefined
  readonly keep?: true | undefined
  readonly case: CaseName
  readonly story?: string | undefined
}

/** The command `demo`. */
export function demoCommand(shell: Shell): CommandUnknownOpts {
  const { say, invocation } = shell
  return answeringCommand(shell, 'demo', 'demo')
    .option('--dir <dir>', say('help.option.demoDir'))
    .option('--keep', say('help.option.keep'))
    .addOption(
      new Option('--case <case>', say('help.option.case'))
        .choices(CASES)
        .default('agadez' as const),
    )
    .addOption(new Option('--story <file>', say('help.option.story')).conflicts('case'))
    .action((options) => demo(contextOf(shell, options), invocation, options))
}

async function demo(
  context: CommandContext,
  invocation: Invocation,
  options: DemoOptions,
): Promise<void> {
  const { io } = context
  const teller = new Teller(io, invocation.ended)
  const story = await storyOf(options)
  const folder = await makeDemoFolder(options.dir, invocation.program)
  const play = { story, folder, teller, program: invocation.program }
  const told = await orRemoved(play, options, invocation.ended)
  printAnswer(io, 'amana.cli.demo/1', {
    json: { folder: folder.path, case: story.case, ...told },
    lines: teller.ending(folder.path, told),
  })
  if (told.verdict !== 'verified') invocation.outcome.exit = FAILED
}

/** A file is read before anything is made. */
async function storyOf({ case: name, story: path }: DemoOptions): Promise<Story> {
  if (path === undefined) return readStory(name)
  return parseStory(new TextDecoder().decode(await readBytes(path)), path)
}

/** What did not come to its end leaves nothing behind, unless it was asked to stay. */
async function orRemoved(play: Play, { keep }: DemoOptions, ended: AbortSignal): Promise<Played> {
  try {
    return await playDemo(play)
  } catch (error) {
    if (keep !== true) await play.folder.remove()
    throw ended.aborted ? new AmanaError('CLI_INTERRUPTED', {}) : error
  }
}
