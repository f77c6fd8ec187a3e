import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import {
  edited,
  type Edits,
  entryOf,
  signAny,
  signChangedRoster,
  signingKey,
  verifyAlone,
} from '../../../../test/support/trust-fixture.ts'
import { digest } from '../crypto/digest.ts'
import { KeyIdSchema } from '../crypto/jwk.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { buildNextRoster, type RosterLists } from './build-roster.ts'
import { type Revocation, ROSTER_TYPE } from './roster.ts'
import { signRoster, type VerifiedRoster, verifyRoster } from './verified-roster.ts'

const DAY = 86_400
const pair = await twoAgencies()
const { naptip, anltp, charter } = pair
const first = naptip.roster
const changed = async (edits: Edits): Promise<unknown> => {
  const jws = await signChangedRoster(naptip, edits)
  return refusalOf(async () => verifyAlone(naptip, jws))
}

/** The next roster of NAPTIP, signed. */
async function nextOf(
  previous: VerifiedRoster,
  changes: Partial<RosterLists> = {},
  edits: Edits = [],
): Promise<GeneralJws> {
  const roster = buildNextRoster(previous, NOW, changes)
  return signAny(ROSTER_TYPE, edited(roster, edits), [naptip.rosterKey])
}

async function afterFirst(
  changes: Partial<RosterLists>,
  edits: Edits = [],
  previous = first,
): Promise<unknown> {
  const jws = await nextOf(previous, changes, edits)
  return refusalOf(async () => verifyRoster(jws, { authority: charter, previous, now: NOW }))
}

describe('a roster', () => {
  it('is verified by the charter that names it, and says who signed', async () => {
    const roster = await verifyRoster(first.jws, { authority: charter, now: NOW })
    expect(roster.payload).toEqual(first.payload)
    expect([roster.agency, roster.version]).toEqual(['ng.naptip', 1])
    expect(roster.digest).toBe(digest(first.jws.payload))
    expect(roster.signerKeyId).toBe(naptip.rosterKey.keyId)
    expect(roster.keys.byKeyId.get(naptip.sealKey.keyId)?.use).toBe('node-seal')
  })

  it('is verified by a second roster key of its entry too', async () => {
    const second = await signingKey('second roster key')
    const jws = await signRoster(first.payload, second)
    const rosterKeys = [naptip.rosterKey.publicJwk, second.publicJwk]
    const entry = { ...entryOf(pair, naptip.id), rosterKeys }
    const verified = await verifyRoster(jws, { authority: { agency: naptip.id, entry }, now: NOW })
    expect(verified.signerKeyId).toBe(second.keyId)
  })

  it.each([
    ['the other agency’s roster key', anltp.rosterKey],
    ['an own root key', naptip.roots[0]?.ed],
    ['the own node', naptip.sealKey],
    ['one of its officers', naptip.officers['author']],
  ])('signed by %s is refused', async (_name, key) => {
    if (key === undefined) throw new TypeError('no key')
    const jws = await signRoster(first.payload, key)
    expect(await refusalOf(async () => verifyRoster(jws, { authority: charter }))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: key.keyId },
    })
  })

  it('with one member changed after signing is refused', async () => {
    const other = await signChangedRoster(naptip, [[['officers', 0, 'roles'], []]])
    const jws = { ...first.jws, payload: other.payload }
    expect(await refusalOf(async () => verifyAlone(naptip, jws))).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: naptip.rosterKey.keyId },
    })
  })

  it('has one signature and its own type', async () => {
    const two = await signAny(ROSTER_TYPE, first.payload, [naptip.rosterKey, naptip.sealKey])
    expect((await refusalOf(async () => verifyAlone(naptip, two)))?.code).toBe('WIRE_SIZE')
    const charterType = await signAny('amana-charter+jws', first.payload, [naptip.rosterKey])
    expect((await refusalOf(async () => verifyAlone(naptip, charterType)))?.code).toBe('WIRE_TYP')
  })

  it('has at most 262,144 bytes', async () => {
    const jws = { ...first.jws, payload: 'A'.repeat(349_528) }
    const limits = { sizeBytes: 349_528, limitBytes: 349_526 }
    expect(await refusalOf(async () => verifyAlone(naptip, jws))).toEqual({
      code: 'WIRE_SIZE',
      details: limits,
    })
  })

  it.each([
    ['of an agency that the charter does not know', 'ne.dst', charter],
    [
      'of another agency than the entry’s',
      'ne.anltp-tim',
      { agency: naptip.id, entry: entryOf(pair, naptip.id) },
    ],
  ] as const)('%s is refused', async (_name, agency, authority) => {
    const jws = await signChangedRoster(naptip, [[['agency'], agency]])
    expect(await refusalOf(async () => verifyRoster(jws, { authority, now: NOW }))).toEqual({
      code: 'WIRE_ISS',
      details: { issuer: agency },
    })
  })

  it('of the other agency is not made by its own roster key', async () => {
    const jws = await signChangedRoster(naptip, [[['agency'], anltp.id]])
    expect((await refusalOf(async () => verifyRoster(jws, { authority: charter })))?.code).toBe(
      'WIRE_SIG',
    )
  })
})

describe('the time of a roster', () => {
  const { iat } = first.payload

  it('is not before that of the roster before: nobody unsays what was signed by that one', async () => {
    const jwsAt = async (at: number): Promise<unknown> =>
      signRoster(
        { ...buildNextRoster(first, at, { officers: [] }), exp: iat + DAY },
        naptip.rosterKey,
      )
    const expectation = { authority: charter, previous: first }
    expect((await verifyRoster(await jwsAt(iat), expectation)).version).toBe(2)
    const early = await jwsAt(iat - 1)
    expect(await refusalOf(async () => verifyRoster(early, expectation))).toEqual({
      code: 'TRUST_CHAIN',
      details: { document: 'roster', version: 2 },
    })
  })

  it.each([
    ['over 35 days', [[['exp'], iat + 35 * DAY + 1]], 'TRUST_EXPIRED'],
    ['that ends when it begins', [[['exp'], iat]], 'TRUST_EXPIRED'],
    [
      'that has ended',
      [
        [['iat'], NOW - 2 * DAY],
        [['exp'], NOW],
      ],
      'TRUST_EXPIRED',
    ],
    ['that begins over 300 seconds from now', [[['iat'], NOW + 301]], 'WIRE_TIME_FUTURE'],
    ['that begins 300 seconds from now', [[['iat'], NOW + 300]], undefined],
    ['of 35 days', [[['exp'], iat + 35 * DAY]], undefined],
  ] as const)('%s: %3$s', async (_name, edits, code) => {
    expect(await changed(edits)).toEqual(code && expect.objectContaining({ code }))
  })

  it('that has ended is taken where it follows a known one, and not ahead of time', async () => {
    const jws = await nextOf(first)
    const following = { authority: charter, previous: first }
    const late = { ...following, now: NOW + 400 * DAY }
    expect((await verifyRoster(jws, late)).version).toBe(2)
    const early = { ...following, now: NOW - 301 }
    expect(await refusalOf(() => verifyRoster(jws, early))).toMatchObject({
      code: 'WIRE_TIME_FUTURE',
    })
  })

  it('is not judged without a clock, except for its span', async () => {
    const ended = await signChangedRoster(naptip, [
      [['iat'], 0],
      [['exp'], 100],
    ])
    const entry = {
      ...entryOf(pair, naptip.id),
      roster: { digest: digest(ended.payload), version: 1 },
    }
    const authority = { agency: naptip.id, entry }
    expect((await verifyRoster(ended, { authority })).payload.exp).toBe(100)
    const long = await signChangedRoster(naptip, [[['exp'], iat + 36 * DAY]])
    const bound = { ...entry, roster: { digest: digest(long.payload), version: 1 } }
    const refusal = await refusalOf(async () =>
      verifyRoster(long, { authority: { agency: naptip.id, entry: bound } }),
    )
    expect(refusal?.code).toBe('TRUST_EXPIRED')
  })
})

describe('the place of a roster', () => {
  it('without a known one is that which the charter names', async () => {
    const next = await nextOf(first)
    expect(await refusalOf(async () => verifyRoster(next, { authority: charter }))).toEqual({
      code: 'TRUST_ROLLBACK',
      details: { document: 'roster', found: 2, known: 1 },
    })
    const other = await signChangedRoster(naptip, [[['officers'], []]])
    expect(await refusalOf(async () => verifyRoster(other, { authority: charter }))).toEqual({
      code: 'WIRE_FORK',
      details: { what: 'roster version 1' },
    })
  })

  it('of version 1 has none before it', async () => {
    expect(await changed([[['previous'], digest('x')]])).toEqual({
      code: 'TRUST_CHAIN',
      details: { document: 'roster', version: 1 },
    })
  })

  it('may be a later version, where an entry names it', async () => {
    const jws = await nextOf(first)
    const bound = { digest: digest(jws.payload), version: 2 }
    const entry = { ...entryOf(pair, naptip.id), roster: bound }
    const roster = await verifyRoster(jws, { authority: { agency: naptip.id, entry }, now: NOW })
    expect(roster.version).toBe(2)
  })

  it('is after the known one, or the known one again', async () => {
    const expectation = { authority: charter, previous: first, now: NOW }
    const second = await verifyRoster(await nextOf(first), expectation)
    expect(second.payload.previous).toBe(first.digest)
    expect((await verifyRoster(first.jws, expectation)).digest).toBe(first.digest)
    const third = await nextOf(second)
    expect(await refusalOf(async () => verifyRoster(third, expectation))).toEqual({
      code: 'TRUST_ROLLBACK',
      details: { document: 'roster', found: 3, known: 1 },
    })
    const back = async (): Promise<unknown> =>
      verifyRoster(first.jws, { ...expectation, previous: second })
    expect(await refusalOf(back)).toEqual({
      code: 'TRUST_ROLLBACK',
      details: { document: 'roster', found: 1, known: 2 },
    })
  })

  it('is refused when it names another one before it, or is a second one of its version', async () => {
    expect(await afterFirst({}, [[['previous'], digest('x')]])).toEqual({
      code: 'TRUST_CHAIN',
      details: { document: 'roster', version: 2 },
    })
    expect(await afterFirst({ officers: [] }, [[['version'], 1]])).toEqual({
      code: 'WIRE_FORK',
      details: { what: 'roster version 1' },
    })
  })
})

describe('a revocation', async () => {
  const kid = naptip.sealKey.keyId
  const lost: Revocation = { kid, reason: 'lost', since: NOW - DAY }
  const authority = charter
  const second = await verifyRoster(await nextOf(first, { revoked: [lost] }), {
    authority,
    previous: first,
    now: NOW,
  })
  const refusal = { code: 'TRUST_REVOCATION', details: { keyId: kid } }

  it.each([
    ['stays', [lost], undefined],
    ['is not taken back', [], refusal],
    ['keeps its date', [{ ...lost, since: NOW }], refusal],
    ['is not dated back', [{ ...lost, since: NOW - 2 * DAY }], refusal],
    ['keeps its reason', [{ ...lost, reason: 'compromise' }], refusal],
  ] as const)('%s', async (_name, revoked, expected) => {
    expect(await afterFirst({ revoked: [...revoked] }, [], second)).toEqual(expected)
  })

  it.each([
    ['compromise', NOW - DAY, undefined],
    ['lost', NOW - DAY, undefined],
    ['left', NOW, undefined],
    ['superseded', NOW + DAY, undefined],
    ['left', NOW - 1, refusal],
    ['superseded', NOW - 1, refusal],
  ] as const)('for %s since %i: %j', async (reason, since, expected) => {
    expect(await afterFirst({ revoked: [{ kid, reason, since }] })).toEqual(expected)
  })

  it('in a first roster does not reach back either', async () => {
    const since = first.payload.iat - 1
    expect(await changed([[['revoked'], [{ kid, reason: 'left', since }]]])).toEqual(refusal)
    expect(await changed([[['revoked'], [{ kid, reason: 'lost', since }]]])).toBeUndefined()
  })

  it('that a later version was bound with is taken as known', async () => {
    const revoked = [{ kid, reason: 'left' as const, since: NOW - DAY }]
    const jws = await nextOf(first, { revoked })
    const bound = { digest: digest(jws.payload), version: 2 }
    const entry = { ...entryOf(pair, naptip.id), roster: bound }
    const roster = await verifyRoster(jws, { authority: { agency: naptip.id, entry }, now: NOW })
    expect(roster.payload.revoked).toEqual(revoked)
  })
})

describe('a chain of rosters', () => {
  it('counts the bytes of each, a small one as 16,384', async () => {
    const next = await after(first, [])
    const atLeast = TRUST_LIMITS.rosterChainLeastBytes
    expect(first.chainBytes).toBe(Math.max(sizeOf(first), atLeast))
    expect(next.chainBytes).toBe(first.chainBytes + atLeast)
    const large = await after(next, lostKeys(1_000))
    expect(sizeOf(large)).toBeGreaterThan(atLeast)
    expect(large.chainBytes).toBe(next.chainBytes + sizeOf(large))
  })
})

function lostKeys(count: number): Revocation[] {
  return Array.from({ length: count }, (_, index) => digest(String(index)))
    .toSorted()
    .map((kid) => ({ kid: KeyIdSchema.parse(kid), reason: 'lost', since: NOW }))
}

/** The next roster of NAPTIP, of nothing but revocations. */
async function after(previous: VerifiedRoster, revoked: Revocation[]): Promise<VerifiedRoster> {
  const jws = await nextOf(previous, { desks: [], nodes: [], officers: [], revoked })
  return verifyRoster(jws, { authority: charter, previous, now: NOW })
}

/** Bytes of the payload. */
function sizeOf({ jws }: VerifiedRoster): number {
  return Buffer.from(jws.payload, 'base64url').byteLength
}
