/**
 * Messages that wait too long for an answer.
 *
 * @module
 * @spec docs/spec/08-exchange.md#overdue-messages
 */
import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  carryAll,
  leaving,
  MEETING_MS,
  queueNew,
} from '../../../../test/support/node-fixture.ts'
import { createMessageServices } from './message-services.ts'

const HOUR = 3600

describe('the list of overdue messages', { timeout: MEETING_MS }, () => {
  it('has what waits too long or has ended, the oldest first, until it is answered', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const services = createMessageServices(naptip.parts)
    const overdue = async () => {
      const listed = await services.messages({ limit: 10, overdue: { hours: 72 } })
      return listed.map(({ digest, ended, state }) => [digest, state, ended === true])
    }
    const first = await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    clock.turn(HOUR)
    const ending = await queueNew(naptip, 'jtwg.minutes/1', { exp: clock.now() + 2 * HOUR })
    await queueNew(anltp, 'jtwg.minutes/1')
    expect(await overdue()).toEqual([])
    clock.turn(2 * HOUR)
    expect(await overdue()).toEqual([[ending, 'queued', true]])
    clock.turn(69 * HOUR - 1)
    expect(await overdue()).toEqual([[ending, 'queued', true]])
    clock.turn(1)
    expect(await overdue()).toEqual([
      [first, 'sent', false],
      [ending, 'queued', true],
    ])
    await carryAll(naptip, anltp)
    expect(await overdue()).toEqual([[first, 'opened', false]])
    expect(await services.messages({ limit: 10, overdue: {} })).toEqual([])
    const [newest] = await services.messages({ limit: 1 })
    expect(newest).toMatchObject({ digest: ending, state: 'refused' })
  })
})
