/**
 * Runs each test as it is, notes which sites refused meanwhile, then runs it again once for each of them with that site
 * switched off. A test that fails then, and passes again with the site switched on, notices the site.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#how
 */
import { relative } from 'node:path'
import {
  inject,
  type RunnerTask,
  type RunnerTestCase,
  type RunnerTestSuite,
  type SerializedConfig,
  type TestTryOptions,
  TestRunner,
} from 'vitest'
import { ROOT } from '../support/repository.ts'
import { isTestedIn, readSettings, type Settings } from './settings.ts'
import { addRecord, type Known, readState, tryName } from './state.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly refusalSettings: string
  }
}

declare global {
  var amanaRefuses: ((site: string) => boolean) | undefined
}

/** What the next run of a test is: as it is, with a site switched off, or as it is once more after that failed. */
type Step =
  | { readonly of: 'plain' }
  | { readonly of: 'off' | 'fresh' | 'again'; readonly site: string }

interface Walk {
  readonly name: string
  readonly fired: Set<string>
  waiting: readonly string[]
  step: Step
  over: boolean
  startedAt: number
}

/** The runner that vitest is given. */
export default class RefusalRunner extends TestRunner {
  readonly #settings: Settings
  readonly #chosen: ReadonlySet<string>
  #known: Known
  #walk: Walk | undefined
  /** Sites that refused while no test ran: in hooks of a file, or later than the test that caused it. */
  #outside = new Set<string>()
  /** Something outlived a test; what is left runs in another process. */
  #stopped = false

  constructor(config: SerializedConfig) {
    super(config)
    this.#settings = readSettings(inject('refusalSettings'))
    this.#chosen = new Set(this.#settings.chosen)
    this.#known = readState(this.#settings.state)
    globalThis.amanaRefuses = (site) => this.#refuses(site)
  }

  #refuses(site: string): boolean {
    const walk = this.#walk
    if (walk === undefined) {
      this.#outside.add(site)
      return true
    }
    const { step } = walk
    if (step.of === 'plain') walk.fired.add(site)
    return !((step.of === 'off' || step.of === 'fresh') && step.site === site)
  }

  override async onBeforeRunSuite(suite: RunnerTestSuite): Promise<void> {
    if ('filepath' in suite) {
      this.#known = readState(this.#settings.state)
      this.#outside = new Set()
    }
    await super.onBeforeRunSuite(suite)
  }

  override async onAfterRunSuite(suite: RunnerTestSuite): Promise<void> {
    await super.onAfterRunSuite(suite)
    if ('filepath' in suite && !this.#stopped && suite.result?.state !== 'fail') {
      const file = relative(ROOT, suite.file.filepath)
      this.#add({ of: 'file', file, outside: [...this.#outside] })
    }
  }

  override async onBeforeRunTask(test: RunnerTask): Promise<void> {
    await super.onBeforeRunTask(test)
    if (test.type !== 'test' || test.mode !== 'run') return
    test.repeats = this.#settings.chosen.length * 2 + 2
    const name = `${relative(ROOT, test.file.filepath)} > ${nameOf(test)} ${test.id}`
    const fresh = this.#known.fresh.get(name)
    const step: Step = fresh === undefined ? { of: 'plain' } : { of: 'fresh', site: fresh }
    this.#walk = { name, fired: new Set(), waiting: [], step, over: this.#stopped, startedAt: 0 }
  }

  override onBeforeTryTask(test: RunnerTask, options: TestTryOptions): void {
    super.onBeforeTryTask(test, options)
    const walk = this.#walk
    if (walk === undefined || test.type !== 'test') return
    if (walk.over || this.#stopped) {
      this.#walk = undefined
      test.context.skip('all sites tried')
    }
    const { step } = walk
    if (step.of === 'off' || step.of === 'fresh') {
      this.#add({ of: 'try', test: walk.name, site: step.site })
    }
    walk.startedAt = performance.now()
  }

  override async onAfterRetryTask(test: RunnerTestCase, options: TestTryOptions): Promise<void> {
    await super.onAfterRetryTask(test, options)
    const walk = this.#walk
    if (walk === undefined) return
    const state = test.result?.state
    if (state !== 'pass' && state !== 'fail') {
      this.#walk = undefined
      return
    }
    this.#take(walk, state === 'pass')
    if (test.result !== undefined) test.result.errors = []
  }

  #take(walk: Walk, passed: boolean): void {
    const { step, name: test } = walk
    switch (step.of) {
      case 'plain':
        this.#takePlain(walk, passed)
        return
      case 'off':
        if (!passed) {
          walk.step = { of: 'again', site: step.site }
          return
        }
        this.#add({ of: 'tried', test, site: step.site, result: 'unnoticed' })
        this.#next(walk)
        return
      case 'again':
        this.#add({ of: 'tried', test, site: step.site, result: passed ? 'noticed' : 'fresh' })
        if (!passed) this.#stop()
        if (passed) this.#known.noticed.set(step.site, { test, deadline: false })
        this.#next(walk)
        return
      case 'fresh':
        this.#add({ of: 'tried', test, site: step.site, result: passed ? 'unnoticed' : 'noticed' })
        this.#stop()
        this.#next(walk)
    }
  }

  #stop(): void {
    this.#stopped = true
    this.#add({ of: 'process', state: 'over' })
  }

  #takePlain(walk: Walk, passed: boolean): void {
    const fired = [...walk.fired]
    const ms = Math.round(performance.now() - walk.startedAt)
    this.#add({ of: 'test', test: walk.name, passed, fired, ms })
    walk.waiting = passed ? fired.filter((site) => this.#isOpen(site, walk.name)) : []
    this.#next(walk)
  }

  #isOpen(site: string, test: string): boolean {
    const { noticed, tried } = this.#known
    if (noticed.has(site) || tried.has(tryName(site, test))) return false
    return this.#chosen.has(site) && isTestedIn(site, test)
  }

  #next(walk: Walk): void {
    const [site, ...rest] = walk.waiting
    walk.waiting = rest
    if (site === undefined) walk.over = true
    else walk.step = { of: 'off', site }
  }

  #add(record: Parameters<typeof addRecord>[1]): void {
    addRecord(this.#settings.state, record)
  }
}

function nameOf(test: RunnerTask): string {
  const names = [test.name]
  for (let at = test.suite; at !== undefined; at = at.suite) names.unshift(at.name)
  return names.join(' > ')
}
