import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { DAY, renewed, withNewRosterKey } from '../../../../test/support/rotation.ts'
import { signingKey } from '../../../../test/support/trust-fixture.ts'
import { digest } from '../crypto/digest.ts'
import { buildNextRoster } from './build-roster.ts'
import { createTrustView } from './trust-view.ts'
import { signRoster, verifyRoster } from './verified-roster.ts'

const pair = await twoAgencies()
const first = pair.charter
const rosters = [pair.naptip.roster, pair.anltp.roster]
const second = await renewed(pair, { entry: { name: 'NAPTIP, Abuja' } })
const third = await renewed(pair, { suites: ['A1', 'A2'] }, second)
const view = createTrustView({ charter: third, earlier: [first, second], rosters })

async function refused(charterDigest: string, at: number, trust = view): Promise<unknown> {
  return refusalOf(() => trust.under(charterDigest, at))
}

const context = { code: 'WIRE_TRUST_CONTEXT', details: { document: 'charter' } }

describe('a view over several charters', () => {
  it('is that of the newest, and knows them all', () => {
    expect(view.charter).toBe(third)
    expect(view.charters).toEqual([first, second, third])
  })

  it('judges what names an earlier charter by that charter', () => {
    expect(view.under(first.digest, NOW).charter).toBe(first)
    expect(view.under(second.digest, NOW + DAY).charter).toBe(second)
    expect(view.under(third.digest, NOW + 2 * DAY)).toBe(view)
  })

  it('finds keys and revocations under every charter alike', () => {
    const { id, officers, sealKey } = pair.naptip
    const author = officers['author']
    if (author === undefined) throw new TypeError('no author')
    const under = view.under(first.digest, NOW)
    expect(under.officerKey(id, author.keyId, NOW)).toEqual(view.officerKey(id, author.keyId, NOW))
    expect(under.nodeSealKey(id, sealKey.keyId, NOW)).toEqual(
      view.nodeSealKey(id, sealKey.keyId, NOW),
    )
    expect(under.rosterOf(id)).toBe(view.rosterOf(id))
  })

  it('does not know a charter that never was in force here', async () => {
    expect(await refused(digest('another charter'), NOW)).toEqual(context)
    const behind = createTrustView({ charter: first, rosters })
    expect(await refused(second.digest, NOW + DAY, behind)).toEqual(context)
  })

  it('takes an earlier charter for 60 days from the date of the next, and not for a second more', async () => {
    const bound = second.payload.iat + 60 * DAY
    expect(await refused(first.digest, bound - 1)).toBeUndefined()
    expect(await refused(first.digest, bound)).toEqual(context)
    expect(await refused(second.digest, bound)).toBeUndefined()
  })

  it('takes a charter for 30 days after its end, and not for a second more', async () => {
    const { exp } = third.payload
    const bound = exp + 30 * DAY
    expect(await refused(third.digest, bound - 1)).toBeUndefined()
    expect(await refused(third.digest, bound)).toEqual({
      code: 'TRUST_EXPIRED',
      details: { document: 'charter', exp, bound },
    })
  })

  it('is of one chain only', async () => {
    const apart = { charter: third, earlier: [first], rosters }
    expect(await refusalOf(() => createTrustView(apart))).toEqual({
      code: 'TRUST_CHAIN',
      details: { document: 'charter', version: 3 },
    })
  })
})

describe('rosters under new roster keys', async () => {
  const key = await signingKey('the new roster key of NAPTIP')
  const next = await withNewRosterKey(pair, key, { iat: NOW + DAY })
  const { agency, payload } = next.roster

  it('begin a chain of their own, whatever version the one before had reached', async () => {
    const known = await followingRoster(7)
    expect(next.roster.version).toBe(1)
    const again = await verifyRoster(next.roster.jws, {
      authority: next.charter,
      previous: known,
    })
    expect(again.chainStart).toBe(next.roster.digest)
  })

  it('are looked up after those of the chain before, though their versions are lower', async () => {
    const known = await followingRoster(7)
    const all = [pair.naptip.roster, known, next.roster, pair.anltp.roster]
    const trust = createTrustView({ charter: next.charter, earlier: [first], rosters: all })
    expect(trust.rosterOf(agency)).toBe(next.roster)
    expect(trust.rosterByDigest(known.digest)).toBe(known)
    expect(trust.under(first.digest, NOW).rosterOf(agency)).toBe(next.roster)
  })

  it('are waited for: the chain before does not stand in for them', async () => {
    const trust = createTrustView({ charter: next.charter, earlier: [first], rosters })
    expect(await refusalOf(() => trust.rosterOf(agency))).toMatchObject({ code: 'TRUST_NO_ROSTER' })
    expect(trust.rosterOf(pair.anltp.id)).toBe(pair.anltp.roster)
  })

  it('cannot be left again for the chain before them', async () => {
    const { roster, rosterKeys } = first.payload.agencies[agency] ?? {}
    if (roster === undefined || rosterKeys === undefined) throw new Error('no entry')
    const back = await renewed(pair, { entry: { roster, rosterKeys } }, next.charter)
    const all = [pair.naptip.roster, next.roster, pair.anltp.roster]
    const documents = { charter: back, earlier: [first, next.charter], rosters: all }
    expect(await refusalOf(() => createTrustView(documents))).toEqual({
      code: 'TRUST_CHAIN',
      details: { document: 'charter', version: 3 },
    })
    const onward = await renewed(pair, {}, next.charter)
    expect(createTrustView({ ...documents, charter: onward }).charter).toBe(onward)
  })

  it('are not signed by the old key any more', async () => {
    const old = await signRoster(
      { ...payload, version: 2, previous: next.roster.digest },
      pair.naptip.rosterKey,
    )
    const expectation = { authority: next.charter, previous: next.roster }
    expect(await refusalOf(async () => verifyRoster(old, expectation))).toMatchObject({
      code: 'WIRE_SIG',
    })
  })

  it('are the ones that the charter names', async () => {
    const other = await signRoster({ ...payload, iat: payload.iat + 1 }, key)
    const authority = next.charter
    expect(await refusalOf(async () => verifyRoster(other, { authority }))).toMatchObject({
      code: 'WIRE_FORK',
    })
    const skipping = await signRoster(buildNextRoster(next.roster, NOW + DAY, {}), key)
    expect(await refusalOf(async () => verifyRoster(skipping, { authority }))).toMatchObject({
      code: 'TRUST_ROLLBACK',
    })
  })

  it.each([
    ['new keys and the old chain', { rosterKeys: [key.publicJwk] }],
    ['old keys and a new chain', { roster: { digest: digest('x'), version: 1 } }],
    [
      'old keys and another version for the same roster',
      { roster: { digest: pair.naptip.roster.digest, version: 2 } },
    ],
  ])('are not announced with %s', async (_name, entry) => {
    expect(await refusalOf(async () => renewed(pair, { entry }))).toEqual({
      code: 'TRUST_CHAIN',
      details: { document: 'charter', version: 2 },
    })
  })

  async function followingRoster(version: number): Promise<typeof next.roster> {
    let roster = pair.naptip.roster
    while (roster.version < version) {
      const jws = await signRoster(buildNextRoster(roster, NOW, {}), pair.naptip.rosterKey)
      roster = await verifyRoster(jws, { authority: first, previous: roster })
    }
    return roster
  }
})
