/**
 * Starts the test runner as often as it takes: anew after a try that outlived its test, and after one that hangs.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#how
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Settings } from './settings.ts'
import { type Site } from './sites.ts'
import { addRecord, type Known, readState } from './state.ts'

/** What to run. */
export interface Run {
  readonly sites: readonly Site[]
  readonly chosen: readonly Site[]
  readonly files: readonly string[]
  readonly state: string
  /** For the settings; the caller removes it. */
  readonly folder: string
  readonly workers: number
  readonly say: (line: string) => void
}

/** A test that may take 30 seconds does not end any more. */
const TRY_DEADLINE_MS = 45_000
/** Nothing runs any more, and the process does not end. */
const END_DEADLINE_MS = 10_000
/** A file that loads its modules and makes what its tests share. */
const FILE_DEADLINE_MS = 150_000
const PROGRESS_MS = 5000

/** Runs all test files to their end; a file that twice leaves nothing behind is given up. */
export async function runTests(run: Run): Promise<void> {
  let before = ''
  let startsInVain = 0
  while (startsInVain < 2) {
    const known = readState(run.state)
    const left = filesLeft(run, known)
    if (left.length === 0) return
    const mark = [known.tried.size, known.files.size, ...known.fresh.keys()].join(' ')
    startsInVain = mark === before ? startsInVain + 1 : 0
    before = mark
    await runOnce(run, left)
  }
}

function filesLeft({ files }: Run, known: Known): readonly string[] {
  const fresh = [...known.fresh.keys()][0]
  if (fresh !== undefined) return files.filter((file) => fresh.startsWith(`${file} > `))
  return files.filter((file) => !known.files.has(file))
}

async function runOnce(run: Run, files: readonly string[]): Promise<void> {
  const path = join(run.folder, 'settings.json')
  const settings: Settings = {
    state: run.state,
    sites: [...run.sites],
    files: [...files],
    chosen: run.chosen.map(({ id }) => id),
    workers: run.workers,
  }
  writeFileSync(path, JSON.stringify(settings))
  addRecord(run.state, { of: 'process', state: 'begins' })
  const script = join(import.meta.dirname, 'run-tests.ts')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, path], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  })
  const over = new AbortController()
  const watching = watch(child, run, over.signal)
  await once(child, 'exit')
  over.abort()
  await watching
}

/** Says how far it is, and ends a child that no longer gets on; what it was trying was noticed, by its deadline. */
async function watch(child: ChildProcess, run: Run, over: AbortSignal): Promise<void> {
  let size = 0
  let quietMs = 0
  while (!over.aborted) {
    await setTimeout(PROGRESS_MS, undefined, { signal: over }).catch(() => undefined)
    if (over.aborted) return
    const now = statSync(run.state).size
    quietMs = now === size ? quietMs + PROGRESS_MS : 0
    size = now
    const known = readState(run.state)
    run.say(progress(run, known))
    if (quietMs >= deadlineOf(known)) end(child, run, known)
  }
}

function deadlineOf(known: Known): number {
  if (known.open.size > 0) return TRY_DEADLINE_MS
  return known.isOver ? END_DEADLINE_MS : FILE_DEADLINE_MS
}

function end(child: ChildProcess, run: Run, { open }: Known): void {
  for (const [test, site] of open) {
    addRecord(run.state, { of: 'tried', test, site, result: 'deadline' })
  }
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
}

function progress({ chosen, files }: Run, known: Known): string {
  const noticed = chosen.filter(({ id }) => known.noticed.has(id)).length
  return `${String(known.files.size)} of ${String(files.length)} test files, ${String(noticed)} of ${String(chosen.length)} sites noticed`
}
