import { describe, expect, it } from 'vitest'
import { TurnedTime } from '../../../../test/support/link-time.ts'
import { type LinkSession } from '../ports.ts'
import { encodeFrame } from './frames.ts'
import { LineMeter } from './line-meter.ts'

const PING = encodeFrame({ type: 'ping', body: new Uint8Array() })
const PONG = encodeFrame({ type: 'pong', body: new Uint8Array() })
const WITNESS = encodeFrame({ type: 'witness', body: new Uint8Array(598) })

/** A session that takes everything and gives what it is given. */
function sessionOf(frames: readonly Uint8Array[]): LinkSession {
  const left = [...frames]
  return {
    peerId: 'peer',
    initiator: true,
    send: () => Promise.resolve(),
    receive: async () => left.shift() ?? null,
    close: () => Promise.resolve(),
  }
}

describe('a line that is measured', () => {
  it('tells the time from a PING to its PONG, and none before there was one', async () => {
    const time = new TurnedTime()
    const meter = new LineMeter(time)
    const link = meter.over(sessionOf([WITNESS, PONG, PONG]))
    expect(meter.figures().roundTripMs).toBeUndefined()
    await link.send(PING)
    await time.turn(640)
    await link.receive()
    expect(meter.figures().roundTripMs).toBeUndefined()
    await link.receive()
    expect(meter.figures().roundTripMs).toBe(640)
    await time.turn(5000)
    await link.receive()
    expect(meter.figures().roundTripMs).toBe(640)
  })

  it('takes the PONG of another session for no answer', async () => {
    const time = new TurnedTime()
    const meter = new LineMeter(time)
    await meter.over(sessionOf([])).send(PING)
    meter.restart()
    await meter.over(sessionOf([PONG])).receive()
    expect(meter.figures().roundTripMs).toBeUndefined()
  })

  it('tells bytes a second of the last minute, and forgets those before', async () => {
    const time = new TurnedTime()
    const meter = new LineMeter(time)
    const link = meter.over(sessionOf([WITNESS, WITNESS]))
    for (let count = 0; count < 4; count += 1) await link.send(WITNESS)
    await link.receive()
    expect(meter.figures()).toMatchObject({ sentPerSecond: 40, receivedPerSecond: 10 })
    await time.turn(30_000)
    await link.receive()
    expect(meter.figures()).toMatchObject({ sentPerSecond: 40, receivedPerSecond: 20 })
    await time.turn(35_000)
    expect(meter.figures()).toMatchObject({ sentPerSecond: 0, receivedPerSecond: 10 })
  })
})
