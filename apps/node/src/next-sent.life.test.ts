import { describe, expect, it } from 'vitest'
import { beginTalk, MEETING_MS, nextRoster, queueNew } from '../../../test/support/node-fixture.ts'
import { PeerDesk } from './peer-desk.ts'

describe('what is sent next', { timeout: MEETING_MS }, () => {
  it('is the roster that was adopted while an envelope was sealed, and then the envelope', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const { disk, parts } = naptip
    const { version: rosterVersion } = parts.trust.ownRoster
    const next = await nextRoster(naptip)
    const range = disk.range.bind(disk)
    disk.range = async (asked) => {
      if (asked.space === 'queue') await parts.trust.adoptRoster(next)
      return range(asked)
    }
    const { signal } = new AbortController()
    const place = { charterVersion: 1, rosterVersion, sent: [], sequence: 0 }
    const desk = new PeerDesk(parts)
    const first = await desk.next(anltp.agency, place, signal)
    const after = first?.type === 'trust' ? first.place : {}
    const second = await desk.next(anltp.agency, { ...place, ...after }, signal)
    expect([first?.type, second?.type]).toEqual(['trust', 'envelope'])
  })
})
