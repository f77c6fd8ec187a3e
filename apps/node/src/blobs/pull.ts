/**
 * Fetches one attachment over a stream: pieces are asked for ahead, and each chunk is kept when its tag fits.
 *
 * @module
 * @spec docs/spec/10-attachments.md#transfer
 */
import { AmanaError, type AttachmentOpener, type Digest, isAnyAmanaError } from '@amana/core'
import { type LinkSession } from '../ports.ts'
import { type ComingFile } from './blob-folder.ts'
import { encodeRequest, parseAnswer, type Refusal } from './blob-frames.ts'
import { type OnTheWay } from '../exchange/line-window.ts'
import { type PullWindow } from './window.ts'

/** A power cut takes no more than this of what has come. */
const SYNCED_EVERY_BYTES = 4 * 1024 * 1024

/** One attachment that is fetched. */
export interface Pull {
  readonly digest: Digest
  /** The end of a chunk: what stands behind it is not asked for. */
  readonly until: number
  readonly opener: AttachmentOpener
  readonly file: ComingFile
  readonly frames: LinkSession
  readonly window: PullWindow
  readonly nowMs: () => number
  /** Told of each piece, and how long it was since the one before. */
  readonly arrived: (bytes: number, ms: number) => Promise<void>
  readonly signal: AbortSignal
  /** Whether to ask for no more: another one goes before. */
  readonly isOvertaken: () => boolean
}

/** Why not all came that was asked for. */
export type PullEnd = Refusal | 'overtaken'

/** Reads what has come before, as far as it fits, and forgets the rest. @throws STORE_BLOB */
export async function resume(file: ComingFile, opener: AttachmentOpener): Promise<void> {
  try {
    for await (const bytes of file.read()) opener.push(bytes)
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
  }
  await file.cut(opener.restart())
}

/**
 * Fetches what stands before `until`. What was asked for when another one came to go before is still taken.
 *
 * @returns why not all of it came; nothing where it did
 * @throws NET_CLOSED, NET_TIMEOUT, NET_BLOB; as `AttachmentOpener`; STORE_BLOB
 */
export async function pull(one: Pull): Promise<PullEnd | undefined> {
  const { file, opener, until } = one
  const asking = new Asking(one, opener.restart())
  let unsynced = 0
  while (opener.verifiedBytes < until) {
    if (!one.isOvertaken()) await asking.ahead()
    else if (asking.isDone) return 'overtaken'
    const answer = await asking.next()
    if (typeof answer === 'string') return answer
    for (const { sealed } of opener.push(answer)) {
      await file.append(sealed)
      unsynced += sealed.byteLength
    }
    if (unsynced >= SYNCED_EVERY_BYTES) {
      await file.sync()
      unsynced = 0
    }
  }
  await file.sync()
  return undefined
}

/** What was asked for and has not come, in its order. */
class Asking {
  readonly #one: Pull
  readonly #asked: OnTheWay[] = []
  #next: number
  #openBytes = 0
  #lastMs: number

  constructor(one: Pull, from: number) {
    this.#one = one
    this.#next = from
    this.#lastMs = one.nowMs()
  }

  /** Whether all that was asked for has come. */
  get isDone(): boolean {
    return this.#asked.length === 0
  }

  /** Asks for as much as the window allows, and always for one piece. */
  async ahead(): Promise<void> {
    const { digest, frames, nowMs, signal, until, window } = this.#one
    while (this.#next < until && (this.#openBytes === 0 || this.#openBytes < window.bytes)) {
      const bytes = Math.min(window.pieceBytes, until - this.#next)
      this.#asked.push({ bytes, sinceMs: nowMs() })
      this.#openBytes += bytes
      const request = encodeRequest({ digest, length: bytes, offset: this.#next })
      this.#next += bytes
      await frames.send(request, signal)
    }
  }

  /** The bytes of the piece that was asked for first, or why they do not come. */
  async next(): Promise<Uint8Array | Refusal> {
    const { arrived, frames, nowMs, signal, window } = this.#one
    const piece = this.#asked.shift()
    const frame = await frames.receive(signal)
    if (frame === null || piece === undefined) throw new AmanaError('NET_CLOSED', {})
    const answer = parseAnswer(frame, piece.bytes)
    if (answer.type === 'no') return answer.reason
    const now = nowMs()
    this.#openBytes -= piece.bytes
    window.arrived(piece, now)
    await arrived(piece.bytes, now - this.#lastMs)
    this.#lastMs = now
    return answer.bytes
  }
}
