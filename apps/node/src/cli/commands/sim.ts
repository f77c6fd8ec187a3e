/**
 * `amana sim`: plays one history of the simulation and shows it, or many and says which went wrong.
 *
 * @module
 * @spec docs/spec/12-simulation.md#command
 */
import { resolve } from 'node:path'
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AmanaError } from '@amana/core'
import { renderDiagram, renderPicture } from '../../sim/diagram.ts'
import { type History, type NodeCount, runHistory } from '../../sim/history.ts'
import { quickCrypto } from '../../sim/quick-crypto.ts'
import { tallyOf } from '../../sim/tally.ts'
import { writeText } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { answeringCommand, contextOf, type Shell } from '../shell.ts'

/** Exit status of the error table: verification failed. */
const FAILED = 4
const WHOLE = /^(?:0|[1-9][0-9]{0,14})$/
const MOST_HISTORIES = 100_000_000
/** A line of progress at most this often. */
const PROGRESS_EVERY = 500

interface SimOptions {
  readonly seed: string
  readonly count: string
  readonly nodes: '2' | '5'
  readonly to?: string | undefined
}

interface Asked {
  readonly seed: number
  readonly count: number
  readonly nodes: NodeCount
}

/** The command `sim`. */
export function simCommand(shell: Shell): CommandUnknownOpts {
  const { invocation, say } = shell
  return answeringCommand(shell, 'sim', 'sim')
    .option('--seed <number>', say('help.option.seed'), '1')
    .option('--count <number>', say('help.option.count'), '1')
    .addOption(
      new Option('--nodes <number>', say('help.option.nodes'))
        .choices(['2', '5'] as const)
        .default('2' as const),
    )
    .option('--to <file>', say('help.option.simTo'))
    .action(async (options) => {
      const { io } = contextOf(shell, options)
      const asked = askedOf(options)
      const isWell =
        asked.count === 1
          ? await showOne(io, asked, options.to)
          : await runMany(io, asked, invocation.ended)
      if (!isWell) invocation.outcome.exit = FAILED
    })
}

/** @throws CLI_OPTION */
function askedOf({ count, nodes, seed, to }: SimOptions): Asked {
  const asked = {
    seed: wholeOf(seed, '--seed'),
    count: wholeOf(count, '--count'),
    nodes: nodes === '2' ? (2 as const) : (5 as const),
  }
  if (asked.count < 1 || asked.count > MOST_HISTORIES) {
    throw new AmanaError('CLI_OPTION', { option: '--count' })
  }
  if (to !== undefined && asked.count > 1) throw new AmanaError('CLI_OPTION', { option: '--to' })
  return asked
}

function wholeOf(text: string, option: string): number {
  if (!WHOLE.test(text)) throw new AmanaError('CLI_OPTION', { option })
  return Number(text)
}

async function showOne(io: Io, { nodes, seed }: Asked, to: string | undefined): Promise<boolean> {
  using crypto = quickCrypto()
  const history = await runHistory({ crypto, nodes, seed })
  const file = to === undefined ? undefined : resolve(to)
  if (file !== undefined) {
    const title = io.say('sim.title', { nodes, seed })
    await writeText(file, renderPicture(history, io.say, title))
    io.talk(io.say('sim.written', { file }))
  }
  printAnswer(io, 'amana.cli.sim/1', {
    json: { history },
    lines: [...renderDiagram(history, io.say), ...endLines(io, history)],
  })
  return history.problems.length === 0
}

function endLines(
  { say }: Io,
  { faults, nodes, problems, seed, tookMs }: History,
): readonly string[] {
  const count = Object.values(faults).reduce((sum, times) => sum + times, 0)
  const seconds = Math.round(tookMs / 1000)
  const end = problems.length === 0 ? 'sim.well' : 'sim.failed'
  return [
    say(end, { faults: count, nodes, seconds, seed }),
    ...problems.map((problem) => say('sim.problem', { problem })),
  ]
}

async function runMany(
  io: Io,
  { count, nodes, seed }: Asked,
  ended: AbortSignal,
): Promise<boolean> {
  using crypto = quickCrypto()
  const tally = tallyOf()
  for (let next = seed; next < seed + count; next += 1) {
    if (ended.aborted) throw new AmanaError('CLI_INTERRUPTED', {})
    const history = await runHistory({ crypto, nodes, seed: next })
    tally.add(history)
    for (const problem of history.problems) {
      io.talk(io.say('sim.failure', { nodes, problem, seed: next }))
    }
    if ((next - seed + 1) % PROGRESS_EVERY === 0) {
      io.talk(io.say('sim.progress', { done: next - seed + 1, count }))
    }
  }
  const { dimensions, failures, faults, frames, histories, virtualHours } = tally.total()
  const faultCount = Object.values(faults).reduce((sum, times) => sum + times, 0)
  printAnswer(io, 'amana.cli.sim/1', {
    json: { dimensions, failures, faults, frames, histories, nodes, seed, virtualHours },
    lines: [
      io.say('sim.total', {
        failed: failures.length,
        faults: faultCount,
        frames,
        histories,
        hours: virtualHours,
        nodes,
      }),
    ],
  })
  return failures.length === 0
}
