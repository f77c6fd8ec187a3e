/**
 * Who is there, as somebody counts a group at one end: each line one person, present or named with what became of her.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#groups
 */
import { AmanaError, CODE_LISTS, readSpokenReference } from '@amana/core'
import { type ListRow } from '../csv.ts'
import { codeIn } from '../typed-values.ts'
import { badLine, type BadLine } from './group-people.ts'

/** One line: a person who is there, or who is not; of who is there how she is counted. */
export interface Head {
  readonly line: number
  readonly status: 'present' | (typeof CODE_LISTS.manifestDiscrepancy)[number]
  readonly referral?: string
  readonly condition?: string
  readonly note?: string
  readonly gender?: string
  readonly ageBand?: string
}

/** How a person is counted who is on a list with more than her reference. */
export type Counted = ReadonlyMap<string, { readonly gender: string; readonly ageBand: string }>

const STATUSES = { of: ['present', ...CODE_LISTS.manifestDiscrepancy] } as const
/** Who needs a doctor; a number only. */
const ALERTS: readonly string[] = ['needs_care', 'critical']

/** The heads of a list, and the lines that cannot be read; nobody stands on two of them. */
export function headsIn(
  rows: readonly ListRow[],
  counted: Counted,
): { readonly heads: readonly Head[]; readonly bad: readonly BadLine[] } {
  const heads: Head[] = []
  const bad: BadLine[] = []
  const known = new Set<string>()
  for (const row of rows) {
    try {
      const head = headOf(row, counted)
      const { referral } = head
      if (referral !== undefined && known.has(referral)) throw unfit('referral')
      if (referral !== undefined) known.add(referral)
      heads.push(head)
    } catch (error) {
      bad.push(badLine(row.line, error))
    }
  }
  return { heads, bad }
}

/** Groups of a manifest, as they are checked before it is signed. */
interface Counts {
  readonly custody: {
    readonly members: readonly object[]
    readonly discrepancies?: readonly object[]
  }
  readonly statistics: {
    readonly headcount: number
    readonly counts: readonly object[]
    readonly medicalAlerts: number
  }
}

/** What a manifest says of its heads: who is here, what differs, how many of each. */
export function countedHeads(heads: readonly Head[]): Counts {
  const here = heads.filter((head) => isHere(head))
  const differing = heads.filter(({ status }) => status !== 'present')
  const discrepancies = differing.map(({ note, referral, status: kind }) =>
    present({ kind, referral, note }),
  )
  const cells = Map.groupBy(here, ({ ageBand = '', gender = '' }) => `${gender} ${ageBand}`)
  const counts = [...cells].map(([cell, { length: count }]) => {
    const [gender, ageBand] = cell.split(' ')
    return { gender, ageBand, count }
  })
  const medicalAlerts = here.filter(({ condition = '' }) => ALERTS.includes(condition)).length
  const members = here
    .filter(({ referral }) => referral !== undefined)
    .map(({ condition, referral }) => present({ referral, condition }))
  return {
    custody: { members, ...(discrepancies.length === 0 ? {} : { discrepancies }) },
    statistics: { headcount: here.length, counts, medicalAlerts },
  }
}

function isHere({ status }: Head): boolean {
  return status === 'present' || status === 'extra'
}

/** @throws WIRE_SCHEMA with the column that does not fit */
function headOf({ cells, line }: ListRow, counted: Counted): Head {
  const typed = code(STATUSES, cells['status'] ?? 'present', 'status')
  const status = STATUSES.of.find((one) => one === typed) ?? 'present'
  const referral = referralOf(cells['referral'], status)
  const { condition, note } = cells
  const told =
    condition === undefined ? undefined : code({ list: 'custodyCondition' }, condition, 'condition')
  const head: Head = { line, status, ...present({ referral, condition: told, note }) }
  return isHere(head) ? { ...head, ...countedAs(cells, counted.get(referral ?? '')) } : head
}

/** @throws WIRE_SCHEMA */
function countedAs(
  { ageBand, gender }: ListRow['cells'],
  own: { readonly ageBand: string; readonly gender: string } | undefined,
): Required<Pick<Head, 'ageBand' | 'gender'>> {
  const said = { ageBand: ageBand ?? own?.ageBand, gender: gender ?? own?.gender }
  if (said.gender === undefined) throw unfit('gender')
  if (said.ageBand === undefined) throw unfit('ageBand')
  return {
    gender: code({ list: 'gender' }, said.gender, 'gender'),
    ageBand: code({ list: 'ageBand' }, said.ageBand, 'ageBand'),
  }
}

/** Only who came beside the list may have no reference yet. */
function referralOf(spoken: string | undefined, status: Head['status']): string | undefined {
  if (spoken === undefined && status === 'extra') return undefined
  const referral = spoken === undefined ? undefined : readSpokenReference(spoken)
  if (referral === undefined) throw unfit('referral')
  return referral
}

function code(choice: Parameters<typeof codeIn>[0], typed: string, column: string): string {
  try {
    return codeIn(choice, typed, column)
  } catch {
    throw unfit(column)
  }
}

function present(
  members: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  )
}

function unfit(path: string): AmanaError {
  return new AmanaError('WIRE_SCHEMA', { path })
}
