import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { sealingKey } from '../../../../test/support/trust-fixture.ts'
import { type RosterLists } from './build-roster.ts'
import { rosterDifferences } from './roster-changes.ts'

const { naptip } = await twoAgencies()
const { desks, nodes, officers, revoked } = naptip.roster.payload
const lists: RosterLists = { desks, nodes, officers, revoked }
const [officer, ...others] = officers
const [node] = nodes
if (officer === undefined || node === undefined) throw new Error('no officer or node')

describe('what a roster changes', () => {
  it('is nothing where the lists are the same', async () => {
    expect(await rosterDifferences(lists, { ...lists })).toEqual([])
  })

  it('is an officer more or less, as a whole', async () => {
    const without = { ...lists, officers: others }
    const [gone, ...none] = await rosterDifferences(lists, without)
    expect(none).toEqual([])
    expect(gone).toMatchObject({ list: 'officer', id: officer.id })
    expect(gone?.before).toContain(officer.organisation)
    expect(gone).not.toHaveProperty('after')
    const [added] = await rosterDifferences(without, lists)
    expect(added).toEqual({ list: 'officer', id: officer.id, after: gone?.before })
  })

  it('is told member by member: roles, span, address, keys, revocations', async () => {
    const { publicJwk: jwk, keyId } = await sealingKey('added')
    const next: RosterLists = {
      desks: desks.map((desk) =>
        desk.id === 'protection'
          ? { ...desk, encryption: [...desk.encryption, { exp: NOW + 1, jwk, nbf: NOW }] }
          : desk,
      ),
      nodes: [{ ...node, addresses: ['/ip4/192.0.2.1/tcp/1'] }],
      officers: [{ ...officer, exp: 1_800_000_000, roles: ['head'] }, ...others],
      revoked: [{ kid: keyId, reason: 'lost', since: 1_800_000_000 }],
    }
    const changes = await rosterDifferences(lists, next)
    expect(changes.map(({ id, list, member }) => [list, id, member])).toEqual([
      ['officer', officer.id, 'roles'],
      ['officer', officer.id, 'until'],
      ['desk', 'protection', 'encryption'],
      ['node', node.peerId, 'addresses'],
      ['revocation', keyId, undefined],
    ])
    const afters = changes.map(({ after }) => after)
    expect(afters.slice(0, 2)).toEqual(['head', '2027-01-15T08:00:00Z'])
    expect(afters[2]).toContain(`${keyId} (`)
    expect(afters.slice(3)).toEqual(['/ip4/192.0.2.1/tcp/1', 'lost  2027-01-15T08:00:00Z'])
  })
})
