/**
 * `amana message inspect` over a file of many lines: one object of JSON whatever happens in the middle, and no line more
 * than the reader takes.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { AMANA, amana } from '../../../../test/support/amana-program.ts'
import { runCli } from './program.ts'

const RECORDS = 500
const AnswerSchema = z.object({
  schema: z.literal('amana.cli.message-inspect/1'),
  members: z.array(z.unknown()),
  error: z.optional(z.object({ code: z.string(), hint: z.string(), message: z.string() })),
})

let folder: string
let whole: string
let cut: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amana-inspect-'))
  const hash = 'A'.repeat(43)
  const records = Array.from({ length: RECORDS }, (_, index) => {
    return `{"hash":"${hash}","index":${String(index)},"record":"hash"}\n`
  })
  const text = `{"classes":["x"],"record":"bundle"}\n${records.join('')}`
  whole = join(folder, 'whole.bundle.jsonl')
  cut = join(folder, 'cut.bundle.jsonl')
  await writeFile(whole, text)
  await writeFile(cut, `${text}{"hash":`)
})

afterAll(() => rm(folder, { recursive: true }))

it('ends its one object of JSON with the error where the file is refused in the middle', async () => {
  const { status, stderr, stdout } = await amana(['message', 'inspect', '--json', cut])
  const { error, members } = AnswerSchema.parse(JSON.parse(stdout))
  expect(members).toHaveLength(RECORDS + 2)
  expect(error?.code).toBe('AUDIT_BUNDLE_TRUNCATED')
  expect(status).toBe(4)
  expect(stderr).toContain('[AUDIT_BUNDLE_TRUNCATED]')
})

it('has no error in the object of a file that is whole', async () => {
  const { status, stdout } = await amana(['message', 'inspect', '--json', whole])
  expect(AnswerSchema.parse(JSON.parse(stdout)).error).toBeUndefined()
  expect(status).toBe(0)
})

it.each([['--json'], ['--lang=fr']])(
  'writes no line before the last one was taken: %s',
  async (form) => {
    const taking: (() => void)[] = []
    let ahead = 0
    const lines: string[] = []
    const write = (text: string): boolean => {
      ahead = Math.max(ahead, taking.length)
      lines.push(text)
      setImmediate(() => {
        for (const take of taking.splice(0)) take()
      })
      return false
    }
    const once = (event: string, take: () => void): void => {
      if (event === 'drain') taking.push(take)
    }
    const status = await runCli(['message', 'inspect', form, whole], {
      streams: { stdout: { write, once }, stderr: { write: () => true }, stdin: {} },
      systemLanguage: 'en',
      ended: new AbortController().signal,
      program: { execPath: AMANA[0], execArgv: [], main: AMANA[3] },
      outcome: { exit: 0 },
    })
    expect(status).toBe(0)
    expect(lines.length).toBeGreaterThan(RECORDS)
    expect(ahead).toBe(0)
  },
)
