/**
 * Attacks on joint acts: nobody completes alone, or with something else, what two must do together.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#joint-acts
 */
import { describe, expect, it } from 'vitest'
import {
  agreement,
  type Clear,
  JOURNEY,
  link,
  NAPTIP,
  OFFICERS,
  type OfficerName,
  overlay,
  type ReferralStory,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { type ReferralStatement } from './statement.ts'

type Body = Readonly<Record<string, unknown>>

const EMERGENCY = {
  event: 'declare_emergency',
  destination: 'ne.hospital-niamey',
  legType: 'in_country_evacuation',
  escorts: JOURNEY.escorts,
} as const

function proposed(body: Body = JOURNEY, by: OfficerName = 'anltpManager') {
  const story = toldUpTo('preparing')
  const proposal = story.event(by, body, story.expiring())
  expect(story.keep(proposal).effect).toBe('proposed')
  return { story, proposal }
}

function takeBack(story: ReferralStory, proposal: ReferralStatement, by: OfficerName) {
  return story.event(by, JOURNEY, { relates: [link('withdraws', proposal)] })
}

const agrees = (proposal: ReferralStatement): Clear => ({ relates: [link('agrees', proposal)] })

describe('an agreement', () => {
  it('completes the act', () => {
    const { story, proposal } = proposed()
    expect(story.keep(story.event('naptipManager', JOURNEY, agrees(proposal))).state).toBe('ready')
    expect(story.at().pending).toEqual([])
  })

  it('says the same in whatever order its members stand', () => {
    const { story, proposal } = proposed()
    const shuffled = Object.fromEntries(Object.entries(JOURNEY).toReversed())
    expect(story.reasons(story.event('naptipManager', shuffled, agrees(proposal)))).toEqual([])
  })

  it.each([
    ['the same officer', 'anltpManager', ['same_agency']],
    ['another of the same agency', 'anltpColleague', ['same_agency']],
    ['a third agency', 'stranger', ['wrong_role']],
    ['an officer without the role', 'naptipCustodian', ['wrong_role']],
  ] as const)('is not that of %s', (_who, by, reasons) => {
    const { story, proposal } = proposed()
    expect(story.reasons(story.event(by, JOURNEY, agrees(proposal)))).toEqual(reasons)
  })

  it('is not signed by anybody of the proposing agency, not even as second', () => {
    const { story, proposal } = proposed()
    const made = story.event('naptipManager', JOURNEY, agrees(proposal))
    const signers = [...made.signers, { ...OFFICERS.anltpHead, act: 'approve' as const }]
    expect(story.reasons({ ...made, signers })).toEqual(['same_agency'])
  })

  it('agrees with one proposal, not with two', () => {
    const { story, proposal } = proposed()
    const other = story.event('anltpColleague', JOURNEY, story.expiring())
    story.keep(other)
    const relates = [link('agrees', proposal), link('agrees', other)]
    const both = story.event('naptipManager', JOURNEY, { relates })
    expect(story.reasons(both)).toEqual(['agreement_not_single'])
  })

  it('cannot take back what it agrees with', () => {
    const { story, proposal } = proposed()
    const relates = [link('agrees', proposal), link('withdraws', proposal)]
    expect(story.reasons(story.event('anltpManager', JOURNEY, { relates }))).toEqual([
      'agreement_not_single',
    ])
  })

  it.each(['refused', 'standing'])('is not agreed with, %s', (which) => {
    const { story, proposal } = proposed()
    const by = which === 'refused' ? 'anltpColleague' : 'naptipManager'
    const first = story.event(by, JOURNEY, agrees(proposal))
    story.keep(first)
    const body =
      which === 'refused' ? JOURNEY : { event: 'waive_gate', gate: 'fitness', reason: 'x' }
    const second = story.event(which === 'refused' ? 'naptipManager' : 'anltpHead', body, {
      relates: [link('agrees', first)],
    })
    expect(story.reasons(second)).toEqual(['agreement_of_agreement'])
  })

  it.each([
    ['in its last second', -1, []],
    ['when it has ended', 0, ['proposal_expired']],
    ['later', 1, ['proposal_expired']],
  ] as const)('is judged by its own iat: %s', (_when, seconds, reasons) => {
    const { story, proposal } = proposed()
    const iat = (proposal.exp ?? 0) + seconds
    const made = story.event('naptipManager', JOURNEY, { ...agrees(proposal), iat })
    expect(story.reasons(made)).toEqual(reasons)
  })

  it.each([
    ['another arrival', { plannedArrival: '2026-11-22T21:00:00Z' }],
    ['another escort', { escorts: [{ ...JOURNEY.escorts[0], officer: 'anltp-09' }] }],
    ['an escort more', { escorts: [...JOURNEY.escorts, ...JOURNEY.escorts] }],
    ['another bed', { reception: { ...JOURNEY.reception, bed: 'none' } }],
    ['another place', { reception: { ...JOURNEY.reception, meetingPlace: 'Jibia' } }],
  ])('says the same as its proposal, not %s', (_what, change) => {
    const { story, proposal } = proposed()
    const changed = story.event('naptipManager', { ...JOURNEY, ...change }, agrees(proposal))
    expect(story.reasons(changed)).toEqual(['proposal_differs'])
  })

  it('is of the same event', () => {
    const waiver = { event: 'waive_gate', gate: 'fitness', reason: 'No clinician until Monday' }
    const { story, proposal } = proposed(waiver, 'anltpHead')
    expect(story.reasons(story.event('naptipManager', JOURNEY, agrees(proposal)))).toEqual([
      'proposal_differs',
    ])
  })

  it('finds no proposal that was refused', () => {
    const story = toldUpTo('preparing')
    const proposal = story.event('anltpManager', { ...JOURNEY, escorts: [] }, story.expiring())
    expect(story.keep(proposal).refused).toEqual(['escort_missing'])
    const body = { ...JOURNEY, escorts: [] }
    expect(story.reasons(story.event('naptipManager', body, agrees(proposal)))).toEqual([
      'proposal_unknown',
    ])
  })

  it('completes an act once', () => {
    const waiver = { event: 'waive_gate', gate: 'fitness', reason: 'No clinician until Monday' }
    const { story, proposal } = proposed(waiver, 'anltpHead')
    story.keep(story.event('naptipHead', waiver, agrees(proposal)))
    expect(story.reasons(story.event('naptipHead', waiver, agrees(proposal)))).toEqual([
      'proposal_unknown',
    ])
    expect(story.at().waivers).toHaveLength(1)
  })

  it('passes no gate that closed after the proposal', () => {
    const { story, proposal } = proposed()
    story.keep(story.file('anltpManager', { risk: { protectionClaim: 'yes' } }))
    expect(story.reasons(story.event('naptipManager', JOURNEY, agrees(proposal)))).toEqual([
      'protection_claim_open',
    ])
  })

  it('is judged at the later of the two instants, so that no date is too early for a gate', () => {
    const story = toldUpTo('preparing')
    const at = '2026-11-24T00:00:01Z'
    const body = { ...JOURNEY, plannedArrival: '2026-11-24T12:00:00Z' }
    const early = story.event('anltpManager', body, story.expiring())
    story.keep(early)
    const late = story.event('naptipManager', body, { ...agrees(early), at })
    expect(story.reasons(late)).toEqual(['fitness_missing'])
    const other = story.fork()
    const lateProposal = other.event('anltpManager', body, { ...other.expiring(), at })
    expect(other.reasons(lateProposal)).toEqual(['fitness_missing'])
  })

  it.each([
    [JOURNEY, 'anltpManager', 'naptipManager', ['proposal_unknown']],
    [
      { event: 'waive_gate', gate: 'fitness', reason: 'x' },
      'anltpHead',
      'naptipHead',
      ['proposal_unknown'],
    ],
    [EMERGENCY, 'anltpManager', 'naptipManager', []],
  ] as const)('after a stop and a new start, with %j', (...[body, first, second, reasons]) => {
    const { story, proposal } = proposed(body, first)
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
    story.keep(story.event('anltpManager', { event: 'resume', causeCleared: 'yes' }))
    expect(story.at().state).toBe('preparing')
    expect(story.reasons(story.event(second, body, agrees(proposal)))).toEqual(reasons)
  })

  it.each(['submit', 'cancel', 'prepare'])('means nothing to %s', (event) => {
    const story = toldUpTo(event === 'submit' ? 'draft' : 'accepted')
    const relates = [agreement(story.at().file)]
    const body = event === 'cancel' ? { event, reason: 'other' } : { event }
    expect(story.reasons(story.event('anltpManager', body, { relates }))).toEqual([
      'proposal_unknown',
    ])
  })
})

describe('a proposal that is taken back', () => {
  it('is gone for who knows it', () => {
    const { story, proposal } = proposed()
    const taken = takeBack(story, proposal, 'anltpManager')
    expect(story.keep(taken).effect).toBe('recorded')
    expect(story.at().pending).toEqual([])
    const acknowledges = [taken.digest]
    const late = story.event('naptipManager', JOURNEY, { ...agrees(proposal), acknowledges })
    expect(story.reasons(late)).toEqual(['proposal_withdrawn'])
  })

  it.each([
    ['nothing is known of it', undefined],
    ['it was not acknowledged', ['A'.repeat(43)]],
  ])('stands for who agreed before: %s', (_what, acknowledges) => {
    const { story, proposal } = proposed()
    story.keep(takeBack(story, proposal, 'anltpManager'))
    const clear =
      acknowledges === undefined ? agrees(proposal) : { ...agrees(proposal), acknowledges }
    expect(story.keep(story.event('naptipManager', JOURNEY, clear)).state).toBe('ready')
  })

  it('is taken back by its own agency only', () => {
    const { story, proposal } = proposed()
    expect(story.reasons(takeBack(story, proposal, 'naptipManager'))).toEqual(['wrong_role'])
    expect(story.reasons(takeBack(story, proposal, 'anltpColleague'))).toEqual([])
  })

  it('is named by exactly one link, and said again as it was', () => {
    const { story, proposal } = proposed()
    const relates = [link('withdraws', proposal), link('withdraws', proposal)]
    expect(story.reasons(story.event('anltpManager', JOURNEY, { relates }))).toEqual([
      'proposal_unknown',
    ])
    const other = { ...JOURNEY, plannedArrival: '2026-11-22T21:00:00Z' }
    const changed = story.event('anltpManager', other, { relates: [link('withdraws', proposal)] })
    expect(story.reasons(changed)).toEqual(['proposal_differs'])
  })

  it('is not one that nobody made', () => {
    const { story } = proposed()
    const relates = [{ ...agreement('A'.repeat(43)), relation: 'withdraws' as const }]
    expect(story.reasons(story.event('anltpManager', JOURNEY, { relates }))).toEqual([
      'proposal_unknown',
    ])
  })
})

describe('an emergency', () => {
  it.each([
    ['two agencies', ['anltpManager', 'naptipDuty'], []],
    ['two agencies, one of them by its clinician', ['anltpClinician', 'naptipManager'], []],
    ['one agency and a physician of a hospital', ['anltpManager', 'hospital'], []],
    ['a physician first', ['hospital', 'anltpManager'], []],
    ['one agency alone', ['anltpManager', 'anltpDuty'], ['same_agency']],
    ['one agency and its own physician', ['anltpManager', 'anltpClinician'], ['same_organisation']],
    ['one physician alone', ['hospital', 'hospital'], ['same_officer', 'same_organisation']],
  ] as const)('declared by %s', (_who, [first, second], reasons) => {
    const story = toldUpTo('accepted')
    const proposal = story.event(first, EMERGENCY, story.expiring())
    expect(story.keep(proposal).refused).toEqual([])
    expect(story.reasons(story.event(second, EMERGENCY, agrees(proposal)))).toEqual(reasons)
  })

  it('waits for no acceptance', () => {
    const story = toldUpTo('draft')
    story.together(['anltpManager', 'naptipDuty'], EMERGENCY)
    expect(story.at()).toMatchObject({
      state: 'draft',
      emergency: { destination: 'ne.hospital-niamey' },
    })
  })

  it.each(['ready', 'in_transit', 'in_care'] as const)('is none once a referral is %s', (state) => {
    const story = toldUpTo(state)
    expect(story.reasons(story.event('anltpManager', EMERGENCY, story.expiring()))).toEqual([
      'wrong_state',
    ])
  })
})

describe('a waiver', () => {
  it.each([
    ['by who is no head', { gate: 'fitness', reason: 'No clinician' }, 'wrong_role'],
    ['without a reason', { gate: 'fitness' }, 'reason_missing'],
    ['of a gate that nobody knows', { gate: 'everything', reason: 'x' }, 'hard_gate'],
  ] as const)('is refused %s', (_what, body, reason) => {
    const story = toldUpTo('preparing')
    const by = reason === 'wrong_role' ? 'anltpManager' : 'anltpHead'
    const waiver = story.event(by, { event: 'waive_gate', ...body }, story.expiring())
    expect(story.reasons(waiver)).toEqual([reason])
  })

  it('of the escort’s gender leaves nobody without an escort', () => {
    const story = toldUpTo('preparing')
    const waiver = { event: 'waive_gate', gate: 'escort_gender', reason: 'No woman in Agadez' }
    story.together(['anltpHead', 'naptipHead'], waiver)
    const alone = story.event('anltpManager', { ...JOURNEY, escorts: [] }, story.expiring())
    expect(story.reasons(alone)).toEqual(['escort_missing'])
  })

  it('leaves a judge’s hold where it is', () => {
    const story = toldUpTo('preparing', overlay(WOMAN, { travel: { clearanceRequired: 'yes' } }))
    const waiver = { event: 'waive_gate', gate: 'clearance', reason: 'The office is closed' }
    story.together(['anltpHead', 'naptipHead'], waiver)
    const routing = {
      clearanceType: 'exit_authorisation',
      authority: 'ne.police',
      nonPunishment: 'yes',
    }
    const request = story.task('anltpManager', {
      routing: { ...routing, act: 'request', status: 'requested' },
    })
    story.keep(request)
    const answer = { ...routing, act: 'answer', status: 'rejected' }
    story.keep(
      story.task(
        'anltpManager',
        { routing: answer, travel: { holdFound: 'yes' } },
        { relates: [link('answers', request)] },
      ),
    )
    const ready = story.event('anltpManager', JOURNEY, story.expiring())
    expect(story.reasons(ready)).toEqual(['judicial_hold'])
    expect(story.at().receiving).toBe(NAPTIP)
  })
})
