/**
 * Which officers of the own roster read which group at rest.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#who-reads
 */
import { thumbprint } from '../crypto/jwk.ts'
import { officerMayRead } from '../messages/officer-matrix.ts'
import { type Roster, type RosterOfficer } from '../trust/roster.ts'
import { type GroupReader } from './at-rest.ts'

/** An officer with an encryption key that is good now, and what the roster says of him. */
export interface OfficerReader extends GroupReader {
  readonly roles: readonly string[]
}

/**
 * The officers of a roster to whom keys can be wrapped at `now` (seconds since 1970): listed for now, their signing key not
 * revoked, with an encryption key that is good and not revoked; of several the one that ends last.
 */
export async function officerReaders(
  { officers, revoked }: Pick<Roster, 'officers' | 'revoked'>,
  now: number,
): Promise<readonly OfficerReader[]> {
  const gone = new Set<string>(revoked.map(({ kid }) => kid))
  const found = await Promise.all(
    officers
      .filter(({ exp, nbf }) => nbf <= now && now < exp)
      .map(async (officer) => readerOf(officer, gone, now)),
  )
  return found.filter((reader) => reader !== undefined)
}

async function readerOf(
  { encryption, id, key, roles }: RosterOfficer,
  gone: ReadonlySet<string>,
  now: number,
): Promise<OfficerReader | undefined> {
  if (gone.has(await thumbprint(key))) return undefined
  const keys = await Promise.all(
    encryption
      .filter(({ exp, nbf }) => nbf <= now && now < exp)
      .toSorted((a, b) => b.exp - a.exp)
      .map(async ({ jwk }) => ({ jwk, keyId: await thumbprint(jwk) })),
  )
  const current = keys.find(({ keyId }) => !gone.has(keyId))
  return current === undefined ? undefined : { officer: id, roles, ...current }
}

/** What decides who reads a group: its kind, its name, and the own officers who signed the statement. */
export interface ReadGroup {
  readonly kind: string
  readonly group: string
  readonly signers: readonly string[]
}

/** Whether an officer may read a group: by a role, or because he signed it. */
export function mayReadGroup(
  { officer, roles }: Pick<OfficerReader, 'officer' | 'roles'>,
  { group, kind, signers }: ReadGroup,
): boolean {
  return signers.includes(officer) || officerMayRead(roles, kind, group)
}
