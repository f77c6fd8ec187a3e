import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RejectionLog } from './rejection-log.ts'

describe('the count of rejections', () => {
  it('is told at the 1st, 2nd, 4th, 8th of a kind, and in all says how many there were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (rejections) => {
        const log = new RejectionLog()
        const told = Array.from({ length: rejections }, () => log.count('WIRE_SIG')).filter(
          (count) => count > 0,
        )
        expect(told).toHaveLength(Math.floor(Math.log2(rejections)) + 1)
        const counted = told.reduce((sum, count) => sum + count, 0)
        expect(counted).toBe(2 ** Math.floor(Math.log2(rejections)))
      }),
    )
  })

  it('is kept apart for each kind', () => {
    const log = new RejectionLog()
    expect(['a', 'b', 'a', 'a', 'b'].map((kind) => log.count(kind))).toEqual([1, 1, 1, 0, 1])
  })

  it('begins again after 1,024 kinds, so that strangers cannot fill the memory', () => {
    const log = new RejectionLog()
    for (let kind = 0; kind < 1024; kind += 1) log.count(`kind ${String(kind)}`)
    log.count('kind 7')
    expect(log.count('kind 7')).toBe(0)
    log.count('one more')
    expect(log.count('kind 7')).toBe(1)
  })
})
