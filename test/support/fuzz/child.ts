/**
 * A process that lets readers read hostile inputs and says what became of them. One that hangs, or that takes more
 * memory than it is given, takes only this process with it. `node child.ts TABLE`; jobs and answers are messages.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { isAnyAmanaError } from '@amana/core'
import fc from 'fast-check'
import { coreTable } from './core-readers.ts'
import { JobSchema, type Job, type JobAnswer } from './jobs.ts'
import { inputsFor } from './hostile-inputs.ts'
import { type Input, type Reader, type ReaderTable } from './reader.ts'

const REPORT_CHARS = 3000

const TABLES: Readonly<Record<string, (setup: unknown) => Promise<ReaderTable>>> = {
  core: coreTable,
  verify: async () => (await import('./verify-readers.ts')).verifyTable(),
  node: async (setup) => (await import('./node-readers.ts')).nodeTable(setup),
}

const [name = ''] = process.argv.slice(2)
let table: Promise<ReaderTable> | undefined

process.on('message', (message) => {
  void answer(JobSchema.parse(message))
})

async function answer(job: Job): Promise<void> {
  let said: JobAnswer
  try {
    said = await done(job)
  } catch (error) {
    said = { report: `the table failed: ${textOf(error)}` }
  }
  process.send?.(said)
}

async function done(job: Job): Promise<JobAnswer> {
  if (job.type === 'open') {
    table ??= TABLES[name]?.(job.setup)
    const { readers, worst } = await opened()
    return { readers: readers.map((reader) => reader.name), worst: worst.map((one) => one.name) }
  }
  if (job.type === 'worst') return worstOf(job.name)
  return { report: await tried(await readerOf(job.reader), job) }
}

async function tried(reader: Reader, job: Extract<Job, { type: 'try' }>): Promise<string> {
  const property = fc.asyncProperty(inputsFor(reader, job.inputs), async (drawn) => {
    await readOrRefuse(reader, drawn.make())
  })
  const runs = Math.ceil(job.runs / reader.oneIn)
  const details = await fc.check(property, {
    numRuns: runs,
    ...(job.seed === undefined ? {} : { seed: job.seed }),
  })
  return details.failed ? (fc.defaultReportMessage(details) ?? 'failed').slice(0, REPORT_CHARS) : ''
}

/** Gives the code, or nothing where it was read. Whatever is no error of the table goes up. */
async function readOrRefuse(reader: Reader, input: Input): Promise<string> {
  try {
    await reader.read(input)
    return ''
  } catch (error) {
    if (isAnyAmanaError(error)) return error.code
    throw new Error(`not an error of the table: ${textOf(error)}`, { cause: error })
  }
}

/** Reads one of the worst inputs and says by how much the process grew at its highest. */
async function worstOf(worst: string): Promise<JobAnswer> {
  const found = (await opened()).worst.find((one) => one.name === worst)
  if (found === undefined) return { report: `no input ${worst}` }
  const reader = await readerOf(found.reader)
  const input = found.make()
  globalThis.gc?.()
  forgetPeak()
  const before = peakBytes()
  const code = await readOrRefuse(reader, input)
  return { code, grownBytes: peakBytes() - before }
}

/** Linux lets a process begin its peak anew; elsewhere only growth above all that was before is seen. */
function forgetPeak(): void {
  if (process.platform === 'linux') writeFileSync('/proc/self/clear_refs', '5')
}

/** The most memory that this process had, native memory too. */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024
  const peak = /^VmHWM:\s+(?<kib>\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return Number(peak?.groups?.['kib']) * 1024
}

async function readerOf(reader: string): Promise<Reader> {
  const found = (await opened()).readers.find((one) => one.name === reader)
  if (found === undefined) throw new TypeError(`no reader ${reader}`)
  return found
}

async function opened(): Promise<ReaderTable> {
  if (table === undefined) throw new TypeError(`no table ${name}`)
  return table
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message).slice(0, 1500) : String(error)
}
