/**
 * Openings against the usual rule: whoever supervises hears of each at once, and another officer judges it within a day.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#break-glass
 */
import { actorOf, AmanaError } from '@amana/core'
import { type NodeClock, type Store } from '../ports.ts'
import {
  allRecords,
  deleteRecord,
  getRecord,
  orderKey,
  RECORDS,
  type ReviewRecord,
} from '../records.ts'
import { Exclusive } from '../statements/exclusive.ts'
import { type Actor } from './officers.ts'
import { type AccessParts, recordAct } from './recorded.ts'

const REVIEW_SECONDS = 24 * 3600
const MS = 1000

/** An opening that nobody has judged yet; instants in seconds since 1970. */
export interface Waiting {
  readonly index: number
  readonly actor: string
  readonly statement: string
  readonly openedAt: number
  readonly dueAt: number
  readonly overdue: boolean
}

/** How one opening is judged. */
export interface Judgement {
  readonly index: number
  readonly result: string
  readonly reason?: string
}

/** The openings that wait, and their judges. */
export class Reviews {
  readonly #parts: AccessParts & { readonly store: Store; readonly clock: NodeClock }
  readonly #judging = new Exclusive()
  #broken: (index: number, actor: string) => void = () => undefined

  constructor(parts: AccessParts & { readonly store: Store; readonly clock: NodeClock }) {
    this.#parts = parts
  }

  /** Called when an opening against the usual rule became durable. */
  onBroken(listener: (index: number, actor: string) => void): void {
    this.#broken = listener
  }

  /** An opening is durable: who supervises is told before anything is shown. */
  broken(index: number, actor: string): void {
    this.#broken(index, actor)
  }

  /** The oldest first. @throws STORE_DAMAGED */
  async waiting(): Promise<readonly Waiting[]> {
    const now = this.#parts.clock.now()
    const rows = await allRecords(this.#parts.store, RECORDS.review, {})
    return rows.map(({ key, value }) => waitingOf(Number(key), value, now))
  }

  /**
   * Judges an opening, once.
   *
   * @throws AUDIT_REVIEW_NONE when none waits at that index
   * @throws AUDIT_REVIEW_OWN when the officer who opened judges himself, be it under another year's pseudonym
   */
  async judge({ index, reason, result }: Judgement, who: Actor): Promise<void> {
    const { store } = this.#parts
    await this.#judging.run(async () => {
      const opened = await getRecord(store, RECORDS.review, orderKey(index))
      if (opened === undefined) throw new AmanaError('AUDIT_REVIEW_NONE', { index })
      if (await this.#isOwn(opened, who)) throw new AmanaError('AUDIT_REVIEW_OWN', { index })
      await recordAct(this.#parts, {
        who,
        leaves: [{ event: 'a.review', data: { ref: index, result } }],
        fields: reason === undefined ? [] : [{ name: 'reason', value: reason }],
        writes: () => [deleteRecord(RECORDS.review, orderKey(index))],
      })
    })
  }

  /** Without the key of that year nobody can tell, and then nobody may. */
  async #isOwn({ actor, year }: ReviewRecord, { officer }: Actor): Promise<boolean> {
    const keys = await this.#parts.years.of(year)
    if (keys === undefined || officer === undefined) return true
    return actorOf(keys.actors, officer.id) === actor
  }
}

/** Until when an opening has to be judged, in seconds since 1970. */
export function reviewDueAt(openedAtMs: number): number {
  return Math.floor(openedAtMs / MS) + REVIEW_SECONDS
}

function waitingOf(index: number, record: ReviewRecord, now: number): Waiting {
  const { actor, openedAt, statement } = record
  const dueAt = reviewDueAt(openedAt)
  return {
    index,
    actor,
    statement,
    openedAt: Math.floor(openedAt / MS),
    dueAt,
    overdue: now >= dueAt,
  }
}
