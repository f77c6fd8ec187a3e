/**
 * The auditor's program as one file: two builds are the same bytes, it runs where nothing but Node is, and it never asks
 * the system for a socket, as strace sees.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#command-line
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildExchange } from '../support/built-exchange.ts'
import { ROOT } from '../support/repository.ts'

const BUILD_MS = 180_000
const ONE_FILE = 'amana-verify.mjs'
const folder = mkdtempSync(join(tmpdir(), 'amana-alone-'))
const program = join(folder, ONE_FILE)
const hasStrace = spawnSync('strace', ['--version']).status === 0

/** Builds the package into a folder and gives the file's SHA-256. */
function build(name: string): string {
  const to = join(folder, name)
  const tsup = join(ROOT, 'node_modules/.bin/tsup')
  const { status, stderr } = spawnSync(tsup, ['--silent', '--out-dir', to], {
    cwd: join(ROOT, 'packages/verify'),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return createHash('sha256')
    .update(readFileSync(join(to, ONE_FILE)))
    .digest('hex')
}

let first = ''
beforeAll(async () => {
  first = build('one')
  copyFileSync(join(folder, 'one', ONE_FILE), program)
  const exchange = await buildExchange()
  writeFileSync(join(folder, 'own.bundle.jsonl'), await exchange.naptip.log.bundle(exchange))
  writeFileSync(join(folder, 'other.bundle.jsonl'), await exchange.anltp.log.bundle(exchange))
  writeFileSync(join(folder, 'policy.txt'), exchange.policyText)
  symlinkSync('/dev/zero', join(folder, 'endless.bundle.jsonl'))
  symlinkSync('/dev/zero', join(folder, 'endless.amana.json'))
}, BUILD_MS)
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const POLICY = ['--policy', 'policy.txt']

function run(...args: readonly string[]): ReturnType<typeof spawnSync> {
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8' })
}

describe('the verifier in one file', { timeout: BUILD_MS }, () => {
  it('is the same bytes when it is built again', () => {
    expect(build('two')).toBe(first)
  })

  it('verifies with Node alone', () => {
    const { status, stdout } = run('own.bundle.jsonl', 'other.bundle.jsonl', ...POLICY)
    expect([status, String(stdout).includes('VERIFIED.')]).toEqual([0, true])
  })

  it.each(['endless.bundle.jsonl', 'endless.amana.json', '/dev/zero'])(
    'ends with 9 at %s, which never ends',
    (file) => {
      expect(run(file, ...POLICY).status).toBe(9)
    },
  )

  it.skipIf(!hasStrace)(
    `asks for no socket${hasStrace ? '' : ' (skipped without Debian’s strace)'}`,
    () => {
      const trace = join(folder, 'trace')
      const args = ['-f', '-e', 'trace=socket,connect,bind,sendto,execve', '-o', trace]
      const command = [process.execPath, program, 'own.bundle.jsonl', ...POLICY]
      const { status } = spawnSync('strace', [...args, ...command], { cwd: folder })
      const calls = readFileSync(trace, 'utf8')
      expect(status).toBe(0)
      expect(calls).toContain('execve(')
      expect(calls).not.toMatch(/\b(?:socket|connect|bind|sendto)\(/)
    },
  )
})
