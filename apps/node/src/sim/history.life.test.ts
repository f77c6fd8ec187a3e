import { describe, expect, it } from 'vitest'
import { PLANTED } from '../../../../test/support/sim-planted.ts'
import { runHistory } from './history.ts'
import { quickCrypto } from './quick-crypto.ts'

const MOST_SEEDS = 60

describe('histories', { timeout: 120_000 }, () => {
  it('breaks much and loses nothing', async () => {
    using crypto = quickCrypto()
    const faults = new Map<string, number>()
    let delivered = 0
    for (let seed = 100; seed < 112; seed += 1) {
      const history = await runHistory({ crypto, nodes: 2, seed })
      expect([seed, history.problems]).toEqual([seed, []])
      delivered += history.events.filter(({ event }) => event.what === 'accepted').length
      for (const [kind, times] of Object.entries(history.faults)) {
        faults.set(kind, (faults.get(kind) ?? 0) + times)
      }
    }
    expect(delivered).toBeGreaterThan(12)
    expect(faults.size).toBeGreaterThan(4)
  })
})

describe('a fault of the program', { timeout: 240_000 }, () => {
  it.each(Object.entries(PLANTED))(
    'that %s is found',
    async (_name, { dimensions, planted, said }) => {
      using crypto = quickCrypto()
      const found: string[] = []
      for (let seed = 1; seed <= MOST_SEEDS && found.length === 0; seed += 1) {
        const asked = dimensions === undefined ? {} : { dimensions }
        const { problems } = await runHistory({ crypto, nodes: 2, planted, seed, ...asked })
        found.push(...problems.filter((problem) => said.test(problem)))
      }
      expect(found.join(' ')).toMatch(said)
    },
  )
})
