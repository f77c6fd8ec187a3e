/**
 * Which groups of a message a desk must not be sent, because the person took back that its role reads them.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#stopped-disclosures
 */
import { areaOfKind } from '../trust/identifiers.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { type CodeOf } from './code-lists.ts'
import { MATRIX_PLACES } from './disclosure-matrix.ts'
import { deskGroups } from './kinds.ts'

/** What is not to be disclosed to a reader. */
export interface WithdrawnDisclosure {
  readonly scope: CodeOf<'consentScope'>
  readonly reader: CodeOf<'readerRole'>
  readonly fieldGroups: readonly CodeOf<'fieldGroup'>[]
}

/** A message for a desk, by its groups that hold anything. */
export interface Disclosure {
  readonly kind: string
  readonly desk: ReadingDesk
  readonly groups: Readonly<Record<string, unknown>>
}

const OWN_DESK: readonly CodeOf<'readerRole'>[] = ['case_manager_sending', 'case_manager_receiving']

/** The groups of a message that a desk would be sent although they stand withdrawn for it. A hand-over is never among them. */
export function stoppedGroups(
  withdrawn: readonly WithdrawnDisclosure[],
  { desk, groups, kind }: Disclosure,
): readonly string[] {
  if (kind === 'referral.consent/1' || areaOfKind(kind) === 'handover') return []
  const isPartner = desk.external || desk.roles.length > 0
  const readers: readonly string[] = isPartner ? desk.roles : OWN_DESK
  const columns = withdrawn
    .filter(({ reader }) => readers.includes(reader))
    .flatMap(({ fieldGroups }) => fieldGroups)
  const places = MATRIX_PLACES[kind] ?? {}
  return deskGroups(kind, desk).mustSee.filter((name) => {
    const place = Object.hasOwn(places, name) ? places[name] : undefined
    return place !== undefined && columns.includes(place.column) && holdsAnything(groups[name])
  })
}

function holdsAnything(group: unknown): boolean {
  return typeof group === 'object' && group !== null && Object.keys(group).length > 0
}
