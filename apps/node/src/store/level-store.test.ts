import { appendFile, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isAnyAmanaError } from '@amana/core'
import { Level } from 'level'
import { describe, expect, it } from 'vitest'
import { random, STORE_KEY, temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { type Store, type StoreWrite } from '../ports.ts'
import { openLevelStore, type OpenStore } from './level-store.ts'

const open = (folder: string, key = STORE_KEY): Promise<OpenStore> =>
  openLevelStore({ folder, key, random })
const put = (space: string, key: string, text: string): StoreWrite => ({
  type: 'put',
  space,
  key,
  value: Buffer.from(text),
})
const textOf = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString()
const keysOf = (rows: readonly { readonly key: string }[]): readonly string[] =>
  rows.map(({ key }) => key)

/** Every row that the store gives, by scan and one by one. */
async function contentOf(store: Store, spaces: readonly string[]): Promise<Record<string, string>> {
  const content: Record<string, string> = {}
  for (const space of spaces) {
    for (const { key, value } of await store.range({ space, limit: 10_000 })) {
      content[`${space}!${key}`] = textOf(value) ?? ''
    }
  }
  return content
}

describe('the store on LevelDB', () => {
  it('keeps what was written, in key order, over a reopening', async () => {
    await using folder = await temporaryFolder()
    const first = await open(folder.path)
    await first.batch([put('out', 'b', '2'), put('out', 'a', '1'), put('out.', 'a', 'other')])
    await first.batch([put('out', 'a', '1b'), put('out', 'c', '3'), put('in', 'z', '9')])
    await first.batch([{ type: 'del', space: 'in', key: 'z' }])
    await first.batch([])
    await first.close()
    const store = await open(folder.path)
    expect(await contentOf(store, ['in', 'out', 'out.'])).toEqual({
      'out!a': '1b',
      'out!b': '2',
      'out!c': '3',
      'out.!a': 'other',
    })
    expect(textOf(await store.get('out', 'a'))).toBe('1b')
    expect(await store.get('out', 'x')).toBeUndefined()
    const range = { space: 'out', limit: 9 }
    expect(keysOf(await store.range({ ...range, gte: 'b' }))).toEqual(['b', 'c'])
    expect(keysOf(await store.range({ ...range, lt: 'b' }))).toEqual(['a'])
    expect(keysOf(await store.range({ ...range, reverse: true, limit: 2 }))).toEqual(['c', 'b'])
    await store.close()
  })

  it('takes the last of several writes of one key in a batch', async () => {
    await using folder = await temporaryFolder()
    const first = await open(folder.path)
    await first.batch([put('s', 'k', '1'), { type: 'del', space: 's', key: 'k' }])
    await first.batch([
      { type: 'del', space: 's', key: 'j' },
      put('s', 'j', '1'),
      put('s', 'j', '2'),
    ])
    await first.close()
    const store = await open(folder.path)
    expect(await contentOf(store, ['s'])).toEqual({ 's!j': '2' })
    await store.close()
  })

  it('shows no value on the disk', async () => {
    await using folder = await temporaryFolder()
    const store = await open(folder.path)
    await store.batch([put('statement', 'id', 'a girl, 14 or 15')])
    await store.close()
    for (const name of await readdir(folder.path)) {
      expect((await readFile(join(folder.path, name))).includes('girl')).toBe(false)
    }
  })

  it('refuses a second opener, another key, and a file for a folder', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'db')
    const store = await open(path)
    await store.batch([put('s', 'k', '1')])
    await expect(open(path)).rejects.toMatchObject({ code: 'STORE_LOCKED' })
    await store.close()
    await expect(open(path, new Uint8Array(32))).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    await writeFile(join(folder.path, 'file'), '')
    await expect(open(join(folder.path, 'file'))).rejects.toMatchObject({ code: 'STORE_OPEN' })
  })

  // A store that lost its newest batches alone cannot know it: the file of log heads does (audit-writer.test.ts).
  it('finds or survives a flipped bit anywhere in its files', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'db')
    const states = await writeSmallStore(path)
    const copy = join(folder.path, 'copy')
    const found = new Map<string, number>()
    for (const name of await filesOf(path)) {
      const bytes = await readFile(join(path, name))
      const step = Math.max(1, Math.floor(bytes.length / 60))
      for (let at = 0; at < bytes.length; at += step) {
        await cp(path, copy, { recursive: true })
        const changed = Buffer.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
        await writeFile(join(copy, name), changed)
        const outcome = await readOrRefuse(copy, states)
        expect(outcome, `${name} at ${at}`).toMatch(/^(?:same|older|STORE_(?:DAMAGED|OPEN))$/)
        found.set(outcome, (found.get(outcome) ?? 0) + 1)
        await rm(copy, { recursive: true })
      }
    }
    expect(found.get('STORE_DAMAGED')).toBeGreaterThan(20)
  })

  it('names the table whose bytes changed, before a row is read', async () => {
    await using folder = await temporaryFolder()
    const table = await withTable(folder.path)
    const bytes = await readFile(table)
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    await writeFile(table, bytes)
    await expect(open(folder.path)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      details: { space: basename(table) },
    })
  })

  it('leaves tables of a log for later after a good end, and shows nothing of them before they were read through', async () => {
    await using folder = await temporaryFolder()
    const table = await withTreeTable(folder.path)
    const store = await open(folder.path)
    expect(textOf((await store.range({ space: 'leaf', limit: 1 }))[0]?.value)).toHaveLength(LONG)
    await store.checkRest(new AbortController().signal)
    await store.close()
    const bytes = await readFile(table)
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    await writeFile(table, bytes)
    const refusal = { code: 'STORE_DAMAGED', details: { space: basename(table) } }
    const second = await open(folder.path)
    const all = { space: 'leaf', limit: 1000 }
    await expect(second.range(all)).rejects.toMatchObject(refusal)
    await expect(second.keys(all)).rejects.toMatchObject(refusal)
    await expect(second.checkRest(new AbortController().signal)).rejects.toMatchObject(refusal)
    await second.close()
    // that was no good end
    await expect(open(folder.path)).rejects.toMatchObject(refusal)
  })

  it('reads all tables through after an end that was not good', async () => {
    await using folder = await temporaryFolder()
    const table = await withTreeTable(folder.path)
    await rm(join(folder.path, 'closed'))
    const bytes = await readFile(table)
    bytes[5000] = (bytes[5000] ?? 0) ^ 1
    await writeFile(table, bytes)
    await expect(open(folder.path)).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      details: { space: basename(table) },
    })
  })

  it.each(['leaf', 'node.2'])(
    'finds that all rows of %s are gone, or were not there',
    async (space) => {
      await using folder = await temporaryFolder()
      const [found, lost] = [join(folder.path, 'found'), join(folder.path, 'lost')]
      const store = await open(found)
      await store.batch([put('s', 'k', '1')])
      await store.close()
      const added = await rawDatabase(found)
      await added.put(`${space}!000000000000`, new Uint8Array(60))
      await added.close()
      await expect(open(found)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
      const filled = await open(lost)
      await filled.batch([put(space, '000000000000', '1')])
      await filled.batch([put(space, '000000000001', '2')])
      await filled.close()
      await (await open(lost)).close()
      const cleared = await rawDatabase(lost)
      await cleared.clear({ gte: `${space}!`, lt: `${space}"` })
      await cleared.close()
      await expect(open(lost)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
    },
  )

  it('does not take a table that was cut off for an empty store', async () => {
    await using folder = await temporaryFolder()
    const table = await withTable(folder.path)
    const bytes = await readFile(table)
    await writeFile(table, bytes.subarray(0, -8))
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })

  it('says what failed of a read, and takes no more after a write that failed', async () => {
    await using folder = await temporaryFolder()
    const store = await open(folder.path)
    await store.close()
    await expect(store.range({ space: 's', limit: 1 })).rejects.toMatchObject({
      code: 'STORE_DAMAGED',
      details: { space: 's' },
    })
    const failures: unknown[] = []
    for (const key of ['a', 'b']) {
      await store.batch([put('s', key, '1')]).catch((error: unknown) => failures.push(error))
    }
    expect(failures).toEqual([
      expect.objectContaining({ code: 'STORE_WRITE' }),
      expect.objectContaining({ code: 'STORE_WRITE' }),
    ])
    // the second is not even tried
    expect(failures[1]).toBe(failures[0])
  })

  it('finds a batch that is missing from the middle of the journal', async () => {
    await using folder = await temporaryFolder()
    const store = await open(folder.path)
    const journal = await journalOf(folder.path)
    await store.batch([put('s', 'a', '1'.repeat(100))])
    const from = (await readFile(journal)).length
    await store.batch([put('s', 'b', '2'.repeat(100))])
    const to = (await readFile(journal)).length
    await store.batch([put('s', 'a', '3'.repeat(100))])
    await store.close()
    const bytes = await readFile(journal)
    await rm(journal)
    await appendFile(journal, bytes.subarray(0, from))
    await appendFile(journal, bytes.subarray(to))
    await expect(open(folder.path)).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })
})

/** A store whose rows lie partly in a table and partly in the journal; its content after each batch. */
async function writeSmallStore(path: string): Promise<readonly string[]> {
  const states: string[] = ['{}']
  const writeAll = async (batches: readonly (readonly StoreWrite[])[]): Promise<void> => {
    const store = await open(path)
    for (const batch of batches) {
      await store.batch(batch)
      states.push(JSON.stringify(await contentOf(store, ['s', 't'])))
    }
    await store.close()
  }
  await writeAll(Array.from({ length: 20 }, (_, n) => [put('s', `k${n}`, `first ${n}`)]))
  await writeAll([
    ...Array.from({ length: 20 }, (_, n) => [put('t', `k${n}`, `second ${n}`)]),
    [put('s', 'k3', 'changed'), { type: 'del', space: 's', key: 'k4' }],
  ])
  return states
}

/** A store whose rows lie in one table: its path. */
async function withTable(folder: string): Promise<string> {
  const store = await open(folder)
  await store.batch([put('s', 'k', '1'.repeat(10_000))])
  await store.close()
  // what lay in the journal is put into a table when the store is opened
  await (await open(folder)).close()
  const tables = (await readdir(folder)).filter((name) => name.endsWith('.ldb'))
  expect(tables).toHaveLength(1)
  return join(folder, tables[0] ?? '')
}

const LONG = 60_000

/** A store that was closed in good order, with a table that holds rows of a log's tree alone: its path. */
async function withTreeTable(folder: string): Promise<string> {
  const store = await open(folder)
  const rows = Array.from({ length: 30 }, (_, n) => n)
  for (let batch = 0; batch < 3; batch += 1) {
    const keyOf = (n: number): string => String(batch * rows.length + n).padStart(12, '0')
    await store.batch(rows.map((n) => put('leaf', keyOf(n), 'x'.repeat(LONG))))
  }
  await store.close()
  const database = await rawDatabase(folder)
  // LevelDB would do so by itself, some journals later
  if ('compactRange' in database && typeof database.compactRange === 'function') {
    await Reflect.apply(database.compactRange, database, ['', '~'])
  }
  await database.close()
  for (const name of await readdir(folder)) {
    const bytes = name.endsWith('.ldb') ? await readFile(join(folder, name)) : Buffer.alloc(0)
    if (bytes.includes('leaf!') && !bytes.includes('store!')) return join(folder, name)
  }
  throw new Error('no table of a tree')
}

async function rawDatabase(folder: string): Promise<Level<string, Uint8Array>> {
  const options = { valueEncoding: 'view', compression: false } as const
  const database = new Level<string, Uint8Array>(folder, options)
  await database.open()
  return database
}

/** What a reader of a damaged copy gets: a refusal, the newest rows, those after an earlier batch, or wrong ones. */
async function readOrRefuse(path: string, states: readonly string[]): Promise<string> {
  let store: Store | undefined
  try {
    store = await open(path)
    const content = await contentOf(store, ['s', 't'])
    for (const [rowKey, text] of Object.entries(content)) {
      const [space = '', key = ''] = rowKey.split('!')
      if (textOf(await store.get(space, key)) !== text) return `wrong ${rowKey}`
    }
    const state = states.indexOf(JSON.stringify(content))
    if (state === -1) return 'wrong rows'
    return state === states.length - 1 ? 'same' : 'older'
  } catch (error) {
    if (isAnyAmanaError(error)) return error.code
    throw error
  } finally {
    await store?.close()
  }
}

/** The files that hold rows or say where they are; the log of messages and the lock are nothing of that. */
async function filesOf(path: string): Promise<readonly string[]> {
  return (await readdir(path)).filter((name) => !/^(?:LOG|LOCK)/.test(name))
}

async function journalOf(path: string): Promise<string> {
  const name = (await readdir(path)).find((file) => file.endsWith('.log'))
  return join(path, name ?? '')
}
