/**
 * The form of LevelDB's table files: blocks with a checksum each, two directories of them, and a footer that leads there.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { maskedChecksum } from './checksum.ts'

/** A part of a table file: `size` bytes at `offset`, then the kind of compression and the checksum of both. */
export interface Block {
  readonly offset: number
  readonly size: number
}

/** A table file, of which parts can be read. */
export interface TableFile {
  readonly sizeBytes: number
  /** Fewer bytes where the file ends before. */
  read(offset: number, sizeBytes: number): Promise<Uint8Array>
}

/** The blocks of a table in the order in which they lie there; those of rows come first. */
export interface TableBlocks {
  readonly rows: readonly Block[]
  readonly others: readonly Block[]
}

const FOOTER_BYTES = 48
const TRAILER_BYTES = 5
const CHECKSUM_BYTES = 4
/** Behind each key: a sequence number and the kind of write. */
const KEY_TRAILER_BYTES = 8
const NOT_COMPRESSED = 0
/** The last eight bytes of every complete table. */
const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb)

/** A table in memory. */
export function tableOf(bytes: Uint8Array): TableFile {
  return {
    sizeBytes: bytes.length,
    read: async (offset, sizeBytes) => bytes.subarray(offset, offset + sizeBytes),
  }
}

/** Whether its last bytes were written. */
export async function isComplete(table: TableFile): Promise<boolean> {
  const end = await table.read(Math.max(0, table.sizeBytes - MAGIC.length), MAGIC.length)
  return MAGIC.every((byte, index) => end[index] === byte)
}

/**
 * The blocks that the footer leads to; nothing where the directories do not have their checksums, are compressed, or name
 * blocks that do not fill the file from its start to the footer.
 */
export async function blocksOf(table: TableFile): Promise<TableBlocks | undefined> {
  const footer = table.sizeBytes - FOOTER_BYTES
  if (footer < 0) return undefined
  const ends = createReader(await table.read(footer, FOOTER_BYTES))
  const [filters, index] = [ends.block(), ends.block()]
  if (!ends.ok()) return undefined
  const named = [await listedIn(table, filters), await listedIn(table, index)] as const
  if (named[0] === undefined || named[1] === undefined) return undefined
  const others = [...named[0], filters, index]
  return fillsFile([...others, ...named[1]], footer) ? { rows: named[1], others } : undefined
}

/** Whether the bytes of a block are those that were written. */
export async function isSound(table: TableFile, block: Block): Promise<boolean> {
  return (await contentOf(table, block)) !== undefined
}

/** The first and the last key of a block of rows; nothing where its checksum is wrong or it is compressed. */
export async function keysOf(
  table: TableFile,
  block: Block,
): Promise<readonly [Uint8Array, Uint8Array] | undefined> {
  const content = await contentOf(table, block)
  const entries = content === undefined ? undefined : entriesIn(content)
  const [first, last] = [entries?.at(0), entries?.at(-1)]
  if (first === undefined || last === undefined) return undefined
  return [first.key, last.key]
}

function fillsFile(blocks: readonly Block[], end: number): boolean {
  let next = 0
  for (const { offset, size } of blocks.toSorted((a, b) => a.offset - b.offset)) {
    if (offset !== next) return false
    next += size + TRAILER_BYTES
  }
  return next === end
}

/** The bytes of a block with the byte that says how they are compressed; nothing where the checksum is another. */
async function contentOf(
  table: TableFile,
  { offset, size }: Block,
): Promise<Uint8Array | undefined> {
  const end = offset + size + TRAILER_BYTES
  if (!Number.isSafeInteger(end) || end > table.sizeBytes - FOOTER_BYTES) return undefined
  const bytes = await table.read(offset, size + TRAILER_BYTES)
  if (bytes.length !== size + TRAILER_BYTES) return undefined
  const content = bytes.subarray(0, -CHECKSUM_BYTES)
  const stored = viewOf(bytes).getUint32(content.length, true)
  return stored === maskedChecksum(content) ? content : undefined
}

/** The blocks that a directory names: its entries' values. */
async function listedIn(table: TableFile, block: Block): Promise<readonly Block[] | undefined> {
  const content = await contentOf(table, block)
  const entries = content === undefined ? undefined : entriesIn(content)
  return entries?.map(({ value }) => createReader(value).block())
}

interface Entry {
  /** Without what LevelDB puts behind it. */
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** The entries of a block. Its checksum was compared, so they are as LevelDB wrote them. */
function entriesIn(content: Uint8Array): readonly Entry[] | undefined {
  const block = content.subarray(0, -1)
  if (content.at(-1) !== NOT_COMPRESSED || block.length < CHECKSUM_BYTES) return undefined
  const restarts = viewOf(block).getUint32(block.length - CHECKSUM_BYTES, true)
  const end = block.length - CHECKSUM_BYTES * (restarts + 1)
  const reader = createReader(block)
  const entries: Entry[] = []
  let key: Uint8Array = new Uint8Array()
  while (reader.ok() && reader.position() < end) {
    const [shared, added, valueBytes] = [reader.number(), reader.number(), reader.number()]
    key = Buffer.concat([key.subarray(0, shared), reader.take(added)])
    entries.push({ key: key.subarray(0, -KEY_TRAILER_BYTES), value: reader.take(valueBytes) })
  }
  return reader.ok() && reader.position() === end ? entries : undefined
}

/** Reads LevelDB's numbers of seven bits a byte; after the end, or above 2^53, it is no longer `ok`. */
interface TableReader {
  number(): number
  block(): Block
  take(sizeBytes: number): Uint8Array
  position(): number
  ok(): boolean
}

function createReader(bytes: Uint8Array): TableReader {
  let position = 0
  let sound = true
  const number = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[position] ?? 0
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
    take: (sizeBytes) => {
      const taken = bytes.subarray(position, position + sizeBytes)
      position += sizeBytes
      return taken
    },
    position: () => position,
    ok: () => sound && position <= bytes.length,
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
