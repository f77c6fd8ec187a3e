/**
 * Whatever a peer, a file, a program at the control socket or a damaged store gives: every reader of the node gives a
 * value or an error of the table, in bounded time and memory.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { afterAll } from 'vitest'
import { Fuzzer } from '../../../test/support/fuzz/fuzzer.ts'
import { describeReaders } from '../../../test/support/fuzz/suite.ts'
import { metAgencies } from '../../../test/support/met-agencies.ts'

const met = await metAgencies()
const folder = join(met.path, 'fuzz')
await mkdir(folder)
const { anltp, madeAt, naptip } = met
const fuzzer = new Fuzzer({ table: 'node', heapMib: 256, setup: { anltp, folder, madeAt, naptip } })
const names = await fuzzer.names()

describeReaders(fuzzer, names)
afterAll(() => met[Symbol.asyncDispose]())
