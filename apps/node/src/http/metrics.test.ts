import { describe, expect, it } from 'vitest'
import { beginTalk, MEETING_MS, queueNew } from '../../../../test/support/node-fixture.ts'
import { createStatusServices } from '../services/status-services.ts'
import { metricsText } from './metrics.ts'

const MAILBOX = { fetched: 3, refused: 1, left: 2, visitedAt: 1_795_514_000 }

describe('the figures of a node', { timeout: MEETING_MS }, () => {
  it('name agencies and desks, and no message', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'victim.referral/1')
    const { status } = createStatusServices(naptip.parts, {
      startedAt: 7,
      addresses: () => [],
      health: () => ({
        failures: 3,
        lastFailure: 'NET_UNREACHABLE',
        nextTryAt: 9_000,
        receivedPerSecond: 2,
        roundTripMs: 1250,
        sentPerSecond: 1,
      }),
      resume: () => 1,
      heardAt: () => 1_795_514_400,
      attachmentsChanged: () => undefined,
      mailbox: () => MAILBOX,
    })
    const text = metricsText(await status({}))
    const peer = `peer="${anltp.agency}"`
    expect(text).toContain(`# TYPE amana_peer_connected gauge\namana_peer_connected{${peer}} 0\n`)
    expect(text).toContain('amana_mailbox_visit_timestamp_seconds 1795514000\n')
    expect(text).toContain('amana_mailbox_refused 1\n')
    expect(text).toContain('amana_line_today_bytes 0\n')
    expect(text).toContain('amana_attachments_held 0\n')
    expect(text).toContain(`amana_peer_next_try_timestamp_seconds{${peer}} 9\n`)
    expect(text).toContain(`amana_peer_failures{${peer}} 3\n`)
    expect(text).toContain(`amana_peer_round_trip_seconds{${peer}} 1.25\n`)
    expect(text).toContain(`amana_peer_last_frame_timestamp_seconds{${peer}} 1795514400\n`)
    expect(text).toContain(`amana_queue_statements{${peer},desk="protection",urgency="urgent"} 1\n`)
    expect(text).toMatch(/^amana_queue_bytes\{[^}]+\} [1-9][0-9]{3,}$/m)
    expect(text).not.toContain(digest)
    expect(text).not.toMatch(/Ladi|victim/)
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) amana_\w+ .+|amana_\w+(?:\{[^}]+\})? [0-9.]+)$/)
    }
  })
})
