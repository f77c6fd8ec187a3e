/**
 * What waits for a peer, by urgency and desk: how much, and since when. It reads rows and no bodies.
 *
 * @module
 * @spec docs/spec/08-exchange.md#health
 */
import { parseStatement } from '@amana/core'
import { type Store } from '../ports.ts'
import { type StatementRecord } from '../records.ts'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { rankOf, URGENCIES, type Urgency } from '../statements/urgency.ts'
import { rankIn } from './queue-keys.ts'
import { queuePages } from './queue-rows.ts'
import { unreceipted } from './unanswered.ts'

/** Beyond so many statements of the queue only their number is told: figures must not hold up the node. */
const MOST_MEASURED = 1000

/** For one desk, of one urgency. */
export interface DeskWaiting {
  readonly desk: string
  readonly urgency: Urgency
  readonly statements: number
  /** Of statements and openings in the queue, and of sealed envelopes without the last word; of the first 1,000. */
  readonly bytes: number
  /** Seconds since 1970 at which the oldest of these was signed or sealed; absent where none was measured. */
  readonly oldestAt?: number
}

/** What is read. */
export interface WaitingParts {
  readonly store: Store
  readonly ledger: StatementLedger
  /** The newest dispatch of the channel. */
  readonly sequence: number
}

/** The most urgent first, and of one urgency by the names of desks. @throws STORE_DAMAGED */
export async function waitingFor(
  peer: string,
  { ledger, sequence, store }: WaitingParts,
): Promise<readonly DeskWaiting[]> {
  const desks = new Map<string, DeskWaiting>()
  const add = (more: DeskWaiting): void => {
    const key = `${String(rankOf(more.urgency))} ${more.desk}`
    desks.set(key, sumOf(desks.get(key), more))
  }
  for await (const record of unreceipted(store, peer, { after: 0, sequence })) {
    const { desk, envelope = '', rank = 1, sentAt, statements } = record
    const bytes = Math.floor((envelope.length * 3) / 4)
    const urgency = urgencyAt(rank)
    add({ desk, urgency, statements: statements.length, bytes, oldestAt: sentAt })
  }
  let measured = 0
  for await (const rows of queuePages(store, peer)) {
    for (const { key, value } of rows) {
      measured += 1
      const record = measured > MOST_MEASURED ? undefined : await ledger.get(value.digest)
      const known = record === undefined ? undefined : sizeOf(record)
      const urgency = urgencyAt(rankIn(key))
      add({ desk: value.desk, urgency, statements: 1, bytes: 0, ...known })
    }
  }
  const sorted = [...desks].toSorted(([first], [second]) => (first < second ? -1 : 1))
  return sorted.map(([, one]) => one)
}

function urgencyAt(rank: number): Urgency {
  return URGENCIES[rank] ?? 'urgent'
}

function sumOf(before: DeskWaiting | undefined, more: DeskWaiting): DeskWaiting {
  if (before === undefined) return more
  const oldest = [before.oldestAt, more.oldestAt].filter((one) => one !== undefined)
  return {
    desk: more.desk,
    urgency: more.urgency,
    statements: before.statements + more.statements,
    bytes: before.bytes + more.bytes,
    ...(oldest.length === 0 ? {} : { oldestAt: Math.min(...oldest) }),
  }
}

function sizeOf({ opening, statement }: StatementRecord): Pick<DeskWaiting, 'bytes' | 'oldestAt'> {
  const openingBytes = opening === undefined ? 0 : JSON.stringify(opening).length
  return {
    bytes: statement.payload.length + openingBytes,
    oldestAt: parseStatement(statement).content.iat,
  }
}
