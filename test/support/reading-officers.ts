/**
 * Officers of a test with encryption keys: one for each role, listed in the next roster of their agency.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#who-reads
 */
import { createRosterOfficer, generateKey, type PrivateKey, type RosterOfficer } from '@amana/core'
import { adoptNext, type Side } from './node-fixture.ts'
import { random } from './store-fixture.ts'

/** An officer as his program has him. */
export interface ReadingOfficer {
  readonly id: string
  readonly key: PrivateKey<'Ed25519'>
  readonly reading: readonly PrivateKey<'HPKE-9-KE'>[]
  readonly entry: RosterOfficer
}

const YEAR = 31_536_000

/** Makes an officer of these roles. */
export async function makeReader(
  { agency, clock }: Side,
  id: string,
  roles: readonly string[],
): Promise<ReadingOfficer> {
  const key = await generateKey('Ed25519', random)
  const encryption = await generateKey('HPKE-9-KE', random)
  const span = { nbf: clock.now() - 300, exp: clock.now() + YEAR }
  const entry = await createRosterOfficer(agency, {
    ...span,
    encryption: [{ ...span, jwk: encryption.publicJwk }],
    id,
    key,
    organisation: agency,
    roles: roles.toSorted(),
  })
  return { id, key, reading: [encryption], entry }
}

/** Lists officers beside those of an agency, in place of any of the same id; both nodes take the roster. */
export async function listReaders(
  side: Side,
  other: Side,
  officers: readonly ReadingOfficer[],
): Promise<void> {
  const ids = new Set(officers.map(({ id }) => id))
  const kept = side.parts.trust.ownRoster.payload.officers.filter(({ id }) => !ids.has(id))
  await adoptNext(side, other, { officers: [...kept, ...officers.map(({ entry }) => entry)] })
  await side.parts.atRest.followRoster()
}

/** Lists everybody but these; both nodes take the roster. */
export async function dropOfficers(side: Side, other: Side, ids: readonly string[]): Promise<void> {
  const { officers } = side.parts.trust.ownRoster.payload
  await adoptNext(side, other, { officers: officers.filter(({ id }) => !ids.includes(id)) })
  await side.parts.atRest.followRoster()
}
