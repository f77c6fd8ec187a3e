/**
 * Whatever bytes, text or value a stranger sends: every reader of the core gives a value or an error of the table, in
 * bounded time and memory.
 *
 * @module
 * @spec docs/spec/01-bytes.md#limits
 */
import { describe, expect, it } from 'vitest'
import { Fuzzer } from '../../../test/support/fuzz/fuzzer.ts'
import { describeReaders } from '../../../test/support/fuzz/suite.ts'
import * as core from './index.ts'

const fuzzer = new Fuzzer({ table: 'core', heapMib: 256 })
const names = await fuzzer.names()

describeReaders(fuzzer, names)

describe('the table', () => {
  it('has every function of the core that parses, reads, opens, verifies or decodes', () => {
    const exported = Object.keys(core).filter((name) =>
      /^(?:parse|read|open|verify|decode)[A-Z]/.test(name),
    )
    const tried = new Set(names.readers.map((name) => name.split(' ')[0]))
    expect(exported.filter((name) => !tried.has(name))).toEqual([])
    expect(exported.length).toBeGreaterThan(40)
  })
})
