import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

const least = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes)
const most = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).fill(0xff)

describe('the wait before the next dial', () => {
  it.each([
    [0, 999],
    [1, 1999],
    [2, 3999],
    [3, 7999],
    [4, 15_999],
    [5, 31_999],
    [6, 63_999],
    [7, 127_998],
    [8, 255_996],
    [9, 299_995],
    [10, 299_995],
    [20, 299_995],
    [21, 299_995],
    [1_000_000, 299_995],
  ])('after %i failures is at most %i ms', (failures, mostMs) => {
    expect(backoffMs(failures, most)).toBe(mostMs)
    expect(backoffMs(failures, least)).toBe(250)
  })

  it('is spread over its whole span by both random bytes', () => {
    const bytes = [Uint8Array.of(0x80, 0), Uint8Array.of(0, 0x80)]
    const [half, little] = bytes.map((both) => backoffMs(9, () => both))
    expect(half).toBe(250 + 299_750 / 2)
    expect(little).toBe(250 + Math.floor(299_750 / 512))
  })

  it('is never below a quarter of a second nor above five minutes', () => {
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ minLength: 2, maxLength: 2 }), (failures, bytes) => {
        const ms = backoffMs(failures, () => bytes)
        expect(Number.isSafeInteger(ms)).toBe(true)
        expect(ms).toBeGreaterThanOrEqual(250)
        expect(ms).toBeLessThan(300_000)
      }),
    )
  })
})
