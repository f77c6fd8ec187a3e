/**
 * Who has the person: legs, receipts, disputes, and the one receipt by which responsibility passes.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#custody
 */
import { describe, expect, it } from 'vitest'
import { LEGS as AGADEZ } from '../../../../test/support/agadez-case.ts'
import {
  agreement,
  ANLTP,
  type Clear,
  CROSSING,
  JOURNEY,
  link,
  NAPTIP,
  type OfficerName,
  type ReferralStory,
  toldUpTo,
} from '../../../../test/support/referral-fixture.ts'

const TRANSFER = { ...AGADEZ.fromHospital, leg: 't1' }
const EMERGENCY = {
  event: 'declare_emergency',
  destination: 'ne.hospital-niamey',
  legType: 'in_country_evacuation',
  escorts: JOURNEY.escorts,
}

function receipt(story: ReferralStory, by: OfficerName = 'naptipCustodian', clear: Clear = {}) {
  const release = story.at().custody.at(-1)?.release
  return story.custody(
    by,
    { ...CROSSING, act: 'receipt' },
    { relates: [agreement(release)], ...clear },
  )
}

function stopped() {
  const story = toldUpTo('in_transit')
  const before = story.statements.map(({ digest }) => digest)
  const stop = story.event('anltpEscort', { event: 'suspend', reason: 'security' })
  story.keep(stop)
  return { before, story, stop }
}

describe('custody', () => {
  it('is what the file says, until a receipt proves it', () => {
    const story = toldUpTo('accepted')
    expect(story.at().custodian).toEqual({ organisation: ANLTP, type: 'escort_official' })
    story.leg(['hospital', 'anltpEscort'], TRANSFER)
    const { custodian, custody } = story.at()
    expect(custodian).toMatchObject({ organisation: ANLTP, receipt: custody[0]?.receipt })
  })

  it('shows a chain that starts broken', () => {
    const story = toldUpTo('accepted')
    story.leg(['hospital', 'anltpEscort'], TRANSFER)
    story.leg(['anltpEscort', 'hospital'], {
      ...AGADEZ.toHospital,
      leg: 't2',
      legType: 'in_country_transfer',
    })
    expect(story.at().custody.map(({ continuous }) => continuous)).toEqual([false, true])
  })

  it('does not pass by a release alone', () => {
    const story = toldUpTo('accepted')
    story.keep(
      story.custody(
        'anltpEscort',
        { ...AGADEZ.toHospital, act: 'release', legType: 'in_country_transfer' },
        story.expiring(),
      ),
    )
    expect(story.at()).toMatchObject({
      custodian: { organisation: ANLTP },
      custody: [{ status: 'released' }],
      pending: [{ event: 'release', agency: ANLTP }],
    })
  })

  it('does not make anybody responsible inside the country', () => {
    const story = toldUpTo('accepted')
    story.leg(['anltpEscort', 'hospital'], { ...AGADEZ.toHospital, legType: 'in_country_transfer' })
    expect(story.at()).toMatchObject({ state: 'accepted', responsible: ANLTP })
  })

  it.each([
    ['is signed by who has her', 'hospital', ['wrong_organisation']],
    ['needs a role', 'anltpNobody', ['wrong_role']],
  ] as const)('a release %s', (_what, by, reasons) => {
    const story = toldUpTo('accepted')
    const body = { ...TRANSFER, from: AGADEZ.home.from, act: 'release' }
    expect(story.reasons(story.custody(by, body, story.expiring()))).toEqual(reasons)
  })

  it.each([
    ['agrees with no release', {}, ['release_missing']],
    ['agrees with what is none', { relates: [agreement('A'.repeat(43))] }, ['proposal_unknown']],
  ])('a receipt that %s is refused', (_what, clear, reasons) => {
    const story = toldUpTo('in_transit')
    const body = { ...CROSSING, act: 'receipt' }
    expect(story.reasons(story.custody('naptipCustodian', body, clear))).toEqual(reasons)
  })

  it.each([
    ['another leg', { leg: 'l9' }, ['proposal_differs']],
    ['another origin', { from: { ...CROSSING.from, type: 'police' } }, ['proposal_differs']],
    [
      'another destination',
      { to: { ...CROSSING.to, type: 'state_shelter' } },
      ['proposal_differs'],
    ],
    [
      'somebody else',
      { to: { organisation: 'ng.nis', type: 'border_service' } },
      ['wrong_organisation', 'proposal_differs'],
    ],
  ])('a receipt for %s than was released is refused', (_what, change, reasons) => {
    const story = toldUpTo('in_transit')
    const relates = [agreement(story.at().custody[0]?.release)]
    const body = { ...CROSSING, act: 'receipt', ...change }
    expect(story.reasons(story.custody('naptipCustodian', body, { relates }))).toEqual(reasons)
  })

  it('may be received in another place and condition than it was released in', () => {
    const story = toldUpTo('in_transit')
    const relates = [agreement(story.at().custody[0]?.release)]
    const body = { ...CROSSING, act: 'receipt', place: 'NG-KN', condition: 'distressed' }
    expect(story.keep(story.custody('naptipCustodian', body, { relates })).state).toBe(
      'handed_over',
    )
  })

  it('does not pass before the departure', () => {
    const story = toldUpTo('ready')
    story.keep(story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring()))
    expect(story.reasons(receipt(story))).toEqual(['wrong_state'])
  })

  it('is not taken by who let her go, not even as the second signer', () => {
    const story = toldUpTo('accepted')
    const release = story.custody('hospital', { ...TRANSFER, act: 'release' }, story.expiring())
    story.keep(release)
    const relates = [link('agrees', release)]
    const clear = { relates, approver: 'hospital' as const }
    const taken = story.custody('anltpEscort', { ...TRANSFER, act: 'receipt' }, clear)
    expect(story.reasons(taken)).toEqual(['same_officer', 'same_organisation'])
  })

  it('is not released twice for one leg, but again when nobody came in time', () => {
    const story = toldUpTo('accepted')
    const release = story.custody('hospital', { ...TRANSFER, act: 'release' }, story.expiring())
    story.keep(release)
    const again = (iat: number) =>
      story.custody('hospital', { ...TRANSFER, act: 'release' }, { exp: iat + 60, iat })
    expect(story.reasons(again((release.exp ?? 0) - 1))).toEqual(['leg_disputed'])
    expect(story.reasons(again(release.exp ?? 0))).toEqual([])
  })

  it('can be taken back before anybody came', () => {
    const story = toldUpTo('ready')
    const release = story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring())
    story.keep(release)
    const relates = [link('withdraws', release)]
    const taken = story.custody('anltpEscort', { ...CROSSING, act: 'release' }, { relates })
    expect(story.keep(taken).effect).toBe('recorded')
    expect(story.at().custody).toMatchObject([{ status: 'void' }])
    expect(story.reasons(story.event('anltpEscort', { event: 'depart' }))).toEqual([
      'release_missing',
    ])
  })

  it('cannot be taken back once the person was received', () => {
    const story = toldUpTo('handed_over')
    const release = story.at().custody[0]?.release
    const relates = [{ ...agreement(release), relation: 'withdraws' as const }]
    const taken = story.custody('anltpEscort', { ...CROSSING, act: 'release' }, { relates })
    expect(story.keep(taken).refused).toEqual(['proposal_unknown'])
    expect(story.at()).toMatchObject({
      custody: [{ status: 'received' }],
      custodian: { organisation: NAPTIP },
    })
  })

  it('is taken back by its own agency only, and as a release', () => {
    const story = toldUpTo('in_transit')
    const release = story.at().custody[0]?.release
    const relates = [{ ...agreement(release), relation: 'withdraws' as const }]
    const by = (officer: OfficerName, act: string) =>
      story.reasons(story.custody(officer, { ...CROSSING, act }, { relates }))
    expect(by('naptipCustodian', 'release')).toEqual(['wrong_role'])
    expect(by('anltpEscort', 'receipt')).toEqual(['proposal_unknown'])
    expect(by('anltpEscort', 'release')).toEqual([])
  })

  it('goes on after the hand-over, by the receiving side', () => {
    const story = toldUpTo('in_care')
    const onward = {
      ...CROSSING,
      leg: 'o1',
      legType: 'onward',
      from: CROSSING.to,
      to: { organisation: 'ng.nis', type: 'border_service' },
    }
    expect(story.leg(['naptipCustodian', 'nis'], onward).effect).toBe('recorded')
    expect(story.at().custodian).toMatchObject({ organisation: 'ng.nis' })
    const back = story.custody(
      'anltpEscort',
      { ...CROSSING, legType: 'in_country_transfer', act: 'release' },
      story.expiring(),
    )
    expect(story.reasons(back)).toEqual(['wrong_state', 'leg_disputed'])
  })
})

describe('two receipts for one leg', () => {
  it('are both kept, and the leg is disputed', () => {
    const story = toldUpTo('in_transit')
    const first = receipt(story)
    story.keep(first)
    const second = receipt(story)
    expect(story.keep(second)).toMatchObject({ effect: 'recorded', state: 'handed_over' })
    expect(story.at().custody).toMatchObject([{ receipt: first.digest, disputed: true }])
  })

  it('are kept although the person was in other hands before', () => {
    const story = toldUpTo('ready')
    story.leg(['hospital', 'anltpEscort'], TRANSFER)
    story.keep(story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring()))
    story.keep(story.event('anltpEscort', { event: 'depart' }))
    story.keep(receipt(story))
    expect(story.keep(receipt(story)).refused).toEqual([])
    expect(story.at().custody.map(({ disputed }) => disputed)).toEqual([false, true])
  })

  it('are none if the second would not have stood as the first', () => {
    const story = toldUpTo('handed_over')
    expect(story.reasons(receipt(story, 'seconded'))).toEqual([
      'wrong_organisation',
      'same_organisation',
    ])
    expect(story.at().custody).toMatchObject([{ disputed: false }])
  })
})

describe('a journey that is stopped', () => {
  it('ends in no hand-over for who knows of the stop, or may know', () => {
    const { before, story, stop } = stopped()
    expect(story.reasons(receipt(story))).toEqual(['wrong_state'])
    const acknowledges = [...before, stop.digest]
    expect(story.reasons(receipt(story, 'naptipCustodian', { acknowledges }))).toEqual([
      'wrong_state',
    ])
  })

  it('ends in no hand-over for the agency that stopped it', () => {
    const story = toldUpTo('in_transit')
    const acknowledges = story.statements.map(({ digest }) => digest)
    story.keep(story.event('naptipManager', { event: 'suspend', reason: 'security' }))
    expect(story.reasons(receipt(story, 'naptipCustodian', { acknowledges }))).toEqual([
      'wrong_state',
    ])
  })

  it('ends in no hand-over if it had not begun', () => {
    const story = toldUpTo('ready')
    story.keep(story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring()))
    const acknowledges = story.statements.map(({ digest }) => digest)
    const early = () => receipt(story, 'naptipCustodian', { acknowledges })
    expect(story.reasons(early())).toEqual(['wrong_state'])
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
    expect(story.reasons(early())).toEqual(['wrong_state'])
  })

  it('was handed over if the receipt crossed the stop', () => {
    const { before, story } = stopped()
    const crossed = receipt(story, 'naptipCustodian', { acknowledges: before })
    expect(story.keep(crossed)).toMatchObject({ effect: 'moved', state: 'handed_over' })
    expect(story.at().responsible).toBe(NAPTIP)
  })

  it('needs a new release when it goes on', () => {
    const { story } = stopped()
    const { release } = story.at().custody[0] ?? expect.fail()
    story.keep(story.event('anltpManager', { event: 'resume', causeCleared: 'yes' }))
    expect(story.at().custody).toMatchObject([{ status: 'void' }])
    story.together(['anltpManager', 'naptipManager'], JOURNEY)
    expect(story.reasons(story.event('anltpEscort', { event: 'depart' }))).toEqual([
      'release_missing',
    ])
    const late = story.custody(
      'naptipCustodian',
      { ...CROSSING, act: 'receipt' },
      { relates: [agreement(release)] },
    )
    expect(story.reasons(late)).toEqual(['wrong_state', 'proposal_unknown'])
  })

  it.each([
    ['in this order', '2021-06-11T10:00:00Z', 'recorded'],
    ['in the other', '2021-06-11T08:00:00Z', 'moved'],
  ])(
    'leaves a person who went missing missing, and handed over beneath: %s',
    (_order, at, effect) => {
      const story = toldUpTo('in_transit')
      const acknowledges = story.statements.map(({ digest }) => digest)
      const missing = { event: 'report_missing' }
      story.keep(story.event('anltpEscort', missing, { at: '2021-06-11T09:00:00Z' }))
      const crossed = receipt(story, 'naptipCustodian', { acknowledges, at })
      expect(story.keep(crossed)).toMatchObject({ effect, refused: [] })
      expect(story.at()).toMatchObject({ state: 'missing', responsible: NAPTIP })
      expect(story.keep(story.event('naptipManager', { event: 'found' })).state).toBe('in_care')
    },
  )
})

describe('an evacuation', () => {
  it('needs a clearance, or a country that asks for none', () => {
    const story = toldUpTo('accepted')
    story.together(['anltpManager', 'naptipManager'], EMERGENCY)
    const release = { ...AGADEZ.toHospital, act: 'release' }
    expect(story.reasons(story.custody('anltpEscort', release, story.expiring()))).toEqual([])
    story.keep(story.file('anltpManager', { travel: { clearanceRequired: 'yes' } }))
    expect(story.reasons(story.custody('anltpEscort', release, story.expiring()))).toEqual([
      'clearance_missing',
    ])
  })

  it('does not take who refuses to be helped', () => {
    const story = toldUpTo('accepted')
    story.together(['anltpManager', 'naptipManager'], EMERGENCY)
    story.keep(story.event('anltpManager', { event: 'withdraw_consent', scope: 'assistance' }))
    const release = { ...AGADEZ.toHospital, act: 'release' }
    expect(story.reasons(story.custody('anltpEscort', release, story.expiring()))).toEqual([
      'consent_withdrawn',
    ])
  })

  it('owes no file for a transfer that is no evacuation', () => {
    const story = toldUpTo('accepted')
    story.together(['anltpManager', 'naptipManager'], EMERGENCY)
    story.leg(['hospital', 'anltpEscort'], TRANSFER)
    const { deadlines } = story.at()
    expect(deadlines.filter(({ clock }) => clock === 'afterwards_file')).toEqual([])
    expect(deadlines.filter(({ clock }) => clock === 'evacuation')).toMatchObject([
      { status: 'running' },
    ])
  })

  it('ends with the receipt of its own leg, not of another one', () => {
    const story = toldUpTo('accepted')
    story.together(['anltpManager', 'naptipManager'], EMERGENCY)
    const running = () => story.at().deadlines.find(({ clock }) => clock === 'evacuation')?.status
    const release = { ...AGADEZ.fromChurch, act: 'release' }
    const released = story.custody('church', release, story.expiring())
    story.keep(released)
    story.leg(['hospital', 'anltpEscort'], TRANSFER)
    expect(running()).toBe('running')
    const relates = [link('agrees', released)]
    story.keep(story.custody('anltpEscort', { ...AGADEZ.fromChurch, act: 'receipt' }, { relates }))
    expect(running()).toBe('met')
  })

  it('owes a file until its basis is justified', () => {
    const story = toldUpTo('draft')
    story.groups = { ...story.groups, consent: { legalBasis: 'vital_interests' } }
    story.keep(story.file('anltpManager'))
    story.together(['anltpManager', 'naptipDuty'], EMERGENCY)
    story.leg(['church', 'anltpEscort'], AGADEZ.fromChurch)
    const owed = () => story.at().deadlines.find(({ clock }) => clock === 'afterwards_file')?.status
    expect(owed()).toBe('running')
    story.keep(story.file('anltpManager', { consent: { justification: 'Life in danger' } }))
    expect(owed()).toBe('met')
  })

  it('owes one file, however many legs it has', () => {
    const story = toldUpTo('accepted')
    story.together(['anltpManager', 'naptipManager'], EMERGENCY)
    story.leg(['church', 'anltpEscort'], AGADEZ.fromChurch)
    story.leg(['anltpEscort', 'hospital'], AGADEZ.toHospital)
    const clocks = story.at().deadlines.filter(({ clock }) => clock === 'afterwards_file')
    expect(clocks).toMatchObject([{ status: 'met' }])
  })
})
