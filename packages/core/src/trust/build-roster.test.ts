import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { sealingKey, signingKey } from '../../../../test/support/trust-fixture.ts'
import {
  buildFirstRoster,
  buildNextRoster,
  createRosterNode,
  createRosterOfficer,
  type OfficerParts,
} from './build-roster.ts'
import { type DeskRole } from './identifiers.ts'
import { peerIdOfKey } from './peer-id.ts'
import { verifyBinding, verifyProof } from './proofs.ts'

const DAY = 86_400
const OWN = 'ng.naptip'
const { naptip } = await twoAgencies()
const { payload } = naptip.roster
const log = payload.nodes[0]?.log ?? emptyLog()
const span = { nbf: NOW, exp: NOW + DAY }

describe('a first roster', () => {
  const backwards: DeskRole[] = ['shelter', 'medical']
  const lists = {
    desks: payload.desks.map((desk) => ({ ...desk, roles: backwards })).toReversed(),
    nodes: payload.nodes.map((node) => ({ ...node, desks: node.desks.toReversed() })),
    officers: payload.officers
      .map((officer) => ({ ...officer, roles: officer.roles.toReversed() }))
      .toReversed(),
    revoked: [
      { kid: naptip.sealKey.keyId, reason: 'lost' as const, since: NOW },
      { kid: naptip.peerKey.keyId, reason: 'lost' as const, since: NOW },
    ],
  }
  const roster = buildFirstRoster(OWN, NOW, lists)

  it('is version 1, for 35 days', () => {
    const { version, previous, iat, exp, v, matching } = roster
    expect([version, previous, iat, exp - iat, v, matching]).toEqual([
      1,
      null,
      NOW,
      35 * DAY,
      1,
      [],
    ])
  })

  it('has its lists in order, in whatever order they are given', () => {
    expect(roster.desks.map(({ id }) => id)).toEqual(['coordination', 'intelligence', 'protection'])
    expect(roster.desks[0]?.roles).toEqual(['medical', 'shelter'])
    expect(roster.nodes[0]?.desks).toEqual(['coordination', 'intelligence', 'protection'])
    expect(roster.officers.map(({ id }) => id)).toEqual(['approver', 'author', 'reader', 'second'])
    expect(roster.officers[0]?.roles).toEqual(payload.officers[0]?.roles)
    const kids = [naptip.peerKey.keyId, naptip.sealKey.keyId].toSorted()
    expect(roster.revoked.map(({ kid }) => kid)).toEqual(kids)
  })

  it('keeps the lists that it was given', () => {
    expect(lists.officers[0]?.id).toBe('second')
  })
})

describe('the next roster', () => {
  it('names the one before, and keeps what is not changed', () => {
    const next = buildNextRoster(naptip.roster, NOW, { officers: [] })
    expect(next).toEqual({
      ...payload,
      exp: NOW + 35 * DAY,
      iat: NOW,
      officers: [],
      previous: naptip.roster.digest,
      version: 2,
    })
  })
})

describe('an entry', () => {
  it('of a node is bound by its libp2p key', async () => {
    const peerKey = await signingKey('built node')
    const sealKey = await signingKey('built seal')
    const deposit = await sealingKey('built deposit')
    const node = await createRosterNode(OWN, {
      ...span,
      addresses: [],
      depositKey: [{ ...span, jwk: deposit.publicJwk }],
      desks: [],
      log,
      peerKey,
      sealKey,
    })
    expect(Object.keys(node).toSorted()).toEqual(Object.keys(payload.nodes[0] ?? {}).toSorted())
    expect(node.peerId).toBe(peerIdOfKey(peerKey.publicJwk))
    expect(node.sealKey).toEqual(sealKey.publicJwk)
    const facts = { agency: OWN, peerId: node.peerId, sealKeyId: sealKey.keyId }
    await expect(verifyBinding(facts, node.binding)).resolves.toBeUndefined()
  })

  it('of an officer is proved by its own key', async () => {
    const key = await signingKey('built officer')
    const parts: OfficerParts = {
      ...span,
      encryption: [],
      id: 'a',
      key,
      organisation: 'ng.nis',
      roles: [],
    }
    const officer = await createRosterOfficer(OWN, parts)
    const { proof, ...rest } = officer
    expect(rest).toEqual({ ...parts, key: key.publicJwk })
    const facts = { agency: OWN, id: 'a', keyId: key.keyId }
    await expect(verifyProof(facts, key.publicJwk, proof)).resolves.toBeUndefined()
  })
})

function emptyLog(): never {
  throw new TypeError('the test agency has no log')
}
