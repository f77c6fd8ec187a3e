/**
 * The key that deposits are sealed to.
 *
 * @module
 * @spec docs/spec/09-carriers.md#to-which-key
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW, seededRandom, twoAgencies, type Pair } from '../../../../test/support/agencies.ts'
import { testDepositKey } from '../../../../test/support/crafted-deposit.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { generateKey, type KeyId, KeyIdSchema } from '../crypto/jwk.ts'
import { buildNextRoster } from './build-roster.ts'
import { depositKeyIn, lastDepositKeyIn } from './deposit-key.ts'
import { type RosterNode } from './roster.ts'
import { signRoster, type VerifiedRoster, verifyRoster } from './verified-roster.ts'

let pair: Pair

beforeAll(async () => {
  pair = await twoAgencies()
})

async function next(
  depositKey: RosterNode['depositKey'],
  revoked: readonly KeyId[] = [],
): Promise<VerifiedRoster> {
  const { roster, rosterKey } = pair.naptip
  const nodes = roster.payload.nodes.map((node) => ({ ...node, depositKey }))
  const gone = revoked.map((kid) => ({ kid, reason: 'compromise' as const, since: NOW - 60 }))
  const content = buildNextRoster(roster, NOW, { nodes, revoked: gone })
  const jws = await signRoster(content, rosterKey)
  const authority = pair.charter
  return verifyRoster(jws, { authority, previous: roster, now: NOW })
}

describe('the deposit key of an agency', () => {
  it('is the one that begins last of those that are valid', async () => {
    const [first] = pair.naptip.roster.payload.nodes.flatMap(({ depositKey }) => depositKey)
    if (first === undefined) throw new Error('no key')
    const random = seededRandom('later deposits')
    const [second, third] = [
      await generateKey('HPKE-9-KE', random),
      await generateKey('HPKE-9-KE', random),
    ]
    const roster = await next([
      first,
      { nbf: NOW - 10, exp: first.exp, jwk: second.publicJwk },
      { nbf: NOW + 3600, exp: first.exp, jwk: third.publicJwk },
    ])
    expect(depositKeyIn(roster, NOW).keyId).toBe(second.keyId)
    expect(depositKeyIn(roster, NOW - 11).keyId).toBe((await testDepositKey()).keyId)
    expect(depositKeyIn(roster, NOW + 3600).keyId).toBe(third.keyId)
  })

  it('is none that is revoked or has ended', async () => {
    const { roster } = pair.naptip
    const { keyId } = await testDepositKey()
    const refused = { code: 'TRUST_DEPOSIT', details: { agency: 'ng.naptip' } }
    const gone = await next(
      roster.payload.nodes.flatMap(({ depositKey }) => depositKey),
      [KeyIdSchema.parse(keyId)],
    )
    expect(await refusalOf(() => depositKeyIn(gone, NOW))).toEqual(refused)
    const { exp = 0 } = roster.payload.nodes[0]?.depositKey[0] ?? {}
    expect(await refusalOf(() => depositKeyIn(roster, exp))).toEqual(refused)
  })

  it('is not given by a roster that has ended, but for trust documents', async () => {
    const { payload } = pair.naptip.roster
    const keys = payload.nodes.flatMap(({ depositKey }) => depositKey)
    const late = payload.exp + 60
    const long = await next(keys.map((key) => ({ ...key, exp: late + 35 * 86_400 })))
    const { exp } = long.payload
    expect(await refusalOf(() => depositKeyIn(long, exp))).toMatchObject({ code: 'TRUST_EXPIRED' })
    expect(lastDepositKeyIn(long, exp).keyId).toBe((await testDepositKey()).keyId)
  })
})
