/**
 * The kinds of messages: their groups, the desk that reads them and how long they are kept.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#kinds
 */
import { type z } from 'zod'
import { AmanaError } from '../errors.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { DESK_ANSWER_GROUPS } from './desk-answer.ts'
import { maySee } from './disclosure-matrix.ts'
import { HANDOVER_RECEIPT_GROUPS } from './handover-receipt.ts'
import { INTEL_REPORT_GROUPS } from './intel-report.ts'
import { JTWG_MINUTES_GROUPS } from './jtwg-minutes.ts'
import { REFERRAL_EVENT_GROUPS } from './referral-event.ts'
import { CLEARANCE_GROUPS, TRAVEL_DOCUMENT_GROUPS } from './tasks.ts'
import { VICTIM_REFERRAL_GROUPS } from './victim-referral.ts'

/** The desks of an agency. */
export type Desk = 'protection' | 'intelligence' | 'coordination'

/** The first part of a kind; roles are `author:<area>` and `approve:<area>`. */
export type Area = 'desk' | 'victim' | 'referral' | 'handover' | 'task' | 'intel' | 'jtwg'

/** What the exchange must know of a kind. */
export interface KindDefinition {
  readonly area: Area
  readonly desk: Desk
  /** The closed list of field groups, each with its schema. */
  readonly groups: Readonly<Record<string, z.ZodType>>
  /** Groups that the reading desk may not see: they travel as digests only. */
  readonly withheldGroups: readonly string[]
  /** Years after the year of signing. */
  readonly retainYears: number
  /** Whether a statement of this kind may be one half of a joint act. */
  readonly jointAct: boolean
  /** The least strict marking. Nothing about a person goes to the community. */
  readonly widestTlp: 'AMBER' | 'GREEN'
}

const PERSON = {
  retainYears: 5,
  widestTlp: 'AMBER',
  desk: 'protection',
  withheldGroups: [],
} as const

/** Every kind, by name. */
export const KINDS = {
  'victim.referral/1': {
    ...PERSON,
    area: 'victim',
    groups: VICTIM_REFERRAL_GROUPS,
    withheldGroups: ['health', 'investigation'],
    jointAct: false,
  },
  'referral.event/1': {
    ...PERSON,
    area: 'referral',
    groups: REFERRAL_EVENT_GROUPS,
    jointAct: true,
  },
  'handover.receipt/1': {
    ...PERSON,
    area: 'handover',
    groups: HANDOVER_RECEIPT_GROUPS,
    jointAct: true,
  },
  'task.travel-document/1': {
    ...PERSON,
    area: 'task',
    groups: TRAVEL_DOCUMENT_GROUPS,
    jointAct: false,
  },
  'task.clearance/1': {
    ...PERSON,
    area: 'task',
    groups: CLEARANCE_GROUPS,
    jointAct: false,
  },
  'intel.report/1': {
    area: 'intel',
    desk: 'intelligence',
    groups: INTEL_REPORT_GROUPS,
    withheldGroups: [],
    retainYears: 3,
    jointAct: false,
    widestTlp: 'AMBER',
  },
  'jtwg.minutes/1': {
    area: 'jtwg',
    desk: 'coordination',
    groups: JTWG_MINUTES_GROUPS,
    withheldGroups: [],
    retainYears: 10,
    jointAct: false,
    widestTlp: 'GREEN',
  },
  'desk.answer/1': {
    ...PERSON,
    area: 'desk',
    groups: DESK_ANSWER_GROUPS,
    jointAct: false,
  },
} as const satisfies Readonly<Record<string, KindDefinition>>

/** Name of a kind: `area.thing/version`. */
export type Kind = keyof typeof KINDS

/** Whether the kind is known. */
export function isKind(kind: string): kind is Kind {
  return Object.hasOwn(KINDS, kind)
}

/**
 * What the exchange must know of `kind`.
 *
 * @throws WIRE_SCHEMA when the kind is not known
 */
export function kindDefinition(kind: string): KindDefinition {
  if (!isKind(kind)) throw new AmanaError('WIRE_SCHEMA', { path: 'kind' })
  return KINDS[kind]
}

/** The groups of a kind, sorted: what the names in an opening and its withheld digests together must be. */
export function groupNames(kind: string): readonly string[] {
  return Object.keys(kindDefinition(kind).groups).toSorted()
}

/**
 * What a desk must find open in a message of `kind`, and what it may not be sent. The agency's own desk of the kind sees
 * all but what the kind withholds from it; for a partner desk the disclosure matrix decides. A desk that does not read
 * the kind must see nothing and may see nothing.
 *
 * @throws WIRE_SCHEMA when the kind is not known
 */
export function deskGroups(
  kind: string,
  desk: ReadingDesk,
): { readonly mustSee: readonly string[]; readonly mayNotSee: readonly string[] } {
  const definition = kindDefinition(kind)
  const names = groupNames(kind)
  const isSeen = (name: string): boolean =>
    isOwnDesk(desk)
      ? desk.id === definition.desk && !definition.withheldGroups.includes(name)
      : desk.roles.some((role) => maySee(role, kind, name))
  return {
    mustSee: names.filter((name) => isSeen(name)),
    mayNotSee: names.filter((name) => !isSeen(name)),
  }
}

/** What a message must say itself before an embassy is sent it: nobody's own State is told of one who fears it. */
const UNLOCKED: Readonly<Record<string, readonly [string, string]>> = {
  'victim.referral/1': ['protectionClaim', 'no'],
  'task.travel-document/1': ['protectionClaimChecked', 'yes'],
}

/**
 * An embassy is sent nothing about a person who may fear her own State.
 *
 * @throws WIRE_POLICY unless the group `risk` says that there is no such claim, or that it was asked about
 */
export function assertDeskUnlocked(
  kind: string,
  { roles }: ReadingDesk,
  groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): void {
  if (!roles.includes('embassy_consular')) return
  const [member, value] = UNLOCKED[kind] ?? ['', '']
  if (groups['risk']?.[member] === value && member !== '') return
  throw new AmanaError('WIRE_POLICY', { rule: 'protection claim' })
}

/** A desk with roles is read as a partner's, also inside the agency. */
function isOwnDesk({ external, roles }: ReadingDesk): boolean {
  return !external && roles.length === 0
}
