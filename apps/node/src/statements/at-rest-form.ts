/**
 * What a record of a statement keeps readable for the node itself once its groups lie sealed for officers.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#what-the-node-can-read
 */
import { type StatementRecord } from '../records.ts'
import { deliveriesOf } from './deliveries.ts'

type Opening = NonNullable<StatementRecord['opening']>

/** States in which a statement may have to be sealed for a desk again. */
const ON_ITS_WAY: ReadonlySet<string> = new Set(['held', 'queued', 'sent'])

/** The record without what only officers are to read, unless the queue still needs it. */
export function trimmed(record: StatementRecord): StatementRecord {
  const { atRest, opening, ...rest } = record
  if (atRest === undefined || opening === undefined || isOnItsWay(record)) return record
  const needed = new Set([...waitingGroups(record), ...awaitedGroups(record)])
  const open = Object.entries(opening.groups).filter(([name]) => needed.has(name))
  if (open.length === 0) return { ...rest, atRest }
  if (open.length === Object.keys(opening.groups).length) return record
  const closed = Object.entries(atRest.sealed).filter(([name]) => !needed.has(name))
  const withheld = { ...opening.withheld, ...Object.fromEntries(closed) }
  return {
    ...rest,
    atRest,
    opening: { groups: Object.fromEntries(open), salt: opening.salt, withheld },
  }
}

/** The groups that name files of which the keys are needed until they have come. */
function awaitedGroups({ attachments = [], direction }: StatementRecord): readonly string[] {
  if (direction === 'out') return []
  return attachments.filter(({ settled }) => settled !== true).map(({ group }) => group)
}

/** The record once a file that it names has come, or never will. */
export function withSettled(record: StatementRecord, file: string): StatementRecord {
  if (record.attachments === undefined) return record
  const attachments = record.attachments.map((one) =>
    one.digest === file ? { ...one, settled: true as const } : one,
  )
  return { ...record, attachments }
}

/** The groups that no officer reads yet. */
export function waitingGroups({ atRest, opening }: StatementRecord): readonly string[] {
  const names = Object.keys(opening?.groups ?? {})
  return names.filter((name) => atRest === undefined || !Object.hasOwn(atRest.sealed, name))
}

/** What the node may show by itself: all of it where no officer could be asked, else nothing. */
export function shownOpening({ atRest, opening }: StatementRecord): Opening | undefined {
  return atRest === undefined ? opening : undefined
}

/** Whether a desk may have to be sent it again: then the queue needs its opening. */
export function isOnItsWay(record: StatementRecord): boolean {
  return (
    record.direction === 'out' && deliveriesOf(record).some(({ state }) => ON_ITS_WAY.has(state))
  )
}
