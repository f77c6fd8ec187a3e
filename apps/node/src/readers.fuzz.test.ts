/**
 * Whatever a peer, a file, a program at the control socket or a damaged store gives: every reader of the node gives a
 * value or an error of the table, in bounded time and memory.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { Fuzzer } from '../../../test/support/fuzz/fuzzer.ts'
import { describeReaders } from '../../../test/support/fuzz/suite.ts'
import { metAgencies } from '../../../test/support/met-agencies.ts'
import { listFiles, readText } from '../../../test/support/repository.ts'

const met = await metAgencies()
const folder = join(met.path, 'fuzz')
await mkdir(folder)
const { anltp, madeAt, naptip } = met
const fuzzer = new Fuzzer({ table: 'node', heapMib: 256, setup: { anltp, folder, madeAt, naptip } })
const names = await fuzzer.names()

describeReaders(fuzzer, names)
afterAll(() => met[Symbol.asyncDispose]())

describe('the table', () => {
  it('has every function of the node that parses or decodes', () => {
    const sources = listFiles('apps/node/src', ['.ts']).filter((path) => !path.endsWith('.test.ts'))
    const exported = sources.flatMap((path) =>
      [...readText(path).matchAll(/^export (?:async )?function ((?:parse|decode)[A-Z]\w*)/gm)].map(
        ([, name = '']) => name,
      ),
    )
    const tried = new Set(names.readers.map((name) => name.split(' ')[0]))
    expect(exported.filter((name) => !tried.has(name))).toEqual([])
    expect(exported.length).toBeGreaterThan(1)
  })
})
