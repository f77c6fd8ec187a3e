/**
 * Reads LevelDB's table files before LevelDB does. The library does not compare the checksums of their blocks, and some
 * wrong bytes make it end the process without a word.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmanaError, decodeUtf8 } from '@amana/core'
import { blocksOf, isComplete, isSound, keysOf, type TableFile, tableOf } from './table-file.ts'
import { treeSpaceOf } from './row-names.ts'

/** The tables of an open store that were not read through before it was opened. */
export interface TablesLeft {
  /** Reads through those in which a row of [gte, lt) may lie. @throws STORE_DAMAGED */
  checkFor(gte: string, lt: string): Promise<void>
  /** Reads the next one through; false where none is left. @throws STORE_DAMAGED */
  checkNext(): Promise<boolean>
}

interface TableLeft {
  readonly name: string
  readonly first: string
  readonly last: string
}

/** Tables at a time. */
const TOGETHER = 8

/**
 * Checks every table in `folder`. A table without its last bytes was being written when the power went, and LevelDB
 * removes it; where it was one in use, LevelDB says so itself.
 *
 * @throws STORE_DAMAGED when the bytes of a complete table are not those that were written
 */
export async function checkTables(folder: string): Promise<TablesLeft> {
  for (const name of await tablesIn(folder)) await checkWhole(folder, name)
  return leave(folder, [])
}

/**
 * The same, but of a table in which only rows of one log's tree lie it checks the directories and both ends, and leaves the
 * rest for later.
 *
 * @throws STORE_DAMAGED
 */
export async function checkTablesButTrees(folder: string): Promise<TablesLeft> {
  const names = await tablesIn(folder)
  const left: TableLeft[] = []
  for (let from = 0; from < names.length; from += TOGETHER) {
    const some = names.slice(from, from + TOGETHER)
    const found = await Promise.all(some.map((name) => checkEnds(folder, name)))
    left.push(...found.filter((table) => table !== undefined))
  }
  return leave(folder, left)
}

function leave(folder: string, tables: readonly TableLeft[]): TablesLeft {
  const left = new Map(tables.map((table) => [table.name, table]))
  const checks = new Map<string, Promise<void>>()
  const check = async (name: string): Promise<void> => {
    const checked = checks.get(name) ?? checkWhole(folder, name)
    checks.set(name, checked)
    await checked
    left.delete(name)
  }
  return {
    async checkFor(gte, lt) {
      const meant = [...left.values()].filter(({ first, last }) => first < lt && last >= gte)
      for (const { name } of meant) await check(name)
    },
    async checkNext() {
      const [name] = left.keys()
      if (name === undefined) return false
      await check(name)
      return true
    },
  }
}

/** A folder that is not there yet holds no tables; one that cannot be read is LevelDB's to report. */
async function tablesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => /\.(?:ldb|sst)$/.test(name))
  } catch {
    return []
  }
}

async function checkWhole(folder: string, name: string): Promise<void> {
  const bytes = await bytesOf(join(folder, name))
  if (bytes === undefined) return
  const table = tableOf(bytes)
  if (!(await isComplete(table))) return
  const blocks = await blocksOf(table)
  for (const block of blocks === undefined ? [] : [...blocks.others, ...blocks.rows]) {
    if (!(await isSound(table, block))) throw damaged(name)
  }
  if (blocks === undefined) throw damaged(name)
}

/** Nothing where the file was removed since: by LevelDB, which has put its rows into another table. */
async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch {
    return undefined
  }
}

/** The table, where it may wait; another one is checked whole. */
async function checkEnds(folder: string, name: string): Promise<TableLeft | undefined> {
  const table = await endsOf(join(folder, name))
  const [first, last] = table === undefined ? [] : [table.first, table.last]
  const space = first === undefined ? undefined : treeSpaceOf(first)
  if (first !== undefined && last !== undefined && space !== undefined) {
    if (treeSpaceOf(last) === space) return { name, first, last }
  }
  await checkWhole(folder, name)
  return undefined
}

/** The first and the last row of a table of which all but the rows between is as it was written. */
async function endsOf(
  path: string,
): Promise<{ readonly first: string; readonly last: string } | undefined> {
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    const table: TableFile = {
      sizeBytes: size,
      read: async (offset, sizeBytes) => {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, offset)
        return buffer.subarray(0, bytesRead)
      },
    }
    return await rowsAtEnds(table)
  } catch {
    return undefined
  }
}

async function rowsAtEnds(
  table: TableFile,
): Promise<{ readonly first: string; readonly last: string } | undefined> {
  const blocks = (await isComplete(table)) ? await blocksOf(table) : undefined
  if (blocks === undefined) return undefined
  for (const block of blocks.others) if (!(await isSound(table, block))) return undefined
  const ends = blocks.rows.slice(0, 1).concat(blocks.rows.slice(-1))
  const keys = await Promise.all(ends.map((block) => keysOf(table, block)))
  const [first, , , last] = keys.flatMap((pair) => pair ?? []).map((key) => decodeUtf8(key))
  return first === undefined || last === undefined ? undefined : { first, last }
}

function damaged(name: string): AmanaError {
  return new AmanaError('STORE_DAMAGED', { space: name })
}
