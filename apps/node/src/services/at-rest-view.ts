/**
 * Groups at rest for the people who use a node: what an officer’s program opens with his key, and of every group who reads
 * it. What lies sealed for others is not given away, sealed or not.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#reading
 */
import { type Actor } from '../access/officers.ts'
import { type NodeParts } from '../node-parts.ts'
import { type StatementRecord } from '../records.ts'
import { type AtRestView, type GroupAtRest } from '../service-views.ts'

/** The groups of a statement; nothing where none of them is at rest. @throws STORE_DAMAGED */
export async function atRestViewOf(
  { atRest }: Pick<NodeParts, 'atRest'>,
  record: StatementRecord,
  { officer }: Pick<Actor, 'officer'>,
): Promise<AtRestView | undefined> {
  if (record.atRest === undefined) return undefined
  const { salt, sealed, waiting, withheld } = record.atRest
  const groups: Record<string, GroupAtRest> = {}
  for (const [name, commitment] of Object.entries(sealed)) {
    groups[name] = { commitment, ...(await groupOf(atRest, { record, name, id: officer?.id })) }
  }
  const { payload, signatures } = record.statement
  const statement = { payload, signatures }
  return { groups, salt, statement, waiting, withheld }
}

/** Of the facts, what says which step of which referral this is. */
const TOLD: ReadonlySet<string> = new Set([
  'act',
  'clearanceType',
  'documentType',
  'event',
  'leg',
  'legType',
  'occurredAt',
  'referral',
  'referralKind',
  'status',
  'urgency',
])

/** What is told of a body at rest without an officer; what the machine knows of the person is not. */
export function factsTold({
  facts,
}: StatementRecord): Readonly<Record<string, unknown>> | undefined {
  if (facts === undefined) return undefined
  const group = facts['routing'] ?? facts['body'] ?? {}
  return Object.fromEntries(Object.entries(group).filter(([name]) => TOLD.has(name)))
}

interface Asked {
  readonly record: StatementRecord
  readonly name: string
  readonly id: string | undefined
}

async function groupOf(
  atRest: NodeParts['atRest'],
  { id, name, record }: Asked,
): Promise<Omit<GroupAtRest, 'commitment'>> {
  const row = await atRest.group(record.digest, name)
  if (row === undefined) return { erased: true, readers: [] }
  const { left, sealed, wraps } = row
  const own = wraps.filter(({ officer }) => officer === id)
  return {
    readers: [...new Set(wraps.map(({ officer }) => officer))],
    ...(left === undefined ? {} : { left }),
    ...(own.length === 0 ? {} : { sealed: { sealed, wraps: own } }),
  }
}
