/**
 * Bytes over the line to a peer on one day, how many are allowed, and how fast the line was.
 *
 * @module
 * @spec docs/spec/10-attachments.md#budget
 */
import { type AuditWriter, type NodeClock, type Store } from '../ports.ts'
import { getRecord, putRecord, RECORDS, type TrafficRecord } from '../records.ts'

/** A node has one peer. */
const LINE = 'line'
const SECONDS_PER_DAY = 86_400
const MS_PER_SECOND = 1000
/** A kill forgets no more than this of the count. */
const KEPT_EVERY_BYTES = 256 * 1024
/** Less says nothing of a line. */
const MEASURED_BYTES = 32 * 1024
const MEASURED_MS = 1000

/** What the count is kept in. */
export interface TrafficParts {
  readonly store: Store
  readonly audit: AuditWriter
  readonly clock: NodeClock
  /** Bytes of a day beyond which attachments wait; no limit where nothing is said. */
  readonly bytesPerDay: number | undefined
}

/** What is known of a line. */
export interface LineFacts {
  readonly bytesToday: number
  readonly bytesPerDay?: number
  /** Of attachments, when that was last measured. */
  readonly bytesPerSecond?: number
}

/** The count of the line. */
export class Traffic {
  readonly #parts: TrafficParts
  #record: TrafficRecord
  #unkept = 0
  #measuring = { bytes: 0, ms: 0 }

  private constructor(parts: TrafficParts, record: TrafficRecord) {
    this.#parts = parts
    this.#record = record
  }

  static async load(parts: TrafficParts): Promise<Traffic> {
    const known = await getRecord(parts.store, RECORDS.traffic, LINE)
    return new Traffic(parts, known ?? { bytes: 0, day: 0 })
  }

  get facts(): LineFacts {
    const { bytesPerDay } = this.#parts
    const { bytes, bytesPerSecond } = this.#today()
    return {
      bytesToday: bytes,
      ...(bytesPerDay === undefined ? {} : { bytesPerDay }),
      ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
    }
  }

  /** Whether attachments have to wait for the next day. */
  get isSpent(): boolean {
    const { bytesPerDay } = this.#parts
    return bytesPerDay !== undefined && this.#today().bytes >= bytesPerDay
  }

  /** Milliseconds until the next day begins. */
  get untilTomorrowMs(): number {
    const day = SECONDS_PER_DAY * MS_PER_SECOND
    return day - (this.#parts.clock.nowMs() % day)
  }

  /** Bytes went over the line, in either direction. */
  count(bytes: number): void {
    const today = this.#today()
    this.#record = { ...today, bytes: today.bytes + bytes }
    this.#unkept += bytes
  }

  /** So many bytes of attachments took so long. */
  measure(bytes: number, ms: number): void {
    const measured = { bytes: this.#measuring.bytes + bytes, ms: this.#measuring.ms + ms }
    this.#measuring = measured
    if (measured.bytes < MEASURED_BYTES || measured.ms < MEASURED_MS) return
    const now = (measured.bytes * MS_PER_SECOND) / measured.ms
    const before = this.#record.bytesPerSecond ?? now
    const bytesPerSecond = Math.max(1, Math.round((before + now) / 2))
    this.#record = { ...this.#today(), bytesPerSecond }
    this.#measuring = { bytes: 0, ms: 0 }
  }

  /** Writes the count where enough has come together. @throws STORE_WRITE */
  async keepSometimes(): Promise<void> {
    if (this.#unkept >= KEPT_EVERY_BYTES) await this.keep()
  }

  /** Writes the count. @throws STORE_WRITE */
  async keep(): Promise<void> {
    this.#unkept = 0
    const writes = [putRecord(RECORDS.traffic, LINE, { ...this.#today() })]
    await this.#parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
  }

  #today(): TrafficRecord {
    const day = Math.floor(this.#parts.clock.now() / SECONDS_PER_DAY)
    return this.#record.day === day ? this.#record : { ...this.#record, bytes: 0, day }
  }
}
