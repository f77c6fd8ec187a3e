import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import {
  DAY,
  newRoots,
  proposed,
  publicPair,
  recoveryPairs,
} from '../../../../test/support/rotation.ts'
import {
  edited,
  type Edits,
  halvesOf,
  rootPair,
  signAny,
} from '../../../../test/support/trust-fixture.ts'
import { CHARTER_TYPE } from './charter.ts'
import { type RootPair, signCharter } from './charter-signatures.ts'
import {
  type RecoveryCharter,
  tallyNextCharter,
  verifyNextCharter,
  verifyRecovery,
} from './verified-charter.ts'

const pair = await twoAgencies()
const previous = pair.charter
const [n1, n2] = twoOf(pair.naptip.roots)
const ours = await recoveryPairs('ng.naptip')
const theirs = await recoveryPairs('ne.anltp-tim')
const fresh = await newRoots('ng.naptip')
const other = pair.anltp.roots.slice(0, 2)
const entry = { roots: fresh.map(publicPair) }
const charter = proposed(previous, { entry })
const SIGNERS = [...ours.slice(0, 2), ...fresh.slice(0, 2), ...other]
const SEEN = { 'ng.naptip': NOW + DAY, 'ne.anltp-tim': NOW + 2 * DAY }

async function recovery(
  pairs: readonly RootPair[] = SIGNERS,
  edits: Edits = [],
): Promise<RecoveryCharter> {
  const jws = await signAny(CHARTER_TYPE, edited(charter, edits), halvesOf(pairs))
  return verifyRecovery(jws, { previous, now: NOW + DAY })
}

async function refused(pairs: readonly RootPair[], edits: Edits = []): Promise<unknown> {
  return refusalOf(async () => recovery(pairs, edits))
}

const missing = (agency: string, pairs: number, threshold = 2): unknown => ({
  code: 'TRUST_THRESHOLD',
  details: { agency, pairs, threshold },
})

describe('a recovery', () => {
  it('is signed by the recovery pairs of one agency, by the other, and by the new pairs', async () => {
    const made = await recovery()
    expect([made.agency, made.version, made.digest]).toEqual([
      'ng.naptip',
      2,
      await verifyNextDigest(),
    ])
    expect(made.payload).toEqual(charter)
  })

  it('is no renewal: nothing is trusted by it at once', async () => {
    const jws = await signCharter(charter, SIGNERS)
    expect(await refusalOf(async () => verifyNextCharter(jws, { previous }))).toEqual(
      missing('ng.naptip', 0),
    )
  })

  it.each([
    [
      'one recovery pair of two',
      [...ours.slice(0, 1), ...fresh, ...other],
      missing('ng.naptip', 0),
    ],
    ['without the other agency', [...ours, ...fresh], missing('ne.anltp-tim', 0)],
    [
      'with one pair of the other agency',
      [...ours, ...fresh, ...other.slice(1)],
      missing('ne.anltp-tim', 1),
    ],
    ['without the new pairs', [...ours, ...other], missing('ng.naptip', 0)],
    ['by the recovery pairs of both', [...ours, ...theirs, ...fresh], missing('ng.naptip', 0)],
  ] as const)('is refused %s', async (_name, pairs, refusal) => {
    expect(await refused(pairs)).toEqual(refusal)
  })

  it('is refused where both quorums signed and no recovery pair did', async () => {
    const all = [...pair.naptip.roots, ...fresh, ...other]
    expect(await refused(all)).toEqual(missing('ne.anltp-tim', 0))
  })

  it('is not signed by the recovery pairs that it names itself, nor by strangers', async () => {
    const next = await rootPair('the next recovery pair')
    const path = ['agencies', 'ng.naptip', 'recovery', 0]
    expect(await refused([...SIGNERS, next], [[path, publicPair(next)]])).toMatchObject({
      code: 'WIRE_KEY_USE',
    })
    expect(await refused([...SIGNERS, await rootPair('a stranger')])).toMatchObject({
      code: 'WIRE_KID_UNKNOWN',
    })
  })

  it('does not make a recovery pair a root', async () => {
    const roots = ours.map(publicPair)
    const recoveries = fresh.map(publicPair)
    const path = ['agencies', 'ng.naptip']
    expect(
      await refused(SIGNERS, [
        [[...path, 'roots'], roots],
        [[...path, 'recovery'], recoveries],
      ]),
    ).toMatchObject({ code: 'WIRE_KEY' })
  })

  it.each([
    ['another charter before it', [['previous'], null], 'TRUST_CHAIN'],
    ['a version that skips one', [['version'], 3], 'TRUST_ROLLBACK'],
    ['its end before now', [['exp'], charter.iat - 1], 'TRUST_EXPIRED'],
  ] as const)('is refused with %s', async (_name, edit, code) => {
    expect(await refused(SIGNERS, [edit])).toMatchObject({ code })
  })

  it('is refused after its end and before its beginning', async () => {
    const jws = await signCharter(charter, SIGNERS)
    const at = async (now: number): Promise<unknown> =>
      refusalOf(async () => verifyRecovery(jws, { previous, now }))
    expect(await at(charter.exp)).toMatchObject({ code: 'TRUST_EXPIRED' })
    expect(await at(charter.iat - 301)).toMatchObject({ code: 'WIRE_TIME_FUTURE' })
    expect(await at(charter.iat - 300)).toBeUndefined()
  })
})

describe('the delay of a recovery', () => {
  it('is seven days from when the last agency saw it', async () => {
    const made = await recovery()
    expect(made.takesEffectAt(SEEN)).toBe(NOW + 9 * DAY)
    const { 'ng.naptip': first, 'ne.anltp-tim': second } = SEEN
    expect(made.takesEffectAt({ 'ng.naptip': second, 'ne.anltp-tim': first })).toBe(NOW + 9 * DAY)
  })

  it('does not begin before both saw it', async () => {
    const made = await recovery()
    const seen = { 'ng.naptip': NOW }
    expect(made.takesEffectAt(seen)).toBeUndefined()
    expect(await refusalOf(() => made.inForce(seen, NOW + 100 * DAY))).toEqual({
      code: 'TRUST_RECOVERY_DELAY',
      details: { agency: 'ng.naptip', until: 0 },
    })
  })

  it('ends at that second and not one before', async () => {
    const made = await recovery()
    const until = NOW + 9 * DAY
    expect(await refusalOf(() => made.inForce(SEEN, until - 1))).toEqual({
      code: 'TRUST_RECOVERY_DELAY',
      details: { agency: 'ng.naptip', until },
    })
    const inForce = made.inForce(SEEN, until)
    expect([inForce.digest, inForce.recovers]).toEqual([made.digest, 'ng.naptip'])
  })

  it('does not outlast the charter itself', async () => {
    const made = await recovery()
    expect(await refusalOf(() => made.inForce(SEEN, charter.exp))).toMatchObject({
      code: 'TRUST_EXPIRED',
    })
  })
})

describe('the signatures under a charter N+1', () => {
  it.each([
    ['none of N', [...fresh, ...ours.slice(2)], { agreed: [], inForce: false }],
    ['the old quorum of one', [n1, n2], { agreed: ['ng.naptip'], inForce: false }],
    [
      'both, and the new pairs',
      [n1, n2, ...fresh, ...other],
      { agreed: ['ne.anltp-tim', 'ng.naptip'], inForce: true },
    ],
    ['a recovery', SIGNERS, { agreed: ['ne.anltp-tim'], inForce: false, recovers: 'ng.naptip' }],
    [
      'a recovery without the new pairs',
      [...ours, ...other],
      { agreed: ['ne.anltp-tim'], inForce: false },
    ],
    [
      'a recovery that the old quorum joins',
      [n1, n2, ...SIGNERS],
      { agreed: ['ne.anltp-tim', 'ng.naptip'], inForce: true },
    ],
  ] as const)('are counted: %s', async (_name, pairs, expected) => {
    const jws = await signCharter(charter, pairs)
    const { agreed, inForce, recovers } = await tallyNextCharter(jws, previous)
    const found = { agreed: [...agreed].toSorted(), inForce }
    expect(recovers === undefined ? found : { ...found, recovers }).toEqual(expected)
  })
})

async function verifyNextDigest(): Promise<string> {
  const jws = await signCharter(charter, [...SIGNERS, ...pair.naptip.roots.slice(0, 2)])
  return (await verifyNextCharter(jws, { previous })).digest
}

function twoOf(pairs: readonly RootPair[]): readonly [RootPair, RootPair] {
  const [a, b] = pairs
  if (a === undefined || b === undefined) throw new TypeError('two pairs')
  return [a, b]
}
