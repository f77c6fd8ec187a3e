/**
 * What falls due: which groups have been kept as long as their class says, and what is to be done with them.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#when-something-falls-due
 */
import { matrixColumn, parseStatement } from '@amana/core'
import { type RetentionClass, retentionClassesOf } from '@amana/vocabulary'
import { z } from 'zod'
import { type NodeParts } from '../node-parts.ts'
import { eachRecord, RECORDS, type StatementRecord } from '../records.ts'
import { isOnItsWay } from '../statements/at-rest-form.ts'
import { groupsHere } from '../statements/erased-groups.ts'
import { HoldBook } from './holds.ts'
import { ENDED_EARLY, type Life, lifeOf } from './life.ts'
import { referenceOfRecord, secondsOf } from './rights-facts.ts'

/** Groups of one message that fell due by one class; nothing of what they say. */
export interface DueGroups {
  readonly statement: string
  readonly kind: string
  readonly class: string
  readonly action: 'erase' | 'review'
  readonly groups: readonly string[]
  /** Seconds since 1970. */
  readonly dueAt: number
  /** What keeps it all the same. */
  readonly kept?: 'held' | 'on-way'
}

const PAGE = 64
const DAY = 86_400
const ADULT_AGE = 18

interface Asked {
  readonly record: StatementRecord
  readonly life: Life | undefined
  readonly isAdult: boolean
}

/** What has fallen due by now, what is longest due first. @throws STORE_DAMAGED */
export async function dueNow(parts: NodeParts): Promise<readonly DueGroups[]> {
  const { clock, ledger, store } = parts
  const holds = await HoldBook.read(parts)
  const lives = new Lives(parts)
  const due: DueGroups[] = []
  for await (const { value: record } of eachRecord(store, RECORDS.statement, { limit: PAGE })) {
    if (groupsHere(record).length === (record.erased?.length ?? 0)) continue
    const asked = { record, ...(await lives.of(record)) }
    const kept = keptBy(record, holds.of(ledger, record) !== undefined)
    for (const one of dueOf(asked, clock.now())) {
      due.push({ ...one, ...(kept === undefined ? {} : { kept }) })
    }
  }
  return due.toSorted((first, second) => first.dueAt - second.dueAt)
}

function keptBy(record: StatementRecord, isHeld: boolean): DueGroups['kept'] {
  if (isHeld) return 'held'
  return isOnItsWay(record) ? 'on-way' : undefined
}

/** Each group falls due by the first of its classes; what is only looked at does not hold up what is erased. */
function dueOf(asked: Asked, now: number): readonly Omit<DueGroups, 'kept'>[] {
  const { digest: statement, erased = [] } = asked.record
  const { kind } = parseStatement(asked.record.statement).content
  const byClass = new Map<string, Omit<DueGroups, 'kept'>>()
  for (const group of groupsHere(asked.record)) {
    const first = erased.includes(group) ? undefined : firstDue(asked, group, now)
    if (first === undefined) continue
    const { action, dueAt, id } = first
    const groups = [...(byClass.get(id)?.groups ?? []), group]
    byClass.set(id, { action, class: id, dueAt, groups, kind, statement })
  }
  return [...byClass.values()]
}

interface Term {
  readonly id: string
  readonly action: 'erase' | 'review'
  readonly dueAt: number
}

function firstDue(asked: Asked, group: string, now: number): Term | undefined {
  const { kind } = parseStatement(asked.record.statement).content
  const classes = retentionClassesOf({
    column: matrixColumn(kind, group),
    direction: asked.record.direction,
    ended: endOf(asked.life),
    isAdult: asked.isAdult,
    kind,
  })
  const terms = classes.flatMap((one) => termOf(one, asked) ?? [])
  const due = terms.filter(({ dueAt }) => dueAt <= now).toSorted((a, b) => a.dueAt - b.dueAt)
  return due.find(({ action }) => action === 'erase') ?? due[0]
}

function endOf(life: Life | undefined): 'closed' | 'early' | 'none' | 'open' {
  if (life === undefined) return 'none'
  if (life.endedAt === undefined) return 'open'
  return ENDED_EARLY.includes(life.state) ? 'early' : 'closed'
}

function termOf(
  { action, days = 0, from, id, years = 0 }: RetentionClass,
  { life, record }: Asked,
): Term | undefined {
  const { handling, iat } = parseStatement(record.statement).content
  if (action === 'keep' || from === undefined) return undefined
  const begins = {
    end: life?.endedAt,
    'hand-over': life?.handedOverAt,
    // the day itself is still in the term
    'retain-until': secondsOf(handling.retainUntil) + DAY,
    signing: iat,
  }[from]
  return begins === undefined
    ? undefined
    : { action, dueAt: yearsAfter(begins, years) + days * DAY, id }
}

/** The same day and hour, so many years later. */
function yearsAfter(seconds: number, years: number): number {
  const date = new Date(seconds * 1000)
  date.setUTCFullYear(date.getUTCFullYear() + years)
  return Math.floor(date.getTime() / 1000)
}

const AgeSchema = z.object({ person: z.object({ ageMin: z.int() }) })

/** Each referral is told once, however many messages it has. */
class Lives {
  readonly #parts: NodeParts
  readonly #known = new Map<string, Pick<Asked, 'isAdult' | 'life'>>()

  constructor(parts: NodeParts) {
    this.#parts = parts
  }

  async of(record: StatementRecord): Promise<Pick<Asked, 'isAdult' | 'life'>> {
    const { ledger } = this.#parts
    const reference = referenceOfRecord(ledger, record)
    if (reference === undefined) return { isAdult: false, life: undefined }
    const known = this.#known.get(reference) ?? (await this.#tell(reference))
    this.#known.set(reference, known)
    return known
  }

  /** An age that nobody knows is that of a child. A reference that no message of a referral bears has no life. */
  async #tell(reference: string): Promise<Pick<Asked, 'isAdult' | 'life'>> {
    const { ledger } = this.#parts
    const records = await ledger.ofReferral(reference)
    if (records.length === 0) return { isAdult: false, life: undefined }
    const ages = records.flatMap((one) => AgeSchema.safeParse(ledger.factsOf(one)).data ?? [])
    const isAdult = (ages.at(-1)?.person.ageMin ?? 0) >= ADULT_AGE
    return { isAdult, life: await lifeOf(this.#parts, reference) }
  }
}
