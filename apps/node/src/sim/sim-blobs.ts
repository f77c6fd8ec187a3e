/**
 * Sealed files of one machine, in memory: what was appended and not synced when the power went is there as far as chance
 * says.
 *
 * @module
 * @spec docs/spec/12-simulation.md#disk
 */
import {
  AmanaError,
  AttachmentSealer,
  concatBytes,
  createSha256,
  encodeBase64url,
  type Random,
  type SealedFacts,
} from '@amana/core'
import { createAlone } from '../blobs/alone.ts'
import { type Blobs, type ComingFile } from '../blobs/blob-folder.ts'
import { type Chance } from './chance.ts'
import { type Life, type VirtualTime } from './virtual-time.ts'

const PART = '.part'
const RANGE = '.range'
const MOST_SYNC_MS = 15
const READ_BYTES = 64 * 1024

interface LyingFile {
  readonly bytes: Uint8Array
  readonly syncedBytes: number
}

/** What a disk of files is made with. */
export interface BlobDiskParts {
  /** Without it, a sync takes no time. */
  readonly time?: VirtualTime
  readonly chance: Chance
  /** Gives a file its name before its bytes are there. */
  readonly lies?: boolean
}

/** Files by name; copies of it are disks of their own. */
export class SimBlobs {
  readonly #parts: BlobDiskParts
  readonly #files: Map<string, LyingFile>

  constructor(parts: BlobDiskParts, source?: SimBlobs) {
    this.#parts = parts
    this.#files = new Map(source?.files)
  }

  get files(): ReadonlyMap<string, LyingFile> {
    return this.#files
  }

  /** The machine went off. */
  goOff(): void {
    for (const [name, { bytes, syncedBytes }] of this.#files) {
      const kept = syncedBytes + this.#parts.chance.below(bytes.byteLength - syncedBytes + 1)
      if (kept < bytes.byteLength) this.#put(name, bytes.subarray(0, kept), kept)
    }
  }

  /** The files as a machine sees them while it is on. */
  blobsOf(life: Life): Blobs {
    return {
      has: async (digest, length) => this.#files.get(digest)?.bytes.byteLength === length,
      cameBytes: async (digest) => this.#length(digest + PART) ?? this.#length(digest) ?? 0,
      seal: (source, random) => this.#seal(source, random),
      assertWhole: async (digest, length) => {
        const { bytes = new Uint8Array() } = this.#files.get(digest) ?? {}
        const isWhole = bytes.byteLength === length && digestOf(bytes) === digest
        if (!isWhole) throw new AmanaError('STORE_BLOB', { digest })
      },
      read: (digest) => this.#read(digest),
      piece: async (digest, { length, offset }) =>
        this.#whole(digest).slice(offset, offset + length),
      coming: async (digest) => this.#coming(digest, life),
      drop: async (digest) => {
        this.#files.delete(digest)
        this.#files.delete(digest + PART)
        for (const index of this.#ranges(digest)) this.#files.delete(rangeName(digest, index))
      },
      keepRange: async (digest, index, bytes) => {
        await this.#pass(life)
        if (life.isOn) this.#put(rangeName(digest, index), bytes, bytes.byteLength)
      },
      ranges: async (digest) => this.#ranges(digest),
      range: async (digest, index) => this.#files.get(rangeName(digest, index))?.bytes,
      dropRange: async (digest, index) => {
        this.#files.delete(rangeName(digest, index))
      },
      alone: createAlone(),
      list: async () => [...this.#files.keys()].map((name) => ({ name, idleMs: 0 })),
      remove: async (name) => {
        this.#files.delete(name)
      },
    }
  }

  #coming(digest: string, life: Life): ComingFile {
    const name = digest + PART
    const own = (): LyingFile => this.#files.get(name) ?? NOTHING
    if (!this.#files.has(name)) this.#put(name, NOTHING.bytes, 0)
    const sync = async (): Promise<void> => {
      if (this.#parts.lies === true) return
      await this.#pass(life)
      this.#put(name, own().bytes, own().bytes.byteLength)
    }
    return {
      read: () => this.#read(name),
      cut: async (sizeBytes) => {
        const { bytes, syncedBytes } = own()
        this.#put(name, bytes.slice(0, sizeBytes), Math.min(syncedBytes, sizeBytes))
      },
      append: async (bytes) => {
        if (life.isOn) this.#put(name, concatBytes(own().bytes, bytes), own().syncedBytes)
      },
      sync,
      finish: async () => {
        await sync()
        this.#files.set(digest, own())
        this.#files.delete(name)
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }

  /** Resolves for a machine that is still on. */
  async #pass(life: Life): Promise<void> {
    const { chance, time } = this.#parts
    await time?.pass(chance.between(1, MOST_SYNC_MS), life)
  }

  async #seal(source: AsyncIterable<Uint8Array>, random: Random): Promise<SealedFacts> {
    const sealer = new AttachmentSealer(random)
    const pieces: Uint8Array[] = []
    for await (const bytes of source) pieces.push(...sealer.push(bytes))
    const { facts, sealed } = sealer.end()
    const bytes = concatBytes(...pieces, ...sealed)
    this.#put(facts.digest, bytes, bytes.byteLength)
    return facts
  }

  async *#read(name: string): AsyncGenerator<Uint8Array> {
    const bytes = this.#whole(name)
    for (let at = 0; at < bytes.byteLength; at += READ_BYTES) {
      yield bytes.slice(at, at + READ_BYTES)
    }
  }

  #ranges(digest: string): readonly number[] {
    return [...this.#files.keys()]
      .filter((name) => name.startsWith(`${digest}.`) && name.endsWith(RANGE))
      .map((name) => Number(name.slice(digest.length + 1, -RANGE.length)))
      .toSorted((one, other) => one - other)
  }

  #whole(name: string): Uint8Array {
    const file = this.#files.get(name)
    if (file === undefined) throw new AmanaError('STORE_BLOB', { digest: name })
    return file.bytes
  }

  #length(name: string): number | undefined {
    return this.#files.get(name)?.bytes.byteLength
  }

  #put(name: string, bytes: Uint8Array, syncedBytes: number): void {
    this.#files.set(name, { bytes, syncedBytes })
  }
}

const NOTHING: LyingFile = { bytes: new Uint8Array(), syncedBytes: 0 }

function rangeName(digest: string, index: number): string {
  return `${digest}.${String(index)}${RANGE}`
}

function digestOf(bytes: Uint8Array): string {
  const hash = createSha256()
  hash.update(bytes)
  return encodeBase64url(hash.digest())
}
