import { describe, expect, it } from 'vitest'
import { NOW, type TestAgency, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import {
  edited,
  type Edits,
  entryOf,
  jsonOf,
  membersIn,
  objectsIn,
  signAny,
  signChangedRoster,
  signingKey,
} from '../../../../test/support/trust-fixture.ts'
import { digest } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { assertPairable, createInvite, INVITE_TYPE, InviteSchema, verifyInvite } from './invite.ts'
import { parsePayload } from './payload.ts'

const DAY = 86_400
const pair = await twoAgencies()
const { naptip, anltp } = pair
const issuedAt = NOW - 60
const own = await inviteOf(naptip)
const payload = jsonOf({
  agency: naptip.id,
  entry: entryOf(pair, naptip.id),
  exp: issuedAt + 7 * DAY,
  iat: issuedAt,
  roster: naptip.roster.jws,
  v: 1,
})
const verified = async (
  edits: Edits,
  key: PrivateKey<'Ed25519'> = naptip.rosterKey,
): Promise<unknown> => {
  const jws = await signAny(INVITE_TYPE, edited(payload, edits), [key])
  return refusalOf(async () => verifyInvite(jws, NOW))
}

describe('an invite', () => {
  it('is the entry, the roster and seven days, signed by the roster key', async () => {
    expect(jsonOf(JSON.parse(Buffer.from(own.payload, 'base64url').toString()))).toEqual(payload)
    const invite = await verifyInvite(own, NOW)
    expect(invite.agency).toBe('ng.naptip')
    expect(invite.entry).toEqual(entryOf(pair, naptip.id))
    expect([invite.issuedAt, invite.expiresAt]).toEqual([issuedAt, issuedAt + 7 * DAY])
    expect(invite.digest).toBe(digest(own.payload))
    expect(invite.roster.digest).toBe(naptip.roster.digest)
    expect(invite.jws).toEqual(own)
    expect(invite.keys.byKeyId.get(naptip.rosterKey.keyId)?.use).toBe('roster')
  })

  it.each(objectsIn(payload).map((path) => [path.join('.'), path] as const))(
    'has no unknown member in “%s”',
    async (name, path) => {
      const more = edited(payload, [[[...path, 'note'], '']])
      expect(await refusalOf(() => parsePayload(InviteSchema, more))).toEqual({
        code: 'WIRE_MEMBER',
        details: { path: name },
      })
    },
  )

  it.each(membersIn(payload).map((path) => [path.join('.'), path] as const))(
    'has every member: not without “%s”',
    async (name, path) => {
      const less = edited(payload, [[path, undefined]])
      const refusal = await refusalOf(() => parsePayload(InviteSchema, less))
      const inKey = path.some((step) => ['ed', 'pq', 'rosterKeys'].includes(String(step)))
      expect(refusal?.code).toBe(inKey ? 'WIRE_KEY' : 'WIRE_MEMBER')
      expect(JSON.stringify(refusal?.details)).toContain(name)
    },
  )

  it.each([
    ['the other agency’s roster key', anltp.rosterKey],
    ['an own root key', naptip.roots[0]?.ed ?? anltp.rosterKey],
    ['an officer', naptip.officers['author'] ?? anltp.rosterKey],
  ])('is not signed by %s', async (_name, key) => {
    expect(await verified([], key)).toEqual({ code: 'WIRE_SIG', details: { keyId: key.keyId } })
  })

  it.each([
    [
      'that has ended',
      [
        [['iat'], NOW - 7 * DAY],
        [['exp'], NOW],
      ],
      'TRUST_EXPIRED',
    ],
    ['of over seven days', [[['exp'], issuedAt + 7 * DAY + 1]], 'TRUST_EXPIRED'],
    ['that ends before it begins', [[['exp'], issuedAt - 1]], 'TRUST_EXPIRED'],
    ['that begins over 300 seconds from now', [[['iat'], NOW + 301]], 'WIRE_TIME_FUTURE'],
    ['of another format', [[['v'], 2]], 'WIRE_VERSION'],
    ['with a threshold of one', [[['entry', 'threshold'], 1]], 'TRUST_THRESHOLD'],
    ['with a recovery threshold of none', [[['entry', 'recoveryThreshold'], 0]], 'TRUST_THRESHOLD'],
    ['of another agency than its roster', [[['agency'], 'ng.nis']], 'WIRE_ISS'],
    ['with the other agency’s roster', [[['roster'], anltp.roster.jws]], 'WIRE_ISS'],
    ['that binds another version', [[['entry', 'roster', 'version'], 2]], 'TRUST_ROLLBACK'],
    ['that binds another roster', [[['entry', 'roster', 'digest'], digest('x')]], 'WIRE_FORK'],
    [
      'with a key of small order',
      [[['entry', 'roots', 0, 'ed', 'x'], `AQ${'A'.repeat(41)}`]],
      'WIRE_KEY',
    ],
    [
      'with an officer among the roots',
      [[['entry', 'roots', 0, 'ed'], naptip.officers['author']?.publicJwk]],
      'WIRE_KEY',
    ],
    [
      'with one root twice',
      [[['entry', 'roots', 1], entryOf(pair, naptip.id).roots[0]]],
      'WIRE_KEY',
    ],
  ] as const)('%s is refused: %3$s', async (_name, edits, code) => {
    expect(await verified(edits)).toMatchObject({ code })
  })

  it('is refused with a roster that is no longer of this time', async () => {
    const old = await signChangedRoster(naptip, [
      [['iat'], NOW - 35 * DAY],
      [['exp'], NOW],
    ])
    const bound = { digest: digest(old.payload), version: 1 }
    expect(
      await verified([
        [['roster'], old],
        [['entry', 'roster'], bound],
      ]),
    ).toMatchObject({
      code: 'TRUST_EXPIRED',
      details: { document: 'roster' },
    })
  })

  it('is refused with a roster by a key that the entry does not name', async () => {
    const { signatures } = await signChangedRoster(naptip, [], anltp.rosterKey)
    expect(await verified([[['roster', 'signatures'], signatures]])).toMatchObject({
      code: 'WIRE_SIG',
    })
  })

  it('has one signature, its own type and at most 393,216 bytes', async () => {
    const two = await signAny(INVITE_TYPE, payload, [naptip.rosterKey, naptip.sealKey])
    expect((await refusalOf(async () => verifyInvite(two, NOW)))?.code).toBe('WIRE_SIZE')
    const other = await signAny('amana-roster+jws', payload, [naptip.rosterKey])
    expect((await refusalOf(async () => verifyInvite(other, NOW)))?.code).toBe('WIRE_TYP')
    const long = { ...own, payload: 'A'.repeat(524_292) }
    expect(await refusalOf(async () => verifyInvite(long, NOW))).toEqual({
      code: 'WIRE_SIZE',
      details: { sizeBytes: 524_292, limitBytes: 524_288 },
    })
  })
})

describe('two invites', async () => {
  const first = await verifyInvite(own, NOW)
  const second = await verifyInvite(await inviteOf(anltp), NOW)

  it('of two agencies may become a charter', async () => {
    expect(await refusalOf(() => assertPairable(first, second))).toBeUndefined()
  })

  it('of one agency may not', async () => {
    const again = await verifyInvite(await inviteOf(naptip, issuedAt + 1), NOW)
    expect(await refusalOf(() => assertPairable(first, again))).toEqual({
      code: 'TRUST_SELF',
      details: { agency: 'ng.naptip' },
    })
  })

  it('with one key in both may not', async () => {
    const shared = entryOf(pair, naptip.id).roots[2]
    const entry = edited(entryOf(pair, anltp.id), [[['roots', 2], shared]])
    const jws = await signAny(
      INVITE_TYPE,
      { agency: anltp.id, entry, exp: NOW + 1, iat: issuedAt, roster: anltp.roster.jws, v: 1 },
      [anltp.rosterKey],
    )
    const copied = await verifyInvite(jws, NOW)
    expect(await refusalOf(() => assertPairable(first, copied))).toEqual({
      code: 'WIRE_KEY',
      details: {
        reason: 'one key in two places: root of ng.naptip 2, root of ne.anltp-tim 2',
      },
    })
  })

  it('with one key in both rosters may not', async () => {
    const roster = await signChangedRoster(anltp, [
      [['desks', 0, 'encryption', 0, 'jwk'], naptip.desks.coordination.publicJwk],
    ])
    const bound = { digest: digest(roster.payload), version: 1 }
    const entry = { ...entryOf(pair, anltp.id), roster: bound }
    const jws = await signAny(
      INVITE_TYPE,
      { agency: anltp.id, entry, exp: NOW + 1, iat: issuedAt, roster, v: 1 },
      [anltp.rosterKey],
    )
    const copied = await verifyInvite(jws, NOW)
    expect((await refusalOf(() => assertPairable(first, copied)))?.code).toBe('WIRE_KEY')
  })
})

it('an invite of a stranger’s key is whole and says nothing of who sent it', async () => {
  const stranger = await signingKey('impostor')
  const entry = { ...entryOf(pair, naptip.id), rosterKeys: [stranger.publicJwk] }
  const roster = await signChangedRoster(naptip, [], stranger)
  const jws = await signAny(
    INVITE_TYPE,
    edited(payload, [
      [['entry'], entry],
      [['roster'], roster],
    ]),
    [stranger],
  )
  expect((await verifyInvite(jws, NOW)).agency).toBe('ng.naptip')
})

async function inviteOf(agency: TestAgency, at = issuedAt): Promise<GeneralJws> {
  const content = { agency: agency.id, entry: entryOf(pair, agency.id), roster: agency.roster }
  return createInvite({ ...content, issuedAt: at }, agency.rosterKey)
}
