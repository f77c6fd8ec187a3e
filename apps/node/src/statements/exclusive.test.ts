import { describe, expect, it } from 'vitest'
import { Exclusive, ExclusiveByKey, InOrder } from './exclusive.ts'

describe('steps that exclude each other', () => {
  it('run one after another in the order of the calls, though some fail', async () => {
    const exclusive = new Exclusive()
    const seen: string[] = []
    const step = (name: string, fails: boolean) => (): Promise<string> => {
      seen.push(`${name} begins`)
      return Promise.resolve().then(() => {
        seen.push(`${name} ends`)
        if (fails) throw new Error(name)
        return name
      })
    }
    const results = await Promise.allSettled([
      exclusive.run(step('first', false)),
      exclusive.run(step('second', true)),
      exclusive.run(step('third', false)),
    ])
    expect(seen).toEqual(
      ['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]),
    )
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await exclusive.run(step('last', false))).toBe('last')
  })
})

describe('steps that exclude each other by key', () => {
  it('wait for those of their key and for no others, and leave nothing behind', async () => {
    const exclusive = new ExclusiveByKey()
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>()
    const seen: string[] = []
    const held = exclusive.run('a', async () => {
      await gate
      seen.push('a first')
    })
    const behind = exclusive.run('a', async () => {
      seen.push('a second')
      throw new Error('a second')
    })
    await exclusive.run('b', async () => {
      seen.push('b')
    })
    expect(seen).toEqual(['b'])
    expect(exclusive.size).toBe(1)
    open(undefined)
    await held
    await expect(behind).rejects.toThrow('a second')
    expect(seen).toEqual(['b', 'a first', 'a second'])
    expect(exclusive.size).toBe(0)
  })
})

describe('steps in order', () => {
  it('begin as they were called, whichever was prepared first, and do not wait for each other', async () => {
    const order = new InOrder()
    const begun: string[] = []
    const slow = Promise.withResolvers<string>()
    const never = Promise.withResolvers<string>()
    const runs = [
      order.run(
        async () => slow.promise,
        async (name) => {
          begun.push(name)
          return never.promise
        },
      ),
      order.run(
        async () => Promise.reject(new Error('second')),
        async () => begun.push('second'),
      ),
      order.run(
        async () => 'third',
        async (name) => begun.push(name),
      ),
    ]
    expect(begun).toEqual([])
    slow.resolve('first')
    await expect(runs[1]).rejects.toThrow('second')
    expect(await runs[2]).toBe(2)
    expect(begun).toEqual(['first', 'third'])
    never.resolve('ended')
    expect(await runs[0]).toBe('ended')
  })
})
