/**
 * The side of the tests: starts the process that reads hostile inputs, gives it jobs, and ends it when one takes too
 * long. After that the next job gets a new process.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Job, type JobAnswer, JobAnswerSchema, type Names } from './jobs.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** The longest that one job may take, on whatever machine. */
export const JOB_TIMEOUT_MS = 80_000

/** What a process is started with. */
export interface FuzzerOptions {
  readonly table: 'core' | 'verify' | 'node'
  /** The most that live objects may take: the readers with their samples, and 64 MiB more. */
  readonly heapMib: number
  /** What the table is made of, where it needs anything. */
  readonly setup?: unknown
}

/** A process that reads hostile inputs. One job at a time. */
export class Fuzzer implements AsyncDisposable {
  readonly #options: FuzzerOptions
  #child: ChildProcess | undefined

  constructor(options: FuzzerOptions) {
    this.#options = options
  }

  /** What there is to try. Throws when the table cannot be made. */
  async names(): Promise<Names> {
    const answer = await this.ask({ type: 'open', setup: this.#options.setup })
    if ('readers' in answer) return answer
    throw new Error(JSON.stringify(answer))
  }

  /** The answer, or a report that there was none. */
  async ask(job: Job): Promise<JobAnswer> {
    const child = this.#child ?? (await this.#start())
    return this.#answer(child, job)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  async #start(): Promise<ChildProcess> {
    const { heapMib, setup, table } = this.#options
    const words = [
      '--conditions=@amana/source',
      '--disable-warning=ExperimentalWarning',
      '--expose-gc',
      `--max-old-space-size=${String(heapMib)}`,
      '--max-semi-space-size=4',
      CHILD,
      table,
    ]
    const child = spawn(process.execPath, words, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    this.#child = child
    child.once('exit', () => {
      if (this.#child === child) this.#child = undefined
    })
    const opened = await this.#answer(child, { type: 'open', setup })
    if ('report' in opened) throw new Error(opened.report)
    return child
  }

  async #answer(child: ChildProcess, job: Job): Promise<JobAnswer> {
    const ended = new AbortController()
    const { signal } = ended
    const said: string[] = []
    const hear = (part: unknown): void => {
      said.push(String(part))
    }
    child.stderr?.on('data', hear)
    const timeout = AbortSignal.timeout(JOB_TIMEOUT_MS)
    try {
      const answered = once(child, 'message', { signal: AbortSignal.any([signal, timeout]) })
      const exited = once(child, 'exit', { signal })
      child.send(job)
      const first = await Promise.race([
        answered.then(([message]: unknown[]) => JobAnswerSchema.parse(message)),
        exited.then(([code, by]: unknown[]) => ({
          report: `the process ended (${String(code ?? by)})\n${said.join('').slice(0, 1000)}`,
        })),
      ])
      return first
    } catch (error) {
      if (!timeout.aborted) throw error
      return { report: `no answer within ${String(JOB_TIMEOUT_MS)} ms` }
    } finally {
      ended.abort()
      child.stderr?.off('data', hear)
      if (timeout.aborted) await this[Symbol.asyncDispose]()
    }
  }
}
