import { digest, WIRE_LIMITS } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  beginTalk,
  MEETING_MS,
  queueNew,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { type StatementRecord } from '../records.ts'
import { type Batching, batchOf, mayPass, type QueueRow } from './sealing.ts'

type Opening = NonNullable<StatementRecord['opening']>

let talk: Talk
let model: StatementRecord
beforeAll(async () => {
  talk = await beginTalk()
  const { ledger } = talk.naptip.parts
  const record = await ledger.get(await queueNew(talk.naptip, 'jtwg.minutes/1'))
  if (record === undefined) throw new Error('not queued')
  model = record
}, MEETING_MS)
afterAll(() => talk[Symbol.asyncDispose]())

/** Rows of the queue whose statements hold this value, whatever their signature says. */
async function rowsOf(values: readonly Opening['groups'][string]['value'][]): Promise<QueueRow[]> {
  const { ledger, store } = talk.naptip.parts
  const seed = model.opening?.groups['body']?.seed ?? ''
  const records = values.map((value, n) => ({
    ...model,
    digest: digest(
      `${String(n)} of ${String(values.length)} ${JSON.stringify(value).slice(0, 99)}`,
    ),
    opening: { groups: { body: { seed, value } }, salt: model.opening?.salt ?? '', withheld: {} },
  }))
  await store.batch(records.map((record) => ledger.updated(record)))
  return records.map((record, n) => ({
    key: `ne.anltp-tim/${String(n).padStart(16, '0')}`,
    value: {
      desk: record.desk,
      digest: record.digest,
      external: false,
      peer: record.peer,
      roles: [],
    },
  }))
}

async function sizeOfBatch(
  rows: readonly QueueRow[],
  lockOf: Batching['lockOf'] = async () => undefined,
): Promise<number> {
  const { ledger } = talk.naptip.parts
  return (await batchOf(rows, { ledger, locked: new Set(), lockOf })).length
}

function lockedOne(one: string | undefined): Batching['lockOf'] {
  return async ({ digest: own }) => (own === one ? 'protection_claim_open' : undefined)
}

describe('a batch', () => {
  it('has at most 64 statements', async () => {
    const rows = await rowsOf(Array.from({ length: 70 }, () => ({})))
    expect(await sizeOfBatch(rows)).toBe(WIRE_LIMITS.statementsPerDispatch)
    expect(await sizeOfBatch(rows.slice(60))).toBe(10)
  })

  it('has what is for the desk of its first statement, up to the next of another', async () => {
    const rows = await rowsOf(Array.from({ length: 4 }, () => ({})))
    const desks = ['protection', 'protection', 'intelligence', 'protection']
    const mixed = rows.map(({ key, value }, n) => ({
      key,
      value: { ...value, desk: desks[n] ?? '' },
    }))
    expect(await sizeOfBatch(mixed)).toBe(2)
    expect(await sizeOfBatch(mixed.slice(2))).toBe(1)
    expect(await sizeOfBatch([])).toBe(0)
  })

  it('leaves what may not go where it is, and names it', async () => {
    const rows = await rowsOf(Array.from({ length: 3 }, () => ({})))
    const [first, second] = rows.map(({ value }) => value.digest)
    expect(await sizeOfBatch(rows, lockedOne(second))).toBe(2)
    const locked = new Set<string>()
    const { ledger } = talk.naptip.parts
    const batch = await batchOf(rows, { ledger, locked, lockOf: lockedOne(first) })
    expect(batch.map(({ key }) => key)).toEqual(rows.slice(1).map(({ key }) => key))
    expect([...locked]).toEqual([rows[0]?.key])
  })

  it('has no more values than a dispatch may disclose, and one statement at least', async () => {
    const many = { list: Array.from({ length: 3000 }, () => 1) }
    const batch = await sizeOfBatch(await rowsOf(Array.from({ length: 9 }, () => many)))
    expect(batch).toBe(Math.floor(WIRE_LIMITS.disclosuresPerDispatch / 3000))
    const [huge, next] = await rowsOf([{ list: Array.from({ length: 17_000 }, () => 1) }, {}])
    if (huge === undefined || next === undefined) throw new Error('no rows')
    expect(await sizeOfBatch([huge, next])).toBe(1)
    expect(await sizeOfBatch([next, huge])).toBe(1)
  })

  it('has no more bytes than an envelope may be of, and one statement at least', async () => {
    const long = { text: 'x'.repeat(100_000) }
    const rows = await rowsOf(Array.from({ length: 9 }, () => long))
    expect(await sizeOfBatch(rows)).toBe(Math.floor(WIRE_LIMITS.batchBytes / 152_000))
    expect(await sizeOfBatch(await rowsOf([{ text: 'x'.repeat(600_000) }, {}]))).toBe(1)
  })

  it('cannot be made of a statement that the node does not have', async () => {
    const desk = { desk: 'coordination', external: false, roles: [] }
    const value = { ...desk, digest: digest('none'), peer: 'ne.anltp-tim' }
    expect(await codeOf(() => sizeOfBatch([{ key: 'a', value }]))).toBe('STORE_DAMAGED')
  })
})

describe('what stands in the way', () => {
  it.each([
    ['TRUST_EXPIRED', true],
    ['TRUST_DESK', true],
    ['TRUST_NO_ROSTER', true],
    ['WIRE_KEY_EXPIRED', true],
    ['WIRE_KEY_REVOKED', true],
    ['WIRE_KID_UNKNOWN', true],
    ['WIRE_TIME_FUTURE', true],
    ['WIRE_SIZE', false],
    ['STORE_WRITE', false],
    ['STORE_DAMAGED', false],
  ] as const)('by %s may pass: %s', (code, may) => {
    expect(mayPass(code)).toBe(may)
  })
})
