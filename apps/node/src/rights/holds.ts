/**
 * Holds: what a court, a prosecutor or the person herself needs is not erased, whoever asks, until the hold is lifted.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#holds
 */
import { AmanaError } from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import {
  allRecords,
  deleteRecord,
  type HoldRecord,
  putRecord,
  RECORDS,
  type StatementRecord,
} from '../records.ts'
import { referenceOfRecord } from './rights-facts.ts'

/** A hold, and the statement that it names. */
export interface Hold extends HoldRecord {
  readonly statement: string
}

type HoldParts = Pick<NodeParts, 'ledger' | 'store'>

/** Every hold, in no order that says anything. @throws STORE_DAMAGED */
export async function allHolds(store: NodeParts['store']): Promise<readonly Hold[]> {
  const rows = await allRecords(store, RECORDS.hold, {})
  return rows.map(({ key, value }) => ({ ...value, statement: key }))
}

/** Answers for many statements whether a hold stands on them: on them alone, or on their whole referral. */
export class HoldBook {
  readonly #own: ReadonlyMap<string, Hold>
  readonly #referrals: ReadonlyMap<string, Hold>

  private constructor(own: ReadonlyMap<string, Hold>, referrals: ReadonlyMap<string, Hold>) {
    this.#own = own
    this.#referrals = referrals
  }

  /** @throws STORE_DAMAGED */
  static async read({ ledger, store }: HoldParts): Promise<HoldBook> {
    const own = new Map<string, Hold>()
    const referrals = new Map<string, Hold>()
    for (const hold of await allHolds(store)) {
      own.set(hold.statement, hold)
      const record = hold.scope === 'referral' ? await ledger.get(hold.statement) : undefined
      const reference = record && referenceOfRecord(ledger, record)
      if (reference !== undefined) referrals.set(reference, hold)
    }
    return new HoldBook(own, referrals)
  }

  /** The hold that keeps a statement; one that came after its referral was held is kept too. */
  of(ledger: NodeParts['ledger'], record: StatementRecord): Hold | undefined {
    const own = this.#own.get(record.digest)
    if (own !== undefined || this.#referrals.size === 0) return own
    const reference = referenceOfRecord(ledger, record)
    return reference === undefined ? undefined : this.#referrals.get(reference)
  }
}

/** What is to be held, and why. */
export interface Holding {
  readonly fields: readonly { readonly name: string; readonly value: string }[]
  readonly hold: Omit<HoldRecord, 'leaf'>
  readonly who: Actor
}

/** Holds statements, a leaf each; those that are held already stay as they are. How many were added. @throws STORE_WRITE */
export async function holdStatements(
  parts: NodeParts,
  records: readonly StatementRecord[],
  { fields, hold, who }: Holding,
): Promise<number> {
  const held = new Set((await allHolds(parts.store)).map(({ statement }) => statement))
  const added = records.filter(({ digest }) => !held.has(digest))
  if (added.length === 0) return 0
  await recordAct(parts, {
    who,
    leaves: added.map(({ digest: std }) => ({
      event: 'g.hold',
      data: { approvers: [who.actor], basis: hold.basis, std },
    })),
    fields,
    writes: (leaves) =>
      added.map(({ digest }, at) =>
        putRecord(RECORDS.hold, digest, { ...hold, leaf: leaves[at]?.hash ?? '' }),
      ),
  })
  return added.length
}

/** Lifts the holds on statements; how many stood. @throws RIGHTS_HOLD when none did; STORE_WRITE */
export async function liftHolds(
  parts: NodeParts,
  { about, records }: { readonly about: string; readonly records: readonly StatementRecord[] },
  { fields, who }: Omit<Holding, 'hold'>,
): Promise<number> {
  const asked = new Set(records.map(({ digest }) => digest))
  const lifted = (await allHolds(parts.store)).filter(({ statement }) => asked.has(statement))
  if (lifted.length === 0) throw new AmanaError('RIGHTS_HOLD', { about })
  await recordAct(parts, {
    who,
    leaves: lifted.map(({ basis, statement: std }) => ({
      event: 'g.unhold',
      data: { approvers: [who.actor], basis, std },
    })),
    fields,
    writes: () => lifted.map(({ statement }) => deleteRecord(RECORDS.hold, statement)),
  })
  return lifted.length
}
