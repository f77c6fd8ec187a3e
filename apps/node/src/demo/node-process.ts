/**
 * A node of the demonstration as a process of its own: started, killed without warning, started again.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { AmanaError } from '@amana/core'
import { createControlClient } from '../http/control-client.ts'
import { type Program } from '../cli/options.ts'
import { type NodeServices } from '../services.ts'

/** A node that runs in its own process. */
export interface NodeProcess extends AsyncDisposable {
  readonly services: NodeServices
  /** Rejects with CLI_CHILD when it ends though nobody told it to. */
  readonly failed: Promise<never>
  /** Ends it the way a power cut does; nothing is flushed. */
  kill(): Promise<void>
}

const START_TIMEOUT_MS = 30_000
const STOP_TIMEOUT_MS = 10_000

/**
 * Starts `amana node run` for the folder and waits until it listens.
 *
 * @throws NET_TIMEOUT when it does not listen in 30 s, CLI_UNEXPECTED when it ended before
 */
export async function startNodeProcess(
  program: Program,
  folder: string,
  passphraseFolder: string,
): Promise<NodeProcess> {
  const nodeRun = ['node', 'run', '--json', '--dir', folder, '--passphrases', passphraseFolder]
  const child = spawn(program.execPath, [...program.execArgv, program.main, ...nodeRun], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const talk = talkOf(child)
  await listening(child, talk)
  const told = new AbortController()
  const endOn = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    told.abort()
    await end(child, signal)
  }
  return {
    services: createControlClient(join(folder, 'control.sock')),
    failed: failing(child, talk, told.signal),
    kill: () => endOn('SIGKILL'),
    [Symbol.asyncDispose]: () => endOn('SIGTERM'),
  }
}

/** The last that the process said to its log. */
function talkOf(child: ChildProcess): readonly string[] {
  const talk: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    talk.push(text)
    if (talk.length > 100) talk.shift()
  })
  return talk
}

function failing(child: ChildProcess, talk: readonly string[], told: AbortSignal): Promise<never> {
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('close', () => {
      if (!told.aborted) reject(new AmanaError('CLI_CHILD', { said: lastError(talk) }))
    })
  })
  failed.catch(() => undefined)
  return failed
}

async function listening(child: ChildProcess, talk: readonly string[]): Promise<void> {
  const { stdout } = child
  if (stdout === null) throw new AmanaError('CLI_UNEXPECTED', { what: 'stdout' })
  const signal = AbortSignal.timeout(START_TIMEOUT_MS)
  const said = once(createInterface({ input: stdout }), 'line', { signal }).then(() => true)
  const ended = once(child, 'exit', { signal }).then(() => false)
  try {
    if (await Promise.race([said, ended])) return
  } catch (cause) {
    await end(child, 'SIGKILL')
    throw new AmanaError('NET_TIMEOUT', {}, { cause })
  } finally {
    for (const wait of [said, ended]) wait.catch(() => undefined)
  }
  throw new AmanaError('CLI_CHILD', { said: lastError(talk) })
}

function lastError(talk: readonly string[]): string {
  const lines = talk.join('').split('\n')
  return lines.find((line) => line.startsWith('amana: ')) ?? lines.at(-2) ?? ''
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(patience)
}
