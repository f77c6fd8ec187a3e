/**
 * One start of vitest with a switch in every site: `node run-tests.ts SETTINGS`. It runs as its own process, so that
 * one that hangs can be ended.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#how
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { startVitest } from 'vitest/node'
import { ROOT } from '../support/repository.ts'
import { readSettings, type Settings } from './settings.ts'
import { addRecord } from './state.ts'
import { withSwitches } from './switches.ts'

const CONDITIONS = ['@amana/source', 'node', 'import', 'default']

const [path = ''] = process.argv.slice(2)
const settings = readSettings(path)
const vitest = await startVitest('test', [], testOptions(), {
  plugins: [{ name: 'refusal-switches', enforce: 'pre', transform: switched }],
  resolve: { conditions: CONDITIONS },
  ssr: { resolve: { conditions: CONDITIONS, externalConditions: CONDITIONS } },
})
addRecord(settings.state, { of: 'process', state: 'over' })
for (const module of vitest.state.getTestModules()) {
  for (const error of module.errors()) {
    process.stderr.write(`${module.relativeModuleId}: ${error.stack ?? error.message}\n`)
  }
}
await vitest.close()
// what became of each test stands in the state; vitest's own verdict is about tests that all end as skipped
process.exitCode = 0

function testOptions(): Parameters<typeof startVitest>[2] {
  return {
    config: false,
    root: ROOT,
    watch: false,
    isolate: false,
    maxWorkers: settings.workers,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    include: settings.files,
    provide: { refusalSettings: path },
    runner: join(import.meta.dirname, 'runner.ts'),
    reporters: [],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    sequence: { sequencer: sequencerOf(settings) },
  }
}

function switched(code: string, id: string): { code: string; map: null } | undefined {
  const file = relative(ROOT, id.split('?')[0] ?? id)
  const sites = settings.sites.filter((site) => site.file === file)
  if (sites.length === 0) return undefined
  if (code !== readFileSync(join(ROOT, file), 'utf8')) throw new Error(`${file} is not as on disk`)
  return { code: withSwitches(code, sites), map: null }
}

/** The cheap tests first: what they notice need not be tried in the dear ones. */
function sequencerOf({ files }: Settings): new () => {
  sort<T extends { readonly moduleId: string }>(specs: readonly T[]): T[]
  shard<T>(specs: T): T
} {
  const places = new Map(files.map((file, index) => [join(ROOT, file), index]))
  const placeOf = (spec: { readonly moduleId: string }): number => places.get(spec.moduleId) ?? 0
  return class {
    sort<T extends { readonly moduleId: string }>(specs: readonly T[]): T[] {
      return specs.toSorted((a, b) => placeOf(a) - placeOf(b))
    }

    shard<T>(specs: T): T {
      return specs
    }
  }
}
