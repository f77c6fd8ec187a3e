/**
 * Fetches what statements of the peer attach while there is a line, the most urgent and the smallest first, and gives the
 * peer what was attached here.
 *
 * @module
 * @spec docs/spec/10-attachments.md#transfer
 */
import {
  type Attachment,
  AttachmentOpener,
  type ErrorCode,
  isAnyAmanaError,
  RANGE_BYTES,
  rangeSpan,
} from '@amana/core'
import { Wakeup } from '../exchange/wakeup.ts'
import { type BlobLink, type LinkSession, type Timer } from '../ports.ts'
import { type Wanted, wantedFrom } from '../statements/attachment-rows.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { attachmentsIn } from '../statements/statement-values.ts'
import { type ComingFile } from './blob-folder.ts'
import { absorb } from './kept-ranges.ts'
import { pull, type PullEnd, resume } from './pull.ts'
import { settleAttachment } from './settle.ts'
import { serve, type ServeParts } from './serve.ts'
import { PullWindow } from './window.ts'

/** What attachments are fetched with. */
export interface TransferParts extends ServeParts {
  readonly ledger: StatementLedger
  readonly link: BlobLink
  readonly timer: Timer
  /** The peer's agency and nodes. */
  readonly peer: () => { readonly agency: string; readonly peerIds: readonly string[] }
  readonly isConnected: () => boolean
  /** Whether nothing is fetched before an officer asked for it. */
  readonly asks: boolean
  /** Runs a step while nothing else writes statements that came. */
  readonly alone: <T>(step: () => Promise<T>) => Promise<T>
  readonly failed: (code: ErrorCode) => void
}

/** After something that may pass. */
const RETRY_MS = 5000
/** The other side has not got it, or no bytes are left there. */
const LATER_MS = 600_000
/** What is looked at in one round: those that have to wait do not hold up the others. */
const ROUND = 64
/** After so many a look at what carriers brought meanwhile: whole ranges. */
const ASKED_RANGES = 4
const ASKED_BYTES = ASKED_RANGES * RANGE_BYTES

/** `over` fires when another one goes before, `signal` when the line is gone. */
interface Signals {
  readonly over: AbortSignal
  readonly signal: AbortSignal
}

/** The end of the last whole range below. */
function boundOf(bytes: number): number {
  const { offset } = rangeSpan(bytes, 0)
  return offset + Math.floor((bytes - offset) / RANGE_BYTES) * RANGE_BYTES
}

/** What is fetched, and given. */
export class Transfers {
  readonly #parts: TransferParts
  readonly #changed = new Wakeup()
  readonly #stop = new AbortController()
  /** Not before this, by the clock that nobody sets. */
  readonly #later = new Map<string, number>()
  #line: AbortController | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(parts: TransferParts) {
    this.#parts = parts
    parts.link.onBlobs((frames) => {
      void this.#serve(frames)
    })
  }

  /** Something may be fetched that could not be before. */
  wake(): void {
    this.#changed.wake()
  }

  /** The line came or went. */
  follow(): void {
    if (!this.#parts.isConnected()) {
      this.#line?.abort()
      this.#line = undefined
      return
    }
    if (this.#line !== undefined || this.#stop.signal.aborted) return
    const line = new AbortController()
    this.#line = line
    const signal = AbortSignal.any([line.signal, this.#stop.signal])
    this.#running = this.#running.then(() => this.#fetchAll(signal))
  }

  /** Ends what is on its way. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
    // a store that takes nothing more ended the node already; a count that is too low lets more through
    await this.#parts.traffic.keep().catch(() => undefined)
  }

  async #serve(frames: LinkSession): Promise<void> {
    const { agency, peerIds } = this.#parts.peer()
    try {
      if (!this.#parts.isConnected() || !peerIds.includes(frames.peerId)) return
      await serve(this.#parts, { frames, peer: agency, signal: this.#stop.signal })
    } catch (error) {
      this.#tell(error)
    } finally {
      await frames.close()
    }
  }

  async #fetchAll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const seen = this.#changed.count
      const restMs = await this.#fetchNext(signal)
      if (restMs > 0) await this.#rest(restMs, seen, signal)
    }
  }

  /** Fetches one; gives how long to wait before the next look. */
  async #fetchNext(signal: AbortSignal): Promise<number> {
    const { traffic } = this.#parts
    try {
      if (traffic.isSpent) return traffic.untilTomorrowMs
      const waiting = await this.#waiting()
      const next = this.#firstOf(waiting)
      if (next === undefined) return waiting.length === 0 ? LATER_MS : RETRY_MS
      await this.#fetch(next, signal)
      return 0
    } catch (error) {
      if (signal.aborted) return 0
      this.#tell(error)
      return RETRY_MS
    }
  }

  async #waiting(): Promise<readonly Wanted[]> {
    const { asks, peer, store } = this.#parts
    const which = asks ? 'asked' : 'not-held'
    return wantedFrom(store, peer().agency, { limit: ROUND, which })
  }

  #firstOf(waiting: readonly Wanted[]): Wanted | undefined {
    return waiting.find(({ key }) => (this.#later.get(key) ?? 0) <= this.#parts.nowMs())
  }

  /** Looks at every change whether something goes before, or this one is to wait, and says so once. */
  async #watch({ key, turn }: Wanted, over: AbortController): Promise<void> {
    while (!over.signal.aborted) {
      const seen = this.#changed.count
      const waiting = await this.#waiting()
      const first = this.#firstOf(waiting)
      const isGone = !waiting.some((one) => one.key === key)
      if (isGone || (first !== undefined && first.turn < turn)) over.abort()
      await this.#changed.after(seen, over.signal)
    }
  }

  async #fetch(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { folder, ledger, nowMs } = this.#parts
    const record = await ledger.get(wanted.statement)
    const attachment =
      record && attachmentsIn(record).find(({ digest }) => digest === wanted.digest)
    if (record === undefined || attachment === undefined)
      return settleAttachment(this.#parts, wanted, undefined)
    const over = new AbortController()
    const watching = this.#watch(wanted, over).catch(() => undefined)
    try {
      const end = await this.#fetchFile(attachment, { over: over.signal, signal })
      if (end === undefined) await settleAttachment(this.#parts, wanted, { record })
      else if (end !== 'overtaken') this.#later.set(wanted.key, nowMs() + LATER_MS)
    } catch (error) {
      if (!isAnyAmanaError(error) || !error.code.startsWith('WIRE_')) throw error
      if (!(await folder.has(wanted.digest, attachment.length))) await folder.drop(wanted.digest)
      await settleAttachment(this.#parts, wanted, { record, code: error.code })
    } finally {
      over.abort()
      await watching
    }
    return undefined
  }

  /** One that lies here already, for another statement, is read and not fetched. */
  async #fetchFile(attachment: Attachment, signals: Signals): Promise<PullEnd | undefined> {
    const { folder } = this.#parts
    const opener = new AttachmentOpener(attachment)
    if (await folder.has(attachment.digest, attachment.length)) {
      for await (const bytes of folder.read(attachment.digest)) opener.push(bytes)
      opener.end()
      return undefined
    }
    const done = await folder.alone(attachment.digest, async () => {
      await using file = await folder.coming(attachment.digest)
      await resume(file, opener)
      return { end: await this.#pullAll(attachment, { file, opener }, signals) }
    })
    // who takes in what a carrier brought is at it
    return done === undefined ? 'absent' : done.end
  }

  /** What a carrier brought is not asked for: only what stands before the next range that is kept, a few at a time. */
  async #pullAll(
    attachment: Attachment,
    into: { readonly opener: AttachmentOpener; readonly file: ComingFile },
    signals: Signals,
  ): Promise<PullEnd | undefined> {
    const { digest, length } = attachment
    const { file, opener } = into
    for (;;) {
      const until = await absorb(this.#parts.folder, { digest, length, ...into })
      if (opener.verifiedBytes === length) break
      const ahead = opener.verifiedBytes + ASKED_BYTES
      const part = { until: Math.min(until, ahead < length ? boundOf(ahead) : length) }
      const end = await this.#pull(attachment, { ...into, ...part }, signals)
      if (end !== undefined) return end
    }
    opener.end()
    await file.finish()
    return undefined
  }

  async #pull(
    { digest }: Attachment,
    into: {
      readonly opener: AttachmentOpener
      readonly file: ComingFile
      readonly until: number
    },
    { over, signal }: Signals,
  ): Promise<PullEnd | undefined> {
    const { link, nowMs, peer, traffic } = this.#parts
    const frames = await link.openBlobs(peer().peerIds, signal)
    try {
      return await pull({
        ...into,
        digest,
        frames,
        nowMs,
        signal,
        isOvertaken: () => over.aborted,
        window: new PullWindow(),
        arrived: async (bytes, ms) => {
          traffic.count(bytes)
          traffic.measure(bytes, ms)
          await traffic.keepSometimes()
        },
      })
    } finally {
      await frames.close()
    }
  }

  async #rest(ms: number, seen: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const either = AbortSignal.any([over.signal, signal])
    await Promise.race([this.#parts.timer.wait(ms, either), this.#changed.after(seen, either)])
    over.abort()
  }

  #tell(error: unknown): void {
    if (this.#stop.signal.aborted) return
    this.#parts.failed(isAnyAmanaError(error) ? error.code : 'CLI_UNEXPECTED')
  }
}
