/**
 * The program `amana` as people run it: a process of its own, its streams, its exit status.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { type Readable } from 'node:stream'
import { runCli } from '../../apps/node/src/cli/program.ts'
import { ROOT } from './repository.ts'

/**
 * Runs one command in this process: the program without its entry, which is a second faster. Signals, and what becomes
 * of the process, are tried with `startAmana`.
 */
export async function amana(words: readonly string[]): Promise<ProgramRun> {
  const said = { stdout: '', stderr: '' }
  const status = await runCli(words, {
    streams: {
      stdout: { write: (text) => (said.stdout += text) },
      stderr: { write: (text) => (said.stderr += text) },
      stdin: {},
    },
    systemLanguage: 'en',
    ended: new AbortController().signal,
    program: { execPath: AMANA[0], execArgv: AMANA.slice(1, -1), main: AMANA[3] },
    outcome: { exit: 0 },
  })
  return { status, ...said }
}

/** How the program is started from its sources. */
export const AMANA = [
  process.execPath,
  '--conditions=@amana/source',
  '--disable-warning=ExperimentalWarning',
  join(ROOT, 'apps/node/src/main.ts'),
] as const

const RUN_TIMEOUT_MS = 120_000

/** What a run left on the terminal. */
export interface ProgramRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of the program that goes on until it is told to end. */
export interface RunningProgram {
  /** Resolves when the answer so far has `text` so many times; rejects when the program ends before. */
  said(text: string, times?: number): Promise<void>
  readonly pid: number
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void
  readonly ended: Promise<ProgramRun>
}

/** Where and with which environment a program runs. */
export interface ProgramPlace {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** A shell that the program is started through, as in `ulimit -f 100; exec "$@"`. */
  readonly shell?: string | undefined
}

/** Runs the program to its end, two minutes at most. */
export async function runAmana(
  words: readonly string[],
  place: ProgramPlace = {},
): Promise<ProgramRun> {
  const running = startAmana(words, place)
  const late = setTimeout(() => {
    running.signal('SIGKILL')
  }, RUN_TIMEOUT_MS)
  const run = await running.ended
  clearTimeout(late)
  return run
}

/** Starts the program. */
export function startAmana(words: readonly string[], place: ProgramPlace = {}): RunningProgram {
  const child = spawnAmana(words, place)
  const streams = { stdout: collected(child.stdout), stderr: collected(child.stderr) }
  const exited = once(child, 'close').then(([status]: readonly unknown[]) => ({
    status: typeof status === 'number' ? status : null,
    stdout: streams.stdout.text(),
    stderr: streams.stderr.text(),
  }))
  return {
    said: async (text, times = 1) => {
      await Promise.race([streams.stdout.has(text, times), exited])
      if (streams.stdout.text().split(text).length > times) return
      throw new Error(`ended before "${text}": ${streams.stderr.text()}`)
    },
    pid: child.pid ?? 0,
    signal: (name) => {
      child.kill(name)
    },
    ended: exited,
  }
}

function spawnAmana(
  words: readonly string[],
  { cwd, env, shell }: ProgramPlace,
): ChildProcessByStdio<null, Readable, Readable> {
  const command =
    shell === undefined ? [...AMANA, ...words] : ['sh', '-c', shell, 'sh', ...AMANA, ...words]
  const [program = '', ...rest] = command
  return spawn(program, rest, {
    cwd,
    env: { PATH: '/usr/bin:/bin', LANG: 'en_GB.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

interface Collected {
  text(): string
  has(text: string, times: number): Promise<void>
}

function collected(stream: Readable): Collected {
  let all = ''
  const waiting = new Set<() => void>()
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    all += chunk
    for (const look of waiting) look()
  })
  return {
    text: () => all,
    has: (text, times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (all.split(text).length <= times) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}
