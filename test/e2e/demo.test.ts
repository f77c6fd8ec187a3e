import { readdir, readFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProgramRun, runAmana, startAmana } from '../support/amana-program.ts'

const DEMO_TIMEOUT_MS = 170_000

let folder: string
let demo: ProgramRun
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'amana-e2e-'))
  demo = await runAmana(['demo', '--dir', join(folder, 'demo')])
}, DEMO_TIMEOUT_MS)
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('the demonstration', () => {
  it('ends well and says so', () => {
    expect(demo.stderr).toBe('')
    expect(demo.stdout).toContain('VERIFIED, without network')
    expect(demo.status).toBe(0)
  })

  it('takes at most 60 lines of 80 columns, every one a sentence of the catalogue', () => {
    const lines = demo.stdout.trimEnd().split('\n')
    expect(lines.length).toBeLessThanOrEqual(60)
    expect(lines.filter((line) => line.length > 80 && !line.includes(folder))).toEqual([])
    expect(lines.filter((line) => /\b(demo|referral|cli):|\{\{|reason\./.test(line))).toEqual([])
  })

  it('leaves two nodes and the evidence, for their owner alone', async () => {
    const path = join(folder, 'demo')
    expect((await readdir(path)).toSorted()).toEqual([
      'abuja',
      'amana',
      'evidence',
      'niamey',
      'passphrases',
    ])
    expect((await readdir(join(path, 'evidence'))).toSorted()).toEqual([
      'abuja.bundle.jsonl',
      'niamey.bundle.jsonl',
      'policy.txt',
      'redacted.sd-jwt',
      'report.html',
    ])
    expect((await stat(path)).mode & 0o077).toBe(0)
    const report = await readFile(join(path, 'evidence', 'report.html'), 'utf8')
    expect(report).not.toMatch(/<script|src=|https?:/)
    expect(report).toContain('VERIFIED')
    expect(report).toContain('VÉRIFIÉ')
  })

  it('refuses to begin again in a folder that holds something, and leaves it as it is', async () => {
    const before = await readdir(join(folder, 'demo'))
    const again = await runAmana(['demo', '--dir', join(folder, 'demo')])
    expect(again.stderr).toMatch(/^amana: .*\[CLI_EXISTS\]\namana: hint: .*\n$/)
    expect(again.status).not.toBe(0)
    expect(await readdir(join(folder, 'demo'))).toEqual(before)
  })
})

describe('the commands to try', () => {
  it('are told, and do what is said of them', async () => {
    const evidence = join(folder, 'demo', 'evidence')
    const [changed, read, shown] = await Promise.all(
      commandsOf(demo.stdout).map((command) => runShell(command, evidence)),
    )
    expect(changed).toMatchObject({ status: 4 })
    expect(changed?.stdout).toContain('NOT VERIFIED')
    expect(read).toMatchObject({ status: 0 })
    expect(read?.stdout).toContain('body.to.organisation: ng.naptip')
    expect(read?.stdout).not.toContain('body.condition')
    expect(shown).toMatchObject({ status: 0 })
    expect(shown?.stdout).toContain('Pris en charge')
  })
})

describe('a demonstration that is interrupted', () => {
  it('leaves nothing behind', { timeout: DEMO_TIMEOUT_MS }, async () => {
    const path = join(folder, 'interrupted')
    const running = startAmana(['demo', '--dir', path, '--lang', 'fr'])
    await running.said('deux processus tournent')
    running.signal('SIGINT')
    const { status, stderr } = await running.ended
    expect(stderr).toMatch(/\[CLI_INTERRUPTED\]/)
    expect(status).toBe(1)
    expect(await readdir(folder)).toEqual(['demo'])
  })
})

/** The three, in order: each is the lines with four and more blanks below one sentence. */
function commandsOf(text: string): readonly string[] {
  const [, tries = ''] = text.split('Three commands to try; delete the folder afterwards:\n')
  const blocks = tries.split(/^ {2}\S.*\n/m).slice(1)
  return blocks.filter((block) => block.trim() !== '').map((block) => block.replace(/\\\n/g, ' '))
}

async function runShell(command: string, cwd: string): Promise<ProgramRun> {
  const lines = command.trim().split('\n')
  return runAmana([], { cwd, shell: lines.join('\n') })
}
