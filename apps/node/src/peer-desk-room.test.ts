import { describe, expect, it } from 'vitest'
import { beginTalk, MEETING_MS, nextRoster, queueNew } from '../../../test/support/node-fixture.ts'
import { PeerDesk } from './peer-desk.ts'

describe('what is sent next over a line', { timeout: MEETING_MS }, () => {
  it('is no envelope where it is full, and only one about lives at risk where it is nearly so', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const desk = new PeerDesk(naptip.parts)
    const place = { charterVersion: 1, rosterVersion: 2, sent: [], sequence: 0 }
    for (const room of ['none', 'life-at-risk'] as const) {
      const stop = new AbortController()
      const waiting = desk.next(anltp.agency, { ...place, room }, stop.signal)
      await naptip.parts.trust.adoptRoster(await nextRoster(naptip))
      desk.wake()
      expect(await waiting).toMatchObject({ type: 'trust' })
      const still = desk.next(anltp.agency, { ...place, rosterVersion: 99, room }, stop.signal)
      stop.abort()
      expect(await still).toBeUndefined()
    }
    expect(await naptip.parts.outbox.position(anltp.agency)).toMatchObject({ sequence: 0 })
  })
})
