import { charterSafetyNumber, inviteDigits } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { jsonOf } from '../../../../test/support/met-agencies.ts'
import {
  beginAlone,
  beginTalk,
  exchangeInvites,
  inviteOf,
  MEETING_MS,
  nextRoster,
  officerKey,
  openingKeyOf,
  signedCharter,
} from '../../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../../test/support/refusals.ts'
import { createTrustServices } from './trust-services.ts'

describe('trust for the people who use a node', { timeout: MEETING_MS }, () => {
  it('gives an officer’s program the documents in force and the officers with their keys', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const view = naptip.parts.trust.view()
    const context = await createTrustServices(naptip.parts).context({ agency: anltp.agency })
    expect(context).toMatchObject({
      agency: naptip.agency,
      now: talk.clock.now(),
      context: {
        charter: view.charter.digest,
        rosters: {
          'ne.anltp-tim': view.rosterOf(anltp.agency).digest,
          'ng.naptip': view.rosterOf(naptip.agency).digest,
        },
      },
    })
    const { keyId } = await officerKey(naptip.place, 'reader')
    expect(context.officers.at(-1)).toEqual({ id: 'reader', keyId, roles: ['supervisor'] })
    const services = createTrustServices(naptip.parts)
    expect(await codeOf(() => services.context({ agency: 'ng.nis' }))).toBe('WIRE_ISS')
  })

  it('shows rosters without keys, newest last', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    const key = openingKeyOf(naptip, 'deposit').keyId
    const revoked = [{ kid: key, reason: 'superseded' as const, since: talk.clock.now() }]
    const services = createTrustServices(naptip.parts)
    const adopted = await services.adoptRoster({
      roster: jsonOf(await nextRoster(naptip, { revoked })),
    })
    expect(adopted).toMatchObject({ agency: naptip.agency, version: 3 })
    const rosters = await services.rosters({})
    expect(rosters.map(({ agency, version }) => [agency, version])).toEqual([
      ['ne.anltp-tim', 2],
      ['ng.naptip', 2],
      ['ng.naptip', 3],
    ])
    const [newest] = rosters.slice(-1)
    expect(newest).toMatchObject({
      digest: adopted.digest,
      desks: [
        { id: 'coordination', keys: 1 },
        { id: 'intelligence', keys: 1 },
        { id: 'protection', keys: 1 },
      ],
      nodes: [{ peerId: naptip.parts.peerId, addresses: ['/ip4/127.0.0.1/tcp/4001'] }],
      revoked: [{ keyId: key, reason: 'superseded' }],
    })
    expect(newest?.officers.map(({ id }) => id)).toEqual(['approver', 'author', 'reader'])
    expect(await services.ownEntry({})).toMatchObject({ entry: { roster: { version: 3 } } })
  })

  it('lets two agencies compare, confirm and reject', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    const services = createTrustServices(naptip.parts)
    const theirs = await inviteOf(anltp)
    await services.keepInvite({ invite: jsonOf(await inviteOf(naptip)) })
    expect(await services.importInvite({ invite: jsonOf(theirs) })).toEqual({
      agency: anltp.agency,
      name: 'ANLTP/TIM',
      expiresAt: talk.clock.now() + 7 * 86_400,
    })
    const { charter, invites, safetyNumber } = await services.comparison({ agency: anltp.agency })
    expect(safetyNumber).toBe(charterSafetyNumber(charter))
    expect(invites[1]).toEqual({
      agency: anltp.agency,
      digits: inviteDigits({ jws: theirs }),
      issuedAt: talk.clock.now(),
    })
    await exchangeInvites(naptip, anltp)
    const half = await services.confirmCharter({ charter: jsonOf(await signedCharter(naptip)) })
    expect(half.inForce).toBe(false)
    expect(await services.rejectInvite({ agency: anltp.agency })).toEqual({ agency: anltp.agency })
    expect(await codeOf(() => services.comparison({ agency: anltp.agency }))).toBe('TRUST_REJECTED')
  })

  it.each(['adoptRoster', 'importInvite', 'keepInvite'] as const)(
    '%s refuses what is no signed object',
    async (method) => {
      await using talk = await beginAlone()
      const services = createTrustServices(talk.naptip.parts)
      const input = { invite: 'text', roster: 'text' }
      expect(await refusalOf(() => services[method](input))).toEqual({
        code: 'WIRE_MEMBER',
        details: { path: method === 'adoptRoster' ? 'roster' : 'invite' },
      })
      expect(await codeOf(() => services.confirmCharter({ charter: 'text' }))).toBe('WIRE_MEMBER')
    },
  )
})
