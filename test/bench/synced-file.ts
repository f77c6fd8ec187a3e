/**
 * A file to which whatever waits is appended and synced together: the least that a node could do before it says that it
 * has something.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { type FileHandle, open } from 'node:fs/promises'

/** An open file. */
export class SyncedFile {
  readonly #file: FileHandle
  #waiting: Uint8Array[] = []
  #next: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Makes the file. */
  static async create(path: string): Promise<SyncedFile> {
    return new SyncedFile(await open(path, 'wx', 0o600))
  }

  /** Resolves when the bytes are on the disk, with all that waited when the sync before ended. */
  append(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes)
    this.#next ??= this.#last.then(() => this.#flush())
    return this.#next
  }

  async close(): Promise<void> {
    await this.#next
    await this.#file.close()
  }

  #flush(): Promise<void> {
    const group = this.#waiting
    this.#waiting = []
    this.#next = undefined
    this.#last = this.#write(group)
    return this.#last
  }

  async #write(group: readonly Uint8Array[]): Promise<void> {
    await this.#file.appendFile(Buffer.concat(group))
    await this.#file.datasync()
  }
}
