import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { Wakeup } from './wakeup.ts'

describe('a wakeup', () => {
  it('wakes all that wait, and counts', async () => {
    const wakeup = new Wakeup()
    const { signal } = new AbortController()
    const waiting = [wakeup.after(0, signal), wakeup.after(0, signal)]
    wakeup.wake()
    await Promise.all(waiting)
    expect(wakeup.count).toBe(1)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('lets nobody wait who looked before the change', async () => {
    const wakeup = new Wakeup()
    const seen = wakeup.count
    wakeup.wake()
    await wakeup.after(seen, new AbortController().signal)
    expect(wakeup.count).toBe(seen + 1)
  })

  it('lets those wait who saw the change', async () => {
    const wakeup = new Wakeup()
    wakeup.wake()
    const order: string[] = []
    const { signal } = new AbortController()
    const waiting = wakeup.after(wakeup.count, signal).then(() => order.push('woken'))
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
    order.push('changed')
    wakeup.wake()
    await waiting
    expect(order).toEqual(['changed', 'woken'])
  })

  it('holds nobody whose signal fires, or has fired', async () => {
    const wakeup = new Wakeup()
    const controller = new AbortController()
    const waiting = wakeup.after(0, controller.signal)
    controller.abort()
    await waiting
    await wakeup.after(0, controller.signal)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    expect(wakeup.count).toBe(0)
  })

  it('keeps nothing of those who gave up waiting', async () => {
    const wakeup = new Wakeup()
    const signals: WeakRef<AbortSignal>[] = []
    for (let count = 0; count < 50; count += 1) signals.push(await giveUp(wakeup))
    await collectGarbage()
    expect(signals.filter((signal) => signal.deref() !== undefined)).toEqual([])
    expect(wakeup.count).toBe(0)
  })
})

async function giveUp(wakeup: Wakeup): Promise<WeakRef<AbortSignal>> {
  const controller = new AbortController()
  const waiting = wakeup.after(0, controller.signal)
  controller.abort()
  await waiting
  return new WeakRef(controller.signal)
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  // A weak reference is kept until the job that looked at it has ended.
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  if (typeof collect !== 'function') throw new TypeError('no garbage collector')
  Reflect.apply(collect, undefined, [])
}
