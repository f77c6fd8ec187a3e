/**
 * Records of a referral: assessments, consents, follow-ups, the way, and what was told. None moves it forward.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#records
 */
import { describe, expect, it } from 'vitest'
import { CHILD } from '../../../../test/support/child-file.ts'
import {
  ANLTP,
  type Clear,
  type Groups,
  NOON,
  type OfficerName,
  overlay,
  ReferralStory,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { clock, gatesOf, hour, kept, record } from '../../../../test/support/referral-records.ts'

const assessment = (type: string, groups: Groups, assessedAt = NOON): Groups => ({
  routing: { type, assessedAt },
  ...groups,
})
const assessed = (by: OfficerName, groups: Groups, clear: Clear = {}) =>
  record({ kind: 'referral.assessment/1', by, groups }, clear)
const consent = (by: OfficerName, changes: Readonly<Record<string, unknown>>, clear: Clear = {}) =>
  record(
    {
      kind: 'referral.consent/1',
      by,
      groups: {
        consent: {
          scope: 'return',
          status: 'given',
          recorded: NOON,
          reader: 'case_manager_receiving',
          fieldGroups: ['G0_routing'],
          givenBy: 'person',
          medium: 'thumbprint',
          language: 'bin',
          notice: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
          understood: 'yes',
          consequencesExplained: 'yes',
          expiresAt: '2027-05-01T00:00:00Z',
          ...changes,
        },
      },
    },
    clear,
  )
const WITHDRAWN = { status: 'withdrawn', channel: 'told the escort' }
describe('an assessment', () => {
  const unfit = overlay(WOMAN, { fitness: {} })

  it.each([
    [
      'fitness',
      assessed('hospital', assessment('fit_to_travel', { fitness: { fitToTravel: 'yes' } })),
      { ...unfit, fitness: {} },
      'fitness_missing',
    ],
    [
      'risk',
      assessed('anltpManager', assessment('risk', { safety: { riskLevel: 'high' } })),
      overlay(WOMAN, { safety: { assessedAt: '2026-11-01T00:00:00Z' } }),
      'risk_outdated',
    ],
    [
      'best interests',
      assessed(
        'anltpManager',
        assessment('bia', { child: { outcome: 'return', childViews: 'She wants to go home' } }),
      ),
      {
        ...CHILD,
        child: {
          ...CHILD['child'],
          bestInterests: {
            outcome: 'undecided',
            childViews: 'x',
            assessedAt: '2026-11-20T00:00:00Z',
          },
        },
      },
      'best_interests_missing',
    ],
  ] as const)('of %s opens its gate', (...[, make, groups, reason]) => {
    const story = toldUpTo('preparing', groups)
    expect(gatesOf(story)).toContain(reason)
    expect(story.keep(make(story))).toMatchObject({ effect: 'recorded', event: 'assessment' })
    expect(gatesOf(story)).not.toContain(reason)
  })

  it('of fitness closes its gate again, and a later version of the file does not hide it', () => {
    const { story } = kept(
      'preparing',
      assessed('hospital', assessment('fit_to_travel', { fitness: { fitToTravel: 'no' } })),
    )
    expect(gatesOf(story)).toContain('fitness_missing')
    story.keep(story.file('anltpManager'))
    expect(gatesOf(story)).toContain('fitness_missing')
  })

  it('that is older than what the file says changes nothing', () => {
    const old = assessment(
      'fit_to_travel',
      { fitness: { fitToTravel: 'no' } },
      '2026-11-20T00:00:00Z',
    )
    expect(gatesOf(kept('preparing', assessed('hospital', old)).story)).not.toContain(
      'fitness_missing',
    )
  })

  it('of fitness is refused from anybody but a clinician', () => {
    const make = assessed(
      'anltpManager',
      assessment('fit_to_travel', { fitness: { fitToTravel: 'yes' } }),
    )
    expect(kept('preparing', make).step.refused).toEqual(['wrong_role'])
  })

  it('is refused before there is a file', () => {
    const make = assessed('anltpManager', assessment('needs', {}))
    expect(new ReferralStory().keep(make(new ReferralStory())).refused).toEqual([
      'wrong_role',
      'file_missing',
    ])
  })
})

describe('a consent of its own', () => {
  const without = overlay(WOMAN, {
    consent: {
      consents: [
        { scope: 'share_receiving_agency', status: 'given', recorded: '2026-11-15T00:00:00Z' },
      ],
    },
  })

  it('opens the gate of the return', () => {
    const { story, step } = kept('preparing', consent('anltpManager', {}), without)
    expect(step.effect).toBe('recorded')
    expect(gatesOf(story)).not.toContain('return_consent_missing')
  })

  it.each([
    ['by a parent for an adult', { givenBy: 'parent' }],
    ['by the assent of a child', { givenBy: 'child_assent' }],
    ['that is refused', { status: 'refused' }],
    ['that has expired', { expiresAt: hour(-1), recorded: hour(-2) }],
    ['that is recorded tomorrow', { recorded: hour(24) }],
    ['for another scope', { scope: 'share_embassy' }],
  ])('does not open it %s', (_what, changes) => {
    const { story } = kept('preparing', consent('anltpManager', changes), without)
    expect(gatesOf(story)).toContain('return_consent_missing')
  })

  it('that cannot be given opens it when a clinician or a second organisation says so', () => {
    const found = { status: 'not_possible', justification: 'Unconscious' }
    for (const by of [{ clinician: 'hospital-01' }, { secondOrganisation: 'ne.hospital-niamey' }]) {
      const { story } = kept('preparing', consent('anltpManager', { ...found, ...by }), without)
      expect(gatesOf(story)).not.toContain('return_consent_missing')
    }
    const alone = consent('anltpManager', { ...found, secondOrganisation: ANLTP })
    expect(kept('preparing', alone, without).step.refused).toEqual(['same_organisation'])
  })

  it.each(['submitted', 'accepted', 'ready', 'in_transit'] as const)(
    'that is withdrawn stops a referral that is %s',
    (state) => {
      const { step, story } = kept(state, consent('anltpEscort', WITHDRAWN))
      expect(step.state).toBe('suspended')
      expect(story.at().withdrawn).toEqual(['return'])
    },
  )

  it('lifts a withdrawal only when it is given after it', () => {
    const { story } = kept('accepted', consent('anltpManager', WITHDRAWN))
    const resume = () => story.event('anltpManager', { event: 'resume', causeCleared: 'yes' })
    story.keep(consent('anltpManager', { recorded: hour(-1) })(story))
    expect(story.reasons(resume())).toEqual(['consent_withdrawn'])
    story.time = hour(2)
    story.keep(consent('anltpManager', { recorded: hour(1) })(story))
    expect(story.reasons(resume())).toEqual([])
  })

  it('does not lift the withdrawal of a child; an assessment of her best interests does', () => {
    const { story } = kept('accepted', consent('anltpManager', WITHDRAWN), CHILD)
    const resume = () => story.event('anltpManager', { event: 'resume', causeCleared: 'yes' })
    story.time = hour(2)
    story.keep(consent('anltpManager', { recorded: hour(1), givenBy: 'parent' })(story))
    expect(story.reasons(resume())).toEqual(['consent_withdrawn'])
    const child = { outcome: 'return', childViews: 'She changed her mind' }
    story.keep(assessed('anltpManager', assessment('bia', { child }, hour(1)))(story))
    expect(story.reasons(resume())).toEqual([])
  })

  it('without her is looked at by a second officer within 72 hours', () => {
    const basis = {
      status: 'not_relied_on',
      scope: 'interview',
      legalBasis: 'vital_interests',
      justification: 'x',
    }
    const { story } = kept('accepted', consent('anltpManager', basis))
    expect(clock(story.at(), 'consent_review')).toEqual(['running'])
    expect(clock(story.at(hour(73)), 'consent_review')).toEqual(['overdue'])
    story.keep(consent('anltpManager', basis)(story))
    expect(clock(story.at(), 'consent_review')).toContain('running')
    story.keep(consent('anltpSupervisor', basis)(story))
    expect(clock(story.at(), 'consent_review')).not.toContain('running')
    const approved = kept(
      'accepted',
      consent('anltpManager', basis, { approver: 'anltpSupervisor' }),
    )
    expect(clock(approved.story.at(), 'consent_review')).toEqual([])
  })
})

const visit = (dueOn: string, by: OfficerName = 'naptipManager') =>
  record({
    kind: 'referral.follow-up/1',
    by,
    groups: { routing: { type: 'in_care', dueOn, doneOn: dueOn } },
  })

describe('a follow-up', () => {
  it('ends the clock of its day and no other', () => {
    const { story, step } = kept('in_care', visit('2026-11-29'))
    expect(step.refused).toEqual([])
    expect(story.at().followUps.map(({ status }) => status)).toEqual([
      'met',
      'running',
      'running',
      'running',
      'running',
    ])
  })

  it('comes after the hand-over, from who has her', () => {
    expect(kept('ready', visit('2026-11-29')).step.refused).toEqual(['wrong_state'])
    expect(kept('in_care', visit('2026-11-29', 'anltpManager')).step.refused).toEqual([
      'wrong_role',
    ])
  })
})
