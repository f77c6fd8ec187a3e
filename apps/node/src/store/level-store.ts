/**
 * The store on LevelDB: values encrypted one by one, batches atomic and synced, and a check at every opening that no
 * row was lost, brought back or moved.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { AmanaError, type Random } from '@amana/core'
import { Level } from 'level'
import { type Store, type StoreRange, type StoreWrite } from '../ports.ts'
import { createRowTally, type RowChange, type RowTally } from './row-tally.ts'
import { createValueCipher, valueVersion, type ValueCipher } from './value-cipher.ts'
import { checkTables } from './table-check.ts'
import { levelError, writeFailure } from './level-errors.ts'

/** What a store is opened with. */
export interface LevelStoreOptions {
  /** Made when it does not exist; one process at a time. */
  readonly folder: string
  /** Store master key, 32 bytes; the caller owns and wipes it. */
  readonly key: Uint8Array
  readonly random: Random
}

type Database = Level<string, Uint8Array>

const CACHE_BYTES = 16 * 1024 * 1024
/** Rows a step of the check at opening: few round trips to the reading thread, some megabytes in memory. */
const SCAN_ROWS = 1000
/** Where the store's own tally lies; no space of a caller has this name. */
const OWN_SPACE = 'store'
const TALLY_PLACE = { space: OWN_SPACE, key: 'rows' }
const TALLY_KEY = rowKeyOf(TALLY_PLACE)

/**
 * Opens the store in `folder`, or makes an empty one, and reads it through once.
 *
 * @throws STORE_LOCKED when another process or another part of this one has it open
 * @throws STORE_DAMAGED when rows are missing, stale or moved, or the key is another
 * @throws STORE_OPEN when the folder cannot be read or written
 */
export async function openLevelStore(options: LevelStoreOptions): Promise<Store> {
  await checkTables(options.folder)
  const database: Database = new Level(options.folder, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    cacheSize: CACHE_BYTES,
    compression: false,
  })
  try {
    await database.open()
  } catch (cause) {
    throw levelError(cause, options.folder)
  }
  const cipher = createValueCipher(options.key, options.random)
  const tally = createRowTally(options.key)
  try {
    await checkRows(database, cipher, tally)
  } catch (cause) {
    await database.close()
    throw cause
  }
  return new LevelStore(database, cipher, tally)
}

class LevelStore implements Store {
  readonly #database: Database
  readonly #cipher: ValueCipher
  readonly #tally: RowTally
  /** Ends when the newest batch has; batches go one after the other, because the tally counts on it. */
  #last: Promise<void> = Promise.resolve()
  /** Set by the first write that failed: what lies in memory may then be ahead of the disk. */
  #failure: AmanaError | undefined

  constructor(database: Database, cipher: ValueCipher, tally: RowTally) {
    this.#database = database
    this.#cipher = cipher
    this.#tally = tally
  }

  async get(space: string, key: string): Promise<Uint8Array | undefined> {
    const [row] = await this.range({ space, gte: key, lt: `${key}\0`, limit: 1 })
    return row?.value
  }

  async range(range: StoreRange): Promise<readonly { key: string; value: Uint8Array }[]> {
    const { space } = range
    const prefix = prefixOf(space)
    const rows = await this.#read(range)
    return Promise.all(
      rows.map(async ([rowKey, sealed]) => {
        const key = rowKey.slice(prefix.length)
        return { key, value: await this.#cipher.open({ space, key }, sealed) }
      }),
    )
  }

  batch(writes: readonly StoreWrite[]): Promise<void> {
    const done = this.#last.then(() => this.#write(writes))
    this.#last = done.catch(() => undefined)
    return done
  }

  async close(): Promise<void> {
    await this.#last
    await this.#database.close()
  }

  async #read({ space, gte, lt, reverse, limit }: StoreRange): Promise<[string, Uint8Array][]> {
    const prefix = prefixOf(space)
    const bounds = {
      gte: `${prefix}${gte ?? ''}`,
      lt: lt === undefined ? endOf(space) : `${prefix}${lt}`,
    }
    try {
      return await this.#database.iterator({ ...bounds, reverse: reverse === true, limit }).all()
    } catch (cause) {
      throw new AmanaError('STORE_DAMAGED', { space }, { cause })
    }
  }

  async #write(writes: readonly StoreWrite[]): Promise<void> {
    if (writes.length === 0) return
    if (this.#failure !== undefined) throw this.#failure
    try {
      const changes = await this.#changesOf(writes)
      const tally = this.#tally.after(changes)
      const row = await this.#cipher.seal(TALLY_PLACE, 0, tally.bytes)
      const operations = changes.map(({ rowKey, after }) => operationOf(rowKey, after))
      await this.#database.batch([...operations, operationOf(TALLY_KEY, row)], { sync: true })
      tally.keep()
    } catch (cause) {
      this.#failure = writeFailure(cause)
      throw this.#failure
    }
  }

  /** The last write of each key, with the sealed values before and after it. */
  async #changesOf(writes: readonly StoreWrite[]): Promise<readonly RowChange[]> {
    const last = new Map(writes.map((write) => [rowKeyOf(write), write]))
    const held = await this.#database.getMany([...last.keys()])
    return Promise.all(
      [...last].map(async ([rowKey, write], index) => {
        const before = held[index]
        return { rowKey, before, after: await this.#sealedAfter(write, before) }
      }),
    )
  }

  /** A version counts the writes of its row. */
  async #sealedAfter(
    write: StoreWrite,
    before: Uint8Array | undefined,
  ): Promise<Uint8Array | undefined> {
    if (write.type === 'del') return undefined
    const version = before === undefined ? 1 : valueVersion(before) + 1
    return this.#cipher.seal(write, version, write.value)
  }
}

type LevelOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

function operationOf(key: string, value: Uint8Array | undefined): LevelOperation {
  return value === undefined ? { type: 'del', key } : { type: 'put', key, value }
}

/**
 * LevelDB passes over a damaged record of its journal and goes on with the next one, and takes any row that somebody
 * writes into its tables. So every row is counted here, as it lies there, against what the last batch wrote down.
 */
async function checkRows(database: Database, cipher: ValueCipher, tally: RowTally): Promise<void> {
  const sealed = await countRows(database, tally)
  if (sealed === undefined && tally.isEmpty()) return
  const expected = await cipher.open(TALLY_PLACE, sealed ?? new Uint8Array())
  if (!tally.matches(expected)) throw new AmanaError('STORE_DAMAGED', { space: OWN_SPACE })
}

/** Counts all rows but the tally's own, which it gives back as it lies there. */
async function countRows(database: Database, tally: RowTally): Promise<Uint8Array | undefined> {
  let own: Uint8Array | undefined
  try {
    for await (const rows of rowsIn(database)) {
      const others = rows.filter(([rowKey]) => rowKey !== TALLY_KEY)
      for (const [rowKey, sealed] of others) tally.count(rowKey, sealed)
      own ??= rows.find(([rowKey]) => rowKey === TALLY_KEY)?.[1]
    }
  } catch (cause) {
    throw new AmanaError('STORE_DAMAGED', { space: OWN_SPACE }, { cause })
  }
  return own
}

async function* rowsIn(database: Database): AsyncGenerator<readonly [string, Uint8Array][]> {
  await using iterator = database.iterator()
  for (let rows = await iterator.nextv(SCAN_ROWS); rows.length > 0;) {
    yield rows
    rows = await iterator.nextv(SCAN_ROWS)
  }
}

function rowKeyOf({ space, key }: { readonly space: string; readonly key: string }): string {
  return `${prefixOf(space)}${key}`
}

function prefixOf(space: string): string {
  return `${space}!`
}

/** The character after `!`: above every key of the space, below every other space. */
function endOf(space: string): string {
  return `${space}"`
}
