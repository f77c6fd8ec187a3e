import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createNoteKey,
  digest,
  encodeBase64url,
  leafHash,
  parseLeaf,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  beginStoredLog,
  logKeys,
  openStoredLog,
  ORIGIN,
  sentEvent,
  temporaryFolder,
} from '../../../../test/support/store-fixture.ts'
import { type AppendedLeaf, type CommitPlan, type StoreWrite } from '../ports.ts'

const row = (key: string): StoreWrite => ({
  type: 'put',
  space: 'out',
  key,
  value: Buffer.from(key),
})
const plan = (name: string, count = 1): CommitPlan => ({
  events: Array.from({ length: count }, (_, n) => sentEvent(`${name} ${n}`)),
  writes: () => Promise.resolve({ writes: [row(name)], events: [] }),
})

describe('the audit writer', () => {
  it('gives leaves their places in the order of the calls, with the rows of the same batch', async () => {
    await using folder = await temporaryFolder()
    await using log = await beginStoredLog(folder.path)
    const names = Array.from({ length: 40 }, (_, n) => `call ${n}`)
    const appended = await Promise.all(names.map((name) => log.writer.commit(plan(name))))
    expect(appended.map(([leaf]) => leaf?.index)).toEqual(names.map((_, n) => n + 1))
    const leaves = await log.writer.leaves(1, 41)
    leaves.forEach((bytes, n) => {
      expect(parseLeaf(bytes)).toMatchObject({ index: n + 1, data: { env: digest(`call ${n} 0`) } })
      expect(appended[n]).toEqual([
        { index: n + 1, sequence: n, hash: encodeBase64url(leafHash(bytes)) },
      ])
    })
    expect(await log.store.range({ space: 'out', limit: 99 })).toHaveLength(40)
    expect(await log.writer.verify()).toEqual(log.writer.head())
  })

  it('tells a plan the places of its leaves before its rows are written, and appends what it adds', async () => {
    await using folder = await temporaryFolder()
    await using log = await beginStoredLog(folder.path)
    const told: (readonly AppendedLeaf[])[] = []
    const leaves = await log.writer.commit({
      events: [sentEvent('first'), sentEvent('second')],
      writes: async (places) => {
        told.push(places)
        expect(log.writer.head().size).toBe(1)
        return { writes: [], events: [sentEvent(places[0]?.hash ?? '')] }
      },
    })
    expect(told).toEqual([leaves.slice(0, 2)])
    expect(leaves.map(({ index, sequence }) => [index, sequence])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
  })

  it('refuses a plan without holding up the others', async () => {
    await using folder = await temporaryFolder()
    await using log = await beginStoredLog(folder.path)
    const wrong = { ...plan('wrong'), events: [{ event: 'x.nothing', actor: 'sys', data: {} }] }
    const results = await Promise.allSettled([
      log.writer.commit(plan('before')),
      log.writer.commit(wrong),
      log.writer.commit({ ...plan('failing'), writes: () => Promise.reject(new Error('caller')) }),
      log.writer.commit(plan('after')),
    ])
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(results[1]).toMatchObject({ reason: { code: 'AUDIT_LEAF_EVENT' } })
    expect(await log.writer.verify()).toMatchObject({ size: 3 })
  })

  it('signs its head with both keys, and proves leaves and growth', async () => {
    await using folder = await temporaryFolder()
    await using log = await beginStoredLog(folder.path)
    await log.writer.commit(plan('a', 4))
    const old = log.writer.head()
    await log.writer.commit(plan('b', 300))
    await log.writer.seal(16)
    const { size, root } = log.writer.head()
    expect(size % 16).toBe(0)
    const { ed25519, mlDsa44 } = await logKeys()
    const keys = [ed25519, mlDsa44].map((key) => createNoteKey(ORIGIN, key.type, key.publicKey))
    const policy = { origin: ORIGIN, logKeys: keys, witnesses: [], quorum: 0 }
    const signed = await verifyCheckpoint(await log.writer.checkpoint(), policy)
    expect(signed.size).toBe(size)
    expect(Buffer.from(signed.root).equals(root)).toBe(true)
    const growth = await log.writer.consistencyProof(old.size, size)
    verifyConsistency({
      oldSize: old.size,
      oldRoot: old.root,
      newSize: size,
      newRoot: root,
      proof: growth,
    })
    const [leaf = new Uint8Array()] = await log.writer.leaves(77, 78)
    const proof = await log.writer.inclusionProof(77, size)
    verifyInclusion({ index: 77, size, leafHash: leafHash(leaf), root, proof })
  })

  it('shows whoever sealed it the sealed head, whatever else is written at once', async () => {
    await using folder = await temporaryFolder()
    await using log = await beginStoredLog(folder.path)
    const before = log.writer.commit(plan('before'))
    const sealing = log.writer.seal(16).then(() => log.writer.head().size)
    const behind = Array.from({ length: 5 }, (_, n) => log.writer.commit(plan(`behind ${n}`)))
    expect((await sealing) % 16).toBe(0)
    const placed = await Promise.all([before, ...behind])
    const [first, ...others] = placed.map(([leaf]) => leaf?.index ?? 0)
    expect(first).toBe(1)
    expect(others).toEqual([16, 17, 18, 19, 20])
  })

  it('takes nothing more after a failed write, and is whole after a reopening', async () => {
    await using folder = await temporaryFolder()
    const log = await beginStoredLog(folder.path)
    await log.writer.commit(plan('kept'))
    await log.store.close()
    const commits = [log.writer.commit(plan('lost')), log.writer.commit(plan('waiting'))]
    for (const { reason } of await failures(commits))
      expect(reason).toMatchObject({ code: 'STORE_WRITE' })
    await expect(log.writer.commit(plan('later'))).rejects.toMatchObject({ code: 'STORE_WRITE' })
    await log.writer.close()
    await using again = await openStoredLog(folder.path)
    expect(await again.writer.verify()).toMatchObject({ size: 2 })
    await again.writer.commit(plan('next'))
  })

  it('begins a log once', async () => {
    await using folder = await temporaryFolder()
    await (await beginStoredLog(folder.path))[Symbol.asyncDispose]()
    await expect(beginStoredLog(folder.path)).rejects.toMatchObject({ code: 'STORE_LOG_EXISTS' })
    await rm(join(folder.path, 'db'), { recursive: true })
    await expect(beginStoredLog(folder.path)).rejects.toMatchObject({ code: 'STORE_LOG_EXISTS' })
  })
})

const put = (space: string, key: string, value: Uint8Array): StoreWrite => ({
  type: 'put',
  space,
  key,
  value,
})
const indexKey = (index: number): string => String(index).padStart(12, '0')

/** Damage done with the store's own key, so that only the log's check can find it. */
const DAMAGE: Readonly<Record<string, readonly [code: string, writes: readonly StoreWrite[]]>> = {
  'a missing leaf': ['STORE_HOLE', [{ type: 'del', space: 'leaf', key: indexKey(5) }]],
  'a changed leaf': ['STORE_DAMAGED', [put('leaf', indexKey(5), Buffer.from('{}'))]],
  'a leaf beyond the end': ['STORE_DAMAGED', [put('leaf', indexKey(99), Buffer.from('{}'))]],
  'a changed node': ['STORE_DAMAGED', [put('node', `03/${indexKey(0)}`, new Uint8Array(32))]],
  'a missing node': ['STORE_HOLE', [{ type: 'del', space: 'node', key: `03/${indexKey(0)}` }]],
  'a missing count of commits': ['STORE_DAMAGED', [{ type: 'del', space: 'log', key: 'commits' }]],
  'a count of commits of another length': [
    'STORE_DAMAGED',
    [put('log', 'commits', Buffer.alloc(9))],
  ],
  'a state that cannot be read': ['AUDIT_CURSOR', [put('log', 'cursor', Buffer.from('{}'))]],
  'a missing state': ['STORE_ROLLBACK', [{ type: 'del', space: 'log', key: 'cursor' }]],
}

describe('opening the log', () => {
  it.each(Object.entries(DAMAGE))('refuses %s', async (_name, [code, writes]) => {
    await using folder = await temporaryFolder()
    const log = await beginStoredLog(folder.path)
    await log.writer.commit(plan('a', 9))
    await log.store.batch(writes)
    await log[Symbol.asyncDispose]()
    await expect(openStoredLog(folder.path)).rejects.toMatchObject({ code })
  })

  it('refuses a log that lost a commit in its middle', async () => {
    await using folder = await temporaryFolder()
    const log = await beginStoredLog(folder.path)
    for (const name of ['before', 'lost', 'after']) await log.writer.commit(plan(name, 3))
    const lost: readonly StoreWrite[] = [
      ...[4, 5, 6].map((index): StoreWrite => ({
        type: 'del',
        space: 'leaf',
        key: indexKey(index),
      })),
      { type: 'del', space: 'node', key: `01/${indexKey(2)}` },
      { type: 'del', space: 'out', key: 'lost' },
    ]
    const there = await log.store.range({ space: 'node', limit: 99 })
    expect(there.map(({ key }) => key)).toContain(`01/${indexKey(2)}`)
    await log.store.batch(lost)
    await log[Symbol.asyncDispose]()
    await expect(openStoredLog(folder.path)).rejects.toMatchObject({ code: 'STORE_HOLE' })
  })

  it('finds by reading all of it what lies before the window of the opening', async () => {
    await using folder = await temporaryFolder()
    await using log = await beginStoredLog(folder.path)
    await log.writer.commit(plan('a', 20))
    await log.store.batch([put('node', `01/${indexKey(3)}`, new Uint8Array(32))])
    await expect(log.writer.verify()).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })

  it('refuses an older copy, an emptied store and another history of the same length', async () => {
    await using folder = await temporaryFolder()
    const { path } = folder
    const [db, old] = [join(path, 'db'), join(path, 'old')]
    await (await beginStoredLog(path))[Symbol.asyncDispose]()
    await cp(db, old, { recursive: true })
    const log = await openStoredLog(path)
    await log.writer.commit({ ...plan('new'), events: [] })
    expect(log.writer.head().size).toBe(1)
    await log[Symbol.asyncDispose]()
    await rm(db, { recursive: true })
    await expect(openStoredLog(path)).rejects.toMatchObject({ code: 'STORE_ROLLBACK' })
    await rm(db, { recursive: true })
    await cp(old, db, { recursive: true })
    await expect(openStoredLog(path)).rejects.toMatchObject({ code: 'STORE_ROLLBACK' })
    const guard = join(path, 'guard', 'checkpoints.log')
    await writeFile(guard, `\n1 1 ${Buffer.alloc(32).toString('base64')}\n`)
    await expect(openStoredLog(path)).rejects.toMatchObject({ code: 'STORE_ROLLBACK' })
    await rm(guard)
    await expect(openStoredLog(path)).rejects.toMatchObject({ code: 'STORE_GUARD' })
  })

  it('refuses the state of another log of the same length', async () => {
    await using folder = await temporaryFolder()
    const paths = [join(folder.path, 'one'), join(folder.path, 'other')] as const
    const states: (Uint8Array | undefined)[] = []
    for (const path of paths) {
      await using log = await beginStoredLog(path)
      await log.writer.commit(plan(path, 9))
      states.push(await log.store.get('log', 'cursor'))
    }
    const [, state = new Uint8Array()] = states
    const log = await openStoredLog(paths[0])
    await log.store.batch([put('log', 'cursor', state)])
    await log[Symbol.asyncDispose]()
    await expect(openStoredLog(paths[0])).rejects.toMatchObject({ code: 'STORE_DAMAGED' })
  })

  it('refuses a guard that holds no head, a count that is not exact, and one that is no file', async () => {
    await using folder = await temporaryFolder()
    await (await beginStoredLog(folder.path))[Symbol.asyncDispose]()
    const guard = join(folder.path, 'guard', 'checkpoints.log')
    await writeFile(guard, '\n7 7 abc\n')
    await expect(openStoredLog(folder.path)).rejects.toMatchObject({ code: 'STORE_GUARD' })
    const root = Buffer.alloc(32).toString('base64')
    for (const counts of ['9007199254740992 7', '7 9007199254740992']) {
      await writeFile(guard, `\n1 1 ${root}\n${counts} ${root}\n`)
      await expect(openStoredLog(folder.path)).rejects.toMatchObject({ code: 'STORE_GUARD' })
    }
    await rm(guard)
    await mkdir(guard)
    await rm(join(folder.path, 'db'), { recursive: true })
    await expect(beginStoredLog(folder.path)).rejects.toMatchObject({ code: 'STORE_GUARD' })
  })

  it('cuts the file of heads down to its newest line when it has grown long', async () => {
    await using folder = await temporaryFolder()
    await (await beginStoredLog(folder.path))[Symbol.asyncDispose]()
    const guard = join(folder.path, 'guard', 'checkpoints.log')
    const line = await readFile(guard, 'utf8')
    await writeFile(guard, line.repeat(Math.ceil((16 * 1024 * 1024) / line.length) + 1))
    const log = await openStoredLog(folder.path)
    await log[Symbol.asyncDispose]()
    expect(await readFile(guard, 'utf8')).toBe(line)
  })

  it('passes over a line of the guard that a crash cut off', async () => {
    await using folder = await temporaryFolder()
    await (await beginStoredLog(folder.path))[Symbol.asyncDispose]()
    const guard = join(folder.path, 'guard', 'checkpoints.log')
    await writeFile(guard, '\n7 7 abc', { flag: 'a' })
    const log = await openStoredLog(folder.path)
    await log.writer.commit(plan('new'))
    await log[Symbol.asyncDispose]()
    await writeFile(guard, '\n9 9 ab\n9', { flag: 'a' })
    await using again = await openStoredLog(folder.path)
    expect(again.writer.head().size).toBe(2)
  })
})

async function failures(
  promises: readonly Promise<unknown>[],
): Promise<readonly PromiseRejectedResult[]> {
  const results = await Promise.allSettled(promises)
  const rejected = results.filter((result) => result.status === 'rejected')
  expect(rejected).toHaveLength(promises.length)
  return rejected
}
