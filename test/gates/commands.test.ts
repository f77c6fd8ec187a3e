/**
 * What the pages tell a reader to type exists, and what they mark as tested ends well.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { listFiles, readJson, readText, ROOT } from '../support/repository.ts'

const pages = listFiles('.', ['.md']).map((path) => ({ path, text: readText(path) }))
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(readJson('package.json'))
const PNPM = 'npx -y pnpm@12.21.0'
/** A block makes an agency and runs a program for each line. */
const BLOCK_MS = 120_000
const AMANA = 'node --conditions=@amana/source --disable-warning=ExperimentalWarning'

/** Each command of `amana` that a page names, with every option that a page gives it. */
const amanaCommands = new Map<string, Set<string>>()
for (const [, line] of pages.flatMap(({ text }) => [
  ...text.matchAll(/(?:^|`| )amana ([^`\n#]+)/gm),
])) {
  const words = (line ?? '').split(/\s+/).map((word) => word.replace(/[_,.;:)]+$/, ''))
  const command = commandOf(words)
  if (command === undefined) continue
  const options = amanaCommands.get(command) ?? new Set()
  for (const word of words) if (/^--[a-z]/.test(word)) options.add(word)
  amanaCommands.set(command, options)
}

describe('commands in pages', () => {
  it('name scripts that exist', () => {
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/(?:pnpm@[\d.]+ (?:--silent )?|`pnpm )([a-z][\w:]*)/g)].map(
        ([, script]) => ({
          path,
          script: script ?? '',
        }),
      ),
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([])
  })

  it('begin with the pinned pnpm', () => {
    const others = pages.filter(({ text }) => /pnpm@(?!12\.21\.0)/.test(text))
    expect(others.map(({ path }) => path)).toEqual([])
  })

  it.each([...amanaCommands])('amana %s has the options that pages give it', (command, options) => {
    const help = run(`${AMANA} apps/node/src/main.ts ${command} --help`)
    expect(help.stderr).toBe('')
    expect(help.status).toBe(0)
    expect([...options].filter((option) => !help.stdout.includes(option))).toEqual([])
  })

  it.each(testedBlocks())(
    'in %s end well: %s',
    (_path, block) => {
      expect(
        run(block.replaceAll(`${PNPM} --silent amana`, `${AMANA} apps/node/src/main.ts`)),
      ).toEqual(expect.objectContaining({ status: 0 }))
    },
    BLOCK_MS,
  )
})

/** The words before the first that is not a command; nothing when a sentence merely says “amana”. */
function commandOf(words: readonly string[]): string | undefined {
  const [first = '', second = '', third = ''] = words
  const groups = ['audit', 'key', 'message', 'node', 'officer', 'peer', 'referral', 'roster']
  if (groups.includes(first)) {
    return second === 'recovery' ? `${first} ${second} ${third}` : `${first} ${second}`
  }
  return ['demo', 'init', 'verify'].includes(first) ? first : undefined
}

function testedBlocks(): readonly (readonly [path: string, block: string])[] {
  return pages.flatMap(({ path, text }) =>
    [...text.matchAll(/<!-- tested -->\s+```sh\n([^]*?)^```/gm)].map(
      ([, block]) => [path, block ?? ''] as const,
    ),
  )
}

/** Runs in the root of the repository, with a home of its own that is removed afterwards. */
function run(script: string): { status: number | null; stdout: string; stderr: string } {
  const home = mkdtempSync(join(tmpdir(), 'amana-commands-'))
  const environment = { HOME: home, PATH: `${ROOT}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin` }
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--norc', '-euo', 'pipefail', '-c', script],
    {
      cwd: ROOT,
      env: environment,
      encoding: 'utf8',
    },
  )
  rmSync(home, { recursive: true, force: true })
  return { status, stdout, stderr }
}
