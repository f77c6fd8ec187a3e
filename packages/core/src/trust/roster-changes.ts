/**
 * What the next roster changes, member by member, for a person to read before it is signed.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposals
 */
import { type PublicJwk, thumbprint } from '../crypto/jwk.ts'
import { type RosterLists } from './build-roster.ts'
import { type RotatingKey } from './roster.ts'

/** Which list of a roster. */
export type RosterList = 'desk' | 'node' | 'officer' | 'revocation'

/** One difference. Values are texts: ids, key ids, instants as RFC 3339, lists parted by spaces. */
export interface RosterDifference {
  readonly list: RosterList
  /** Id of the officer or desk, peer id of the node, key id of the revocation. */
  readonly id: string
  /** Absent where the whole entry is new or gone. */
  readonly member?: string
  /** Absent where it is new. */
  readonly before?: string
  /** Absent where it is gone. */
  readonly after?: string
}

type Members = Readonly<Record<string, string>>
type Entries = ReadonlyMap<string, Members>

/**
 * The differences between two rosters' lists. Proofs and bindings are left out: they follow from the keys. The order is
 * officers, desks, nodes, revocations, and in each the order of ids.
 */
export async function rosterDifferences(
  before: RosterLists,
  after: RosterLists,
): Promise<readonly RosterDifference[]> {
  const [old, next] = [await entriesOf(before), await entriesOf(after)]
  return LISTS.flatMap((list) => differencesIn(list, old[list], next[list]))
}

const LISTS = ['officer', 'desk', 'node', 'revocation'] as const satisfies readonly RosterList[]

function differencesIn(
  list: RosterList,
  before: Entries,
  after: Entries,
): readonly RosterDifference[] {
  const ids = [...new Set([...before.keys(), ...after.keys()])].toSorted()
  return ids.flatMap((id): readonly RosterDifference[] => {
    const [old, next] = [before.get(id), after.get(id)]
    if (old === undefined) return [{ list, id, after: summaryOf(next) }]
    if (next === undefined) return [{ list, id, before: summaryOf(old) }]
    return changedMembers(old, next).map((member) => ({
      list,
      id,
      member,
      before: old[member] ?? '',
      after: next[member] ?? '',
    }))
  })
}

function changedMembers(before: Members, after: Members): readonly string[] {
  return Object.keys(after).filter((member) => before[member] !== after[member])
}

function summaryOf(members: Members | undefined): string {
  return Object.values(members ?? {})
    .filter((text) => text !== '')
    .join('  ')
}

async function entriesOf(lists: RosterLists): Promise<Readonly<Record<RosterList, Entries>>> {
  const { desks, nodes, officers, revoked } = lists
  return {
    officer: await mapped(officers, async (officer) => [
      officer.id,
      {
        organisation: officer.organisation,
        roles: officer.roles.join(' '),
        key: await thumbprint(officer.key),
        until: instant(officer.exp),
        encryption: await keysText(officer.encryption),
      },
    ]),
    desk: await mapped(desks, async (desk) => [
      desk.id,
      {
        encryption: await keysText(desk.encryption),
        roles: desk.roles.join(' '),
        external: String(desk.external),
      },
    ]),
    node: await mapped(nodes, async (node) => [
      node.peerId,
      {
        addresses: node.addresses.join(' '),
        desks: node.desks.join(' '),
        key: await thumbprint(node.sealKey),
        until: instant(node.exp),
        encryption: await keysText(node.depositKey),
        log: [node.log.origin, ...node.log.log, ...node.log.witness].join(' '),
      },
    ]),
    revocation: await mapped(revoked, async ({ kid, reason, since }) => [
      kid,
      { reason, since: instant(since) },
    ]),
  }
}

async function mapped<T>(
  list: readonly T[],
  entryOf: (entry: T) => Promise<readonly [string, Members]>,
): Promise<Entries> {
  return new Map(await Promise.all(list.map((entry) => entryOf(entry))))
}

async function keysText(keys: readonly RotatingKey[]): Promise<string> {
  const texts = keys.map(async ({ exp, jwk }) => `${await idOf(jwk)} (${instant(exp)})`)
  return (await Promise.all(texts)).join(' ')
}

function idOf(jwk: PublicJwk): Promise<string> {
  return thumbprint(jwk)
}

function instant(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
