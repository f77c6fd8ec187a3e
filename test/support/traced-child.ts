/**
 * A process that the kernel ends before its n-th system call of one name: strace puts the signal there.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** Where a process is ended. */
export interface KillPoint {
  /** Name of a system call. */
  readonly call: string
  /** Which call of that name of one thread, from 1, once the process was let go. */
  readonly count: number
}

/** Longer than any run takes; one that hangs is an error. */
const DEADLINE_MS = 60_000

/** Whether strace is installed and may trace. */
export function canTrace(): boolean {
  return spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0
}

/**
 * Starts Node with `words`, waits for a line `ready` of its output, and lets it go on, traced, with one byte of input.
 *
 * @returns what it wrote, and whether it was ended before it ended by itself
 */
export async function runUntil(
  words: readonly string[],
  { call, count }: KillPoint,
): Promise<{ readonly output: string; readonly killed: boolean }> {
  // one thread of the pool makes nearly all calls, so that a count names one of them
  const env = { UV_THREADPOOL_SIZE: '1' }
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_code, signal) => {
      resolve(signal)
    })
  })
  const output = listen(child, child.stdout)
  const inject = `inject=${call}:signal=KILL:when=${String(count)}`
  const options = ['-f', '-e', `trace=${call}`, '-e', inject, '-o', '/dev/null']
  await output.heard(/^ready /m)
  const tracer = spawn('strace', [...options, '-p', String(child.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const detached = once(tracer, 'exit')
  await listen(tracer, tracer.stderr).heard(/attached/)
  child.stdin.write('\n')
  const signal = await ended
  clearTimeout(timer)
  await detached
  return { output: output.text(), killed: signal === 'SIGKILL' }
}

/** Keeps what a process says. `heard` resolves when a pattern is in it, and rejects when the process ends before. */
function listen(
  child: ChildProcess,
  stream: NodeJS.ReadableStream,
): { readonly text: () => string; readonly heard: (pattern: RegExp) => Promise<void> } {
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  const heard = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      child.once('exit', () => {
        reject(new Error(text))
      })
      stream.on('data', () => {
        if (pattern.test(text)) resolve()
      })
    })
  return { text: () => text, heard }
}
