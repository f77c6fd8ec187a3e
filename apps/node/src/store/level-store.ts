/**
 * The store on LevelDB: values encrypted one by one, batches atomic and synced, and a check at every opening that no
 * row was lost, brought back or moved.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmanaError, type Random } from '@amana/core'
import { Level } from 'level'
import { type Store, type StoreRange, type StoreWrite } from '../ports.ts'
import { createRowTally, type RowChange, type RowTally } from './row-tally.ts'
import { createValueCipher, valueVersion, type ValueCipher } from './value-cipher.ts'
import { checkTables, checkTablesButTrees, type TablesLeft } from './table-check.ts'
import { checkRows, mark, type RowDatabase, TALLY_KEY, TALLY_PLACE } from './row-check.ts'
import { endOf, isTreeSpace, prefixOf, rowKeyOf } from './row-names.ts'
import { levelError, writeFailure } from './level-errors.ts'

/** What a store is opened with. */
export interface LevelStoreOptions {
  /** Made when it does not exist; one process at a time. */
  readonly folder: string
  /** Store master key, 32 bytes; the caller owns and wipes it. */
  readonly key: Uint8Array
  readonly random: Random
}

/** The store with what its opening left. */
export interface OpenStore extends Store {
  /**
   * Reads through the tables that the opening left, until none is left or `signal` fires.
   *
   * @throws STORE_DAMAGED when the bytes of one are not those that were written
   */
  checkRest(signal: AbortSignal): Promise<void>
}

const CACHE_BYTES = 16 * 1024 * 1024
/** A file that says that the store was closed in good order: then nothing ended its process in the middle of a table. */
const CLOSED = 'closed'
const FIRST_VERSION = 1

/**
 * Opens the store in `folder`, or makes an empty one, and reads it through once: all of it where it was not closed in good
 * order, else all but the rows that the tree of a log covers. Those are read through before one of them is shown.
 *
 * @throws STORE_LOCKED when another process or another part of this one has it open
 * @throws STORE_DAMAGED when rows are missing, stale or moved, or the key is another
 * @throws STORE_OPEN when the folder cannot be read or written
 */
export async function openLevelStore(options: LevelStoreOptions): Promise<OpenStore> {
  const { folder } = options
  const check = (await takeMark(folder)) ? checkTablesButTrees : checkTables
  const tables = await check(folder)
  const database: RowDatabase = new Level(folder, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    cacheSize: CACHE_BYTES,
    compression: false,
  })
  try {
    await database.open()
  } catch (cause) {
    throw levelError(cause, folder)
  }
  const cipher = createValueCipher(options.key, options.random)
  const tally = createRowTally(options.key)
  try {
    const trees = await checkRows(database, cipher, tally)
    return new LevelStore({ folder, database, cipher, tally, tables, trees })
  } catch (cause) {
    await database.close()
    throw cause
  }
}

/** Whether the store was closed in good order; from here on it is open. */
async function takeMark(folder: string): Promise<boolean> {
  try {
    await rm(join(folder, CLOSED))
    return true
  } catch {
    return false
  }
}

interface ReadOptions {
  readonly gte: string
  readonly lt: string
  readonly reverse: boolean
  readonly limit: number
}

interface StoreParts {
  readonly folder: string
  readonly database: RowDatabase
  readonly cipher: ValueCipher
  readonly tally: RowTally
  readonly tables: TablesLeft
  /** Spaces of trees that have rows. */
  readonly trees: Set<string>
}

class LevelStore implements OpenStore {
  readonly #parts: StoreParts
  /** Ends when the newest batch has; batches go one after the other, because the tally counts on it. */
  #last: Promise<void> = Promise.resolve()
  /** Set by the first write that failed: what lies in memory may then be ahead of the disk. */
  #failure: AmanaError | undefined
  #isSound = true

  constructor(parts: StoreParts) {
    this.#parts = parts
  }

  async get(space: string, key: string): Promise<Uint8Array | undefined> {
    const [row] = await this.range({ space, gte: key, lt: `${key}\0`, limit: 1 })
    return row?.value
  }

  async keys(range: StoreRange): Promise<readonly string[]> {
    const prefix = prefixOf(range.space)
    const rowKeys = await this.#read(range, (options) => this.#parts.database.keys(options).all())
    return rowKeys.map((rowKey) => rowKey.slice(prefix.length))
  }

  async range(range: StoreRange): Promise<readonly { key: string; value: Uint8Array }[]> {
    const { space } = range
    const prefix = prefixOf(space)
    const { cipher, database } = this.#parts
    const rows = await this.#read(range, (options) => database.iterator(options).all())
    return Promise.all(
      rows.map(async ([rowKey, sealed]) => {
        const key = rowKey.slice(prefix.length)
        return { key, value: await cipher.open({ space, key }, sealed) }
      }),
    )
  }

  batch(writes: readonly StoreWrite[]): Promise<void> {
    const done = this.#last.then(() => this.#write(writes))
    this.#last = done.catch(() => undefined)
    return done
  }

  async compact(spaces: readonly string[]): Promise<void> {
    await this.#last
    try {
      const database: object = this.#parts.database
      if (!isCompacting(database)) return
      for (const space of spaces) await database.compactRange(prefixOf(space), endOf(space))
    } catch (cause) {
      throw writeFailure(cause)
    }
  }

  async checkRest(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted && (await this.#parts.tables.checkNext()));
    } catch (damage) {
      this.#isSound = false
      throw damage
    }
  }

  async close(): Promise<void> {
    await this.#last
    const { database, folder } = this.#parts
    await database.close()
    // where the mark cannot be left, the next opening reads more
    if (this.#isSound && this.#failure === undefined) {
      await writeFile(join(folder, CLOSED), '', { mode: 0o600 }).catch(() => undefined)
    }
  }

  async #read<T>(
    { space, gte, lt, reverse, limit }: StoreRange,
    read: (options: ReadOptions) => Promise<T>,
  ): Promise<T> {
    const prefix = prefixOf(space)
    const bounds = {
      gte: `${prefix}${gte ?? ''}`,
      lt: lt === undefined ? endOf(space) : `${prefix}${lt}`,
    }
    if (isTreeSpace(space)) await this.#checkFor(bounds)
    try {
      return await read({ ...bounds, reverse: reverse === true, limit })
    } catch (cause) {
      throw new AmanaError('STORE_DAMAGED', { space }, { cause })
    }
  }

  async #checkFor({ gte, lt }: Pick<ReadOptions, 'gte' | 'lt'>): Promise<void> {
    try {
      await this.#parts.tables.checkFor(gte, lt)
    } catch (damage) {
      this.#isSound = false
      throw damage
    }
  }

  async #write(writes: readonly StoreWrite[]): Promise<void> {
    if (writes.length === 0) return
    if (this.#failure !== undefined) throw this.#failure
    const { cipher, database, trees } = this.#parts
    try {
      const last = [...new Map(writes.map((write) => [rowKeyOf(write), write]))]
      const changes = await this.#changesOf(last.filter(([, { space }]) => !isTreeSpace(space)))
      const ofTrees = last.filter(([, { space }]) => isTreeSpace(space))
      const begun = [...new Set(ofTrees.map(([, { space }]) => space))].filter(
        (space) => !trees.has(space),
      )
      const tally = this.#parts.tally.after([...changes, ...begun.map((space) => mark(space))])
      const row = await cipher.seal(TALLY_PLACE, 0, tally.bytes)
      const operations = [
        ...(await this.#operationsOf(ofTrees)),
        ...changes.map(({ rowKey, after }) => operationOf(rowKey, after)),
        operationOf(TALLY_KEY, row),
      ]
      await database.batch(operations, { sync: true })
      tally.keep()
      for (const space of begun) trees.add(space)
    } catch (cause) {
      this.#failure = writeFailure(cause)
      throw this.#failure
    }
  }

  /** The sealed values before and after each write. */
  async #changesOf(writes: readonly NamedWrite[]): Promise<readonly RowChange[]> {
    const held = await this.#parts.database.getMany(writes.map(([rowKey]) => rowKey))
    return Promise.all(
      writes.map(async ([rowKey, write], index) => {
        const before = held[index]
        // a version counts the writes of its row
        const version = before === undefined ? FIRST_VERSION : valueVersion(before) + 1
        return { rowKey, before, after: await this.#sealed(write, version) }
      }),
    )
  }

  /** Rows of a tree are written once. */
  #operationsOf(writes: readonly NamedWrite[]): Promise<readonly LevelOperation[]> {
    return Promise.all(
      writes.map(async ([rowKey, write]) =>
        operationOf(rowKey, await this.#sealed(write, FIRST_VERSION)),
      ),
    )
  }

  async #sealed(write: StoreWrite, version: number): Promise<Uint8Array | undefined> {
    if (write.type === 'del') return undefined
    return this.#parts.cipher.seal(write, version, write.value)
  }
}

type NamedWrite = readonly [rowKey: string, write: StoreWrite]

type LevelOperation =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string }

function operationOf(key: string, value: Uint8Array | undefined): LevelOperation {
  return value === undefined ? { type: 'del', key } : { type: 'put', key, value }
}

/** What LevelDB can, and `level` does not promise for browsers. */
interface Compacting {
  compactRange(start: string, end: string): Promise<void>
}

function isCompacting(database: object): database is Compacting {
  return 'compactRange' in database
}
