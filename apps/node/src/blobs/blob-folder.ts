/**
 * Sealed files on the disk of a node: under the digest of their bytes once they are whole, beside it while they come.
 * Nothing lies here in the clear.
 *
 * @module
 * @spec docs/spec/10-attachments.md#what-a-node-keeps
 */
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AmanaError,
  AttachmentSealer,
  createSha256,
  DigestSchema,
  encodeBase64url,
  isAnyAmanaError,
  type Random,
  type SealedFacts,
} from '@amana/core'
import { type Alone, createAlone } from './alone.ts'
import { z } from 'zod'

/** The folder inside that of the node. */
export const BLOB_FOLDER = 'blobs'

const FILE_MODE = 0o600
const FOLDER_MODE = 0o700
const READ_BYTES = 256 * 1024
const NAME_BYTES = 12
const PART = '.part'
const FRESH = '.new'
const RANGE = '.range'

/** A sealed file that is coming. */
export interface ComingFile extends AsyncDisposable {
  /** Bytes from the beginning on, as they lie there. */
  read(): AsyncGenerator<Uint8Array>
  /** Forgets all from there on. */
  cut(sizeBytes: number): Promise<void>
  append(bytes: Uint8Array): Promise<void>
  sync(): Promise<void>
  /** Gives it its name: it is whole. */
  finish(): Promise<void>
}

/** The sealed files of one node, wherever they lie. */
export type Blobs = Pick<BlobFolder, keyof BlobFolder>

/** They lie in a folder. */
export class BlobFolder {
  readonly #folder: string
  /** Runs a step alone for a file that is coming; nothing where somebody else is at it. */
  readonly alone: Alone = createAlone()

  /** @param node the folder of the node */
  constructor(node: string) {
    this.#folder = join(node, BLOB_FOLDER)
  }

  /** Whether the file is here with that length. */
  async has(digest: string, length: number): Promise<boolean> {
    return (await sizeOf(this.#path(digest))) === length
  }

  /** Bytes of it that have come. */
  async cameBytes(digest: string): Promise<number> {
    return (await sizeOf(this.#path(digest) + PART)) ?? (await sizeOf(this.#path(digest))) ?? 0
  }

  /**
   * Seals a file while it is read, and gives it its name when it is whole.
   *
   * @throws WIRE_SIZE above 2 GiB; STORE_ROOM, STORE_BLOB when the disk does not take it; what `source` throws
   */
  async seal(source: AsyncIterable<Uint8Array>, random: Random): Promise<SealedFacts> {
    const fresh = join(this.#folder, encodeBase64url(random(NAME_BYTES)) + FRESH)
    const sealer = new AttachmentSealer(random)
    try {
      await this.#make()
      await using file = await open(fresh, 'wx', FILE_MODE)
      for await (const bytes of source) await append(file, sealer.push(bytes))
      const { facts, sealed } = sealer.end()
      await append(file, sealed)
      await file.sync()
      await this.#name(fresh, facts.digest)
      return facts
    } catch (error) {
      await rm(fresh, { force: true }).catch(() => undefined)
      throw failure(error)
    }
  }

  /** @throws STORE_BLOB when it is not here, or its bytes have another digest */
  async assertWhole(digest: string, length: number): Promise<void> {
    const hash = createSha256()
    if (await this.has(digest, length))
      for await (const bytes of this.read(digest)) hash.update(bytes)
    if (encodeBase64url(hash.digest()) !== digest) throw new AmanaError('STORE_BLOB', { digest })
  }

  /**
   * A whole file from its beginning.
   *
   * @yields its bytes
   * @throws STORE_BLOB
   */
  async *read(digest: string): AsyncGenerator<Uint8Array> {
    await using file = await this.#open(digest, 'r')
    yield* piecesOf(file)
  }

  /** Bytes of a whole file; fewer where it ends. @throws STORE_BLOB */
  async piece(
    digest: string,
    place: { readonly offset: number; readonly length: number },
  ): Promise<Uint8Array> {
    await using file = await this.#open(digest, 'r')
    const { buffer, bytesRead } = await file.read(
      new Uint8Array(place.length),
      0,
      place.length,
      place.offset,
    )
    return buffer.subarray(0, bytesRead)
  }

  /** A file that is coming, with what has come of it before. @throws STORE_BLOB, STORE_ROOM */
  async coming(digest: string): Promise<ComingFile> {
    await this.#make()
    const path = this.#path(digest) + PART
    const file = await open(path, 'a+', FILE_MODE).catch((error: unknown) => {
      throw failure(error, digest)
    })
    const guarded = async (step: () => Promise<unknown>): Promise<void> => {
      try {
        await step()
      } catch (error) {
        throw failure(error, digest)
      }
    }
    return {
      read: () => piecesOf(file),
      cut: (sizeBytes) => guarded(() => file.truncate(sizeBytes)),
      append: (bytes) => guarded(() => file.appendFile(bytes)),
      sync: () => guarded(() => file.datasync()),
      finish: () =>
        guarded(async () => {
          await file.sync()
          await this.#name(path, digest)
        }),
      [Symbol.asyncDispose]: () => file.close(),
    }
  }

  /** Forgets a file, whole or coming. */
  async drop(digest: string): Promise<void> {
    for (const path of [this.#path(digest), this.#path(digest) + PART])
      await rm(path, { force: true })
    for (const index of await this.ranges(digest)) await this.dropRange(digest, index)
  }

  /** Keeps a range that came before those in front of it. @throws STORE_BLOB */
  async keepRange(digest: string, index: number, bytes: Uint8Array): Promise<void> {
    const path = this.#rangePath(digest, index)
    try {
      await this.#make()
      await using file = await open(path + FRESH, 'w', FILE_MODE)
      await file.writeFile(bytes)
      await file.sync()
      await rename(path + FRESH, path)
    } catch (error) {
      throw failure(error, digest)
    }
  }

  /** Numbers of the ranges that are kept of a file, rising. */
  async ranges(digest: string): Promise<readonly number[]> {
    const names = await readdir(this.#folder).catch(() => [])
    return names
      .filter((name) => name.startsWith(`${digest}.`) && name.endsWith(RANGE))
      .map((name) => Number(name.slice(digest.length + 1, -RANGE.length)))
      .toSorted((one, other) => one - other)
  }

  /** A range that is kept; nothing where there is none. */
  async range(digest: string, index: number): Promise<Uint8Array | undefined> {
    return readFile(this.#rangePath(digest, index)).then(
      (bytes) => new Uint8Array(bytes),
      () => undefined,
    )
  }

  /** Forgets a range. */
  async dropRange(digest: string, index: number): Promise<void> {
    await rm(this.#rangePath(digest, index), { force: true })
  }

  #rangePath(digest: string, index: number): string {
    return `${this.#path(digest)}.${String(index)}${RANGE}`
  }

  /** Digests of what lies here, and what nobody finished, with the time since it was last written. */
  async list(
    nowMs: number,
  ): Promise<readonly { readonly name: string; readonly idleMs: number }[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const dated = names.map(async (name) => {
      const found = await stat(join(this.#folder, name)).catch(() => undefined)
      return { name, idleMs: nowMs - (found?.mtimeMs ?? nowMs) }
    })
    return Promise.all(dated)
  }

  /** Removes something of that list. */
  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true })
  }

  #path(digest: string): string {
    return join(this.#folder, DigestSchema.parse(digest))
  }

  async #make(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE })
  }

  async #open(digest: string, flags: 'r'): Promise<FileHandle> {
    return open(this.#path(digest), flags).catch((error: unknown) => {
      throw failure(error, digest)
    })
  }

  /** On disk with its name when this returns. */
  async #name(path: string, digest: string): Promise<void> {
    await rename(path, this.#path(digest))
    await using folder = await open(this.#folder, 'r')
    await folder.sync()
  }
}

/** Says what a file would be when sealed, and keeps nothing. @throws WIRE_SIZE; what `source` throws */
export async function sealNowhere(
  source: AsyncIterable<Uint8Array>,
  random: Random,
): Promise<SealedFacts> {
  const sealer = new AttachmentSealer(random)
  for await (const bytes of source) sealer.push(bytes)
  return sealer.end().facts
}

/** The digest of a file's name, and whether it is whole. */
export function digestOfName(name: string): string {
  return name.split('.', 1)[0] ?? ''
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}

async function append(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) await file.appendFile(piece)
}

/**
 * One buffer for all of it: what is given is good until the next is asked for.
 *
 * @yields the bytes of the file
 */
async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(READ_BYTES)
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, at)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
    at += bytesRead
  }
}

/** What the system says of a disk, or of a file, that takes no more. */
const FULL: ReadonlySet<string> = new Set(['EDQUOT', 'EFBIG', 'ENOSPC'])
const CodedSchema = z.looseObject({ code: z.string() })

function failure(cause: unknown, digest = ''): unknown {
  if (isAnyAmanaError(cause)) return cause
  const isFull = FULL.has(CodedSchema.safeParse(cause).data?.code ?? '')
  if (isFull) return new AmanaError('STORE_ROOM', { bytes: 0 }, { cause })
  return new AmanaError('STORE_BLOB', { digest }, { cause })
}
