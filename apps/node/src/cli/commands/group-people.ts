/**
 * The people of a group from a list: each line becomes the file of one person, or is named with what does not fit.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#lists
 */
import {
  AmanaError,
  CODE_LISTS,
  groupNames,
  isAmanaError,
  isAnyAmanaError,
  makeReferralReference,
  parseDraft,
  readSpokenReference,
  type Draft,
} from '@amana/core'
import { z } from 'zod'
import { type ListRow } from '../csv.ts'

/** Kinds that a list can be read as. */
export const GROUP_KINDS = [
  'referral.stranded-migrant/1',
  'victim.referral/1',
  'victim.referral/2',
] as const

/** What every line shares. */
export interface GroupSetting {
  readonly kind: (typeof GROUP_KINDS)[number]
  readonly agency: string
  readonly peer: string
  /** The case owner. */
  readonly officer: string
  readonly language: string
  /** An instant. */
  readonly at: string
  readonly screening?: string | undefined
  readonly tlp: string
  readonly exercise: boolean
  /** Groups as a file gave them; a line comes before it. */
  readonly common: Groups
}

/** Groups of a message as they were typed. */
export type Groups = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** A person of a list, ready to be signed. */
export interface GroupPerson {
  readonly line: number
  readonly referral: string
  readonly gender: string
  readonly ageBand: string
  readonly file: Draft
  readonly create: (file: string) => Draft
}

/** A line that cannot be taken: what does not fit, or with which code it was refused. */
export interface BadLine {
  readonly line: number
  readonly path: string
  readonly code?: string
}

/** Members that are numbers, and members that are lists, with `|` between their parts. */
const NUMBERS: readonly string[] = ['person.ageMin', 'person.ageMax', 'identity.numberOfChildren']
const LISTS: readonly string[] = [
  'identity.aliases',
  'identity.citizenship',
  'needs.otherLanguages',
  'needs.requestedServices',
  'risk.vulnerabilities',
]
const PersonSchema = z.looseObject({
  ageMin: z.int().min(0),
  gender: z.enum(CODE_LISTS.gender),
})
const INTEGER = /^\d{1,3}$/

/** The person of a line. @throws WIRE_SCHEMA with the path of the first thing that does not fit */
export function personOf(
  { cells, line }: ListRow,
  setting: GroupSetting,
  random: (byteLength: number) => Uint8Array,
): GroupPerson {
  const { referral: spoken, screening = setting.screening, ...columns } = cells
  const referral = spoken === undefined ? drawn(setting, random) : heard(spoken)
  const typed = groupsOf(columns)
  const person = personIn({ ...setting.common['person'], ...typed['person'] })
  const ageBand = bandOf(person.ageMin)
  const result = screening ?? resultIn(setting, typed)
  const place = { referral, occurredAt: setting.at, sequence: 1 }
  const file = draftOf(setting, { groups: fileGroups(setting, typed, { ageBand, place, result }) })
  return {
    line,
    referral,
    gender: person.gender,
    ageBand,
    file,
    create: (previous) =>
      draftOf(
        { ...setting, kind: undefined },
        {
          groups: {
            body: {
              ...place,
              sequence: 2,
              previous,
              event: 'create',
              receivingAgency: setting.peer,
              screening: { result, at: setting.at },
            },
          },
        },
      ),
  }
}

/** What was wrong with a line: a member that does not fit, or the code and the reasons of a refusal. */
export function badLine(line: number, error: unknown): BadLine {
  if (isAmanaError(error, 'WIRE_SCHEMA')) return { line, path: error.details.path }
  if (!isAnyAmanaError(error)) throw error
  const { code } = error
  const reasons = isAmanaError(error, 'REFERRAL_REFUSED') ? error.details.reasons : []
  return { line, path: [code, ...reasons].join(' '), code }
}

interface Filling {
  readonly ageBand: string
  readonly place: Readonly<Record<string, unknown>>
  readonly result: string
}

function fileGroups(
  { at, common, kind, language, officer }: GroupSetting,
  typed: Groups,
  { ageBand, place, result }: Filling,
): Groups {
  const usual: Groups = {
    routing: {
      referralKind: 'group',
      personCategory: kind === 'referral.stranded-migrant/1' ? 'returnee' : 'presumed_vot',
      reason: 'reception',
      urgency: 'urgent',
      purpose: 'protection_referral',
      language,
      caseOwner: officer,
    },
    statistics: { ageBand },
    ...(kind === 'referral.stranded-migrant/1'
      ? { screening: { screenedForTrafficking: 'yes', result, at } }
      : {}),
  }
  const merged = groupNames(kind).map(
    (name) => [name, { ...usual[name], ...common[name], ...typed[name] }] as const,
  )
  const unknown = Object.keys({ ...common, ...typed }).find(
    (name) => !groupNames(kind).includes(name),
  )
  if (unknown !== undefined) throw new AmanaError('WIRE_SCHEMA', { path: unknown })
  const groups = Object.fromEntries(merged)
  return { ...groups, routing: { ...groups['routing'], ...place } }
}

function draftOf(
  {
    exercise,
    kind = 'referral.event/1',
    peer,
    tlp,
  }: Pick<GroupSetting, 'exercise' | 'peer' | 'tlp'> & {
    readonly kind?: string | undefined
  },
  { groups }: { readonly groups: Groups },
): Draft {
  const caveats = ['dist:bilateral', ...(exercise ? ['test:data'] : [])]
  return parseDraft({ kind, to: { agency: peer }, handling: { caveats, tlp }, groups })
}

/** Columns are `group.member`. @throws WIRE_SCHEMA */
function groupsOf(columns: Readonly<Record<string, string>>): Groups {
  const groups: Record<string, Record<string, unknown>> = {}
  for (const [column, cell] of Object.entries(columns)) {
    const [name = '', member, ...deeper] = column.split('.')
    if (member === undefined || deeper.length > 0)
      throw new AmanaError('WIRE_SCHEMA', { path: column })
    groups[name] = { ...groups[name], [member]: valueOf(column, cell) }
  }
  return groups
}

function valueOf(column: string, cell: string): unknown {
  if (LISTS.includes(column)) return cell.split('|').map((part) => part.trim())
  return NUMBERS.includes(column) && INTEGER.test(cell) ? Number(cell) : cell
}

/** @throws WIRE_SCHEMA */
function personIn(person: unknown): z.output<typeof PersonSchema> {
  const parsed = PersonSchema.safeParse(person)
  if (parsed.success) return parsed.data
  throw new AmanaError('WIRE_SCHEMA', { path: `person.${String(parsed.error.issues[0]?.path[0])}` })
}

/** @throws WIRE_SCHEMA: nobody is referred without a screening */
function resultIn({ common }: GroupSetting, typed: Groups): string {
  const { result } = { ...common['screening'], ...typed['screening'] }
  if (typeof result === 'string') return result
  throw new AmanaError('WIRE_SCHEMA', { path: 'screening' })
}

/** @throws WIRE_SCHEMA */
function heard(spoken: string): string {
  const reference = readSpokenReference(spoken)
  if (reference === undefined) throw new AmanaError('WIRE_SCHEMA', { path: 'referral' })
  return reference
}

/** Of the agency’s id the country and the letters with which its name begins. */
function drawn({ agency, at }: GroupSetting, random: (byteLength: number) => Uint8Array): string {
  const [country = '', name = ''] = agency.toUpperCase().split('.')
  const [letters = ''] = /^[A-Z]+/.exec(name) ?? []
  const prefix = { country, agency: letters.slice(0, LETTERS), year: at.slice(2, 4) }
  return makeReferralReference(prefix, random)
}

const LETTERS = 8

/** The band that an age falls into, as the list of bands names it. */
function bandOf(age: number): string {
  return CODE_LISTS.ageBand.findLast((band) => firstAge(band) <= age) ?? CODE_LISTS.ageBand[0]
}

function firstAge(band: string): number {
  return Number(/^\d+/.exec(band)?.[0])
}
