import { describe, expect, it } from 'vitest'
import { NOW, type TestAgency, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf, refusalWith } from '../../../../test/support/refusals.ts'
import {
  type Edits,
  sealingKey,
  signChangedRoster,
  signingKey,
  verifyAlone,
} from '../../../../test/support/trust-fixture.ts'
import { digest } from '../crypto/digest.ts'
import { type KeyId, type PrivateKey } from '../crypto/jwk.ts'
import {
  buildFirstRoster,
  buildNextRoster,
  createRosterOfficer,
  type RosterLists,
} from './build-roster.ts'
import { type Revocation, type RosterOfficer } from './roster.ts'
import { createTrustView, deskKeysIn, type TrustView } from './trust-view.ts'
import { signRoster, type VerifiedRoster, verifyRoster } from './verified-roster.ts'

const DAY = 86_400
const pair = await twoAgencies()
const { naptip, anltp, charter } = pair
const first = naptip.roster
const author = keyOf(naptip, 'author')
const OWN = 'ng.naptip'
const secondKey = await signingKey('second roster key')
const nobody = await signingKey('nobody')

/** The next roster, in force from `at` on. */
async function nextOf(
  changes: Partial<RosterLists>,
  at = NOW,
  previous = first,
): Promise<VerifiedRoster> {
  const jws = await signRoster(buildNextRoster(previous, at, changes), naptip.rosterKey)
  return verifyRoster(jws, { authority: charter, previous, now: at })
}

async function changedFirst(edits: Edits): Promise<VerifiedRoster> {
  return verifyAlone(naptip, await signChangedRoster(naptip, edits))
}

const viewOf = (...own: readonly VerifiedRoster[]): TrustView =>
  createTrustView({ charter, rosters: [...own, anltp.roster] })
const revoked = (kid: KeyId, since = NOW): readonly Revocation[] => [{ kid, reason: 'lost', since }]
const view = viewOf(first)

describe('a view', () => {
  it('has no roster of an agency that the charter does not know', async () => {
    const key = await signingKey('ng.nis')
    const lists = { desks: [], nodes: [], officers: [], revoked: [] }
    const jws = await signRoster(buildFirstRoster('ng.nis', NOW, lists), key)
    const entry = {
      rosterKeys: [key.publicJwk],
      roster: { digest: digest(jws.payload), version: 1 },
    }
    const roster = await verifyRoster(jws, { authority: { agency: 'ng.nis', entry }, now: NOW })
    expect(await refusalOf(() => viewOf(first, roster))).toEqual({
      code: 'WIRE_ISS',
      details: { issuer: 'ng.nis' },
    })
  })

  it.each([
    ['a key that the charter does not name', secondKey],
    ['the roster key of the other agency', anltp.rosterKey],
    ['an own root key', naptip.roots[0]?.ed ?? anltp.rosterKey],
  ])('has no roster that is signed by %s', async (_name, key) => {
    const jws = await signRoster(first.payload, key)
    const entry = {
      rosterKeys: [key.publicJwk],
      roster: { digest: digest(jws.payload), version: 1 },
    }
    const roster = await verifyRoster(jws, { authority: { agency: OWN, entry }, now: NOW })
    expect(await refusalOf(() => viewOf(roster))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: key.keyId },
    })
  })

  it('has one roster of a version, however often it is given', async () => {
    const other = await changedFirst([[['officers', 0, 'roles'], []]])
    expect(viewOf(first, first).rosterOf(OWN)).toBe(first)
    expect(await refusalOf(() => viewOf(first, other))).toEqual({
      code: 'WIRE_FORK',
      details: { what: 'roster version 1' },
    })
  })

  it('has no key with two owners in the rosters of two agencies', async () => {
    const key = anltp.desks.protection.publicJwk
    const copied = await changedFirst([[['desks', 0, 'encryption', 0, 'jwk'], key]])
    expect(await refusalOf(() => viewOf(copied))).toEqual({
      code: 'WIRE_KEY',
      details: {
        reason:
          'one key in two places: desk of ng.naptip coordination, desk of ne.anltp-tim protection',
      },
    })
  })

  it('has no key of a roster that the charter has for something else', async () => {
    const key = anltp.roots[0]?.ed ?? author
    const officer = await createRosterOfficer(OWN, { ...officerParts(), id: 'z', key })
    const officers = [...first.payload.officers, officer]
    const roster = await changedFirst([[['officers'], officers]])
    expect((await refusalOf(() => viewOf(roster)))?.code).toBe('WIRE_KEY')
  })
})

describe('the newest roster', async () => {
  const second = await nextOf({})

  it('is the one of the highest version, in whatever order they are given', () => {
    expect(viewOf(first, second).rosterOf(OWN)).toBe(second)
    expect(viewOf(second, first).rosterOf(OWN)).toBe(second)
  })

  it('is found by its digest, as are those before', () => {
    const both = viewOf(first, second)
    expect(both.rosterByDigest(first.digest)).toBe(first)
    expect(both.rosterByDigest(second.digest)).toBe(second)
    expect(both.rosterByDigest(anltp.roster.digest)).toBe(anltp.roster)
    expect(both.rosterByDigest(digest('x'))).toBeUndefined()
  })

  it.each([
    ['ne.dst', 'WIRE_ISS', { issuer: 'ne.dst' }],
    ['constructor', 'WIRE_ISS', { issuer: 'constructor' }],
    [OWN, 'TRUST_NO_ROSTER', { agency: OWN }],
  ])('of %s is not there: %s', async (agency, code, details) => {
    expect(await refusalOf(() => viewOf().rosterOf(agency))).toEqual({ code, details })
  })
})

describe('an officer’s key', () => {
  it('comes with what the roster says of the officer', () => {
    expect(view.officerKey(OWN, author.keyId, NOW)).toEqual({
      agency: OWN,
      id: 'author',
      organisation: OWN,
      roles: ['handover', 'intel', 'jtwg', 'referral', 'rights', 'task', 'victim'].map(
        (area) => `author:${area}`,
      ),
      keyId: author.keyId,
      jwk: author.publicJwk,
      roster: first.digest,
    })
  })

  it.each([
    ['of the other agency', keyOf(anltp, 'author').keyId, 'WIRE_ISS', { issuer: OWN }],
    ['that is a node’s', naptip.sealKey.keyId, 'WIRE_KEY_USE', undefined],
    ['that is a libp2p key', naptip.peerKey.keyId, 'WIRE_KEY_USE', undefined],
    ['that is a desk’s', naptip.desks.protection.keyId, 'WIRE_KEY_USE', undefined],
    [
      'that is a root of the charter',
      naptip.roots[0]?.ed.keyId ?? author.keyId,
      'WIRE_KEY_USE',
      undefined,
    ],
    ['that is a roster key', naptip.rosterKey.keyId, 'WIRE_KEY_USE', undefined],
    ['that nobody knows', nobody.keyId, 'WIRE_KID_UNKNOWN', undefined],
  ] as const)('is none %s', async (...row) => {
    const [, keyId, code, details] = row
    const refusal = { code, details: details ?? { keyId } }
    expect(await refusalOf(() => view.officerKey(OWN, keyId, NOW))).toEqual(refusal)
    expect(await refusalOf(() => view.officerEntry(OWN, keyId, NOW))).toEqual(refusal)
  })

  it('is none of an agency that the charter does not know', async () => {
    const refusal = await refusalOf(() => view.officerKey('ne.dst', author.keyId, NOW))
    expect(refusal).toEqual({ code: 'WIRE_ISS', details: { issuer: 'ne.dst' } })
  })

  it.each([
    ['before its span', NOW - 3601, 'WIRE_KEY_EXPIRED'],
    ['when its span begins, before the roster does', NOW - 3600, undefined],
    ['a second before its span ends', NOW + 30 * DAY - 1, undefined],
    ['when its span ends', NOW + 30 * DAY, 'WIRE_KEY_EXPIRED'],
  ])('%s: %3$s', async (_name, at, code) => {
    const refusal = await refusalOf(() => view.officerKey(OWN, author.keyId, at))
    expect(refusal).toEqual(refusalWith(code, { keyId: author.keyId }))
  })

  it('is none at an instant at which its roster had ended', async () => {
    const officers = [await createRosterOfficer(OWN, { ...officerParts(), exp: NOW + 90 * DAY })]
    const long = viewOf(await changedFirst([[['officers'], officers]]))
    const { exp } = first.payload
    expect(long.officerKey(OWN, author.keyId, exp - 1).id).toBe('author')
    expect(await refusalOf(() => long.officerKey(OWN, author.keyId, exp))).toEqual({
      code: 'TRUST_EXPIRED',
      details: { document: 'roster', exp, bound: exp },
    })
  })
})

describe('a revoked key', async () => {
  const second = await nextOf({ revoked: [...revoked(author.keyId)] })
  const both = viewOf(first, second)

  it.each([NOW - 3600, NOW - 1, NOW, NOW + DAY])(
    'is refused whatever instant is claimed: %i',
    async (at) => {
      expect(await refusalOf(() => both.officerKey(OWN, author.keyId, at))).toEqual({
        code: 'WIRE_KEY_REVOKED',
        details: { keyId: author.keyId },
      })
    },
  )

  it('is still found for a statement that is covered', () => {
    expect(both.officerEntry(OWN, author.keyId, NOW - 1).id).toBe('author')
    expect(both.revocationOf(OWN, author.keyId)).toEqual({
      kid: author.keyId,
      reason: 'lost',
      since: NOW,
    })
    expect(both.revocationOf(OWN, naptip.sealKey.keyId)).toBeUndefined()
  })

  it('of a node is refused too', async () => {
    const { keyId } = naptip.sealKey
    const nodeRevoked = viewOf(first, await nextOf({ revoked: [...revoked(keyId)] }))
    expect(await refusalOf(() => nodeRevoked.nodeSealKey(OWN, keyId, NOW - 1))).toEqual({
      code: 'WIRE_KEY_REVOKED',
      details: { keyId },
    })
  })

  it('of a desk is not sealed to', async () => {
    const { keyId } = naptip.desks.protection
    const roster = await nextOf({ revoked: [...revoked(keyId)] })
    expect(deskKeysIn(roster, 'protection', NOW)).toEqual([])
    expect((await refusalOf(() => viewOf(roster).deskKeys(OWN, 'protection', NOW)))?.code).toBe(
      'TRUST_DESK',
    )
  })
})

describe('the roster in force at an instant', async () => {
  const at = NOW + DAY
  const newcomer = await signingKey('newcomer')
  const added = await createRosterOfficer(OWN, { ...officerParts(), id: 'newcomer', key: newcomer })
  const kept = first.payload.officers.filter(({ id }) => id !== 'author')
  const promoted = kept.map((officer) =>
    officer.id === 'reader' ? { ...officer, roles: ['head'] } : officer,
  )
  const second = await nextOf({ officers: [...promoted, added] }, at)
  const both = viewOf(second, first)

  it.each([
    ['removed by it, before it', author.keyId, at - 1, undefined],
    ['removed by it, from then on', author.keyId, at, 'WIRE_KEY_EXPIRED'],
    ['added by it, from then on', newcomer.keyId, at, undefined],
    ['added by it, by a clock that is 300 seconds behind', newcomer.keyId, at - 300, undefined],
    ['added by it, 301 seconds before', newcomer.keyId, at - 301, 'WIRE_KEY_EXPIRED'],
  ] as const)('decides over an officer %s', async (...row) => {
    const [, keyId, instant, code] = row
    const refusal = await refusalOf(() => both.officerKey(OWN, keyId, instant))
    expect(refusal).toEqual(refusalWith(code, { keyId }))
  })

  it('decides over roles', () => {
    const { keyId } = keyOf(naptip, 'reader')
    expect(both.officerKey(OWN, keyId, at - 1)).toMatchObject({
      roles: ['supervisor'],
      roster: first.digest,
    })
    expect(both.officerKey(OWN, keyId, at)).toMatchObject({
      roles: ['head'],
      roster: second.digest,
    })
  })

  it('decides first where it and the next one both list the key', async () => {
    const { keyId } = keyOf(naptip, 'reader')
    const narrowed = kept.map((officer) => ({ ...officer, exp: at - 100 }))
    const early = await nextOf({ officers: narrowed }, NOW)
    const third = await nextOf({ officers: kept }, at, early)
    const all = viewOf(first, early, third)
    expect(await refusalOf(() => all.officerKey(OWN, keyId, at - 50))).toEqual({
      code: 'WIRE_KEY_EXPIRED',
      details: { keyId },
    })
    expect(all.officerKey(OWN, keyId, at).id).toBe('reader')
  })

  it('is not asked who an officer is or was', () => {
    expect(both.identify(author.keyId)).toMatchObject({ agency: OWN, id: 'author' })
    expect(both.identify(newcomer.keyId)).toMatchObject({ agency: OWN, id: 'newcomer' })
    expect(both.identify(keyOf(anltp, 'author').keyId)).toMatchObject({ agency: 'ne.anltp-tim' })
    expect(both.identify(naptip.sealKey.keyId)).toBeUndefined()
  })
})

describe('a node’s seal key', () => {
  it('comes with its node', () => {
    expect(view.nodeSealKey(OWN, naptip.sealKey.keyId, NOW)).toEqual({
      agency: OWN,
      keyId: naptip.sealKey.keyId,
      jwk: naptip.sealKey.publicJwk,
      node: first.payload.nodes[0],
    })
  })

  it.each([
    ['of the other agency', anltp.sealKey.keyId, 'WIRE_NODE', { agency: OWN }],
    ['that is an officer’s', author.keyId, 'WIRE_KEY_USE', undefined],
    ['that is a libp2p key', naptip.peerKey.keyId, 'WIRE_KEY_USE', undefined],
    ['that nobody knows', nobody.keyId, 'WIRE_KID_UNKNOWN', undefined],
  ] as const)('is none %s', async (...row) => {
    const [, keyId, code, details] = row
    expect(await refusalOf(() => view.nodeSealKey(OWN, keyId, NOW))).toEqual({
      code,
      details: details ?? { keyId },
    })
  })

  it.each([
    ['before its span', NOW - 3601, 'WIRE_KEY_EXPIRED'],
    ['when its span ends', NOW + 30 * DAY, 'WIRE_KEY_EXPIRED'],
    ['a second before that', NOW + 30 * DAY - 1, undefined],
  ])('%s: %3$s', async (_name, at, code) => {
    const { keyId } = naptip.sealKey
    const refusal = await refusalOf(() => view.nodeSealKey(OWN, keyId, at))
    expect(refusal).toEqual(refusalWith(code, { keyId }))
  })

  it('is none at an instant at which its roster had ended', async () => {
    const { keyId } = naptip.sealKey
    const long = viewOf(await changedFirst([[['nodes', 0, 'exp'], NOW + 90 * DAY]]))
    const { exp } = first.payload
    expect(long.nodeSealKey(OWN, keyId, exp - 1).keyId).toBe(keyId)
    expect((await refusalOf(() => long.nodeSealKey(OWN, keyId, exp)))?.code).toBe('TRUST_EXPIRED')
  })

  it('is found in the roster of its day', async () => {
    const sealKey = await signingKey('rotated seal')
    const [node] = first.payload.nodes
    const second = await nextOf({ nodes: [], desks: [] }, NOW + DAY)
    const both = viewOf(first, second)
    expect(node?.sealKey).not.toEqual(sealKey.publicJwk)
    expect(both.nodeSealKey(OWN, naptip.sealKey.keyId, NOW).node).toEqual(node)
    const later = await refusalOf(() => both.nodeSealKey(OWN, naptip.sealKey.keyId, NOW + DAY))
    expect(later?.code).toBe('WIRE_KEY_EXPIRED')
  })
})

describe('a node', () => {
  it('is found by its peer id, in the newest roster only', async () => {
    expect(view.nodeByPeerId(naptip.peerId)).toEqual({ agency: OWN, node: first.payload.nodes[0] })
    expect(view.nodeByPeerId(anltp.peerId)?.agency).toBe('ne.anltp-tim')
    expect(view.nodeByPeerId('12D3KooW')).toBeUndefined()
    const without = viewOf(first, await nextOf({ nodes: [] }))
    expect(without.nodeByPeerId(naptip.peerId)).toBeUndefined()
  })
})

describe('the keys of a desk', async () => {
  const next = await sealingKey('next protection')
  const desks = first.payload.desks.map((desk) =>
    desk.id === 'protection'
      ? {
          ...desk,
          encryption: [
            ...desk.encryption,
            { nbf: NOW + DAY, exp: NOW + 60 * DAY, jwk: next.publicJwk },
          ],
        }
      : desk,
  )
  const roster = await nextOf({ desks }, NOW + 10)
  const rotating = viewOf(first, roster)
  const idsAt = (at: number): readonly KeyId[] =>
    rotating.deskKeys(OWN, 'protection', at).recipients.map(({ keyId }) => keyId)
  const none = { code: 'TRUST_DESK', details: { agency: OWN, desk: 'protection' } }

  it('are those whose span holds the instant', () => {
    const old = naptip.desks.protection.keyId
    expect(idsAt(NOW - 3600)).toEqual([old])
    expect(idsAt(NOW + DAY - 1)).toEqual([old])
    expect(idsAt(NOW + DAY)).toEqual([old, next.keyId].toSorted())
    expect(idsAt(NOW + 30 * DAY - 1)).toEqual([old, next.keyId].toSorted())
    expect(idsAt(NOW + 30 * DAY)).toEqual([next.keyId])
  })

  it('are admitted encryption keys', () => {
    const { keyId, publicJwk } = naptip.desks.protection
    expect(rotating.deskKeys(OWN, 'protection', NOW)).toEqual({
      suite: 'A2',
      recipients: [{ keyId, jwk: publicJwk, admitted: true }],
    })
  })

  it('are none before the first one', async () => {
    expect(await refusalOf(() => rotating.deskKeys(OWN, 'protection', NOW - 3601))).toEqual(none)
  })

  it('are none for a desk that the newest roster does not list', async () => {
    const without = viewOf(first, await nextOf({ desks: [], nodes: [] }))
    expect(await refusalOf(() => without.deskKeys(OWN, 'protection', NOW))).toEqual(none)
    expect(deskKeysIn(first, 'shelter', NOW)).toEqual([])
  })

  it('are none when the newest roster has ended, though a key in it has not', async () => {
    const { exp } = roster.payload
    expect(idsAt(exp - 1)).toEqual([next.keyId])
    expect(await refusalOf(() => idsAt(exp))).toEqual({
      code: 'TRUST_EXPIRED',
      details: { document: 'roster', exp, bound: exp },
    })
  })

  it('are none of an agency that the charter does not know', async () => {
    expect((await refusalOf(() => view.deskKeys('ne.dst', 'protection', NOW)))?.code).toBe(
      'WIRE_ISS',
    )
  })
})

function keyOf(agency: TestAgency, officer: string): PrivateKey<'Ed25519'> {
  const key = agency.officers[officer]
  if (key === undefined) throw new TypeError(`no officer ${officer}`)
  return key
}

function officerParts(): Omit<RosterOfficer, 'key' | 'proof'> & { key: PrivateKey<'Ed25519'> } {
  const span = { nbf: NOW - 3600, exp: NOW + 30 * DAY }
  return { ...span, encryption: [], id: 'author', key: author, organisation: OWN, roles: [] }
}
