import { describe, expect, it } from 'vitest'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import {
  adoptNext,
  beginAlone,
  beginTalk,
  carryAll,
  cosign,
  inviteOf,
  leaving,
  MEETING_MS,
  openingKeyOf,
  queueNew,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { createStatusServices, type RunningLinks } from './status-services.ts'

const MAILBOX = { fetched: 1, refused: 0, left: 2, visitedAt: 11 }
const LONG_MS = 600_000
const FIGURES = { roundTripMs: 640, sentPerSecond: 12, receivedPerSecond: 30 }

describe('the status of a node', { timeout: MEETING_MS }, () => {
  it('is told in figures, without a network too', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    await queueNew(naptip, 'jtwg.minutes/1')
    const cosignedSize = await cosign(naptip, anltp)
    const services = createStatusServices(naptip.parts, undefined)
    const anyBytes: unknown = expect.any(Number)
    expect(await services.status({})).toEqual({
      agency: naptip.agency,
      filing: { state: 'missing' },
      name: 'NAPTIP',
      readers: { officers: 0, thin: [] },
      breaches: [],
      requests: [],
      reviews: [],
      peerId: naptip.parts.peerId,
      addresses: [],
      running: false,
      startedAt: 0,
      log: {
        origin: 'ng.naptip/amana/audit/1',
        size: sizeOf(naptip),
        cosignedSize,
        conflicts: [],
        witnessed: { level: 'fresh', seconds: 0 },
      },
      rosterVersion: 2,
      expiries: [],
      forks: [],
      line: {
        attachmentBytesHeld: 0,
        attachmentBytesWaiting: 0,
        attachmentsHeld: 0,
        attachmentsWaiting: 0,
        bytesToday: 0,
      },
      peers: [
        {
          acknowledgedRoster: 0,
          agency: anltp.agency,
          state: 'in-force',
          link: 'offline',
          queued: 3,
          waiting: [
            {
              bytes: anyBytes,
              desk: 'coordination',
              oldestAt: naptip.clock.now(),
              statements: 3,
              urgency: 'routine',
            },
          ],
        },
      ],
    })
  })

  it('says what waits by urgency, the most urgent first, sealed or not', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    await naptip.parts.outbox.next(anltp.agency, 0)
    await queueNew(naptip, 'jtwg.minutes/1')
    const body = { ...BODIES['intel.report/1']['body'], urgency: 'life-at-risk' }
    await queueNew(naptip, 'intel.report/1', { groups: { body } })
    const { peers } = await createStatusServices(naptip.parts, undefined).status({})
    expect(peers[0]?.waiting).toMatchObject([
      { desk: 'intelligence', statements: 1, urgency: 'life-at-risk' },
      { desk: 'coordination', statements: 2, urgency: 'routine' },
    ])
  })

  it('says of a running node where it listens, whom it heard and what stands in the way', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const key = openingKeyOf(anltp, 'coordination')
    const revoked = [{ kid: key.keyId, reason: 'lost' as const, since: clock.now() }]
    await adoptNext(anltp, naptip, { revoked })
    await naptip.parts.outbox.next(anltp.agency, 0)
    const links: RunningLinks = {
      startedAt: 7,
      addresses: () => ['/ip4/127.0.0.1/tcp/4001'],
      health: () => ({ ...FIGURES, connectedSince: 8_500, failures: 0 }),
      resume: () => 2,
      heardAt: (agency) => (agency === anltp.agency ? 9 : undefined),
      attachmentsChanged: () => undefined,
      mailbox: () => MAILBOX,
    }
    const { resumePeer, status } = createStatusServices(naptip.parts, links)
    expect(await resumePeer({ agency: anltp.agency })).toEqual({
      agency: anltp.agency,
      resumed: 2,
    })
    expect((await resumePeer({ agency: naptip.agency })).resumed).toBe(0)
    expect(await status({})).toMatchObject({
      addresses: ['/ip4/127.0.0.1/tcp/4001'],
      peers: [
        {
          agency: anltp.agency,
          lastSeenAt: 9,
          link: 'connected',
          problem: 'TRUST_DESK',
          queued: 1,
          state: 'in-force',
          line: { ...FIGURES, connectedSince: 8, failures: 0 },
          waiting: [{ desk: 'coordination', statements: 1, urgency: 'routine' }],
        },
      ],
      mailbox: MAILBOX,
      running: true,
      startedAt: 7,
    })
  })

  it('lists an agency that only sent its invite', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    await naptip.parts.trust.importInvite(await inviteOf(anltp))
    const { peers } = await createStatusServices(naptip.parts, undefined).status({})
    expect(peers).toEqual([
      {
        acknowledgedRoster: 0,
        agency: anltp.agency,
        link: 'offline',
        queued: 0,
        state: 'invited',
        waiting: [],
      },
    ])
  })
})

describe('waiting', { timeout: MEETING_MS }, () => {
  it('for delivery ends when the last receipt is there', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const services = createStatusServices(naptip.parts, undefined)
    expect(await services.waitDelivered({ timeoutMs: LONG_MS })).toEqual({ queued: 0 })
    await queueNew(naptip, 'jtwg.minutes/1')
    await queueNew(naptip, 'referral.event/1')
    const waiting = services.waitDelivered({ timeoutMs: LONG_MS })
    expect(await carryAll(naptip, anltp)).toBe(2)
    expect(await waiting).toEqual({ queued: 0 })
  })

  it('for delivery ends with its time, and says how much is left', async () => {
    await using talk = await beginTalk()
    await queueNew(talk.naptip, 'jtwg.minutes/1')
    const services = createStatusServices(talk.naptip.parts, undefined)
    expect(await services.waitDelivered({ timeoutMs: 1 })).toEqual({ queued: 1 })
  })

  it('for delivery is nothing before there is a charter', async () => {
    await using talk = await beginAlone()
    const services = createStatusServices(talk.naptip.parts, undefined)
    expect(await codeOf(() => services.waitDelivered({ timeoutMs: 1 }))).toBe('TRUST_NO_CHARTER')
  })

  it('for the witness ends when what is in the log now is cosigned', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await cosign(naptip, anltp)
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    const size = sizeOf(naptip)
    const services = createStatusServices(naptip.parts, undefined)
    const waiting = services.witness({ timeoutMs: LONG_MS })
    expect(naptip.parts.witness.uncovered).toBe(true)
    const cosignedSize = await cosign(naptip, anltp)
    expect(await waiting).toEqual({ cosignedSize, size })
    expect(cosignedSize).toBeGreaterThanOrEqual(size)
  })

  it('for the witness ends with its time', async () => {
    await using talk = await beginTalk()
    const services = createStatusServices(talk.naptip.parts, undefined)
    const size = sizeOf(talk.naptip)
    expect(await services.witness({ timeoutMs: 1 })).toEqual({ cosignedSize: 0, size })
  })
})
