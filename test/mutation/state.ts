/**
 * What is known so far, as lines that are only ever added: a run that was broken off goes on from them.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#how
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const RecordSchema = z.discriminatedUnion('of', [
  /** What the lines below are about. */
  z.strictObject({
    of: z.literal('about'),
    /** Digest of the sources and of what was asked. */
    run: z.string(),
    /** Digests of the test files. */
    tests: z.record(z.string(), z.string()),
  }),
  /** A test without a change: whether it passes, and which sites refused meanwhile. */
  z.strictObject({
    of: z.literal('test'),
    test: z.string(),
    passed: z.boolean(),
    fired: z.array(z.string()),
    ms: z.number(),
  }),
  /** A test with one site switched off begins. */
  z.strictObject({ of: z.literal('try'), test: z.string(), site: z.string() }),
  /** It ended: `fresh` where it must be tried once more in a process of its own. */
  z.strictObject({
    of: z.literal('tried'),
    test: z.string(),
    site: z.string(),
    result: z.enum(['noticed', 'unnoticed', 'fresh', 'deadline']),
  }),
  /** A process begins, or has nothing more to do. */
  z.strictObject({ of: z.literal('process'), state: z.enum(['begins', 'over']) }),
  /** All tests of a file are through. */
  z.strictObject({ of: z.literal('file'), file: z.string(), outside: z.array(z.string()) }),
])

/** One line. */
export type StateRecord = z.output<typeof RecordSchema>

/** What the lines say together. */
export interface Known {
  readonly noticed: Map<string, { readonly test: string; readonly deadline: boolean }>
  /** Tests that a site refuses in, by site. */
  readonly fired: Map<string, Set<string>>
  /** `site in test` that need not be tried again. */
  readonly tried: Set<string>
  /** Sites that wait for a process of their own, by test. */
  readonly fresh: Map<string, string>
  readonly files: Set<string>
  /** Test files in which a site refuses while no test runs, by site. */
  readonly outside: Map<string, Set<string>>
  readonly failing: Set<string>
  /** Tries that began and did not end. */
  readonly open: Map<string, string>
  /** The newest process has nothing more to do. */
  isOver: boolean
}

/** How a try is named. */
export const tryName = (site: string, test: string): string => `${site} in ${test}`

/** Adds a line. */
export function addRecord(path: string, record: StateRecord): void {
  appendFileSync(path, `${JSON.stringify(record)}\n`)
}

/** Reads the lines; none when there is no file. A last line that was cut off does not count. */
export function readState(path: string): Known {
  const known: Known = {
    noticed: new Map(),
    fired: new Map(),
    tried: new Set(),
    fresh: new Map(),
    files: new Set(),
    outside: new Map(),
    failing: new Set(),
    open: new Map(),
    isOver: false,
  }
  for (const record of recordsIn(path)) take(record, known)
  return known
}

function recordsIn(path: string): readonly StateRecord[] {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
  return lines.map((line) => RecordSchema.parse(JSON.parse(line)))
}

/**
 * Begins a state, or goes on with one of the same run: what is known of test files that have changed is forgotten.
 * Returns how many lines are left.
 */
export function beginState(path: string, about: Extract<StateRecord, { of: 'about' }>): number {
  const [first, ...rest] = recordsIn(path)
  const isSame = first?.of === 'about' && first.run === about.run
  const before = isSame ? first.tests : {}
  const kept = isSame ? rest.filter((record) => isOfSame(record, before, about.tests)) : []
  writeFileSync(path, [about, ...kept].map((record) => `${JSON.stringify(record)}\n`).join(''))
  return kept.length
}

type Digests = Readonly<Record<string, string>>

function isOfSame(record: StateRecord, before: Digests, now: Digests): boolean {
  if (record.of === 'about' || record.of === 'process') return false
  const file = record.of === 'file' ? record.file : (record.test.split(' > ')[0] ?? '')
  return before[file] === now[file]
}

function take(record: StateRecord, known: Known): void {
  switch (record.of) {
    case 'about':
      return
    case 'test':
      takeTest(record, known)
      return
    case 'try':
      known.open.set(record.test, record.site)
      return
    case 'tried':
      takeTried(record, known)
      return
    case 'process':
      known.isOver = record.state === 'over'
      return
    case 'file':
      known.files.add(record.file)
      for (const site of record.outside) addTo(known.outside, site, record.file)
  }
}

function takeTest(record: Extract<StateRecord, { of: 'test' }>, known: Known): void {
  if (record.passed) known.failing.delete(record.test)
  else known.failing.add(record.test)
  for (const site of record.fired) addTo(known.fired, site, record.test)
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(value))
}

function takeTried(record: Extract<StateRecord, { of: 'tried' }>, known: Known): void {
  const { test, site, result } = record
  known.open.delete(test)
  if (result === 'fresh') {
    known.fresh.set(test, site)
    return
  }
  known.fresh.delete(test)
  known.tried.add(tryName(site, test))
  if (result !== 'unnoticed' && !known.noticed.has(site)) {
    known.noticed.set(site, { test, deadline: result === 'deadline' })
  }
}
