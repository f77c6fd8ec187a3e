import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Flight } from './flight.ts'

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

async function turnOfTheLoop(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}
