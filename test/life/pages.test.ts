/**
 * What the pages mark as tested ends well, typed as it stands there.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFiles, readText, ROOT } from '../support/repository.ts'

const PNPM = 'npx -y pnpm@12.21.0'
const AMANA = 'node --conditions=@amana/source --disable-warning=ExperimentalWarning'
const pages = listFiles('.', ['.md']).map((path) => ({ path, text: readText(path) }))
const blocks = testedBlocks()

describe('the commands of a page', () => {
  it('are there to be tried', () => {
    expect(blocks.length).toBeGreaterThan(1)
  })

  it.each(blocks)('in %s end well: %s', (_path, block) => {
    expect(
      run(block.replaceAll(`${PNPM} --silent amana`, `${AMANA} apps/node/src/main.ts`)),
    ).toEqual(expect.objectContaining({ status: 0 }))
  })
})

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
