/**
 * The file: who renews it and when, and the ends of a referral that depend on what it says.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#the-file-in-force
 */
import { describe, expect, it } from 'vitest'
import { overlay, toldUpTo, WOMAN } from '../../../../test/support/referral-fixture.ts'

type Body = Readonly<Record<string, unknown>>

describe('an end', () => {
  it.each([
    ['close', 'in_care', { personInformed: 'yes', familyEnquiry: 'yes' }],
    ['close_missing', 'missing', {}],
    ['close_deceased', 'in_care', {}],
  ])('by %s needs an outcome', (event, state, members) => {
    const story = toldUpTo('in_care')
    if (state === 'missing') {
      story.keep(story.event('naptipManager', { event: 'report_missing' }))
    }
    const closing = (outcome: Body) =>
      story.reasons(story.event('naptipSupervisor', { event, ...members, ...outcome }))
    expect(closing({})).toEqual(['outcome_missing'])
    expect(closing({ outcome: 'deceased' })).toEqual([])
  })
})

describe('the file', () => {
  it.each([
    ['the responsible agency', 'anltpDuty', []],
    ['the other one', 'naptipManager', ['wrong_role']],
    ['who has no role for it', 'anltpEscort', ['wrong_role']],
  ] as const)('is renewed by %s', (_who, by, reasons) => {
    const story = toldUpTo('accepted')
    expect(story.reasons(story.file(by))).toEqual(reasons)
  })

  it('passes with the responsibility', () => {
    const story = toldUpTo('handed_over')
    expect(story.reasons(story.file('naptipManager'))).toEqual([])
    expect(story.reasons(story.file('anltpManager'))).toEqual(['wrong_role'])
  })

  it('is renewed once: of two versions after one, the second names no file in force', () => {
    const story = toldUpTo('accepted')
    const [first, second] = [
      story.file('anltpManager'),
      story.file('anltpDuty', { routing: { urgency: 'routine' } }),
    ]
    story.keep(first)
    expect(story.reasons(second)).toEqual(['file_in_force'])
  })

  it.each(['closed', 'cancelled'])('is not renewed when the referral is %s', (state) => {
    const story = toldUpTo(state === 'closed' ? 'closed' : 'accepted')
    if (state === 'cancelled') {
      story.keep(story.event('anltpManager', { event: 'cancel', reason: 'local_solution' }))
    }
    const by = state === 'closed' ? 'naptipManager' : 'anltpManager'
    expect(story.reasons(story.file(by))).toEqual(['wrong_state'])
  })

  it('sends a child to her family after an enquiry, and elsewhere without', () => {
    const child = {
      bestInterests: { outcome: 'return', childViews: 'Home', assessedAt: '2026-11-20T00:00:00Z' },
      authorisation: { authority: 'ne.court', reference: 'TEST-1', at: '2026-11-20T00:00:00Z' },
    }
    const story = toldUpTo('in_care')
    story.keep(story.file('naptipManager', { person: { ageMin: 15, ageMax: 17 }, child }))
    const close = (outcome: string, familyEnquiry: string) =>
      story.reasons(
        story.event('naptipSupervisor', {
          event: 'close',
          outcome,
          personInformed: 'yes',
          familyEnquiry,
        }),
      )
    expect(close('alternative_care', 'no')).toEqual([])
    expect(close('family_reunified', 'no')).toEqual(['family_enquiry_missing'])
    expect(close('family_reunified', 'yes')).toEqual([])
  })

  it('decides who is the case owner: her own agency’s officer of that id', () => {
    const story = toldUpTo('in_care', overlay(WOMAN, { routing: { caseOwner: 'naptip-01' } }))
    const close = {
      event: 'close',
      outcome: 'reintegrated',
      personInformed: 'yes',
      familyEnquiry: 'no',
    }
    expect(story.reasons(story.event('naptipSupervisor', close))).toEqual([])
    story.keep(story.file('naptipManager'))
    expect(story.reasons(story.event('naptipSupervisor', close))).toEqual(['case_owner'])
  })
})
