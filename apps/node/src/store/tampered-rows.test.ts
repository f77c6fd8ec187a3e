/**
 * Rows that somebody without the store's key writes into LevelDB while the node is closed, in tables that are valid.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#opening-and-scrub
 */
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAnyAmanaError } from '@amana/core'
import { Level } from 'level'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  beginTalk,
  carryAll,
  cosign,
  MEETING_MS,
  nextRoster,
  openSide,
  queueNew,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { STORE_FOLDER } from '../node-parts.ts'

type Rows = ReadonlyMap<string, Uint8Array>

/** What is done to one row: what lies there afterwards, by its name. */
type Edits = readonly (readonly [rowKey: string, value: Uint8Array | undefined])[]

let talk: Talk
let older: Rows
let rows: Rows
let sound: string

/** A store with a row in every space that a node of two agencies fills, some of them written more than once. */
beforeAll(async () => {
  talk = await beginTalk()
  const { anltp, naptip } = talk
  await queueNew(naptip, 'victim.referral/1')
  await carryAll(naptip, anltp)
  await queueNew(anltp, 'victim.referral/1')
  await carryAll(anltp, naptip)
  await cosign(naptip, anltp)
  await naptip[Symbol.asyncDispose]()
  older = await rawRows(naptip)
  const again = await openSide(naptip.place, talk.clock)
  await queueNew(again, 'victim.referral/1')
  await carryAll(again, anltp)
  await cosign(again, anltp)
  await again.parts.trust.adoptRoster(await nextRoster(again))
  await queueNew(again, 'victim.referral/1')
  await again[Symbol.asyncDispose]()
  rows = await rawRows(naptip)
  sound = `${naptip.place.folder}-sound`
  await cp(join(naptip.place.folder, STORE_FOLDER), sound, { recursive: true })
}, MEETING_MS)
afterAll(() => talk[Symbol.asyncDispose]())

const TAMPERINGS: Readonly<Record<string, (space: string) => Edits>> = {
  'changed in its last byte': (space) => {
    const [rowKey, value] = lastOf(space)
    const changed = Uint8Array.from(value)
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    return [[rowKey, changed]]
  },
  dropped: (space) => [[lastOf(space)[0], undefined]],
  'added, as a copy of another one': (space) => {
    const [rowKey, value] = lastOf(space)
    return [[`${rowKey}0`, value]]
  },
  'replaced by another one': (space) => {
    const [rowKey] = lastOf(space)
    const other = [...rows].find(([key]) => key !== rowKey && key.startsWith(space))
    return [[rowKey, other?.[1] ?? new Uint8Array(60).fill(1)]]
  },
  'put back to what it was': (space) => {
    const turned = [...rowsOf(space)].find(
      ([rowKey, value]) => Buffer.compare(older.get(rowKey) ?? value, value) !== 0,
    )
    return turned === undefined ? [] : [[turned[0], older.get(turned[0])]]
  },
}

describe('a row that somebody writes while the node is closed', { timeout: MEETING_MS }, () => {
  it.each(
    Object.entries(TAMPERINGS).flatMap(([name, edits]) =>
      [true, false].map((compression) => [name, compression, edits] as const),
    ),
  )('and was %s is noticed at opening in every space (compressed: %j)', async (...how) => {
    const [, compression, edits] = how
    const said: Record<string, string> = {}
    for (const space of new Set([...rows.keys()].map((rowKey) => rowKey.split('!')[0] ?? ''))) {
      const tampering = edits(`${space}!`)
      if (tampering.length === 0) continue
      await rawWrite(talk.naptip, tampering, compression)
      said[space] = await openingOf(talk.naptip)
    }
    expect(Object.entries(said).filter(([, code]) => !REFUSALS.has(code))).toEqual([])
    expect(Object.keys(said)).toEqual(expect.arrayContaining(['log', 'position', 'store']))
    await rawWrite(talk.naptip, [], compression)
    expect(await openingOf(talk.naptip)).toBe('opened')
  })

  it('has the spaces of messages, receipts, trust, log and tally in the store that is tampered with', () => {
    const spaces = new Set([...rows.keys()].map((rowKey) => rowKey.split('!')[0]))
    const named = ['counter', 'in', 'leaf', 'node', 'out', 'queue', 'statement', 'store', 'trust']
    expect([...spaces]).toEqual(expect.arrayContaining(named))
  })
})

/** A row of the tree that is missing is a hole in the log. */
const REFUSALS = new Set(['STORE_DAMAGED', 'STORE_HOLE'])

async function openingOf({ place }: Side): Promise<string> {
  try {
    await (await openSide(place, talk.clock))[Symbol.asyncDispose]()
    return 'opened'
  } catch (error) {
    return isAnyAmanaError(error) ? error.code : String(error)
  }
}

function rowsOf(space: string): Rows {
  return new Map([...rows].filter(([rowKey]) => rowKey.startsWith(space)))
}

function lastOf(space: string): readonly [string, Uint8Array] {
  return [...rowsOf(space)].at(-1) ?? ['', new Uint8Array()]
}

async function rawRows(side: Side): Promise<Rows> {
  const database = await openRaw(side, false)
  const found = new Map(await database.iterator().all())
  await database.close()
  return found
}

/** Puts the whole store there as it was, with these rows written into its tables. */
async function rawWrite(side: Side, edits: Edits, compression: boolean): Promise<void> {
  const folder = join(side.place.folder, STORE_FOLDER)
  await rm(folder, { recursive: true })
  await cp(sound, folder, { recursive: true })
  if (edits.length === 0) return
  const database = await openRaw(side, compression)
  for (const [rowKey, value] of edits) {
    if (value === undefined) await database.del(rowKey)
    else await database.put(rowKey, value)
  }
  await database.close()
  // the next opening puts what was written into a table
  await (await openRaw(side, compression)).close()
}

async function openRaw({ place }: Side, compression: boolean): Promise<Level<string, Uint8Array>> {
  const database = new Level<string, Uint8Array>(join(place.folder, STORE_FOLDER), {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    compression,
  })
  await database.open()
  return database
}
