/**
 * The keys of a year: one makes officers' pseudonyms, one seals what leaves commit to. Both hang on a row of the store
 * and on the node's keystore; with the row gone nobody can lead that year's pseudonyms back, or open what was sealed.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#actors
 */
import { decodeBase64url, encodeBase64url, encodeUtf8, hmacSha256, type Random } from '@amana/core'
import { type AuditWriter, type NodeClock, type Store } from '../ports.ts'
import { getRecord, putRecord, RECORDS } from '../records.ts'
import { Exclusive } from '../statements/exclusive.ts'

/** What the keys of a year are made with. */
export interface YearKeysParts {
  readonly store: Store
  readonly audit: AuditWriter
  readonly clock: NodeClock
  readonly random: Random
  /** 32 bytes of the node's keystore. */
  readonly pseudonymKey: Uint8Array
}

/** The two keys of a year, 32 bytes each. */
export interface YearKeys {
  readonly year: number
  readonly actors: Uint8Array
  readonly disclosures: Uint8Array
}

const SECRET_BYTES = 32

/** Keys by year; those of the running year are made when they are first needed. */
export class YearKeyring {
  readonly #parts: YearKeysParts
  readonly #making = new Exclusive()

  constructor(parts: YearKeysParts) {
    this.#parts = parts
  }

  /** The year by the node's clock, in UTC. */
  get year(): number {
    return new Date(this.#parts.clock.nowMs()).getUTCFullYear()
  }

  /** The keys of the running year. @throws STORE_WRITE */
  async current(): Promise<YearKeys> {
    const { year } = this
    return this.#making.run(async () => (await this.of(year)) ?? this.#make(year))
  }

  /** The keys of a year; nothing where they are destroyed, or were never made. @throws STORE_DAMAGED */
  async of(year: number): Promise<YearKeys | undefined> {
    const row = await getRecord(this.#parts.store, RECORDS.year, String(year))
    return row === undefined ? undefined : this.#keysOf(year, row.secret)
  }

  async #make(year: number): Promise<YearKeys> {
    const secret = encodeBase64url(this.#parts.random(SECRET_BYTES))
    const writes = [putRecord(RECORDS.year, String(year), { secret })]
    await this.#parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
    return this.#keysOf(year, secret)
  }

  #keysOf(year: number, secret: string): YearKeys {
    const { pseudonymKey } = this.#parts
    const key = hmacSha256(pseudonymKey, decodeBase64url(secret))
    const of = (label: string): Uint8Array =>
      hmacSha256(key, encodeUtf8(`amana/1/${label}\0${String(year)}`))
    return { year, actors: of('actor-year'), disclosures: of('disclosure-year') }
  }
}
