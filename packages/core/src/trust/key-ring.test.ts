import { describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { entryOf } from '../../../../test/support/trust-fixture.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import {
  admitKeys,
  assertNoneTwice,
  assertOneUse,
  charterKeySlots,
  entryKeySlots,
  type KeyRing,
  type KeySlot,
  type KeyUse,
  rosterKeySlots,
} from './key-ring.ts'

const pair = await twoAgencies()
const { naptip } = pair
const slot = (use: KeyUse, owner: string, publicKey: string): KeySlot => ({ use, owner, publicKey })
const ringOf = (...slots: readonly KeySlot[]): KeyRing => ({ slots, byKeyId: new Map() })
const twoPlaces = (first: string, second: string): unknown => ({
  code: 'WIRE_KEY',
  details: { reason: `one key in two places: ${first}, ${second}` },
})

describe('the keys of a document', () => {
  it('of an entry are both halves of each pair, and the roster keys', () => {
    const slots = entryKeySlots('ng.naptip', entryOf(pair, 'ng.naptip'))
    expect(countsOf(slots)).toEqual({ root: 6, recovery: 6, roster: 1 })
    const owners = slots.filter(({ use }) => use === 'root').map(({ owner }) => owner)
    expect(owners).toEqual([0, 0, 1, 1, 2, 2].map((index) => `ng.naptip ${String(index)}`))
  })

  it('of a charter are those of its agencies and witnesses', () => {
    const { payload } = pair.charter
    const witnesses = [{ key: naptip.sealKey.publicJwk, name: 'auditor' }]
    const slots = charterKeySlots({ ...payload, witnesses })
    expect(countsOf(slots)).toEqual({ root: 12, recovery: 12, roster: 2, 'charter-witness': 1 })
    expect(slots.at(-1)).toMatchObject({ owner: 'auditor', publicKey: naptip.sealKey.publicJwk.x })
  })

  it('of a roster are those of desks, officers, nodes, and of the log once', () => {
    const slots = rosterKeySlots(naptip.roster.payload)
    expect(countsOf(slots)).toEqual({
      desk: 3,
      officer: 4,
      libp2p: 1,
      'node-seal': 1,
      deposit: 1,
      log: 2,
      witness: 2,
    })
    const [node] = naptip.roster.payload.nodes
    const twice = { ...naptip.roster.payload, nodes: node === undefined ? [] : [node, node] }
    expect(countsOf(rosterKeySlots(twice))).toMatchObject({ log: 2, witness: 2, 'node-seal': 2 })
    expect(countsOf(rosterKeySlots({ ...naptip.roster.payload, nodes: [] }))).toEqual({
      desk: 3,
      officer: 4,
    })
  })

  it('of officers are for signing and for encryption', () => {
    const [officer] = naptip.roster.payload.officers
    const [encryption] = naptip.roster.payload.nodes[0]?.depositKey ?? []
    if (officer === undefined || encryption === undefined) throw new TypeError('no officer')
    const officers = [{ ...officer, encryption: [encryption] }]
    const slots = rosterKeySlots({ ...naptip.roster.payload, desks: [], nodes: [], officers })
    expect(slots.map(({ use, owner }) => [use, owner])).toEqual([
      ['officer', `ng.naptip ${officer.id}`],
      ['officer-encryption', `ng.naptip ${officer.id}`],
    ])
  })
})

describe('one document', () => {
  it('has every key once', async () => {
    const twice = [slot('desk', 'a b', 'K'), slot('officer', 'a c', 'L'), slot('desk', 'a b', 'K')]
    expect(await refusalOf(() => assertNoneTwice(twice))).toEqual(
      twoPlaces('desk of a b', 'desk of a b'),
    )
    expect(await refusalOf(() => assertNoneTwice(twice.slice(1)))).toBeUndefined()
  })

  it('has only keys that are admitted, found by their ids', async () => {
    const ring = await admitKeys(rosterKeySlots(naptip.roster.payload))
    expect(ring.byKeyId.get(naptip.sealKey.keyId)).toMatchObject({
      use: 'node-seal',
      admitted: { keyId: naptip.sealKey.keyId, admitted: true },
    })
    expect(ring.slots.filter(({ admitted }) => admitted === undefined)).toHaveLength(2)
    expect(ring.byKeyId.size).toBe(ring.slots.length - 2)
  })

  it('has no key that is not admitted', async () => {
    const x = encodeBase64url(Uint8Array.of(1, ...new Uint8Array(31)))
    const jwk = { alg: 'Ed25519', crv: 'Ed25519', kty: 'OKP', x } as const
    const bad = { ...slot('officer', 'ng.naptip author', x), jwk }
    expect(await refusalOf(() => admitKeys([bad]))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'point' },
    })
  })
})

describe('several documents', () => {
  const officer = slot('officer', 'ng.naptip a', 'K')

  it.each([
    ['the same use and owner', slot('officer', 'ng.naptip a', 'K'), undefined],
    ['another key', slot('desk', 'ng.naptip a', 'L'), undefined],
    [
      'another use',
      slot('desk', 'ng.naptip a', 'K'),
      twoPlaces('officer of ng.naptip a', 'desk of ng.naptip a'),
    ],
    [
      'another owner',
      slot('officer', 'ng.naptip b', 'K'),
      twoPlaces('officer of ng.naptip a', 'officer of ng.naptip b'),
    ],
    [
      'another agency',
      slot('officer', 'ne.anltp-tim a', 'K'),
      twoPlaces('officer of ng.naptip a', 'officer of ne.anltp-tim a'),
    ],
  ])('share a key only for one use and owner: %s', async (_name, other, refusal) => {
    expect(await refusalOf(() => assertOneUse([ringOf(officer), ringOf(other)]))).toEqual(refusal)
  })
})

function countsOf(slots: readonly KeySlot[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { use } of slots) counts[use] = (counts[use] ?? 0) + 1
  return counts
}
