/**
 * Every gate at its edge: the last second in which it is passed and the first in which it is not.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#gates
 */
import { describe, expect, it } from 'vitest'
import {
  ANLTP,
  type Groups,
  JOURNEY,
  link,
  ReferralStory,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { type ReferralStatement } from './statement.ts'

type Body = Readonly<Record<string, unknown>>

function readying(story: ReferralStory, journey: Body = {}): readonly string[] {
  return story.reasons(story.event('anltpManager', { ...JOURNEY, ...journey }, story.expiring()))
}

function withFile(changes: Groups): ReferralStory {
  const story = toldUpTo('preparing')
  story.keep(story.file('anltpManager', changes))
  return story
}

function request(story: ReferralStory, routing: Body): ReferralStatement {
  const asked = story.task('anltpManager', {
    routing: { ...routing, act: 'request', status: 'requested' },
  })
  story.keep(asked)
  return asked
}

function answer(
  story: ReferralStory,
  asked: ReferralStatement,
  { travel = {}, ...routing }: Body & { readonly travel?: Body },
): void {
  const relates = [link('answers', asked)]
  const groups = { routing: { ...routing, act: 'answer' }, travel }
  expect(story.keep(story.task('naptipManager', groups, { relates })).refused).toEqual([])
}

function begun(risk: Body): ReferralStory {
  const { risk: _risk, ...rest } = WOMAN
  const story = new ReferralStory({ ...rest, risk })
  story.keep(story.file('anltpManager'))
  const screening = { result: 'PossibleVictimOfTrafficking' }
  story.keep(
    story.event('anltpManager', { event: 'create', receivingAgency: 'ng.naptip', screening }),
  )
  return story
}

describe('fitness to travel and the risk', () => {
  const assessment = { fitToTravel: 'yes', clinician: 'hospital-01' }

  it.each([
    ['72 hours old', '2026-11-19T09:00:00Z', []],
    ['a second older', '2026-11-19T08:59:59Z', ['fitness_missing']],
    ['of now', '2026-11-22T09:00:00Z', []],
    ['of a second later', '2026-11-22T09:00:01Z', ['fitness_missing']],
  ])('fitness %s', (_age, assessedAt, reasons) => {
    const story = withFile({ fitness: { assessment: { ...assessment, assessedAt } } })
    expect(readying(story)).toEqual(reasons)
  })

  it.each([
    ['14 days old', '2026-11-08T09:00:00Z', []],
    ['a second older', '2026-11-08T08:59:59Z', ['risk_outdated']],
    ['of a second later', '2026-11-22T09:00:01Z', ['risk_outdated']],
  ])('an assessment %s', (_age, assessedAt, reasons) => {
    expect(readying(withFile({ safety: { assessedAt } }))).toEqual(reasons)
  })

  it('an assessment without a day is outdated', () => {
    const story = toldUpTo('preparing')
    story.groups = { ...story.groups, safety: { riskLevel: 'high', doNotContact: [] } }
    story.keep(story.file('anltpManager'))
    expect(readying(story)).toEqual(['risk_outdated'])
  })
})

describe('a travel document', () => {
  const routing = { documentType: 'laissez_passer', authority: 'ng.embassy' }
  const travel = { issuedAt: '2026-11-22T09:00:00Z', validUntil: '2026-11-22T20:00:00Z' }
  const withDocument = (document: Body, status = 'fulfilled'): ReferralStory => {
    const story = toldUpTo('preparing')
    const [first] = story.statements.filter(({ kind }) => kind === 'task.travel-document/1')
    answer(story, first ?? expect.fail(), { ...routing, status: 'cancelled' })
    answer(story, request(story, routing), { ...routing, status, travel: document })
    return story
  }

  it.each([
    ['valid to the second of arrival', travel, []],
    [
      'valid to a second before',
      { ...travel, validUntil: '2026-11-22T19:59:59Z' },
      ['travel_document_missing'],
    ],
    [
      'issued a second later',
      { ...travel, issuedAt: '2026-11-22T09:00:01Z' },
      ['travel_document_missing'],
    ],
    [
      'of which nobody says when it was issued',
      { validUntil: travel.validUntil },
      ['travel_document_missing'],
    ],
    [
      'of which nobody says how long it is valid',
      { issuedAt: travel.issuedAt },
      ['travel_document_missing'],
    ],
    [
      'that the person gave back',
      { ...travel, surrenderedAt: travel.issuedAt },
      ['travel_document_missing'],
    ],
  ])('%s', (_what, document, reasons) => {
    expect(readying(withDocument(document))).toEqual(reasons)
  })

  it.each(['received', 'in_progress', 'on_hold', 'rejected', 'expired'])(
    'that is %s is none',
    (status) => {
      expect(readying(withDocument(travel, status))).toEqual(['travel_document_missing'])
    },
  )

  it('is not valid for a journey that has its arrival in the past', () => {
    const past = { ...travel, issuedAt: '2026-01-01T00:00:00Z', validUntil: '2026-11-22T08:59:59Z' }
    const plannedArrival = '2026-11-01T00:00:00Z'
    expect(readying(withDocument(past), { plannedArrival })).toEqual(['travel_document_missing'])
  })
})

describe('a clearance', () => {
  const routing = {
    clearanceType: 'exit_authorisation',
    authority: 'ne.police',
    nonPunishment: 'yes',
  }
  it.each([
    ['rejected', {}, ['clearance_missing']],
    ['fulfilled', {}, []],
    ['fulfilled', { validUntil: '2026-11-22T09:00:00Z' }, []],
    ['fulfilled', { issuedAt: '2026-11-22T09:00:00Z' }, []],
    ['fulfilled', { validUntil: '2026-11-22T08:59:59Z' }, ['clearance_missing']],
    ['fulfilled', { issuedAt: '2026-11-22T09:00:01Z' }, ['clearance_missing']],
  ])('that is %s with %j', (status, travel, reasons) => {
    const story = withFile({ travel: { clearanceRequired: 'yes' } })
    answer(story, request(story, routing), { ...routing, status, travel })
    expect(readying(story)).toEqual(reasons)
  })

  it.each([
    ['is still open', 'in_progress', ['clearance_missing']],
    ['was given up', 'cancelled', []],
  ])('beside another that %s', (_what, status, reasons) => {
    const story = withFile({ travel: { clearanceRequired: 'yes' } })
    answer(story, request(story, routing), { ...routing, status: 'fulfilled' })
    answer(story, request(story, routing), { ...routing, status })
    expect(readying(story)).toEqual(reasons)
  })

  it('is asked for where nothing says that none is needed', () => {
    const story = toldUpTo('preparing')
    const { travel: _travel, ...groups } = story.groups
    story.groups = groups
    story.keep(story.file('anltpManager'))
    expect(readying(story)).toEqual(['clearance_missing'])
  })
})

describe('a hold', () => {
  const routing = {
    clearanceType: 'police_clearance',
    authority: 'ne.police',
    nonPunishment: 'yes',
  }
  const release = { ...routing, clearanceType: 'judicial_release' }
  const held = (story: ReferralStory): ReferralStatement => {
    const asked = request(story, routing)
    answer(story, asked, { ...routing, status: 'on_hold', travel: { holdFound: 'yes' } })
    return asked
  }

  it('stands until the same request is answered otherwise', () => {
    const story = toldUpTo('preparing')
    const asked = held(story)
    answer(story, request(story, routing), {
      ...routing,
      status: 'fulfilled',
      travel: { holdFound: 'no' },
    })
    expect(readying(story)).toEqual(['judicial_hold'])
    answer(story, asked, { ...routing, status: 'fulfilled' })
    expect(readying(story)).toEqual(['judicial_hold'])
    answer(story, asked, { ...routing, status: 'fulfilled', travel: { holdFound: 'no' } })
    expect(readying(story)).toEqual([])
  })

  it('ends with a judicial release, not with one from before it', () => {
    const story = toldUpTo('preparing')
    answer(story, request(story, release), { ...release, status: 'fulfilled' })
    held(story)
    expect(readying(story)).toEqual(['judicial_hold'])
    const asked = request(story, release)
    answer(story, asked, { ...release, status: 'in_progress' })
    expect(readying(story)).toEqual(['judicial_hold'])
    answer(story, asked, { ...release, status: 'fulfilled' })
    expect(readying(story)).toEqual([])
  })

  it('is not released by an answer that finds another', () => {
    const story = toldUpTo('preparing')
    held(story)
    answer(story, request(story, release), {
      ...release,
      status: 'fulfilled',
      travel: { holdFound: 'yes' },
    })
    expect(readying(story)).toEqual(['judicial_hold'])
  })
})

describe('an escort', () => {
  const man = { organisation: ANLTP, officer: 'anltp-07', gender: 'Masculine' }
  const stranger = { organisation: 'ne.ngo-lthp', gender: 'Feminine' }

  it.each([
    ['a man', 'Masculine', 24, [man], []],
    ['a woman', 'Feminine', 24, [man], ['female_escort_missing']],
    ['a trans woman', 'TransgenderFeminine', 24, [man], ['female_escort_missing']],
    ['a woman, two escorts', 'Feminine', 24, [man, stranger], []],
    ['a woman, one for whom nobody vouches', 'Feminine', 24, [stranger], []],
    ['a man, nobody beside him', 'Masculine', 24, [], ['escort_missing']],
    ['a boy', 'Masculine', 15, [man], ['female_escort_missing']],
    ['a boy, one for whom nobody vouches', 'Masculine', 15, [stranger], ['escort_unvetted']],
    ['a boy, two for whom nobody vouches', 'Masculine', 15, [stranger, stranger], []],
  ] as const)('of %s', (...[, gender, age, escorts, reasons]) => {
    const story = withFile({
      person: { gender, ageMin: age, ageMax: age },
      child: {
        bestInterests: {
          outcome: 'return',
          childViews: 'Home',
          assessedAt: '2026-11-20T00:00:00Z',
        },
        authorisation: { authority: 'ne.court', reference: 'TEST-1', at: '2026-11-20T00:00:00Z' },
      },
    })
    expect(readying(story, { escorts })).toEqual(reasons)
  })
})

describe('a task', () => {
  const routing = {
    documentType: 'etc',
    authority: 'ng.embassy',
    act: 'request',
    status: 'requested',
  }
  const declaration = {
    event: 'declare_emergency',
    destination: 'ne.hospital-niamey',
    legType: 'in_country_evacuation',
    escorts: JOURNEY.escorts,
  }

  it.each([
    ['no', 'accepted', 'accepted'],
    ['yes', 'locked', 'locked'],
    ['unknown', 'locked', 'locked'],
    ['not_asked', 'locked', 'accepted'],
    [undefined, 'locked', 'accepted'],
  ])(
    'that turns to the own State, with a claim to protection %s',
    (protectionClaim, usual, urgent) => {
      const story = begun(protectionClaim === undefined ? {} : { protectionClaim })
      const asking = () =>
        story.reasons(story.task('anltpManager', { routing })).join() === 'protection_claim_open'
          ? 'locked'
          : 'accepted'
      expect(asking()).toBe(usual)
      story.together(['anltpManager', 'naptipDuty'], declaration)
      expect(asking()).toBe(urgent)
    },
  )

  it('that was asked for is answered although the claim was found meanwhile', () => {
    const story = begun({ protectionClaim: 'no' })
    const asked = story.task('anltpManager', { routing })
    story.keep(asked)
    story.keep(story.file('anltpManager', { risk: { protectionClaim: 'yes' } }))
    answer(story, asked, { ...routing, status: 'cancelled' })
    expect(story.at().tasks).toMatchObject([{ status: 'cancelled' }])
  })

  it.each([
    ['by nobody in particular', 'anltpNobody', ['wrong_role']],
    ['by a third agency', 'stranger', ['wrong_role']],
    ['by the duty officer', 'naptipDuty', []],
  ] as const)('is asked for %s', (_who, by, reasons) => {
    const story = begun({ protectionClaim: 'no' })
    expect(story.reasons(story.task(by, { routing }))).toEqual(reasons)
  })

  it.each(['closed', 'cancelled'])('is not asked for in a referral that is %s', (state) => {
    const story = toldUpTo(state === 'closed' ? 'closed' : 'accepted')
    if (state === 'cancelled') {
      story.keep(story.event('anltpManager', { event: 'cancel', reason: 'local_solution' }))
    }
    expect(story.reasons(story.task('anltpManager', { routing }))).toEqual(['wrong_state'])
  })

  it('is answered with a new status, by one link, as what it is', () => {
    const story = begun({ protectionClaim: 'no' })
    const asked = story.task('anltpManager', { routing })
    story.keep(asked)
    const answered = { ...routing, act: 'answer', status: 'received' }
    const [relates, twice] = [
      [link('answers', asked)],
      [link('answers', asked), link('answers', asked)],
    ]
    const clearance = {
      ...answered,
      documentType: undefined,
      clearanceType: 'police_clearance',
      nonPunishment: 'yes',
    }
    const { documentType: _type, ...asClearance } = clearance
    expect(
      story.reasons(
        story.task('naptipManager', { routing: { ...answered, status: 'requested' } }, { relates }),
      ),
    ).toEqual(['status_unfit'])
    expect(
      story.reasons(story.task('naptipManager', { routing: answered }, { relates: twice })),
    ).toEqual(['request_unknown'])
    expect(
      story.reasons(story.task('naptipManager', { routing: asClearance }, { relates })),
    ).toEqual(['request_unknown'])
    expect(story.reasons(story.task('naptipManager', { routing: answered }, { relates }))).toEqual(
      [],
    )
  })
})
