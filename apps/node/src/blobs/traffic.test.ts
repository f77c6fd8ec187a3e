/**
 * What a line carried on a day, over starts of the node, and when attachments wait.
 *
 * @module
 * @spec docs/spec/10-attachments.md#budget
 */
import { describe, expect, it, vi } from 'vitest'
import { beginTalk, MEETING_MS } from '../../../../test/support/node-fixture.ts'
import { Traffic } from './traffic.ts'

vi.setConfig({ testTimeout: MEETING_MS })

const DAY_MS = 86_400_000

describe('the count of a line', () => {
  it('is of one day, and there again when the node starts', async () => {
    await using talk = await beginTalk()
    const { audit, store } = talk.naptip.parts
    let nowMs = 20_000 * DAY_MS + 1000
    const clock = { now: () => Math.floor(nowMs / 1000), nowMs: () => nowMs }
    const parts = { audit, store, clock, bytesPerDay: 1_000_000 }
    const traffic = await Traffic.load(parts)
    traffic.count(999_999)
    expect([traffic.facts.bytesToday, traffic.isSpent]).toEqual([999_999, false])
    await traffic.keepSometimes()
    const again = await Traffic.load(parts)
    again.count(1)
    expect([again.facts.bytesToday, again.isSpent]).toEqual([1_000_000, true])
    expect(again.untilTomorrowMs).toBe(DAY_MS - 1000)
    nowMs += DAY_MS
    expect([again.facts.bytesToday, again.isSpent]).toEqual([0, false])
    expect((await Traffic.load({ ...parts, bytesPerDay: undefined })).isSpent).toBe(false)
  })

  it('says how fast attachments went, once enough has gone', async () => {
    await using talk = await beginTalk()
    const { audit, clock, store } = talk.naptip.parts
    const traffic = await Traffic.load({ audit, clock, store, bytesPerDay: undefined })
    traffic.measure(30_000, 3000)
    expect(traffic.facts.bytesPerSecond).toBeUndefined()
    traffic.measure(10_000, 1000)
    expect(traffic.facts.bytesPerSecond).toBe(10_000)
    traffic.measure(40_000, 2000)
    expect(traffic.facts.bytesPerSecond).toBe(15_000)
    await traffic.keep()
    const again = await Traffic.load({ audit, clock, store, bytesPerDay: undefined })
    expect(again.facts.bytesPerSecond).toBe(15_000)
  })
})
