/**
 * Whatever file an auditor is given: every reader of the verifier gives a value or an error of the table, in bounded time
 * and memory, and what it gives can be printed.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#files
 */
import { describe, expect, it } from 'vitest'
import { Fuzzer } from '../../../test/support/fuzz/fuzzer.ts'
import { describeReaders } from '../../../test/support/fuzz/suite.ts'
import * as verify from './index.ts'

const fuzzer = new Fuzzer({ table: 'verify', heapMib: 256 })
const names = await fuzzer.names()

describeReaders(fuzzer, names)

describe('the table', () => {
  it('has every function of the verifier that parses, reads, opens, verifies, decodes or inspects', () => {
    const exported = Object.keys(verify).filter((name) =>
      /^(?:parse|read|open|verify|decode)[A-Z]|^inspect$/.test(name),
    )
    const tried = new Set(names.readers.map((name) => name.split(' ')[0]))
    expect(exported.filter((name) => !tried.has(name))).toEqual([])
    expect(exported.length).toBeGreaterThan(4)
  })
})
