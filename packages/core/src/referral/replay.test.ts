/**
 * The June 2021 case told with statements of the real kinds: every line of the model’s replay, parts A and B.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referral
 */
import { describe, expect, it } from 'vitest'
import {
  CLEARANCE,
  COMPLETED,
  COMPLETED_JOURNEY,
  DAYS,
  EVACUATION,
  GIRL,
  LEGS,
  REPORTED_JOURNEY,
  TRAVEL_DOCUMENT,
  UNKNOWN_GUARDIAN,
  VITAL_INTERESTS,
} from '../../../../test/support/agadez-case.ts'
import {
  agreement,
  type Clear,
  link,
  type OfficerName,
  PATH_TO_PREPARING,
  ReferralStory,
} from '../../../../test/support/referral-fixture.ts'
import { type Deadline } from './clocks.ts'
import { type ReferralStep } from './referral.ts'

type Body = Readonly<Record<string, unknown>>

const [[, CREATE], [, SUBMIT], [, ACKNOWLEDGE], [, ACCEPT], [, PREPARE]] = PATH_TO_PREPARING
const DEPART = { event: 'depart' }

const story = new ReferralStory(GIRL)
const does = (by: OfficerName, body: Body): ReferralStep => story.keep(story.event(by, body))
const refused = (by: OfficerName, body: Body, clear?: Clear): readonly string[] =>
  story.reasons(story.event(by, body, clear))
const deadline = (clock: Deadline['clock'], now: string): Deadline | undefined =>
  story.at(now).deadlines.find((each) => each.clock === clock)

describe('the girl of June 2021, with the facts of the report', () => {
  it('is not begun without a record of the screening', () => {
    story.time = DAYS.foundAt
    story.keep(story.file('anltpManager'))
    const { screening: _screening, ...unscreened } = CREATE
    expect(refused('anltpManager', unscreened)).toEqual(['screening_missing'])
    expect(does('anltpManager', CREATE)).toMatchObject({ effect: 'moved', state: 'draft' })
  })

  it('is not submitted: the report names no legal basis and nobody to keep away', () => {
    expect(refused('anltpManager', SUBMIT)).toEqual([
      'no_contact_unanswered',
      'justification_missing',
      'transfer_basis_missing',
    ])
  })

  it('is not submitted on the consent of a guardian who is unknown', () => {
    story.keep(story.file('anltpManager', UNKNOWN_GUARDIAN))
    expect(refused('anltpManager', SUBMIT)).toEqual(['guardian_unclear', 'transfer_basis_missing'])
  })

  it('is submitted on vital interests, acknowledged and accepted on the same morning', () => {
    story.keep(story.file('anltpManager', VITAL_INTERESTS))
    expect(does('anltpManager', SUBMIT).state).toBe('submitted')
    story.time = DAYS.acknowledgedAt
    expect(does('naptipDuty', ACKNOWLEDGE).state).toBe('acknowledged')
    story.time = DAYS.acceptedAt
    expect(does('naptipManager', ACCEPT).state).toBe('accepted')
    expect(story.at().deadlines).toMatchObject([
      { clock: 'acknowledge', dueAt: '2021-06-17T10:00:00Z', status: 'met' },
      { clock: 'decide', dueAt: '2021-06-17T12:00:00Z', status: 'met' },
    ])
  })

  it('is an emergency by the word of both teams, not of one', () => {
    story.time = DAYS.declaredAt
    const proposal = story.event('anltpManager', EVACUATION, story.expiring())
    expect(story.keep(proposal).effect).toBe('proposed')
    const relates = [link('agrees', proposal)]
    expect(refused('anltpColleague', EVACUATION, { relates })).toEqual(['same_agency'])
    expect(story.at().emergency).toBeUndefined()
    expect(story.keep(story.event('naptipManager', EVACUATION, { relates })).effect).toBe(
      'recorded',
    )
    const { declaredAt } = DAYS
    expect(story.at().emergency).toMatchObject({ declaredAt, destination: 'ne.hospital-niamey' })
  })

  it('has a travel document and a clearance on the next day', () => {
    const document = story.task('anltpManager', TRAVEL_DOCUMENT.request)
    story.keep(document)
    const clearance = story.task('naptipManager', CLEARANCE.request)
    story.keep(clearance)
    story.time = DAYS.documentsAt
    const [forDocument, forClearance] = [link('answers', document), link('answers', clearance)]
    story.keep(story.task('naptipManager', TRAVEL_DOCUMENT.answer, { relates: [forDocument] }))
    story.keep(story.task('anltpManager', CLEARANCE.answer, { relates: [forClearance] }))
    expect(story.at().tasks.map(({ kind, status }) => [kind, status])).toEqual([
      ['travel_document', 'fulfilled'],
      ['clearance', 'fulfilled'],
    ])
    expect(deadline('travel_document', DAYS.documentsAt)?.status).toBe('met')
  })

  it('is taken to a hospital in Niamey, an hour later than the clock asks', () => {
    story.time = DAYS.leftAgadezAt
    story.leg(['church', 'anltpEscort'], LEGS.fromChurch)
    story.time = DAYS.admittedAt
    expect(story.leg(['anltpEscort', 'hospital'], LEGS.toHospital).effect).toBe('recorded')
    expect(story.at()).toMatchObject({
      custodian: { organisation: 'ne.hospital-niamey' },
      responsible: 'ne.anltp-tim',
      custody: [
        { leg: 'l1', status: 'received', continuous: true, disputed: false },
        { leg: 'l2', status: 'received', continuous: true, disputed: false },
      ],
    })
    expect(deadline('evacuation', DAYS.admittedAt)).toMatchObject({
      dueAt: '2021-06-18T10:00:00Z',
      status: 'late',
    })
  })

  it('owes a file by 21 June', () => {
    const dueAt = '2021-06-21T11:00:00Z'
    expect(deadline('afterwards_file', dueAt)).toMatchObject({ dueAt, status: 'running' })
    expect(deadline('afterwards_file', '2021-06-21T11:00:01Z')).toMatchObject({
      status: 'overdue',
      escalation: 'supervisor',
    })
  })

  it('is not ready on 24 June for five things that the report does not show', () => {
    story.time = DAYS.preparedAt
    does('anltpManager', PREPARE)
    story.time = DAYS.readyAt
    expect(refused('anltpManager', REPORTED_JOURNEY, story.expiring())).toEqual([
      'best_interests_missing',
      'protection_claim_open',
      'female_escort_missing',
      'fitness_missing',
      'reception_missing',
    ])
  })
})

describe('the girl of June 2021, with what was missing', () => {
  it('is ready when both sides say so, not one', () => {
    story.keep(story.file('anltpManager', COMPLETED))
    const proposal = story.event('anltpManager', COMPLETED_JOURNEY, story.expiring())
    expect(story.keep(proposal)).toMatchObject({ effect: 'proposed', state: 'preparing' })
    const relates = [link('agrees', proposal)]
    expect(refused('anltpColleague', COMPLETED_JOURNEY, { relates })).toEqual(['same_agency'])
    const agreed = story.keep(story.event('naptipManager', COMPLETED_JOURNEY, { relates }))
    expect(agreed).toMatchObject({ effect: 'moved', state: 'ready' })
  })

  it('has her afterwards file, late', () => {
    expect(deadline('afterwards_file', DAYS.readyAt)?.status).toBe('late')
  })

  it('leaves with a release, not without', () => {
    story.leg(['hospital', 'anltpEscort'], LEGS.fromHospital)
    story.time = DAYS.departedAt
    expect(refused('anltpEscort', DEPART)).toEqual(['release_missing'])
    const release = { ...LEGS.home, act: 'release' }
    expect(story.keep(story.custody('anltpEscort', release, story.expiring())).effect).toBe(
      'proposed',
    )
    expect(does('anltpEscort', DEPART).state).toBe('in_transit')
  })

  it.each([
    ['the officer who let her go', 'anltpEscort', ['same_officer', 'same_organisation']],
    ['another officer of that organisation', 'anltpGuard', ['same_organisation']],
    ['an officer of NAPTIP who belongs to that organisation', 'seconded', ['same_organisation']],
  ] as const)('is not received by %s', (_who, by, reasons) => {
    story.time = DAYS.handedOverAt
    expect(story.reasons(receipt(by))).toEqual(expect.arrayContaining([...reasons]))
  })

  it('is handed over at Abuja to NAPTIP, the immigration service signing too', () => {
    expect(story.at().responsible).toBe('ne.anltp-tim')
    const received = receipt('naptipCustodian', { approver: 'nis' })
    expect(story.keep(received)).toMatchObject({ effect: 'moved', state: 'handed_over' })
    expect(story.at()).toMatchObject({
      responsible: 'ng.naptip',
      custodian: { organisation: 'ng.naptip', receipt: received.digest },
    })
  })

  it('comes into care when her arrival is confirmed', () => {
    story.time = DAYS.inCareAt
    const care = { event: 'start_care', arrivalConfirmed: 'yes' }
    expect(refused('naptipManager', { ...care, arrivalConfirmed: 'no' })).toEqual([
      'arrival_unconfirmed',
    ])
    expect(does('naptipManager', care).state).toBe('in_care')
    expect(deadline('arrival', DAYS.inCareAt)?.status).toBe('met')
  })

  it('is to be asked after on five days, of which the report says nothing', () => {
    const { followUps } = story.at('2022-07-01T00:00:00Z')
    expect(followUps.map(({ dueAt, status }) => [dueAt.slice(0, 10), status])).toEqual(
      ['2021-07-01', '2021-07-24', '2021-09-22', '2021-12-21', '2022-06-24'].map((day) => [
        day,
        'overdue',
      ]),
    )
  })

  it('is closed by who is not her case owner, after an enquiry into her family', () => {
    story.time = DAYS.closedAt
    story.keep(story.file('naptipManager', { routing: { caseOwner: 'naptip-20' } }))
    const close = {
      event: 'close',
      outcome: 'family_reunified',
      personInformed: 'yes',
      familyEnquiry: 'no',
    }
    expect(refused('naptipManager', close)).toEqual(['case_owner', 'family_enquiry_missing'])
    expect(refused('naptipSupervisor', close)).toEqual(['family_enquiry_missing'])
    expect(does('naptipSupervisor', { ...close, familyEnquiry: 'yes' }).state).toBe('closed')
  })

  it('was moved by these events, at these times', () => {
    const moves = story.at().steps.filter(({ effect }) => effect === 'moved')
    expect(moves.map(({ occurredAt, event, state }) => [occurredAt, event, state])).toEqual([
      ['2021-06-17T09:00:00Z', 'create', 'draft'],
      ['2021-06-17T09:00:00Z', 'submit', 'submitted'],
      ['2021-06-17T09:15:00Z', 'acknowledge', 'acknowledged'],
      ['2021-06-17T09:30:00Z', 'accept', 'accepted'],
      ['2021-06-18T12:00:00Z', 'prepare', 'preparing'],
      ['2021-06-24T07:00:00Z', 'mark_ready', 'ready'],
      ['2021-06-24T09:00:00Z', 'depart', 'in_transit'],
      ['2021-06-24T12:00:00Z', 'receipt', 'handed_over'],
      ['2021-06-24T13:00:00Z', 'start_care', 'in_care'],
      ['2022-01-10T07:00:00Z', 'close', 'closed'],
    ])
  })
})

function receipt(by: OfficerName, clear: Clear = {}): ReturnType<ReferralStory['custody']> {
  const release = story.at().pending.find(({ event }) => event === 'release')
  const relates = [agreement(release?.statement)]
  return story.custody(by, { ...LEGS.home, act: 'receipt' }, { ...clear, relates })
}
