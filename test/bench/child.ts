/**
 * Child processes of the bench, on both ends of the pipe between them.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type CpuSchema } from './child-messages.ts'

/** Arguments of Node with which the sources run. */
export const NODE_ARGUMENTS = [
  '--conditions=@amana/source',
  '--disable-warning=ExperimentalWarning',
]

const AnswerSchema = z.union([
  z.strictObject({ answer: z.unknown() }),
  z.strictObject({ failure: z.string() }),
])

/** A child that answers questions. */
export interface Child<Question extends object> extends AsyncDisposable {
  /** Asks, and reads the answer. Throws what the child failed with. */
  ask<T>(question: Question, answer: z.ZodType<T>): Promise<T>
}

/** Starts a file of this folder as a child. */
export function startChild<Question extends object>(file: string): Child<Question> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = fork(path, {
    execArgv: NODE_ARGUMENTS,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    ask: async (question, schema) => {
      const ended = new AbortController()
      const answer = await Promise.race([
        askOnce(child, question, ended.signal),
        gone(child, ended.signal),
      ]).finally(() => {
        ended.abort()
      })
      return schema.parse(answer)
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.disconnect()
      await exit
    },
  }
}

async function askOnce(
  child: ChildProcess,
  question: object,
  signal: AbortSignal,
): Promise<unknown> {
  const answered = once(child, 'message', { signal })
  child.send(question)
  const [message] = AnswersSchema.parse(await answered)
  if ('failure' in message) throw new Error(message.failure)
  return message.answer
}

const AnswersSchema = z.tuple([AnswerSchema]).rest(z.unknown())

async function gone(child: ChildProcess, signal: AbortSignal): Promise<never> {
  await once(child, 'exit', { signal })
  throw new Error('the child ended')
}

/**
 * In the child: answers the parent until it hangs up, then closes what is open.
 *
 * @param answer gives what `ask` resolves to
 */
export function answerParent<Question>(
  schema: z.ZodType<Question>,
  answer: (question: Question) => Promise<object>,
): Promise<void> {
  process.on('message', (message) => {
    void answerOne(async () => answer(schema.parse(message)))
  })
  return new Promise((resolve) => {
    process.once('disconnect', resolve)
  })
}

async function answerOne(step: () => Promise<object>): Promise<void> {
  try {
    process.send?.({ answer: await step() })
  } catch (error) {
    process.send?.({ failure: error instanceof Error ? (error.stack ?? error.message) : 'unknown' })
  }
}

/** Processor time of this process. */
export function ownCpu(): z.output<typeof CpuSchema> {
  const { user, system } = process.cpuUsage()
  return { cpuMicros: user + system }
}
