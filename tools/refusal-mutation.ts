/**
 * Switches off every refusal of the sources, one at a time, and says which of them no test notices.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#decision
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readList } from '../test/mutation/list.ts'
import { reportOf, writeReport } from '../test/mutation/report.ts'
import { runTests } from '../test/mutation/run.ts'
import { isTestedIn } from '../test/mutation/settings.ts'
import { findSites, type Site, SOURCES } from '../test/mutation/sites.ts'
import { beginState, readState } from '../test/mutation/state.ts'
import { listFiles, readText } from '../test/support/repository.ts'

/** Where tests build the page anew: what they run is the bundle, in which no site is switched off. */
const BUILT = 'packages/verify/src/page/'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    shard: { type: 'string', default: '1/1' },
    state: { type: 'string' },
    tests: { type: 'string', default: '' },
    workers: { type: 'string', default: '1' },
  },
})
const sites = findSites()
const chosen = inShard(sites.filter((site) => site.file.startsWith(options.only)))
if (options.list) {
  for (const { id, kind, line } of chosen) say(`${kind} ${String(line)} ${id}`)
  say(`${String(chosen.length)} of ${String(sites.length)} sites`)
} else {
  await mutate()
}

async function mutate(): Promise<void> {
  const listed = readList('tools/refusal-mutation.json')
  const folder = mkdtempSync(join(tmpdir(), 'amana-refusals-'))
  try {
    const state = options.state ?? join(folder, 'state.jsonl')
    const files = testFiles()
    startState(state, files)
    await runTests({
      sites,
      chosen,
      files,
      state,
      folder,
      workers: Number(options.workers),
      say: tell,
    })
    const report = reportOf({ sites, chosen, files, listed, known: readState(state) })
    writeReport(report, options.json ? 'json' : 'text')
    if (report.problems > 0) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** `2/7` is every seventh site from the second on. */
function inShard(all: readonly Site[]): readonly Site[] {
  const [part = 1, of = 1] = options.shard.split('/').map(Number)
  if (!(Number.isInteger(part) && Number.isInteger(of) && part >= 1 && part <= of)) {
    throw new RangeError(`--shard ${options.shard}: I/N with 1 <= I <= N`)
  }
  return all.filter((_, index) => index % of === part - 1)
}

/** What is known of other sources, or of other questions, is not known here. */
function startState(path: string, files: readonly string[]): void {
  const tests = Object.fromEntries(files.map((file) => [file, digestOf([file])]))
  const sources = ['packages', 'apps', 'test/support', 'test/mutation']
    .flatMap((folder) => listFiles(folder, ['.ts']))
    .filter((file) => !file.endsWith('.test.ts'))
  const { only, shard } = options
  const run = `${digestOf(sources)} ${only} ${shard}`
  const kept = beginState(path, { of: 'about', run, tests })
  if (kept > 0) tell(`${String(kept)} lines are known already`)
}

function digestOf(files: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\0${readText(file)}\0`)
  return hash.digest('base64url')
}

/** The tests of the chosen sites, the cheapest first. Fuzzing asks for no code, and takes as long as the long tests of packages. */
function testFiles(): readonly string[] {
  const folders = [...SOURCES, 'test/hostile', 'test/vectors']
  const files = folders.flatMap((folder) => listFiles(folder, ['.test.ts']))
  return files.filter(
    (file) =>
      file.startsWith(options.tests) &&
      !file.endsWith('.fuzz.test.ts') &&
      !(file.startsWith('packages/') && file.endsWith('.life.test.ts')) &&
      !file.startsWith(BUILT) &&
      chosen.some((site) => isTestedIn(site.file, file)),
  )
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
