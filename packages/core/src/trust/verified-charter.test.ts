import { describe, expect, it } from 'vitest'
import { NOW, seededRandom, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import {
  edited,
  type Edits,
  entryOf,
  halvesOf,
  rootPair,
  signAny,
  signingKey,
} from '../../../../test/support/trust-fixture.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { type Charter, CHARTER_TYPE } from './charter.ts'
import {
  documentDigest,
  generateRootPair,
  mergeCharterSignatures,
  type RootPair,
  signCharter,
} from './charter-signatures.ts'
import {
  tallyCharter,
  type VerifiedCharter,
  verifyFirstCharter,
  verifyNextCharter,
} from './verified-charter.ts'

const pair = await twoAgencies()
const { naptip, anltp } = pair
const first = pair.charter
const charter = first.payload
const [n1, n2, n3] = threeOf(naptip.roots)
const [t1, t2, t3] = threeOf(anltp.roots)
const QUORUMS = [n1, n2, t1, t2]
const recovery = await rootPairOfRecovery()
const stranger = await rootPair('a stranger')

const verified = async (
  edits: Edits,
  pairs: readonly RootPair[] = QUORUMS,
  now = NOW,
): Promise<unknown> => {
  const jws = await signAny(CHARTER_TYPE, edited(charter, edits), halvesOf(pairs))
  return refusalOf(async () => verifyFirstCharter(jws, { now }))
}
const missing = (agency: string, pairs: number): unknown => ({
  code: 'TRUST_THRESHOLD',
  details: { agency, pairs, threshold: 2 },
})

describe('charter 1', () => {
  it('is in force with two pairs of each agency', async () => {
    const jws = await signCharter(charter, QUORUMS)
    const made = await verifyFirstCharter(jws, { now: NOW })
    expect(made.payload).toEqual(charter)
    expect(made.version).toBe(1)
    expect(made.digest).toBe(documentDigest(charter))
    expect(made.digest).toBe(digest(jws.payload))
    expect(made.keys.byKeyId.get(n1.ed.keyId)?.use).toBe('root')
  })

  it.each([
    ['two pairs of one agency', [n1, n2], missing('ne.anltp-tim', 0)],
    ['two pairs of the other', [t1, t3], missing('ng.naptip', 0)],
    [
      'three pairs of one agency and one of the other',
      [n1, n2, n3, t1],
      missing('ne.anltp-tim', 1),
    ],
    ['one pair of each', [n1, t1], missing('ne.anltp-tim', 1)],
    ['all pairs', [n1, n2, n3, t1, t2, t3], undefined],
    ['other two of three', [n2, n3, t1, t3], undefined],
  ] as const)('with %s', async (_name, pairs, refusal) => {
    expect(await verified([], pairs)).toEqual(refusal)
  })

  it.each([
    ['Ed25519', [n2.ed]],
    ['ML-DSA-65', [n2.pq]],
    ['halves of two pairs', [n2.ed, n3.pq]],
  ] as const)('does not count half a pair: %s', async (_name, halves) => {
    const jws = await signAny(CHARTER_TYPE, charter, [...halvesOf([n1, t1, t2]), ...halves])
    expect(await refusalOf(async () => verifyFirstCharter(jws, { now: NOW }))).toEqual(
      missing('ng.naptip', 1),
    )
    expect((await tallyCharter(jws)).pairs).toEqual({ 'ng.naptip': 1, 'ne.anltp-tim': 2 })
  })

  it.each([
    ['a key that it does not name', stranger, 'WIRE_KID_UNKNOWN'],
    ['a recovery pair', recovery, 'WIRE_KEY_USE'],
    ['a roster key', { ed: naptip.rosterKey, pq: stranger.pq }, 'WIRE_KEY_USE'],
  ] as const)('is refused whole with a signature by %s', async (_name, other, code) => {
    expect(await verified([], [...QUORUMS, other])).toEqual({
      code,
      details: { keyId: other.ed.keyId },
    })
  })

  it.each([0, 1, 5])('is refused whole when signature %i is wrong', async (index) => {
    const jws = await signCharter(charter, [...QUORUMS, n3, t3])
    const other = await signCharter(
      { ...charter, witnesses: [{ key: (await signingKey('w')).publicJwk, name: 'w' }] },
      [...QUORUMS, n3, t3],
    )
    const mixed = jws.signatures.map((entry, place) =>
      place === index ? (other.signatures[place] ?? entry) : entry,
    )
    const refusal = await refusalOf(async () =>
      verifyFirstCharter({ ...jws, signatures: mixed }, { now: NOW }),
    )
    expect(refusal?.code).toBe('WIRE_SIG')
  })

  it.each([
    ['version 2', [[['version'], 2]], 'TRUST_CHAIN'],
    ['one before it', [[['previous'], digest('x')]], 'TRUST_CHAIN'],
    ['a threshold of one', [[['agencies', 'ng.naptip', 'threshold'], 1]], 'TRUST_THRESHOLD'],
    [
      'a threshold above its pairs',
      [[['agencies', 'ng.naptip', 'threshold'], 4]],
      'TRUST_THRESHOLD',
    ],
    ['over a year', [[['exp'], charter.exp + 1]], 'TRUST_EXPIRED'],
    ['an unknown member', [[['note'], '']], 'WIRE_MEMBER'],
    ['another format', [[['v'], 2]], 'WIRE_VERSION'],
    ['a kind for a stranger', [[['kinds', 'intel.report/1', 'aud'], ['ne.dst']]], 'WIRE_MEMBER'],
  ] as const)('is refused with %s', async (_name, edits, code) => {
    expect(await verified(edits)).toMatchObject({ code })
  })

  it.each([
    [
      'one pair twice',
      ['agencies', 'ng.naptip', 'roots', 1],
      entryOf(pair, 'ng.naptip').roots[0],
      'root of ng.naptip 0, root of ng.naptip 1',
    ],
    [
      'a pair of the other agency',
      ['agencies', 'ng.naptip', 'roots', 2],
      entryOf(pair, 'ne.anltp-tim').roots[2],
      'root of ne.anltp-tim 2, root of ng.naptip 2',
    ],
    [
      'a recovery pair among the roots',
      ['agencies', 'ng.naptip', 'recovery', 0],
      entryOf(pair, 'ng.naptip').roots[2],
      'root of ng.naptip 2, recovery of ng.naptip 0',
    ],
    [
      'a roster key among the roots',
      ['agencies', 'ng.naptip', 'rosterKeys', 0],
      entryOf(pair, 'ng.naptip').roots[2]?.ed,
      'root of ng.naptip 2, roster of ng.naptip',
    ],
    [
      'a witness among the roots',
      ['witnesses'],
      [{ key: entryOf(pair, 'ng.naptip').roots[2]?.ed, name: 'w' }],
      'root of ng.naptip 2, charter-witness of w',
    ],
  ] as const)('is refused with one key in two places: %s', async (...row) => {
    const [, path, put, places] = row
    expect(await verified([[path, put]])).toEqual({
      code: 'WIRE_KEY',
      details: { reason: `one key in two places: ${places}` },
    })
  })

  it('is refused with a root key of small order', async () => {
    const path = ['agencies', 'ng.naptip', 'roots', 2, 'ed', 'x']
    expect(await verified([[path, `AQ${'A'.repeat(41)}`]])).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'point' },
    })
  })

  it.each([
    ['at its end', charter.exp, 'TRUST_EXPIRED'],
    ['a second before its end', charter.exp - 1, undefined],
    ['301 seconds before it begins', charter.iat - 301, 'WIRE_TIME_FUTURE'],
    ['300 seconds before it begins', charter.iat - 300, undefined],
  ])('%s: %3$s', async (_name, now, code) => {
    const refusal = await refusalOf(async () => verifyFirstCharter(first.jws, { now }))
    expect(refusal?.code).toBe(code)
  })

  it('is read as history without a clock', async () => {
    const old = await signAny(
      CHARTER_TYPE,
      edited(charter, [
        [['iat'], 0],
        [['exp'], 9],
      ]),
      halvesOf(QUORUMS),
    )
    expect((await verifyFirstCharter(old, {})).payload.exp).toBe(9)
  })

  it('has its type, at most 64 signatures and at most 65,536 bytes', async () => {
    const roster = await signAny('amana-roster+jws', charter, halvesOf(QUORUMS))
    expect((await refusalOf(async () => tallyCharter(roster)))?.code).toBe('WIRE_TYP')
    const many = {
      ...first.jws,
      signatures: Array.from({ length: 65 }, () => first.jws.signatures[0]),
    }
    expect(await refusalOf(async () => tallyCharter(many))).toEqual({
      code: 'WIRE_SIZE',
      details: { sizeBytes: 65, limitBytes: 64 },
    })
    const long = { ...first.jws, payload: 'A'.repeat(87_384) }
    expect(await refusalOf(async () => tallyCharter(long))).toEqual({
      code: 'WIRE_SIZE',
      details: { sizeBytes: 87_384, limitBytes: 87_382 },
    })
  })
})

describe('a tally', () => {
  it.each([
    ['nobody but one pair', [n1], { 'ng.naptip': 1, 'ne.anltp-tim': 0 }, false],
    ['one quorum', [n1, n3], { 'ng.naptip': 2, 'ne.anltp-tim': 0 }, false],
    ['both quorums', QUORUMS, { 'ng.naptip': 2, 'ne.anltp-tim': 2 }, true],
  ] as const)('of %s', async (...row) => {
    const [, pairs, counts, inForce] = row
    const jws = await signCharter(charter, pairs)
    const tally = await tallyCharter(jws)
    expect(tally).toEqual({ charter, digest: first.digest, jws, pairs: counts, inForce })
  })

  it('is of a first charter', async () => {
    const jws = await signAny(CHARTER_TYPE, edited(charter, [[['version'], 2]]), halvesOf([n1]))
    expect((await refusalOf(async () => tallyCharter(jws)))?.code).toBe('TRUST_CHAIN')
  })
})

describe('signatures of both agencies', async () => {
  const own = await signCharter(charter, [n1, n2])
  const other = await signCharter(charter, [t1, t2])

  it('become one charter in force, equal whoever merges', async () => {
    const merged = mergeCharterSignatures(own, other)
    expect(mergeCharterSignatures(other, own)).toEqual(merged)
    expect((await tallyCharter(merged)).inForce).toBe(true)
    const keyIds = QUORUMS.flatMap(({ ed, pq }) => [ed.keyId, pq.keyId]).toSorted()
    const found = merged.signatures.map(({ protected: header }) => keyIdOf(header))
    expect(found).toEqual(keyIds)
  })

  it('keep the own one where both have one of a key', () => {
    const broken = {
      ...own,
      signatures: own.signatures.map((entry) => ({ ...entry, signature: 'AA' })),
    }
    const merged = mergeCharterSignatures(own, broken)
    expect(merged.signatures.map(({ signature }) => signature).toSorted()).toEqual(
      own.signatures.map(({ signature }) => signature).toSorted(),
    )
  })

  it('are not merged for two charters', async () => {
    const later = { ...charter, iat: charter.iat + 1 }
    const foreign = await signCharter(later, [t1, t2])
    expect(await refusalOf(() => mergeCharterSignatures(own, foreign))).toEqual({
      code: 'TRUST_OTHER_CHARTER',
      details: { expected: first.digest, found: documentDigest(later) },
    })
  })

  it('are not merged beyond 64, so that nobody can fill a charter with signatures', async () => {
    const filled: GeneralJws = {
      payload: own.payload,
      signatures: Array.from({ length: 64 }, (_, index) => madeUp(index)),
    }
    expect(await refusalOf(() => mergeCharterSignatures(own, filled))).toEqual({
      code: 'WIRE_SIZE',
      details: { sizeBytes: 68, limitBytes: 64 },
    })
    expect(mergeCharterSignatures(filled, filled).signatures).toHaveLength(64)
  })
})

describe('charter N+1', async () => {
  const added = await rootPair('a new root of NAPTIP')
  const roots = [n2, n3, added].map(publicOf)
  const payload: Charter = {
    ...charter,
    agencies: { ...charter.agencies, 'ng.naptip': { ...entryOf(pair, 'ng.naptip'), roots } },
    previous: first.digest,
    version: 2,
  }
  const follows = async (
    pairs: readonly RootPair[],
    edits: Edits = [],
    now = NOW,
  ): Promise<unknown> => {
    const jws = await signAny(CHARTER_TYPE, edited(payload, edits), halvesOf(pairs))
    return refusalOf(async () => verifyNextCharter(jws, { previous: first, now }))
  }

  it.each([
    ['both quorums of both versions', [n1, n2, added, t1, t2], undefined],
    ['pairs that count in both versions', [n2, n3, t1, t2], undefined],
    ['no quorum of the version before', [n2, added, t1, t2], missing('ng.naptip', 1)],
    ['no quorum of its own', [n1, n2, t1, t2], missing('ng.naptip', 1)],
    ['one agency only', [n1, n2, n3, added], missing('ne.anltp-tim', 0)],
  ] as const)('with %s', async (_name, pairs, refusal) => {
    expect(await follows(pairs)).toEqual(refusal)
  })

  it.each([
    ['a recovery pair', [['agencies', 'ng.naptip', 'recovery', 0], publicOf(n1)]],
    [
      'a roster key of the other agency',
      [['agencies', 'ne.anltp-tim', 'rosterKeys', 0], n1.ed.publicJwk],
    ],
    ['a root of the other agency', [['agencies', 'ne.anltp-tim', 'roots', 0], publicOf(n1)]],
  ] as const)('has no root of the version before as %s', async (_name, edit) => {
    expect(await follows([n2, n3, t1, t2], [edit])).toMatchObject({ code: 'WIRE_KEY' })
  })

  it('may list a pair that stays at another position', async () => {
    const turned = [added, n3, n2].map(publicOf)
    const path = ['agencies', 'ng.naptip', 'roots']
    expect(await follows([n2, n3, t1, t2], [[path, turned]])).toBeUndefined()
  })

  it('gives its own keys and payload', async () => {
    const jws = await signCharter(payload, [n2, n3, t1, t2])
    const second = await verifyNextCharter(jws, { previous: first, now: NOW })
    expect(second.version).toBe(2)
    expect(second.keys.byKeyId.has(n1.ed.keyId)).toBe(false)
    expect(second.keys.byKeyId.has(added.ed.keyId)).toBe(true)
  })

  it.each([
    ['version 3', [[['version'], 3]], 'TRUST_ROLLBACK'],
    ['another version 1', [[['version'], 1]], 'WIRE_FORK'],
    ['another charter before it', [[['previous'], digest('x')]], 'TRUST_CHAIN'],
    ['none before it', [[['previous'], null]], 'TRUST_CHAIN'],
    ['over a year', [[['exp'], charter.exp + 1]], 'TRUST_EXPIRED'],
  ] as const)('is refused with %s', async (_name, edits, code) => {
    expect(await follows([n2, n3, t1, t2], edits)).toMatchObject({ code })
  })

  it('is refused after its end, and with a signature by a stranger', async () => {
    expect(await follows([n2, n3, t1, t2], [], charter.exp)).toMatchObject({
      code: 'TRUST_EXPIRED',
    })
    expect(await follows([n2, n3, t1, t2, stranger])).toMatchObject({ code: 'WIRE_KID_UNKNOWN' })
  })

  it('cannot leave an agency out without that agency', async () => {
    const third = await rootPair('ne.dst 1')
    const fourth = await rootPair('ne.dst 2')
    const dst = {
      ...entryOf(pair, 'ng.naptip'),
      roots: [third, fourth].map(publicOf),
      recovery: [publicOf(await rootPair('ne.dst 3'))],
      recoveryThreshold: 1,
      rosterKeys: [(await signingKey('ne.dst roster')).publicJwk],
    }
    const aud = ['ne.dst', 'ng.naptip']
    const agencies = { 'ng.naptip': entryOf(pair, 'ng.naptip'), 'ne.dst': dst }
    const kinds = { 'victim.referral/1': { approvals: 1, aud } }
    const without = { ...payload, agencies, kinds }
    const signers = [n1, n2, third, fourth]
    const alone = await signCharter(without, signers)
    expect(await refusalOf(async () => verifyNextCharter(alone, { previous: first }))).toEqual(
      missing('ne.anltp-tim', 0),
    )
    const together = await signCharter(without, [...signers, t1, t3])
    expect((await verifyNextCharter(together, { previous: first })).version).toBe(2)
  })

  it('may be the known one again', async () => {
    const again: VerifiedCharter = await verifyNextCharter(first.jws, { previous: first })
    expect(again.digest).toBe(first.digest)
  })
})

describe('a root pair', () => {
  it('has two keys of its own', async () => {
    const made = await generateRootPair(seededRandom('pair'))
    expect([made.ed.algorithm, made.pq.algorithm]).toEqual(['Ed25519', 'ML-DSA-65'])
    expect(made.ed.seed).not.toEqual(made.pq.seed)
  })
})

function threeOf(pairs: readonly RootPair[]): readonly [RootPair, RootPair, RootPair] {
  const [a, b, c] = pairs
  if (a === undefined || b === undefined || c === undefined) throw new TypeError('three pairs')
  return [a, b, c]
}

async function rootPairOfRecovery(): Promise<RootPair> {
  const made = await rootPair('ng.naptip recovery 1')
  const listed = entryOf(pair, 'ng.naptip').recovery[0]
  if (listed?.ed.x !== made.ed.publicJwk.x) throw new TypeError('not the recovery pair')
  return made
}

function publicOf({ ed, pq }: RootPair): { ed: typeof ed.publicJwk; pq: typeof pq.publicJwk } {
  return { ed: ed.publicJwk, pq: pq.publicJwk }
}

function keyIdOf(header: string): string {
  return /"kid":"([^"]+)"/.exec(Buffer.from(header, 'base64url').toString())?.[1] ?? ''
}

/** A signature in form, by a key that nobody has. */
function madeUp(index: number): GeneralJws['signatures'][number] {
  const kid = digest(`made up ${String(index)}`)
  const header = encodeCanonical({ alg: 'Ed25519', kid, typ: CHARTER_TYPE })
  return { protected: Buffer.from(header).toString('base64url'), signature: 'AA' }
}
