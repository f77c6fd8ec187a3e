import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AUDIT_ATTACKS } from '../../../test/support/audit-attacks.ts'
import { buildExchange } from '../../../test/support/built-exchange.ts'

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url))

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amana-verify-'))
  const exchange = await buildExchange()
  const bundle = await exchange.naptip.log.bundle(exchange)
  await writeFile(join(folder, 'own.bundle.jsonl'), bundle)
  await writeFile(join(folder, 'cut.bundle.jsonl'), bundle.subarray(0, 9000))
  await writeFile(join(folder, 'auditor.txt'), exchange.policyText)
  const [tail] = (await AUDIT_ATTACKS['refuseToCosign']?.())?.files ?? []
  if (tail === undefined || !('bytes' in tail)) throw new TypeError('no bundle')
  await writeFile(join(folder, 'tail.bundle.jsonl'), tail.bytes)
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

interface Ended {
  readonly exit: number
  readonly output: string
  readonly errors: string
}

/** Runs the program in the folder, as an auditor would. */
async function run(...args: readonly string[]): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const child = execFile(
    process.execPath,
    ['--conditions=@amana/source', CLI, ...args],
    { cwd: folder },
    (_error, output, errors) => {
      resolve({ exit: child.exitCode ?? -1, output, errors })
    },
  )
  return promise
}

describe('amana-verify', { timeout: 30_000 }, () => {
  it('ends with 0, writes the report and says nothing else', async () => {
    const args = ['own.bundle.jsonl', '--policy', 'auditor.txt', '--report', 'report.html']
    const { exit, output, errors } = await run(...args, '--lang', 'fr')
    expect({ exit, errors }).toEqual({ exit: 0, errors: '' })
    expect(output).toContain('VÉRIFIÉ.')
    const html = await readFile(join(folder, 'report.html'), 'utf8')
    expect(html).toContain('<html lang="fr">')
    expect(html).not.toContain('<script')
  })

  it('says who held which key on a day', async () => {
    const args = ['own.bundle.jsonl', '--policy', 'auditor.txt', '--as-of']
    const { exit, output } = await run(...args, '2027-01-01T12:00:00Z')
    expect(exit).toBe(0)
    expect(output).toContain('Who held which key at 2027-01-01T12:00:00Z')
    expect((await run(...args, 'yesterday')).exit).toBe(2)
  })

  it('prints JSON and ends with 4 when something fails', async () => {
    const { exit, output } = await run('cut.bundle.jsonl', '--policy', 'auditor.txt', '--json')
    expect(exit).toBe(4)
    expect(JSON.parse(output)).toMatchObject({ verdict: 'failed' })
  })

  it('ends with 9 without a policy', async () => {
    const { exit, output } = await run('own.bundle.jsonl')
    expect(exit).toBe(9)
    expect(output).toContain('NO_POLICY')
  })

  it('is stricter where it is told to, and writes CSV where the name says so', async () => {
    const args = ['tail.bundle.jsonl', '--policy', 'auditor.txt', '--report', 'report.csv']
    expect((await run(...args)).exit).toBe(0)
    const csv = await readFile(join(folder, 'report.csv'), 'utf8')
    expect(csv).toContain('"verdict","verified"')
    expect(csv).toContain('"UNWITNESSED_TAIL"')
    expect((await run(...args, '--strict')).exit).toBe(4)
  })

  it('ends with 2 when it is used in another way', async () => {
    expect((await run()).exit).toBe(2)
    expect((await run('own.bundle.jsonl', '--key', 'x')).exit).toBe(2)
    expect((await run('missing.bundle.jsonl', '--policy', 'auditor.txt')).exit).toBe(2)
  })
})
