/**
 * Faults of a disk over the files of a folder: an end that is missing, a bit that turned, a block that holds zeros. Where they
 * strike follows from a seed.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a fault does to a file. */
type FaultKind = 'cut' | 'flip' | 'zeros'

/** One fault: `at` is a byte; of a flip also which bit, of zeros also how many bytes. */
export interface Fault {
  readonly file: string
  readonly kind: FaultKind
  readonly at: number
  readonly extent: number
}

const KINDS = ['cut', 'flip', 'zeros'] as const
const BLOCKS = [512, 4096] as const

/** Numbers from 0 to below `limit` that follow from a seed (mulberry32). */
function seededNumbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** `count` faults, in turn for every file of `folder` that holds something and for every kind; no file `without`. */
export async function faultsOver(
  folder: string,
  options: { readonly count: number; readonly seed: number; readonly without: RegExp },
): Promise<readonly Fault[]> {
  const { count, seed, without } = options
  const next = seededNumbers(seed)
  const files = (await filesOf(folder)).filter(({ file }) => !without.test(file))
  return Array.from({ length: count }, (_, turn) => {
    const { file, sizeBytes } = files[turn % files.length] ?? { file: '', sizeBytes: 1 }
    const kind = KINDS[Math.floor(turn / files.length) % KINDS.length] ?? 'cut'
    const extent = kind === 'zeros' ? (BLOCKS[next(BLOCKS.length)] ?? 512) : next(8)
    const at = next(sizeBytes)
    return { file, kind, extent, at: kind === 'zeros' ? at - (at % 512) : at }
  })
}

/** Copies `folder` and strikes. False where the file is the same after it. */
export async function strike(folder: string, copy: string, fault: Fault): Promise<boolean> {
  await cp(folder, copy, { recursive: true })
  const path = join(copy, fault.file)
  const bytes = await readFile(path)
  const struck = struckBy(bytes, fault)
  await writeFile(path, struck)
  return !struck.equals(bytes)
}

function struckBy(bytes: Buffer, { kind, at, extent }: Fault): Buffer {
  if (kind === 'cut') return bytes.subarray(0, at)
  const struck = Buffer.from(bytes)
  if (kind === 'zeros') return struck.fill(0, at, Math.min(at + extent, struck.length))
  struck[at] = (struck[at] ?? 0) ^ (1 << extent)
  return struck
}

async function filesOf(
  folder: string,
): Promise<readonly { readonly file: string; readonly sizeBytes: number }[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted()
  const all = await Promise.all(
    names.map(async (file) => ({ file, entry: await stat(join(folder, file)) })),
  )
  return all
    .filter(({ entry }) => entry.isFile() && entry.size > 0)
    .map(({ file, entry }) => ({ file, sizeBytes: entry.size }))
}
