/**
 * What a person is given of her file: everything about herself that the officer reads, without what is about others.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#what-she-is-given
 */
import { subjectReads } from '@amana/core'
import { type MessageView } from '../service-views.ts'

/** Members that name or reach somebody else, at whatever depth, and keys of files. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  'attachments',
  'by',
  'caller',
  'caseOwner',
  'clinician',
  'doNotContact',
  'emergencyContacts',
  'escorts',
  'family',
  'guardianName',
  'legalRepresentative',
  'mitigations',
  'officer',
  'present',
  'representative',
  'whoMayAnswer',
  'witness',
])

/** One message as she is given it. */
export interface GivenMessage {
  readonly digest: string
  readonly kind: string
  readonly issuedAt: number
  readonly from: string
  /** Who got it: agency and desks. */
  readonly to: readonly string[]
  readonly desks: readonly string[]
  readonly groups: Readonly<Record<string, unknown>>
  /** Groups of which she is given nothing: by the matrix, or because this officer does not read them. */
  readonly notGiven: readonly string[]
}

/** What she is given of a message that an officer opened. */
export function givenOf(view: MessageView): GivenMessage {
  const { atRest, desks, digest, from, issuedAt, kind, to, withheld } = view
  const read = Object.entries(view.groups).filter(([name]) => subjectReads(kind, name))
  const names = [...Object.keys(view.groups), ...Object.keys(atRest?.groups ?? {}), ...withheld]
  const given = new Set(read.map(([name]) => name))
  return {
    desks: desks.map(({ desk }) => desk),
    digest,
    from,
    groups: Object.fromEntries(read.map(([name, group]) => [name, withoutOthers(group)])),
    issuedAt,
    kind,
    notGiven: [...new Set(names)].filter((name) => !given.has(name)).toSorted(),
    to,
  }
}

function withoutOthers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOthers)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([name]) => !OF_OTHERS.has(name))
  return Object.fromEntries(members.map(([name, inner]) => [name, withoutOthers(inner)]))
}
