import { describe, expect, it } from 'vitest'
import { classicDeskKey, NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { sealingKey } from '../../../../test/support/trust-fixture.ts'
import { digest } from '../crypto/digest.ts'
import { type Suite } from '../crypto/suites.ts'
import { buildNextRoster, type RosterLists } from './build-roster.ts'
import { expiriesOf, keyExpiryLevel, openingNeededUntil, rosterExpiryLevel } from './key-life.ts'
import { signRoster, type VerifiedRoster, verifyRoster } from './verified-roster.ts'

const DAY = 86_400
const { naptip, anltp, charter } = await twoAgencies()

describe('the end of a key', () => {
  it.each([
    [60 * DAY + 1, undefined],
    [60 * DAY, 'notice'],
    [30 * DAY + 1, 'notice'],
    [30 * DAY, 'soon'],
    [7 * DAY + 1, 'soon'],
    [7 * DAY, 'urgent'],
    [1, 'urgent'],
    [0, 'ended'],
    [-1, 'ended'],
  ])('in %s seconds is told as %s', (left, level) => {
    expect(keyExpiryLevel(NOW + left, NOW)).toBe(level)
  })

  it.each([
    [10 * DAY + 1, undefined],
    [10 * DAY, 'notice'],
    [5 * DAY, 'soon'],
    [2 * DAY, 'urgent'],
    [0, 'ended'],
  ])('of a roster in %s seconds is told as %s', (left, level) => {
    expect(rosterExpiryLevel(NOW + left, NOW)).toBe(level)
  })
})

/** The next roster of NAPTIP, signed and verified. */
async function next(
  previous: VerifiedRoster,
  iat: number,
  changes: Partial<RosterLists> = {},
): Promise<VerifiedRoster> {
  const jws = await signRoster(buildNextRoster(previous, iat, changes), naptip.rosterKey)
  return verifyRoster(jws, { authority: charter, previous })
}

const { desks } = naptip.roster.payload
const protection = desks.find(({ id }) => id === 'protection')
const [first] = protection?.encryption ?? []
if (protection === undefined || first?.jwk.alg !== 'HPKE-9-KE') throw new Error('no desk')
const old = first.jwk.pub
const { publicJwk: jwk, keyId } = await sealingKey('the next key of the desk')
const added = { exp: first.exp + 300 * DAY, jwk, nbf: NOW }
const withKeys = (encryption: typeof protection.encryption): Partial<RosterLists> => ({
  desks: desks.map((desk) => (desk.id === 'protection' ? { ...desk, encryption } : desk)),
})

describe('what ends soon', () => {
  it('is told of charter, rosters, officers, desks and nodes, the nearest end first', () => {
    expect(expiriesOf(charter, [naptip.roster, anltp.roster], NOW - 31 * DAY)).toEqual([])
    const late = expiriesOf(charter, [naptip.roster, anltp.roster], naptip.roster.payload.exp)
    expect(late.filter(({ what }) => what === 'roster')).toEqual(
      ['ng.naptip', 'ne.anltp-tim'].map((agency) => ({
        agency,
        expiresAt: 1_798_537_800,
        id: '1',
        level: 'ended',
        what: 'roster',
      })),
    )
    const all = expiriesOf(charter, [naptip.roster, anltp.roster], NOW + 400 * DAY)
    expect(new Set(all.map(({ what }) => what))).toEqual(
      new Set(['charter', 'deposit', 'desk', 'node', 'officer', 'roster']),
    )
    const instants = all.map(({ expiresAt }) => expiresAt)
    expect(instants).toEqual(instants.toSorted((a, b) => a - b))
  })

  it('is no desk that has another key, unless that one is revoked', async () => {
    const at = first.exp - DAY
    const told = (roster: VerifiedRoster): readonly string[] =>
      expiriesOf(undefined, [roster], at).flatMap(({ what, id }) => (what === 'desk' ? [id] : []))
    const rotated = await next(naptip.roster, NOW, withKeys([first, added]))
    expect(told(naptip.roster)).toContain('protection')
    expect(told(rotated)).not.toContain('protection')
    const revoked = [{ kid: keyId, reason: 'compromise' as const, since: NOW }]
    expect(told(await next(rotated, NOW, { revoked }))).toContain('protection')
  })

  it('is a desk whose other key is of a suite that the charter does not have anybody seal under', async () => {
    const { publicJwk: classic } = await classicDeskKey('ng.naptip', 'protection')
    const both = await next(naptip.roster, NOW, withKeys([first, { ...added, jwk: classic }]))
    const told = (suites: Suite[] | undefined): readonly string[] => {
      const payload = suites === undefined ? undefined : { ...charter.payload, suites }
      const ruling = payload === undefined ? undefined : { payload }
      return expiriesOf(ruling, [both], first.exp - DAY).flatMap(({ what, id }) =>
        what === 'desk' ? [id] : [],
      )
    }
    expect(told(['A2'])).toContain('protection')
    expect(told(['A1', 'A2'])).toContain('protection')
    expect(told(['A1'])).not.toContain('protection')
    expect(told(undefined)).not.toContain('protection')
    expect(told(['A1'])).toContain('intelligence')
  })
})

describe('a private half', () => {
  it('is needed until 30 days after its end by the newest roster', () => {
    expect(openingNeededUntil([naptip.roster], old)).toBe(first.exp + 30 * DAY)
    expect(openingNeededUntil([naptip.roster], jwk.pub)).toBeUndefined()
  })

  it('that the newest roster leaves out is needed while an earlier one may still be read', async () => {
    const second = await next(naptip.roster, NOW + DAY, withKeys([first, added]))
    const third = await next(second, NOW + 2 * DAY, withKeys([first]))
    const rosters = [third, naptip.roster, second]
    expect(openingNeededUntil(rosters, jwk.pub)).toBe(second.payload.exp + 30 * DAY)
    expect(openingNeededUntil(rosters, old)).toBe(first.exp + 30 * DAY)
  })

  it('is needed as the newest chain says, whatever versions the one before it reached', async () => {
    const second = await next(naptip.roster, NOW + DAY)
    const begun = { ...second.payload, iat: NOW + 2 * DAY, previous: null, version: 1 }
    const jws = await signRoster({ ...begun, ...withKeys([first, added]) }, naptip.rosterKey)
    const { rosterKeys } = charter.payload.agencies['ng.naptip'] ?? { rosterKeys: [] }
    const roster = { digest: digest(jws.payload), version: 1 }
    const authority = { agency: 'ng.naptip', entry: { rosterKeys, roster } }
    const rosters = [naptip.roster, second, await verifyRoster(jws, { authority })]
    expect(openingNeededUntil(rosters, jwk.pub)).toBe(added.exp + 30 * DAY)
  })

  it('that a roster lists and revokes counts as one that it leaves out', async () => {
    const second = await next(naptip.roster, NOW + DAY, withKeys([first, added]))
    const revoked = [{ kid: keyId, reason: 'lost' as const, since: NOW }]
    const third = await next(second, NOW + 2 * DAY, { revoked })
    const end = second.payload.exp + 30 * DAY
    expect(openingNeededUntil([naptip.roster, second, third], jwk.pub)).toBe(end)
  })
})
