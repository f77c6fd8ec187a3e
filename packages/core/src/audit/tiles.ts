/**
 * The log as a folder of files in the layout of C2SP tlog-tiles, which other people's programs verify.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#tiles
 */
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type NodeReader } from './proofs.ts'

const TILE_WIDTH = 256
const TILE_HEIGHT = 8

/** What an export reads; both readers are asked only for what lies inside `size`. */
export interface TileSource {
  readonly size: number
  /** The checkpoint of exactly that size. */
  readonly note: string
  readonly readNode: NodeReader
  /** Leaf bytes of the indexes [from, to). */
  readonly readLeaves: (from: number, to: number) => Promise<readonly Uint8Array[]>
}

/** One file; `path` has `/` between its parts and is relative. */
export interface TileFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Every file of the log at that size.
 *
 * @yields one file at a time, the checkpoint last, so that a broken export has none
 */
export async function* exportTiles(source: TileSource): AsyncGenerator<TileFile> {
  for (let start = 0; start < source.size; start += TILE_WIDTH) {
    const end = Math.min(start + TILE_WIDTH, source.size)
    const leaves = await source.readLeaves(start, end)
    yield {
      path: tilePath('entries', start / TILE_WIDTH, end - start),
      bytes: concatBytes(...leaves.map((leaf) => encodeEntry(leaf))),
    }
  }
  for (let level = 0; 2 ** (TILE_HEIGHT * level) <= source.size; level += 1) {
    yield* exportLevel(source, level)
  }
  yield { path: 'checkpoint', bytes: encodeUtf8(source.note) }
}

/** `tile/0/x001/067`, and `tile/0/x001/067.p/12` for a tile that is not full yet. */
export function tilePath(level: number | 'entries', index: number, width: number): string {
  const partial = width === TILE_WIDTH ? '' : `.p/${String(width)}`
  return `tile/${String(level)}/${tileNumber(index)}${partial}`
}

/** @yields the tiles of one level */
async function* exportLevel(source: TileSource, level: number): AsyncGenerator<TileFile> {
  const height = TILE_HEIGHT * level
  const hashCount = Math.floor(source.size / 2 ** height)
  for (let start = 0; start < hashCount; start += TILE_WIDTH) {
    const width = Math.min(TILE_WIDTH, hashCount - start)
    const hashes: Uint8Array[] = []
    for (let index = start; index < start + width; index += 1) {
      hashes.push(await source.readNode(height, index))
    }
    yield { path: tilePath(level, start / TILE_WIDTH, width), bytes: concatBytes(...hashes) }
  }
}

/** Three digits a folder, `x` before all but the last. */
function tileNumber(index: number): string {
  let path = String(index % 1000).padStart(3, '0')
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  }
  return path
}

/** Two length bytes, big-endian, and the leaf. */
function encodeEntry(leaf: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf)
}
