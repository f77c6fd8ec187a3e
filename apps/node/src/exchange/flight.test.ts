import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { EnvelopeFlight, Flight, FLIGHT_LIMITS } from './flight.ts'

describe('a flight of two', () => {
  it('lets two leave, and the third when one has landed', async () => {
    const flight = new Flight(2)
    const { signal } = new AbortController()
    const order: string[] = []
    await flight.takeOff(signal)
    await flight.takeOff(signal)
    const third = flight.takeOff(signal).then(() => order.push('third left'))
    await turnOfTheLoop()
    order.push('first landed')
    flight.land()
    await third
    expect(order).toEqual(['first landed', 'third left'])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('lets one leave for each that lands', async () => {
    const flight = new Flight(2)
    const { signal } = new AbortController()
    let left = 0
    const leaving = (async (): Promise<void> => {
      for (; left < 10; left += 1) await flight.takeOff(signal)
    })()
    for (let landed = 0; landed < 8; landed += 1) {
      await turnOfTheLoop()
      expect(left).toBe(landed + 2)
      flight.land()
    }
    await leaving
  })

  it('does not take a landing that nobody waited for as leave for one more', async () => {
    const flight = new Flight(1)
    const { signal } = new AbortController()
    flight.land()
    flight.land()
    await flight.takeOff(signal)
    const order: string[] = []
    const second = flight.takeOff(signal).then(() => order.push('second left'))
    await turnOfTheLoop()
    order.push('first landed')
    flight.land()
    await second
    expect(order).toEqual(['first landed', 'second left'])
  })

  it('holds nobody back whose signal fires, or has fired', async () => {
    const flight = new Flight(1)
    const controller = new AbortController()
    await flight.takeOff(controller.signal)
    const waiting = flight.takeOff(controller.signal)
    controller.abort()
    await waiting
    await flight.takeOff(controller.signal)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })
})

const { envelopes, envelopesAtRisk, largest, parts, queueMs, smallest } = FLIGHT_LIMITS

/** A flight whose clock is turned by hand. */
function flying(): { readonly flight: EnvelopeFlight; readonly clock: { ms: number } } {
  const clock = { ms: 0 }
  return { clock, flight: new EnvelopeFlight(() => clock.ms) }
}

describe('the envelopes on their way', () => {
  it('have room for one of any size, and for more as far as the window goes', () => {
    const { flight } = flying()
    const part = Math.floor(smallest / parts)
    expect(flight.mostBytes).toBe(part)
    for (let count = 0; count < parts; count += 1) {
      expect(flight.room).toBe('any')
      flight.takeOff(part)
    }
    expect(flight.room).toBe('life-at-risk')
    const other = flying().flight
    other.takeOff(largest)
    expect(other.room).toBe('life-at-risk')
    other.land()
    expect(other.room).toBe('any')
  })

  it('are eight, and sixteen where lives are at risk', () => {
    const { flight } = flying()
    for (let count = 0; count < envelopesAtRisk; count += 1) {
      expect(flight.room).toBe(count < envelopes ? 'any' : 'life-at-risk')
      flight.takeOff(1)
    }
    expect(flight.room).toBe('none')
    flight.land()
    expect(flight.room).toBe('life-at-risk')
  })

  it('may be more bytes where receipts come quickly, and fewer where they are late', () => {
    const { clock, flight } = flying()
    for (let count = 0; count < 200; count += 1) {
      flight.takeOff(flight.mostBytes)
      clock.ms += 600
      flight.land()
    }
    expect(flight.mostBytes).toBe(Math.floor(largest / parts))
    for (let count = 0; count < 200; count += 1) {
      flight.takeOff(flight.mostBytes)
      clock.ms += 600 + queueMs + 1
      flight.land()
    }
    expect(flight.mostBytes).toBe(Math.floor(smallest / parts))
  })

  it('are told of when one lands, and a receipt too many changes nothing', async () => {
    const { flight } = flying()
    const { signal } = new AbortController()
    flight.land()
    flight.takeOff(1)
    const order: string[] = []
    const landing = flight.landing(signal).then(() => order.push('landed'))
    await turnOfTheLoop()
    order.push('receipt')
    flight.land()
    await landing
    expect(order).toEqual(['receipt', 'landed'])
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(flight.mostBytes).toBe(Math.floor((smallest + 1) / parts))
  })
})

async function turnOfTheLoop(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}
