/**
 * What becomes of the record of a statement when groups of it are destroyed.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#erasure
 */
import { parseOpening, parseStatement, rebuildOpening } from '@amana/core'
import { type StoreWrite } from '../ports.ts'
import { deleteRecord, RECORDS, type StatementRecord } from '../records.ts'

type Opening = NonNullable<StatementRecord['opening']>
type AtRest = NonNullable<StatementRecord['atRest']>

/** Every group of a statement that came here, erased or not. */
export function groupsHere({ atRest, erased = [], opening }: StatementRecord): readonly string[] {
  const kept = [...Object.keys(atRest?.sealed ?? {}), ...Object.keys(opening?.groups ?? {})]
  return [...new Set([...kept, ...erased])].toSorted()
}

/** The key of the row in which a group lies. */
export function groupKey(statement: string, group: string): string {
  return `${statement}/${group}`
}

/** The record without some groups: their digests stay, in the place of what was never opened here. */
export function withoutGroups(record: StatementRecord, groups: readonly string[]): StatementRecord {
  const { atRest, attachments, erased = [], facts, opening } = record
  const gone = new Set(groups)
  return {
    ...record,
    erased: [...new Set([...erased, ...groups])].toSorted(),
    ...(attachments === undefined
      ? {}
      : { attachments: attachments.filter(({ group }) => !gone.has(group)) }),
    ...(facts === undefined ? {} : { facts: without(facts, gone) }),
    ...(atRest === undefined ? {} : { atRest: closed(atRest, gone) }),
    ...(opening === undefined
      ? {}
      : { opening: openingWithout(opening, gone, commitmentsOf(record)) }),
  }
}

/** The digests that the statement commits to, by group. */
export function commitmentsOf({
  atRest,
  opening,
  statement,
}: StatementRecord): Readonly<Record<string, string>> {
  if (atRest !== undefined) return { ...atRest.withheld, ...atRest.waiting, ...atRest.sealed }
  if (opening === undefined) return {}
  return rebuildOpening(parseStatement(statement).content.kind, parseOpening(opening)).groups
}

/** The deletions of the rows in which they lie sealed. */
export function groupDeletions(
  statement: string,
  groups: readonly string[],
): readonly StoreWrite[] {
  return groups.map((group) => deleteRecord(RECORDS.group, groupKey(statement, group)))
}

/** A group that waited for a reader waits no more. */
function closed({ sealed, waiting, ...rest }: AtRest, gone: ReadonlySet<string>): AtRest {
  const waited = Object.entries(waiting).filter(([name]) => gone.has(name))
  return {
    ...rest,
    sealed: { ...sealed, ...Object.fromEntries(waited) },
    waiting: without(waiting, gone),
  }
}

function openingWithout(
  opening: Opening,
  gone: ReadonlySet<string>,
  commitments: Readonly<Record<string, string>>,
): Opening {
  const erased = Object.entries(commitments).filter(
    ([name]) => gone.has(name) && Object.hasOwn(opening.groups, name),
  )
  return {
    groups: without(opening.groups, gone),
    salt: opening.salt,
    withheld: { ...opening.withheld, ...Object.fromEntries(erased) },
  }
}

function without<T>(
  members: Readonly<Record<string, T>>,
  gone: ReadonlySet<string>,
): Record<string, T> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !gone.has(name)))
}
