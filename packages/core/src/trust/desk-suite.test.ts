/**
 * Under which suite a desk is sealed to: the charter says it, whatever keys the desk has.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#suites
 */
import { describe, expect, it } from 'vitest'
import { classicDeskKey, NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { makeWorld, underCharter } from '../../../../test/support/envelope-fixture.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { type X25519Jwk } from '../crypto/jwk.ts'
import { type Suite } from '../crypto/suites.ts'
import { buildNextRoster, type RosterLists } from './build-roster.ts'
import { createTrustView, type TrustView } from './trust-view.ts'
import { signRoster, type VerifiedRoster, verifyRoster } from './verified-roster.ts'

const OWN = 'ng.naptip'
const { naptip, anltp, charter } = await twoAgencies()
const first = naptip.roster

async function nextOf(desks: RosterLists['desks']): Promise<VerifiedRoster> {
  const jws = await signRoster(buildNextRoster(first, NOW, { desks }), naptip.rosterKey)
  return verifyRoster(jws, { authority: charter, previous: first, now: NOW })
}

describe('the suite under which a desk is sealed to', async () => {
  const world = await makeWorld()
  const hybrid = naptip.desks.protection.keyId
  const { keyId: classic, publicJwk } = await classicDeskKey(OWN, 'protection')
  const both = await nextOf(desksWith(publicJwk, true))
  const classicOnly = await nextOf(desksWith(publicJwk, false))

  it.each<readonly [readonly Suite[], 'both' | 'A1' | 'A2', string]>([
    [['A2'], 'A2', hybrid],
    [['A2'], 'both', hybrid],
    [['A1'], 'both', classic],
    [['A1'], 'A1', classic],
    [['A1', 'A2'], 'A2', hybrid],
    [['A1', 'A2'], 'both', hybrid],
  ])('with a charter that lists %j and keys of %s is one, with that key', async (...row) => {
    const [suites, keys, keyId] = row
    const found = (await under(suites, keys)).deskKeys(OWN, 'protection', NOW)
    expect(found.suite).toBe(suites.at(-1))
    expect(found.recipients.map((key) => key.keyId)).toEqual([keyId])
  })

  it.each<readonly [readonly Suite[], 'both' | 'A1' | 'A2', string]>([
    [['A2'], 'A1', 'A2'],
    [['A1'], 'A2', 'A1'],
    [['A1', 'A2'], 'A1', 'A2'],
  ])('with a charter that lists %j is none for keys of %s', async (suites, keys, suite) => {
    const trust = await under(suites, keys)
    expect(await refusalOf(() => trust.deskKeys(OWN, 'protection', NOW))).toEqual({
      code: 'TRUST_SUITE',
      details: { agency: OWN, desk: 'protection', suite },
    })
  })

  async function under(suites: readonly Suite[], keys: 'both' | 'A1' | 'A2'): Promise<TrustView> {
    const { trust } = await underCharter(world, { suites: [...suites] })
    const next = { both: [first, both], A1: [first, classicOnly], A2: [first] }[keys]
    return createTrustView({ charter: trust.charter, rosters: [...next, anltp.roster] })
  }
})

function desksWith(jwk: X25519Jwk, keepsOld: boolean): RosterLists['desks'] {
  const span = { nbf: NOW - 60, exp: NOW + 3600 }
  return first.payload.desks.map((desk) => {
    if (desk.id !== 'protection') return desk
    return { ...desk, encryption: [...(keepsOld ? desk.encryption : []), { ...span, jwk }] }
  })
}
