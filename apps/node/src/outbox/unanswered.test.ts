import { describe, expect, it } from 'vitest'
import {
  beginTalk,
  leavesOf,
  leaving,
  MEETING_MS,
  queueNew,
  receive,
  reopened,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'

describe('a dispatch without a receipt', { timeout: MEETING_MS }, () => {
  it('is told once, when the receiver would not take it any more', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const { peer } = naptip
    const statements = [
      await queueNew(naptip, 'jtwg.minutes/1'),
      await queueNew(naptip, 'jtwg.minutes/1'),
    ]
    const { envelope } = await leaving(naptip)
    const { hold } = naptip.parts.trust.view().charter.payload.limits
    const size = sizeOf(naptip)
    clock.turn(hold)
    await naptip.parts.outbox.expire(peer)
    expect(sizeOf(naptip)).toBe(size)
    clock.turn(1)
    await naptip.parts.outbox.expire(peer)
    const env = (await naptip.parts.outbox.dispatchAt(peer, 1))?.digest
    const told = await leavesOf(naptip, size)
    expect(told.map(({ data, event }) => [event, data])).toEqual(
      statements.map((std) => ['x.expired', { env, std, to: peer }]),
    )
    await using again = await reopened(naptip)
    await again.parts.outbox.expire(peer)
    expect(sizeOf(again)).toBe(size + statements.length)
    expect(await again.parts.outbox.pending(peer)).toBe(2)
    await again.parts.outbox.acceptReceipt(await receive(anltp, again, envelope))
    const late = (await leavesOf(again, size + 2)).map(({ event }) => event)
    expect(late).toEqual(['x.delivered', 'x.delivered'])
  })

  it('is not told where the receipt came in time', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    await naptip.parts.outbox.acceptReceipt(await receive(anltp, naptip, envelope))
    const size = sizeOf(naptip)
    clock.turn(60 * 24 * 3600)
    await naptip.parts.outbox.expire(naptip.peer)
    expect(sizeOf(naptip)).toBe(size)
  })

  it('is sent again also where one after it has its receipt', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { outbox } = naptip.parts
    const receipts = []
    for (const before of [0, 1, 2]) {
      await queueNew(naptip, 'jtwg.minutes/1')
      const { envelope } = await leaving(naptip, before)
      receipts.push(await receive(anltp, naptip, envelope))
    }
    await outbox.acceptReceipt(receipts[1])
    expect(await outbox.settled(naptip.peer)).toBe(0)
    expect(await outbox.pending(naptip.peer)).toBe(2)
    expect((await leaving(naptip)).sequence).toBe(1)
    expect((await leaving(naptip, 1)).sequence).toBe(3)
    await outbox.acceptReceipt(receipts[0])
    expect(await outbox.settled(naptip.peer)).toBe(2)
    await outbox.acceptReceipt(receipts[2])
    expect(await outbox.settled(naptip.peer)).toBe(3)
    expect(await outbox.next(naptip.peer, 0)).toBeUndefined()
  })
})
