/**
 * Own messages that are overdue: nobody at the other agency may have them, or its officers owe a word on them.
 *
 * @module
 * @spec docs/spec/08-exchange.md#overdue-messages
 */
import { parseStatement } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { eachRecord, RECORDS, type StatementRecord } from '../records.ts'
import { type Awaited, dueAt, owedOf } from '../statements/stage-clocks.ts'
import { stagesOf } from '../statements/stages.ts'

const PAGE_ROWS = 200

/** A message and what is overdue of it. */
export interface OverdueRecord {
  readonly record: StatementRecord
  readonly awaited: Awaited
}

type Parts = Pick<NodeParts, 'clock' | 'ledger' | 'outbox' | 'store' | 'trust'>

/** The oldest first; after `hours` instead of by urgency, where they are given. @throws TRUST_NO_CHARTER, STORE_DAMAGED */
export async function overdueRecords(
  parts: Parts,
  { hours, limit }: { readonly hours?: number | undefined; readonly limit: number },
): Promise<readonly OverdueRecord[]> {
  const waiting = [...(await unanswered(parts)), ...(await owed(parts))]
  const now = parts.clock.now()
  const late: OverdueRecord[] = []
  for (const one of waiting) {
    const { awaited, record } = one
    const isEnded = awaited === 'received' && hasEnded(record, now)
    if (isEnded || (await dueAt(parts.ledger, record, { awaited, hours })) <= now) late.push(one)
  }
  return late
    .toSorted((one, other) => issuedAt(one.record) - issuedAt(other.record))
    .slice(0, limit)
}

async function unanswered({ ledger, outbox, trust }: Parts): Promise<readonly OverdueRecord[]> {
  const digests = new Set<string>()
  for await (const digest of outbox.unanswered(trust.peer())) digests.add(digest)
  const records = await Promise.all([...digests].map((digest) => ledger.get(digest)))
  return records.flatMap((record) =>
    record === undefined ? [] : [{ awaited: 'received' as const, record }],
  )
}

/** What was taken back in vain is not waited for. */
async function owed({ ledger, store }: Parts): Promise<readonly OverdueRecord[]> {
  const found: OverdueRecord[] = []
  for await (const { key } of eachRecord(store, RECORDS.owed, { limit: PAGE_ROWS })) {
    const record = await ledger.get(key)
    if (record === undefined || record.withdrawal !== undefined) continue
    const awaited = owedOf(record, await stagesOf(store, key))
    if (awaited !== undefined) found.push({ awaited, record })
  }
  return found
}

/** Whether the other agency would refuse it as ended. */
export function hasEnded({ statement }: Pick<StatementRecord, 'statement'>, now: number): boolean {
  const { exp } = parseStatement(statement).content
  return exp !== undefined && now >= exp
}

function issuedAt({ statement }: StatementRecord): number {
  return parseStatement(statement).content.iat
}
