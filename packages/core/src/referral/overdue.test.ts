/**
 * Statistics of overdue steps: counts without a person in them, small ones left out.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#overdue-steps
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toldUpTo } from '../../../../test/support/referral-fixture.ts'
import { overdueSteps, SMALLEST_CELL, suppressSmall } from './overdue.ts'

const many = (count: number, now: string) =>
  Array.from({ length: count }, () => toldUpTo('submitted').at(now))
const NOW = '2026-11-22T10:00:00Z'
const LATER = '2026-11-24T10:00:00Z'

describe('small counts', () => {
  it.each([
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
    [
      [11, 12, 0],
      [11, 12, 0],
    ],
    [
      [10, 20, 30],
      ['suppressed', 'suppressed', 30],
    ],
    [
      [1, 2, 30],
      ['suppressed', 'suppressed', 30],
    ],
    [
      [5, 0, 0],
      ['suppressed', 0, 0],
    ],
  ] as const)('of %j are %j', (counts, shown) => {
    expect(suppressSmall(counts)).toEqual(shown)
  })

  it('are never shown, and never the only ones that are not where another is above 0', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 }), (counts) => {
        const shown = suppressSmall(counts)
        const left = shown.filter((count) => count !== 'suppressed')
        expect(left.every((count) => count === 0 || count >= SMALLEST_CELL)).toBe(true)
        const hidden = shown.length - left.length
        if (hidden === 1) expect(left.every((count) => count === 0)).toBe(true)
      }),
    )
  })
})

describe('overdue steps', () => {
  it('are counted by clock, and the clocks that nobody has are left out', () => {
    expect(overdueSteps(many(12, NOW)).map(({ clock }) => clock)).toEqual([
      'acknowledge',
      'decide',
      'travel_document',
    ])
    expect(overdueSteps([...many(12, NOW), ...many(13, LATER)])[0]).toEqual({
      clock: 'acknowledge',
      inTime: 12,
      overdue: 13,
      late: 0,
    })
  })

  it('of few referrals are not shown', () => {
    expect(overdueSteps(many(3, LATER))[0]).toMatchObject({ overdue: 'suppressed' })
  })
})
