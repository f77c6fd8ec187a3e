/**
 * Reads LevelDB's table files before LevelDB does. The library does not compare the checksums of their blocks, and some
 * wrong bytes make it end the process without a word.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AmanaError } from '@amana/core'
import { maskedChecksum } from './checksum.ts'

/** A part of a table file: `size` bytes at `offset`, then the kind of compression and the checksum of both. */
interface Block {
  readonly offset: number
  readonly size: number
}

const FOOTER_BYTES = 48
const TRAILER_BYTES = 5
const CHECKSUM_BYTES = 4
/** The last eight bytes of every complete table. */
const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb)

/**
 * Checks every table in `folder`. A table without its last bytes was being written when the power went, and LevelDB
 * removes it; where it was one in use, LevelDB says so itself.
 *
 * @throws STORE_DAMAGED when the bytes of a complete table are not those that were written
 */
export async function checkTables(folder: string): Promise<void> {
  for (const name of await namesOf(folder)) {
    const table = /\.(?:ldb|sst)$/.test(name) ? await contentOf(join(folder, name)) : undefined
    if (table === undefined || !isComplete(table)) continue
    if (!isSound(table)) throw new AmanaError('STORE_DAMAGED', { space: name })
  }
}

/** A folder that is not there yet holds no tables; one that cannot be read is LevelDB's to report. */
async function namesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}

/** Nothing where another process has removed the file since, which holds the store open then. */
async function contentOf(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path)
  } catch {
    return undefined
  }
}

function isComplete(table: Uint8Array): boolean {
  return MAGIC.every((byte, index) => table[table.length - MAGIC.length + index] === byte)
}

/** Whether the blocks that the footer leads to have their checksums and fill the file from its start to the footer. */
function isSound(table: Uint8Array): boolean {
  const footer = table.length - FOOTER_BYTES
  if (footer < 0) return false
  const ends = createReader(table, footer)
  const directories = [ends.block(), ends.block()]
  if (!ends.ok() || !directories.every((block) => hasChecksum(table, block))) return false
  const listed = directories.map((block) => blocksListedIn(table, block))
  if (listed.includes(undefined)) return false
  const blocks = [...directories, ...listed.flatMap((list) => list ?? [])]
  return blocks.every((block) => hasChecksum(table, block)) && fillsFile(blocks, footer)
}

function fillsFile(blocks: readonly Block[], end: number): boolean {
  let next = 0
  for (const { offset, size } of blocks.toSorted((a, b) => a.offset - b.offset)) {
    if (offset !== next) return false
    next += size + TRAILER_BYTES
  }
  return next === end
}

function hasChecksum(table: Uint8Array, { offset, size }: Block): boolean {
  const end = offset + size + TRAILER_BYTES
  if (!Number.isSafeInteger(end) || end > table.length - FOOTER_BYTES) return false
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const stored = view.getUint32(end - CHECKSUM_BYTES, true)
  return stored === maskedChecksum(table.subarray(offset, end - CHECKSUM_BYTES))
}

/** The blocks that a directory block names: its entries' values. Its own checksum was compared. */
function blocksListedIn(table: Uint8Array, { offset, size }: Block): readonly Block[] | undefined {
  const view = new DataView(table.buffer, table.byteOffset + offset, size)
  if (size < CHECKSUM_BYTES) return undefined
  const restarts = view.getUint32(size - CHECKSUM_BYTES, true)
  const end = offset + size - CHECKSUM_BYTES * (restarts + 1)
  const reader = createReader(table, offset)
  const blocks: Block[] = []
  while (reader.ok() && reader.position() < end) {
    reader.number()
    const keyBytes = reader.number()
    reader.number()
    reader.skip(keyBytes)
    blocks.push(reader.block())
  }
  return reader.ok() && reader.position() === end ? blocks : undefined
}

/** Reads LevelDB's numbers of seven bits a byte; after the end, or above 2^53, it is no longer `ok`. */
interface TableReader {
  number(): number
  block(): Block
  skip(sizeBytes: number): void
  position(): number
  ok(): boolean
}

function createReader(table: Uint8Array, start: number): TableReader {
  let position = start
  let sound = true
  const number = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = table[position] ?? 0
      position += 1
      value += (byte % 128) * scale
      if (byte < 128) break
    }
    if (!Number.isSafeInteger(value)) sound = false
    return value
  }
  return {
    number,
    block: () => ({ offset: number(), size: number() }),
    skip: (sizeBytes) => {
      position += sizeBytes
    },
    position: () => position,
    ok: () => sound && position <= table.length,
  }
}
