/**
 * Statistics of overdue steps: counts without a person in them, small ones left out.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#overdue-steps
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ANLTP, NOON, overlay, toldUpTo, WOMAN } from '../../../../test/support/referral-fixture.ts'
import { overdueIn, overdueSteps, SMALLEST_CELL, suppressSmall } from './overdue.ts'

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
  it('are counted by clock, urgency and side, and what nobody has is left out', () => {
    const rows = overdueSteps(many(12, NOW))
    expect(rows.map(({ clock, side, urgency }) => [clock, urgency, side])).toEqual([
      ['acknowledge', 'urgent', 'receiving'],
      ['decide', 'urgent', 'receiving'],
      ['travel_document', 'urgent', 'receiving'],
    ])
    const routine = toldUpTo('submitted', overlay(WOMAN, { routing: { urgency: 'routine' } }))
    const both = [...many(12, NOW), ...many(13, LATER), routine.at(NOW)]
    expect(overdueSteps(both).slice(0, 2)).toEqual([
      {
        clock: 'acknowledge',
        urgency: 'urgent',
        side: 'receiving',
        inTime: 12,
        overdue: 13,
        late: 0,
      },
      {
        clock: 'acknowledge',
        urgency: 'routine',
        side: 'receiving',
        inTime: 'suppressed',
        overdue: 0,
        late: 0,
      },
    ])
  })

  it('of few referrals are not shown', () => {
    expect(overdueSteps(many(3, LATER))[0]).toMatchObject({ overdue: 'suppressed' })
  })

  it('of a period are those whose day lies in it', () => {
    const due = { from: '2026-11-23', until: '2026-11-23' }
    expect(overdueSteps(many(12, NOW), due).map(({ clock }) => clock)).toEqual(['acknowledge'])
    const before = { from: '2026-11-01', until: '2026-11-22' }
    expect(overdueSteps(many(12, NOW), before)).toEqual([])
  })
})

describe('the overdue steps of a referral', () => {
  it('are those that are still waited for, the longest overdue first', () => {
    const steps = overdueIn(toldUpTo('submitted').at('2026-12-24T10:00:00Z'))
    expect(steps.map(({ clock, escalation }) => [clock, escalation])).toEqual([
      ['acknowledge', 'chairs'],
      ['decide', 'chairs'],
    ])
    expect(overdueIn(toldUpTo('submitted').at(NOW))).toEqual([])
  })

  it('are waited for from who was asked, told of, or acted without her consent', () => {
    const story = toldUpTo('accepted')
    const told = { act: 'prepare', agency: ANLTP, actAt: NOON, channel: 'phone', readBack: 'yes' }
    story.keep(
      story.record({ by: 'naptipManager', kind: 'referral.told/1', groups: { body: told } }),
    )
    const consent = {
      scope: 'photo',
      status: 'not_relied_on',
      recorded: NOON,
      reader: 'shelter',
      fieldGroups: ['G1_identity'],
      legalBasis: 'vital_interests',
      justification: 'TEST',
    }
    story.keep(
      story.record({ by: 'naptipManager', kind: 'referral.consent/1', groups: { consent } }),
    )
    const routing = { documentType: 'etc', authority: 'ng.embassy' }
    const request = { ...routing, act: 'request', status: 'requested' }
    story.keep(story.task('naptipManager', { routing: request }))
    const steps = overdueIn(story.at('2027-01-24T10:00:00Z'))
    expect(Object.fromEntries(steps.map(({ clock, side }) => [clock, side]))).toEqual({
      told: 'sending',
      consent_review: 'receiving',
      travel_document: 'sending',
    })
  })
})
