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
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'], env })
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
  const output: string[] = []
  const ended = once(child, 'exit')
  const ready = heard(child, 'stdout', /^ready /m, output)
  const inject = `inject=${call}:signal=KILL:when=${String(count)}`
  const options = ['-f', '-e', `trace=${call}`, '-e', inject, '-o', '/dev/null']
  await ready
  const tracer = spawn('strace', [...options, '-p', String(child.pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const detached = once(tracer, 'exit')
  await heard(tracer, 'stderr', /attached/, [])
  child.stdin.write('\n')
  const [, signal]: unknown[] = await ended
  clearTimeout(timer)
  await detached
  return { output: output.join(''), killed: signal === 'SIGKILL' }
}

/** Keeps what a stream says in `into`, and resolves when the pattern is in it. Rejects when the process ends before. */
function heard(
  child: ChildProcess,
  name: 'stderr' | 'stdout',
  pattern: RegExp,
  into: string[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => {
      reject(new Error(`${name}: ${into.join('')}`))
    })
    child[name]?.on('data', (chunk) => {
      into.push(String(chunk))
      if (pattern.test(into.join(''))) resolve()
    })
  })
}
