/**
 * Own messages that the other agency has not answered for too long: nobody there may have them.
 *
 * @module
 * @spec docs/spec/08-exchange.md#overdue-messages
 */
import { parseStatement } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type StatementRecord } from '../records.ts'

const HOUR_SECONDS = 3600

/** The oldest first. @throws TRUST_NO_CHARTER, STORE_DAMAGED */
export async function overdueRecords(
  { clock, ledger, outbox, trust }: Pick<NodeParts, 'clock' | 'ledger' | 'outbox' | 'trust'>,
  { hours, limit }: { readonly hours: number; readonly limit: number },
): Promise<readonly StatementRecord[]> {
  const digests = new Set<string>()
  for await (const digest of outbox.unanswered(trust.peer())) digests.add(digest)
  const records: StatementRecord[] = []
  for (const digest of digests) {
    const record = await ledger.get(digest)
    if (record !== undefined) records.push(record)
  }
  const now = clock.now()
  const before = now - hours * HOUR_SECONDS
  return records
    .filter((record) => issuedAt(record) <= before || hasEnded(record, now))
    .toSorted((one, other) => issuedAt(one) - issuedAt(other))
    .slice(0, limit)
}

/** Whether the other agency would refuse it as ended. */
export function hasEnded({ statement }: Pick<StatementRecord, 'statement'>, now: number): boolean {
  const { exp } = parseStatement(statement).content
  return exp !== undefined && now >= exp
}

function issuedAt({ statement }: StatementRecord): number {
  return parseStatement(statement).content.iat
}
