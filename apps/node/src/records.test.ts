import { digest } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { openLevelStore } from './store/level-store.ts'
import { random, STORE_KEY, temporaryFolder } from '../../../test/support/store-fixture.ts'
import { refusalOf } from '../../../test/support/refusals.ts'
import { type Store } from './ports.ts'
import {
  allRecords,
  deleteRecord,
  getRecord,
  listRecords,
  orderKey,
  putRecord,
  RECORDS,
  sequenceKey,
} from './records.ts'

async function withStore(work: (store: Store) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder()
  const store = await openLevelStore({ folder: folder.path, key: STORE_KEY, random })
  try {
    await work(store)
  } finally {
    await store.close()
  }
}

const row = (count: number): ReturnType<typeof putRecord> =>
  putRecord(RECORDS.order, orderKey(count), { digest: digest(String(count)) })

describe('a record', () => {
  it('comes back as it was written, and is gone when it was deleted', async () => {
    await withStore(async (store) => {
      await store.batch([row(1)])
      expect(await getRecord(store, RECORDS.order, orderKey(1))).toEqual({ digest: digest('1') })
      await store.batch([deleteRecord(RECORDS.order, orderKey(1))])
      expect(await getRecord(store, RECORDS.order, orderKey(1))).toBeUndefined()
    })
  })

  it('is listed by number: the 10th after the 9th, and no row of another peer', async () => {
    await withStore(async (store) => {
      const counts = [10, 9, 1, 100, 2 ** 40]
      await store.batch(counts.map((count) => row(count)))
      const rows = await listRecords(store, RECORDS.order, { limit: 9 })
      expect(rows.map(({ key }) => Number(key))).toEqual([1, 9, 10, 100, 2 ** 40])
      const range = { gte: orderKey(9), lt: orderKey(100), reverse: true, limit: 9 }
      const between = await listRecords(store, RECORDS.order, range)
      expect(between.map(({ value }) => value.digest)).toEqual([digest('10'), digest('9')])
      expect(sequenceKey('ng.nis', 7) < sequenceKey('ng.nis', 10)).toBe(true)
    })
  })

  it('is given with all others of its kind, in their order, however many there are', async () => {
    await withStore(async (store) => {
      await store.batch(Array.from({ length: 2500 }, (_, count) => row(count)))
      const all = await allRecords(store, RECORDS.order, {})
      expect(all.map(({ key }) => Number(key))).toEqual(Array.from({ length: 2500 }, (_, n) => n))
      const some = await allRecords(store, RECORDS.order, { gte: orderKey(7), lt: orderKey(2007) })
      expect(some).toEqual(all.slice(7, 2007))
      expect(await allRecords(store, RECORDS.queue, {})).toEqual([])
    })
  })

  it.each([
    ['another member', '{"digest":"x"}'],
    ['a member more', JSON.stringify({ digest: digest('1'), note: 1 })],
    ['JSON that is not canonical', `{ "digest":"${digest('1')}"}`],
    ['no JSON', 'leaf'],
    ['no text', Uint8Array.of(0xff, 0xfe)],
    ['nothing', ''],
  ])('with %s is a damaged store, never an answer', async (_name, value) => {
    await withStore(async (store) => {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value
      await store.batch([{ type: 'put', space: 'order', key: orderKey(1), value: bytes }])
      const refusal = { code: 'STORE_DAMAGED', details: { space: 'order' } }
      expect(await refusalOf(() => getRecord(store, RECORDS.order, orderKey(1)))).toEqual(refusal)
      expect(await refusalOf(() => listRecords(store, RECORDS.order, { limit: 1 }))).toEqual(
        refusal,
      )
    })
  })
})
