import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import {
  type Edits,
  sealingKey,
  signChangedRoster,
  signingKey,
  verifyAlone,
} from '../../../../test/support/trust-fixture.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { digest } from '../crypto/digest.ts'
import { rawPublicKey } from '../crypto/jwk.ts'
import { buildNextRoster, createRosterNode, type RosterLists } from './build-roster.ts'
import { signProof } from './proofs.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { chainBytesWith } from './roster-rules.ts'
import { type RosterNode } from './roster.ts'
import { signRoster, type VerifiedRoster, verifyRoster } from './verified-roster.ts'

const DAY = 86_400
const { naptip, anltp, charter } = await twoAgencies()
const first = naptip.roster
const node = soleNode(first)
const changed = async (edits: Edits): Promise<unknown> => {
  const jws = await signChangedRoster(naptip, edits)
  return refusalOf(async () => verifyAlone(naptip, jws))
}
const twice = (places: string): unknown => ({
  code: 'WIRE_KEY',
  details: { reason: `one key in two places: ${places}` },
})

/** What refuses the next roster of NAPTIP. */
async function afterFirst(changes: Partial<RosterLists>): Promise<unknown> {
  const jws = await signRoster(buildNextRoster(first, NOW, changes), naptip.rosterKey)
  return refusalOf(async () => verifyRoster(jws, { authority: charter, previous: first, now: NOW }))
}

describe('a chain of rosters', () => {
  const most = TRUST_LIMITS.rosterChainBytes
  const lost = { kid: naptip.sealKey.keyId, reason: 'lost', since: NOW } as const
  const named = { kid: anltp.sealKey.keyId, reason: 'lost', since: NOW } as const
  const sizeBytes = 20_000

  it.each([
    ['has room for a last byte', most - sizeBytes, [], [], undefined],
    ['has no room for one more', most - sizeBytes + 1, [], [], 'TRUST_CHAIN_FULL'],
    ['has none for what repeats a revocation', most, [lost], [lost], 'TRUST_CHAIN_FULL'],
    ['takes a revocation when it is full', most, [], [lost], undefined],
    ['takes one more revocation when it is over full', 2 * most, [lost], [lost, named], undefined],
  ] as const)('%s', async (...row) => {
    const [, beforeBytes, revokedBefore, revoked, code] = row
    const roster = { ...first.payload, revoked: [...revoked] }
    const growth = { beforeBytes, revokedBefore, sizeBytes }
    const refusal = await refusalOf(() => chainBytesWith(roster, growth))
    const details = { agency: naptip.id, bytes: beforeBytes + sizeBytes, most }
    expect(refusal).toEqual(code === undefined ? undefined : { code, details })
  })
})

describe('the nodes of a roster', async () => {
  const peerKey = await signingKey('second node')
  const sealKey = await signingKey('second seal')
  const deposit = await sealingKey('second deposit')
  const parts = { ...node, depositKey: [{ ...span(), jwk: deposit.publicJwk }], peerKey, sealKey }
  const second = await createRosterNode(naptip.id, parts)
  const both = [node, second].toSorted((a, b) => (a.peerId < b.peerId ? -1 : 1))

  it('may be several, on one log', async () => {
    expect(await afterFirst({ nodes: both })).toBeUndefined()
  })

  it('name desks of this roster', async () => {
    const desks = first.payload.desks.filter(({ id }) => id !== 'intelligence')
    expect(await afterFirst({ desks })).toEqual({
      code: 'WIRE_MEMBER',
      details: { path: 'nodes.0.desks' },
    })
  })

  it('share one log', async () => {
    const genesis = digest('another log')
    const apart = both.map((entry, index) =>
      index === 0 ? entry : { ...entry, log: { ...entry.log, genesis } },
    )
    expect(await afterFirst({ nodes: apart })).toEqual({
      code: 'WIRE_MEMBER',
      details: { path: 'nodes.log' },
    })
  })

  it.each([
    ['signed by the seal key', 'sealKey', naptip.sealKey],
    ['signed by an officer', 'officer', naptip.officers['author'] ?? naptip.sealKey],
  ])('have a binding: not one %s', async (_name, _who, key) => {
    const forged = await createRosterNode(naptip.id, {
      ...node,
      peerKey: key,
      sealKey: naptip.sealKey,
    })
    expect(await changed([[['nodes', 0, 'binding'], forged.binding]])).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: naptip.sealKey.keyId },
    })
  })

  it('have a binding that is of this agency', async () => {
    const parted = { ...node, peerKey: naptip.peerKey, sealKey: naptip.sealKey }
    const elsewhere = await createRosterNode(anltp.id, parted)
    expect(await changed([[['nodes', 0, 'binding'], elsewhere.binding]])).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: naptip.sealKey.keyId },
    })
  })

  it('have verifier keys of their agency’s log', async () => {
    const foreign = soleNode(anltp.roster).log
    expect(await changed([[['nodes', 0, 'log'], foreign]])).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'origin of the log' },
    })
  })

  it('have peer ids of Ed25519 keys', async () => {
    expect(
      await changed([[['nodes', 0, 'peerId'], 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N']]),
    ).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'not an Ed25519 peer id' },
    })
  })
})

describe('the officers of a roster', () => {
  const [approver, author] = first.payload.officers

  it('prove their keys: not by another officer', async () => {
    expect(await changed([[['officers', 0, 'proof'], author?.proof]])).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: naptip.officers['approver']?.keyId },
    })
  })

  it('prove their ids: not under another name', async () => {
    expect(await changed([[['officers', 0, 'id'], 'aa']])).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: naptip.officers['approver']?.keyId },
    })
  })

  it('prove them to this agency', async () => {
    const key = naptip.officers['approver'] ?? naptip.sealKey
    const proof = await signProof({ agency: anltp.id, id: approver?.id ?? '' }, key)
    expect(await changed([[['officers', 0, 'proof'], proof]])).toEqual({
      code: 'WIRE_SIG',
      details: { keyId: key.keyId },
    })
  })

  it.each([
    ['of small order', ed25519.Point.ZERO.toHex()],
    ['moved by torsion', movedKey(rawPublicKey(naptip.sealKey.publicJwk))],
  ])('have no key %s', async (_name, hex) => {
    const x = encodeBase64url(Buffer.from(hex, 'hex'))
    expect(await changed([[['officers', 0, 'key', 'x'], x]])).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'point' },
    })
  })
})

describe('one key', () => {
  const { desks } = first.payload
  const rotating = desks[0]?.encryption[0]
  it.each<readonly [string, Edits, string]>([
    [
      'two officers',
      [[['officers', 1, 'key'], first.payload.officers[0]?.key]],
      'officer of ng.naptip approver, officer of ng.naptip author',
    ],
    [
      'an officer and a node',
      [[['officers', 0, 'key'], naptip.sealKey.publicJwk]],
      `officer of ng.naptip approver, node-seal of ng.naptip ${node.peerId}`,
    ],
    [
      'libp2p and seal of a node',
      [[['nodes', 0, 'sealKey'], naptip.peerKey.publicJwk]],
      `libp2p of ng.naptip ${node.peerId}, node-seal of ng.naptip ${node.peerId}`,
    ],
    [
      'two desks',
      [[['desks', 1, 'encryption', 0], rotating]],
      'desk of ng.naptip coordination, desk of ng.naptip intelligence',
    ],
    [
      'one desk twice',
      [
        [
          ['desks', 0, 'encryption'],
          [rotating, rotating],
        ],
      ],
      'desk of ng.naptip coordination, desk of ng.naptip coordination',
    ],
    [
      'a desk and a deposit',
      [[['nodes', 0, 'depositKey', 0], rotating]],
      `desk of ng.naptip coordination, deposit of ng.naptip ${node.peerId}`,
    ],
    [
      'an officer and a log',
      [[['officers', 0, 'key', 'x'], encodeBase64url(naptip.logSigners[0].publicKey)]],
      'officer of ng.naptip approver, log of ng.naptip',
    ],
  ])('is not for %s', async (_name, edits, places) => {
    expect(await changed(edits)).toEqual(twice(places))
  })

  it.each([
    ['an own root key', naptip.roots[0]?.ed.publicJwk, 'root of ng.naptip 0'],
    ['a root key of the other agency', anltp.roots[2]?.ed.publicJwk, 'root of ne.anltp-tim 2'],
    ['the own roster key', naptip.rosterKey.publicJwk, 'roster of ng.naptip'],
  ])('is not for an officer and %s of the charter', async (_name, key, place) => {
    const officers = first.payload.officers.map((officer, index) =>
      index === 0 && key?.alg === 'Ed25519' ? { ...officer, key } : officer,
    )
    const places = [place, 'officer of ng.naptip approver'].toSorted(rosterFirst).join(', ')
    expect(await afterFirst({ officers })).toEqual(twice(places))
  })

  it('of a roster before is for the same use and owner only', async () => {
    const officers = first.payload.officers.filter(({ id }) => id !== 'approver')
    const key = first.payload.officers[0]?.key
    const nodes = [{ ...node, sealKey: key ?? node.sealKey }]
    expect(await afterFirst({ nodes, officers })).toEqual(
      twice(`node-seal of ng.naptip ${node.peerId}, officer of ng.naptip approver`),
    )
  })
})

/** The new roster’s keys come first, then those of the charter. */
function rosterFirst(a: string, b: string): number {
  return Number(b.startsWith('officer')) - Number(a.startsWith('officer'))
}

function soleNode(roster: VerifiedRoster): RosterNode {
  const [found] = roster.payload.nodes
  if (found === undefined) throw new TypeError('the test agency has no node')
  return found
}

function span(): { nbf: number; exp: number } {
  return { nbf: NOW - 3600, exp: NOW + 30 * DAY }
}

function movedKey(bytes: Uint8Array): string {
  const torsion = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'
  const sound = ed25519.Point.fromHex(Buffer.from(bytes).toString('hex'))
  return sound.add(ed25519.Point.fromHex(torsion)).toHex()
}
