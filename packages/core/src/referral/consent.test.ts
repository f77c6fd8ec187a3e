/**
 * Consent, the child whose guardian nobody knows, and the withdrawal that always wins.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#consent-and-withdrawal
 */
import { describe, expect, it } from 'vitest'
import {
  type Groups,
  JOURNEY,
  NOON,
  overlay,
  type OfficerName,
  REFERENCE,
  type ReferralStory,
  type Told,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { computeReferral, judgeStep } from './referral.ts'

type Record = Readonly<{ [member: string]: unknown }>

const RECORDED = '2026-11-15T00:00:00Z'
const share = (changes: Record): Record => ({
  scope: 'share_receiving_agency',
  status: 'given',
  recorded: RECORDED,
  ...changes,
})
const back = (changes: Record): Record => ({ ...share({}), scope: 'return', ...changes })
const consents = (...records: readonly Record[]): Groups => ({ consent: { consents: records } })
const CHILD: Groups = overlay(WOMAN, { person: { ageMin: 15, ageMax: 17 } })
const BEST_INTERESTS = {
  bestInterests: { outcome: 'return', childViews: 'Home', assessedAt: '2026-11-20T00:00:00Z' },
  authorisation: { authority: 'ne.juge-mineurs', reference: 'TEST-1', at: '2026-11-20T00:00:00Z' },
}

function submitting(groups: Groups): readonly string[] {
  const story = toldUpTo('draft', groups)
  return story.reasons(story.event('anltpManager', { event: 'submit' }))
}

function readying(changes: Groups, groups: Groups = WOMAN): readonly string[] {
  const story = toldUpTo('preparing', groups)
  story.keep(story.file('anltpManager', changes))
  return story.reasons(story.event('anltpManager', JOURNEY, story.expiring()))
}

const withdraw = (story: ReferralStory, scope = 'return', by: OfficerName = 'anltpDuty') =>
  story.event(by, { event: 'withdraw_consent', scope })
const resume = (story: ReferralStory) =>
  story.event('anltpManager', { event: 'resume', causeCleared: 'yes' })

describe('consent to share', () => {
  it.each([
    ['of the person herself', {}, []],
    ['of a court for her', { givenBy: 'court' }, []],
    [
      'of her parents, who do not speak for an adult',
      { givenBy: 'parent' },
      ['share_consent_missing'],
    ],
    ['that is asked for', { status: 'requested' }, ['share_consent_missing']],
    ['that has expired', { expiresAt: NOON }, ['share_consent_missing']],
    ['that ends in a second', { expiresAt: '2026-11-22T09:00:01Z' }, []],
    ['that is recorded later', { recorded: '2026-11-22T09:00:01Z' }, ['share_consent_missing']],
    ['for something else', { scope: 'photo' }, ['share_consent_missing']],
  ])('of an adult: %s', (_what, changes, reasons) => {
    expect(submitting(overlay(WOMAN, consents(share(changes))))).toEqual(reasons)
  })

  it.each([
    ['a parent, nobody suspected', 'no', 'parent', []],
    ['a guardian, nobody suspected', 'no', 'guardian', []],
    ['a guardian who is suspected', 'yes', 'guardian', ['guardian_unclear']],
    ['a guardian of whom nothing is known', 'unknown', 'guardian', ['guardian_unclear']],
    ['a guardian after whom nobody asked', 'not_asked', 'guardian', ['guardian_unclear']],
    ['the child’s assent', 'no', 'child_assent', ['guardian_unclear']],
    ['the child herself', 'no', 'person', ['guardian_unclear']],
  ])('of a child: %s', (...[, guardianSuspected, givenBy, reasons]) => {
    const groups = overlay(CHILD, { child: { guardianSuspected }, ...consents(share({ givenBy })) })
    expect(submitting(groups)).toEqual(reasons)
  })

  it.each([17, undefined])('counts a least age of %s as a child’s', (ageMin) => {
    const { ageMin: _age, ...person } = WOMAN['person'] ?? {}
    const aged = ageMin === undefined ? person : { ...person, ageMin }
    expect(submitting({ ...WOMAN, person: aged })).toContain('guardian_unclear')
  })

  it('is not asked of a guardian for who is 18', () => {
    expect(submitting(overlay(WOMAN, { person: { ageMin: 18 } }))).toEqual([])
  })

  it('is, of two records of one instant, the one that stands last', () => {
    const refused = share({ status: 'refused' })
    expect(submitting(overlay(WOMAN, consents(refused, share({}))))).toEqual([])
    expect(submitting(overlay(WOMAN, consents(share({}), refused)))).toEqual([
      'share_consent_missing',
    ])
  })

  it('is the newest record, wherever it stands in the list', () => {
    const refused = share({ status: 'refused', recorded: '2026-11-16T00:00:00Z' })
    const missing = ['share_consent_missing']
    expect(submitting(overlay(WOMAN, consents(refused, share({}))))).toEqual(missing)
    expect(submitting(overlay(WOMAN, consents(share({}), refused)))).toEqual(missing)
  })
})

describe('who the person is', () => {
  const person = { calledName: 'TEST-B', ageMin: 24, ageMax: 30, gender: 'Feminine' }
  const identity = { citizenship: ['NG'] }

  it.each([
    ['all of it', person, identity, []],
    ['one year', { ...person, ageMax: 24 }, identity, []],
    [
      'a family name',
      { ageMin: 24, ageMax: 30, gender: 'Feminine' },
      { ...identity, familyName: 'T' },
      [],
    ],
    [
      'given names',
      { ageMin: 24, ageMax: 30, gender: 'Feminine' },
      { ...identity, givenNames: 'T' },
      [],
    ],
    [
      'an alias',
      { ageMin: 24, ageMax: 30, gender: 'Feminine' },
      { ...identity, aliases: ['T'] },
      [],
    ],
    [
      'no name at all',
      { ageMin: 24, ageMax: 30, gender: 'Feminine' },
      { ...identity, aliases: [] },
      ['identity_missing'],
    ],
    [
      'no least age',
      { calledName: 'T', ageMax: 30, gender: 'Feminine' },
      identity,
      ['identity_missing', 'guardian_unclear'],
    ],
    [
      'no greatest age',
      { calledName: 'T', ageMin: 24, gender: 'Feminine' },
      identity,
      ['identity_missing'],
    ],
    ['ages upside down', { ...person, ageMax: 23 }, identity, ['identity_missing']],
    ['no gender', { calledName: 'T', ageMin: 24, ageMax: 30 }, identity, ['identity_missing']],
    ['no citizenship', person, { citizenship: [] }, ['identity_missing']],
  ])('is known by: %s', (...[, of, as, reasons]) => {
    expect(submitting({ ...WOMAN, person: of, identity: as })).toEqual(reasons)
  })
})

describe('consent to return', () => {
  it.each([
    ['given', {}, []],
    ['refused', { status: 'refused' }, ['return_consent_missing']],
    [
      'not possible, by a clinician’s finding',
      { status: 'not_possible', clinician: 'hospital-01' },
      [],
    ],
    ['not possible, by nobody’s', { status: 'not_possible' }, ['return_consent_missing']],
    ['not relied on', { status: 'not_relied_on' }, ['return_consent_missing']],
    ['given by a parent', { givenBy: 'parent' }, ['return_consent_missing']],
  ])('of an adult: %s', (_what, changes, reasons) => {
    expect(readying(consents(share({}), back(changes)))).toEqual(reasons)
  })

  it.each([
    ['all of it', {}, []],
    [
      'to stay',
      { bestInterests: { ...BEST_INTERESTS.bestInterests, outcome: 'stay' } },
      ['best_interests_missing'],
    ],
    [
      'assessed tomorrow',
      { bestInterests: { ...BEST_INTERESTS.bestInterests, assessedAt: '2026-11-23T00:00:00Z' } },
      ['best_interests_missing'],
    ],
    [
      'assessed and authorised now',
      {
        bestInterests: { ...BEST_INTERESTS.bestInterests, assessedAt: NOON },
        authorisation: { ...BEST_INTERESTS.authorisation, at: NOON },
      },
      [],
    ],
    [
      'authorised tomorrow',
      { authorisation: { ...BEST_INTERESTS.authorisation, at: '2026-11-23T00:00:00Z' } },
      ['best_interests_missing'],
    ],
  ])('is nothing for a child; her best interests are: %s', (_what, changes, reasons) => {
    const groups = overlay(CHILD, {
      child: { guardianSuspected: 'no' },
      ...consents(share({ givenBy: 'parent' }), back({ givenBy: 'parent' })),
    })
    expect(readying({ child: { ...BEST_INTERESTS, ...changes } }, groups)).toEqual(reasons)
    expect(readying({}, groups)).toEqual(['best_interests_missing'])
  })
})

const UNDER_WAY: readonly Told[] = [
  'submitted',
  'acknowledged',
  'accepted',
  'preparing',
  'ready',
  'in_transit',
]

describe('a withdrawal', () => {
  it.each(
    UNDER_WAY.flatMap((state) =>
      ['return', 'share_receiving_agency', 'assistance'].map((scope) => [state, scope] as const),
    ),
  )('stops a referral that is %s: %s', (state, scope) => {
    const story = toldUpTo(state)
    expect(story.keep(withdraw(story, scope))).toMatchObject({
      effect: 'moved',
      state: 'suspended',
    })
    expect(story.at().withdrawn).toEqual([scope])
  })

  it.each(['photo', 'testify', 'statistics', 'share_law_enforcement'])(
    'of another scope is recorded and stops nothing: %s',
    (scope) => {
      const story = toldUpTo('ready')
      expect(story.keep(withdraw(story, scope))).toMatchObject({
        effect: 'recorded',
        state: 'ready',
      })
    },
  )

  it.each(['handed_over', 'in_care', 'closed'] as const)('is recorded when she is %s', (state) => {
    const story = toldUpTo(state)
    expect(story.keep(withdraw(story))).toMatchObject({ effect: 'recorded', state })
  })

  it('keeps a draft from being submitted', () => {
    const story = toldUpTo('draft')
    story.keep(withdraw(story, 'share_receiving_agency'))
    expect(story.reasons(story.event('anltpManager', { event: 'submit' }))).toEqual([
      'consent_withdrawn',
    ])
  })

  it.each([
    ['older than it', { recorded: '2026-11-22T08:59:59Z' }],
    ['of the same instant', { recorded: NOON }],
    ['refused', { recorded: '2026-11-22T10:00:00Z', status: 'refused' }],
  ])('is not lifted by a consent that is %s', (_what, changes) => {
    const story = toldUpTo('preparing')
    story.keep(withdraw(story))
    story.time = '2026-11-22T11:00:00Z'
    story.keep(story.file('anltpManager', consents(share({}), back(changes))))
    expect(story.reasons(resume(story))).toEqual(['consent_withdrawn'])
  })

  it('is not lifted by a consent of before that claims a later day', () => {
    const story = toldUpTo('preparing')
    story.keep(
      story.file('anltpManager', consents(share({}), back({ recorded: '2026-11-22T10:00:00Z' }))),
    )
    story.keep(withdraw(story))
    story.time = '2026-11-22T11:00:00Z'
    expect(story.reasons(resume(story))).toEqual(['consent_withdrawn'])
  })

  it('of which its sender could not know stops a step and refuses it not', () => {
    const story = toldUpTo('accepted')
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
    story.keep(withdraw(story, 'return', 'naptipManager'))
    expect(story.keep(resume(story))).toMatchObject({ refused: [], state: 'suspended' })
    expect(() => judgeStep(REFERENCE, story.statements, resume(story))).toThrow(
      expect.objectContaining({
        code: 'REFERRAL_REFUSED',
        details: { event: 'resume', reasons: ['consent_withdrawn'] },
      }),
    )
  })

  it('is lifted by a consent that was given since then', () => {
    const story = toldUpTo('preparing')
    story.keep(withdraw(story))
    story.time = '2026-11-22T11:00:00Z'
    story.keep(
      story.file('anltpManager', consents(share({}), back({ recorded: '2026-11-22T10:00:00Z' }))),
    )
    expect(story.at().withdrawn).toEqual([])
    expect(story.keep(resume(story)).state).toBe('preparing')
  })

  it('by a child is answered by her best interests, assessed again', () => {
    const groups = overlay(CHILD, {
      child: { guardianSuspected: 'no', ...BEST_INTERESTS },
      ...consents(share({ givenBy: 'parent' })),
    })
    const story = toldUpTo('preparing', groups)
    story.keep(withdraw(story))
    story.time = '2026-11-22T11:00:00Z'
    story.keep(story.file('anltpManager', consents(share({ givenBy: 'parent' }))))
    expect(story.reasons(resume(story))).toEqual(['consent_withdrawn'])
    const before = { ...BEST_INTERESTS.bestInterests, assessedAt: NOON }
    story.keep(story.file('anltpManager', { child: { bestInterests: before } }))
    expect(story.reasons(resume(story))).toEqual(['consent_withdrawn'])
    const bestInterests = { ...BEST_INTERESTS.bestInterests, assessedAt: '2026-11-22T11:00:00Z' }
    story.keep(story.file('anltpManager', { child: { bestInterests } }))
    expect(story.reasons(resume(story))).toEqual([])
  })

  it('of the wish to return does not stop a service', () => {
    const story = toldUpTo('accepted', overlay(WOMAN, { routing: { referralKind: 'service' } }))
    expect(story.keep(withdraw(story)).effect).toBe('recorded')
    expect(story.keep(withdraw(story, 'assistance')).state).toBe('suspended')
  })

  it('stops a service that has begun', () => {
    const story = toldUpTo('accepted', overlay(WOMAN, { routing: { referralKind: 'service' } }))
    story.keep(story.event('naptipManager', { event: 'start_service' }))
    expect(story.keep(withdraw(story, 'assistance')).state).toBe('suspended')
  })

  it('that the file records is lifted by what the same file records after it', () => {
    const withdrawn = back({ status: 'withdrawn', recorded: '2026-11-16T00:00:00Z' })
    const given = back({ recorded: '2026-11-17T00:00:00Z' })
    expect(readying(consents(share({}), withdrawn, given))).toEqual([])
    expect(readying(consents(share({}), given, { ...withdrawn, recorded: NOON }))).toEqual([
      'wrong_state',
    ])
  })

  it.each(['submitted', 'ready', 'in_transit'] as const)(
    'that the file records is a safe stop in %s, as if it was told',
    (state) => {
      const story = toldUpTo(state)
      const taken = back({ status: 'withdrawn', recorded: '2026-11-21T00:00:00Z' })
      const step = story.keep(story.file('anltpManager', consents(share({}), taken)))
      expect(step.state).toBe('suspended')
      expect(story.at().withdrawn).toEqual(['return'])
    },
  )

  it.each([
    'anltpManager',
    'anltpClinician',
    'hospital',
    'church',
    'naptipDuty',
    'naptipHead',
    'nis',
  ] as const)('may be recorded by whoever hears it: %s', (by) => {
    const story = toldUpTo('ready')
    expect(story.reasons(withdraw(story, 'return', by))).toEqual([])
  })
})

describe('what the person will say in court', () => {
  it.each(['yes', 'no', 'unknown', 'not_asked'])('changes nothing: %s', (willingToCooperate) => {
    const { statements } = toldUpTo('in_care')
    const told = statements.map((statement) =>
      statement.kind === 'victim.referral/1'
        ? { ...statement, groups: { ...statement.groups, investigation: { willingToCooperate } } }
        : statement,
    )
    expect(told).not.toEqual(statements)
    expect(computeReferral(REFERENCE, told, NOON)).toEqual(
      computeReferral(REFERENCE, statements, NOON),
    )
  })
})
