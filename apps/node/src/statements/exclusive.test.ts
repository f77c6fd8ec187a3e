import { describe, expect, it } from 'vitest'
import { Exclusive } from './exclusive.ts'

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
