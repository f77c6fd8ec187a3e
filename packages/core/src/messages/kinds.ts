/**
 * What follows from a kind: its groups, who reads them, and when an embassy is sent nothing.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#kinds
 */
import { AmanaError } from '../errors.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { maySee } from './disclosure-matrix.ts'
import { type KindDefinition, KINDS } from './kind-table.ts'

export { type Area, type Desk, type KindDefinition, KINDS } from './kind-table.ts'

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
  'victim.referral/2': ['protectionClaim', 'no'],
  'referral.stranded-migrant/1': ['protectionClaim', 'no'],
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

/**
 * A consent goes to a partner desk only where it is about that very reader: what she said of others is theirs.
 *
 * @throws WIRE_POLICY
 */
export function assertReaderNamed(
  kind: string,
  desk: ReadingDesk,
  groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
): void {
  if (kind !== 'referral.consent/1' || isOwnDesk(desk)) return
  if (desk.roles.some((role) => role === groups['consent']?.['reader'])) return
  throw new AmanaError('WIRE_POLICY', { rule: 'consent of another reader' })
}

/** A desk with roles is read as a partner's, also inside the agency. */
function isOwnDesk({ external, roles }: ReadingDesk): boolean {
  return !external && roles.length === 0
}
