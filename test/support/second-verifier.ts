/**
 * The second verifier of `examples/other-languages/python` as tests run it: by Debian's Python, with Debian's
 * python3-cryptography, as a program of its own.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { spawnSync } from 'node:child_process'
import { z } from 'zod'
import { ROOT } from './repository.ts'

const PYTHON = '/usr/bin/python3'
const PROGRAM = `${ROOT}/examples/other-languages/python/amana_check.py`

const hasCryptography = spawnSync(PYTHON, ['-c', 'import cryptography']).status === 0
const isGate = spawnSync('printenv', ['CI']).status === 0

/** Whether its tests may be skipped: never where `CI` is set. */
export const IS_SKIPPED = !hasCryptography && !isGate

/** What stands behind the name of a group of tests that is skipped. */
export const WHY_SKIPPED = IS_SKIPPED ? ' (skipped without Debian’s python3-cryptography)' : ''

const VectorRowSchema = z.strictObject({
  part: z.string(),
  name: z.string(),
  expected: z.string(),
  found: z.string(),
  /** Only an opened seal could tell. */
  outside: z.boolean(),
})
const ObjectRowSchema = z.strictObject({ kind: z.string(), name: z.string(), found: z.string() })

/** How it ended, and what it printed. */
export interface SecondVerdict<Row> {
  readonly status: number | null
  readonly rows: readonly Row[]
  readonly notes: readonly string[]
  /** The last words, where a file is refused as a whole. */
  readonly refusal: string
}

/** Runs it over a vector file. */
export function secondOverVectors(path: string): SecondVerdict<z.output<typeof VectorRowSchema>> {
  return run([path], VectorRowSchema)
}

/** Runs it over a policy and a bundle, or a message file. */
export function secondOverFile(
  policy: string,
  file: string,
): SecondVerdict<z.output<typeof ObjectRowSchema>> {
  return run([policy, file], ObjectRowSchema)
}

function run<S extends z.ZodType>(paths: readonly string[], schema: S): SecondVerdict<z.output<S>> {
  const { status, stdout, stderr } = spawnSync(PYTHON, [PROGRAM, '--json', ...paths], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0 && status !== 4) {
    return { status, rows: [], notes: [], refusal: stderr.replace(/^amana_check: /, '').trim() }
  }
  const answer = z.strictObject({ notes: z.array(z.string()), rows: z.array(schema) })
  return { status, refusal: '', ...answer.parse(JSON.parse(stdout)) }
}
