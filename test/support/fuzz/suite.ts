/**
 * The tests that every table of readers passes: no input makes a reader throw anything but an error of the table, hang,
 * or take more memory than it may.
 *
 * @module
 * @spec docs/spec/01-bytes.md#limits
 */
import { afterAll, describe, expect, inject, it } from 'vitest'
import { type Fuzzer, JOB_TIMEOUT_MS } from './fuzzer.ts'
import { INPUT_KINDS } from './hostile-inputs.ts'
import { type Names } from './jobs.ts'

/** The most by which reading one input may make a process grow. */
const GROWTH_BYTES = 64 * 1024 * 1024
const TEST_TIMEOUT_MS = JOB_TIMEOUT_MS + 10_000

declare module 'vitest' {
  interface ProvidedContext {
    /** Runs of each reader with each kind of input, and the seed where none is to be drawn. */
    fuzz: { readonly runs: number; readonly seed?: number }
  }
}

/** Declares the tests of a table; the process ends with them. */
export function describeReaders(fuzzer: Fuzzer, { readers, worst }: Names): void {
  const options = { timeout: TEST_TIMEOUT_MS }
  afterAll(() => fuzzer[Symbol.asyncDispose]())

  describe.each(readers)('%s gives a value or an error of the table', options, (reader) => {
    it.each(INPUT_KINDS)('for %s', async (inputs) => {
      const answer = await fuzzer.ask({ type: 'try', reader, inputs, ...inject('fuzz') })
      expect(answer).toEqual({ report: '' })
    })
  })

  describe('an input at a limit or beyond', options, () => {
    it.each(worst)('takes at most 64 MiB: %s', async (name) => {
      const answer = await fuzzer.ask({ type: 'worst', name })
      expect(answer).not.toHaveProperty('report')
      expect(answer).toHaveProperty('grownBytes')
      if ('grownBytes' in answer) expect(answer.grownBytes).toBeLessThan(GROWTH_BYTES)
    })
  })
}
