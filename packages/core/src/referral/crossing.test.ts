/**
 * Two nodes that know two steps in another order come to the same state; the pairs for which no rule says so are named.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#crossing-events
 */
import { describe, expect, it } from 'vitest'
import {
  agreement,
  CROSSING,
  type OfficerName,
  overlay,
  REFERENCE,
  type ReferralStory,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { computeReferral } from './referral.ts'
import { type ReferralStatement } from './statement.ts'

type Make = (story: ReferralStory) => ReferralStatement
type Body = Readonly<Record<string, unknown>>

const by =
  (officer: OfficerName, body: Body, at?: string): Make =>
  (story) =>
    story.event(officer, body, at === undefined ? {} : { at })

const SENDING: Readonly<Record<string, Make>> = {
  submit: by('anltpManager', { event: 'submit' }),
  provide_info: by('anltpManager', { event: 'provide_info', answer: '24' }),
  reroute: by('anltpManager', { event: 'reroute', receivingAgency: 'ng.nis' }),
  expire: by('anltpManager', { event: 'expire' }, '2026-12-22T09:00:00Z'),
  prepare: by('anltpManager', { event: 'prepare' }),
  depart: by('anltpEscort', { event: 'depart' }),
  cancel: by('anltpManager', { event: 'cancel', reason: 'local_solution' }),
  suspend: by('anltpManager', { event: 'suspend', reason: 'health' }),
  resume: by('anltpManager', { event: 'resume', causeCleared: 'yes' }),
  resume_early: by('anltpManager', { event: 'resume_early', causeCleared: 'yes' }),
  report_missing: by('anltpManager', { event: 'report_missing' }),
  found: by('anltpManager', { event: 'found' }),
  close_missing: by('anltpSupervisor', { event: 'close_missing', outcome: 'lost_contact' }),
  close_deceased: by('anltpSupervisor', { event: 'close_deceased', outcome: 'deceased' }),
  withdraw_consent: by('anltpManager', { event: 'withdraw_consent', scope: 'assistance' }),
}

const RECEIVING: Readonly<Record<string, Make>> = {
  acknowledge: by('naptipDuty', { event: 'acknowledge' }),
  request_info: by('naptipManager', { event: 'request_info', question: 'Her age?' }),
  accept: by('naptipManager', { event: 'accept', receptionOrganisation: 'ng.naptip' }),
  decline: by('naptipManager', { event: 'decline', reason: 'no_capacity' }),
  start_service: by('naptipManager', { event: 'start_service' }),
  start_care: by('naptipManager', { event: 'start_care', arrivalConfirmed: 'yes' }),
  close: by('naptipSupervisor', {
    event: 'close',
    outcome: 'reintegrated',
    personInformed: 'yes',
    familyEnquiry: 'yes',
  }),
  reopen: by('naptipManager', { event: 'reopen', reason: 'She asks for help again' }),
  suspend: by('naptipManager', { event: 'suspend', reason: 'health' }),
  report_missing: by('naptipManager', { event: 'report_missing' }),
  found: by('naptipManager', { event: 'found' }),
  close_missing: by('naptipSupervisor', { event: 'close_missing', outcome: 'lost_contact' }),
  close_deceased: by('naptipSupervisor', { event: 'close_deceased', outcome: 'deceased' }),
  withdraw_consent: by('naptipManager', { event: 'withdraw_consent', scope: 'assistance' }),
  hand_over: (story) =>
    story.custody(
      'naptipCustodian',
      { ...CROSSING, act: 'receipt' },
      {
        relates: [agreement(story.at().custody[0]?.release ?? 'A'.repeat(43))],
        acknowledges: story.statements.map(({ digest }) => digest),
      },
    ),
}

const after = (story: ReferralStory, ...makes: readonly (Make | undefined)[]): ReferralStory => {
  for (const make of makes) if (make !== undefined) story.keep(make(story))
  return story
}

const STARTS: Readonly<Record<string, ReferralStory>> = {
  draft: toldUpTo('draft'),
  submitted: toldUpTo('submitted'),
  acknowledged: toldUpTo('acknowledged'),
  info_requested: after(toldUpTo('acknowledged'), RECEIVING['request_info']),
  accepted: toldUpTo('accepted'),
  service: toldUpTo('accepted', overlay(WOMAN, { routing: { referralKind: 'service' } })),
  preparing: toldUpTo('preparing'),
  ready: after(toldUpTo('ready'), (story) =>
    story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring()),
  ),
  in_transit: toldUpTo('in_transit'),
  handed_over: toldUpTo('handed_over'),
  in_care: toldUpTo('in_care'),
  closed: toldUpTo('closed'),
  declined: after(toldUpTo('acknowledged'), RECEIVING['decline']),
  expired: after(toldUpTo('acknowledged'), SENDING['expire']),
  cancelled: after(toldUpTo('accepted'), SENDING['cancel']),
  'suspended early': after(toldUpTo('acknowledged'), SENDING['suspend']),
  suspended: after(toldUpTo('accepted'), SENDING['suspend']),
  'suspended in transit': after(toldUpTo('in_transit'), SENDING['suspend']),
  'missing in transit': after(toldUpTo('in_transit'), SENDING['report_missing']),
  'missing in care': after(toldUpTo('in_care'), SENDING['report_missing']),
}

/** Pairs that lead to two states: the page names them. */
const OPEN = new Set([
  'in_care: report_missing x close',
  'declined: reroute x report_missing',
  'declined: reroute x close_deceased',
  'expired: reroute x request_info',
  'expired: reroute x accept',
  'expired: reroute x report_missing',
  'expired: reroute x close_deceased',
  'suspended early: resume_early x accept',
  'suspended early: resume_early x decline',
])

/** Every two steps, one of each side, each of which would stand by itself. */
const PAIRS = Object.entries(STARTS).flatMap(([start, story]) => {
  const standing = (makes: Readonly<Record<string, Make>>) =>
    Object.entries(makes)
      .map(([name, make]) => [name, make(story)] as const)
      .filter(([, statement]) => story.reasons(statement).length === 0)
  const answers = standing(RECEIVING)
  return standing(SENDING).flatMap(([name, first]) =>
    answers.map(([other, second]) => ({
      name: `${start}: ${name} x ${other}`,
      start,
      first,
      second,
    })),
  )
})

const outcome = (start: string, ...statements: readonly ReferralStatement[]) => {
  const known = STARTS[start]?.statements ?? []
  const { state, responsible } = computeReferral(
    REFERENCE,
    [...known, ...statements],
    '2027-01-01T00:00:00Z',
  )
  return { state, responsible }
}

describe('two crossing steps', () => {
  it('are many pairs', () => {
    expect(PAIRS.length).toBeGreaterThan(150)
    expect(PAIRS.filter(({ name }) => OPEN.has(name))).toHaveLength(OPEN.size)
  })

  it.each(PAIRS.filter(({ name }) => !OPEN.has(name)))(
    'lead to one state in either order: $name',
    ({ start, first, second }) => {
      const either = outcome(start, first, second)
      const other = outcome(start, second, first)
      if (either.state === 'closed') expect(other.state).toBe('closed')
      else expect(other).toEqual(either)
    },
  )

  it.each(PAIRS.filter(({ name }) => OPEN.has(name)))(
    'still part at $name',
    ({ start, first, second }) => {
      expect(outcome(start, first, second)).not.toEqual(outcome(start, second, first))
    },
  )
})

describe('the rule of the page', () => {
  it.each([
    ['cancel beats accept', 'acknowledged', SENDING['cancel'], RECEIVING['accept'], 'cancelled'],
    ['cancel beats decline', 'acknowledged', SENDING['cancel'], RECEIVING['decline'], 'cancelled'],
    [
      'decline beats an answer',
      'info_requested',
      SENDING['provide_info'],
      RECEIVING['decline'],
      'declined',
    ],
    [
      'accept in time beats expiry',
      'acknowledged',
      SENDING['expire'],
      RECEIVING['accept'],
      'accepted',
    ],
    [
      'withdrawal beats acceptance',
      'acknowledged',
      SENDING['withdraw_consent'],
      RECEIVING['accept'],
      'suspended',
    ],
    [
      'withdrawal beats departure',
      'ready',
      SENDING['depart'],
      RECEIVING['withdraw_consent'],
      'suspended',
    ],
    [
      'withdrawal beats submission',
      'draft',
      SENDING['submit'],
      RECEIVING['withdraw_consent'],
      'suspended',
    ],
    [
      'withdrawal beats a resumption',
      'suspended',
      SENDING['resume'],
      RECEIVING['withdraw_consent'],
      'suspended',
    ],
    [
      'a disappearance beats a cancellation',
      'accepted',
      SENDING['cancel'],
      RECEIVING['report_missing'],
      'missing',
    ],
    [
      'a death beats a refusal',
      'acknowledged',
      SENDING['close_deceased'],
      RECEIVING['decline'],
      'closed',
    ],
    [
      'who is found is not given up',
      'missing in transit',
      SENDING['found'],
      RECEIVING['close_missing'],
      'suspended',
    ],
  ] as const)('%s', (...[, start, first, second, state]) => {
    const story = STARTS[start]
    const [one, other] = [first, second].map((make) => make?.(story ?? expect.fail()))
    if (one === undefined || other === undefined) expect.fail()
    expect(outcome(start, one, other).state).toBe(state)
    expect(outcome(start, other, one).state).toBe(state)
  })

  it('keeps an acceptance beneath a stop, so that preparation goes on', () => {
    const story = after(toldUpTo('acknowledged'), SENDING['suspend'], RECEIVING['accept'])
    expect(story.at().state).toBe('suspended')
    expect(after(story, SENDING['resume']).at().state).toBe('preparing')
  })

  it('lets nobody accept beneath a stop that he knows of', () => {
    const story = after(toldUpTo('acknowledged'), SENDING['suspend'])
    const acknowledges = story.statements.map(({ digest }) => digest)
    const accept = { event: 'accept', receptionOrganisation: 'ng.naptip' }
    const knowing = story.event('naptipManager', accept, { acknowledges })
    expect(story.reasons(knowing)).toEqual(['wrong_state'])
  })

  it('takes no answer to a referral that was closed because the person is missing', () => {
    const story = after(
      toldUpTo('acknowledged'),
      SENDING['report_missing'],
      SENDING['close_missing'],
    )
    const accept = RECEIVING['accept']?.(story) ?? expect.fail()
    expect(story.reasons(accept)).toEqual(['wrong_state'])
  })

  it('lets nobody accept beneath a stop of his own agency', () => {
    const story = after(toldUpTo('acknowledged'), RECEIVING['suspend'])
    const accept = RECEIVING['accept']?.(story) ?? expect.fail()
    expect(story.reasons(accept)).toEqual(['wrong_state'])
  })

  it('takes an answer that came too late for none', () => {
    const story = after(toldUpTo('acknowledged'), SENDING['expire'])
    const accept = (at: string) =>
      story.event('naptipManager', { event: 'accept', receptionOrganisation: 'ng.naptip' }, { at })
    expect(story.reasons(accept('2026-11-24T09:00:00Z'))).toEqual([])
    expect(story.reasons(accept('2026-11-24T09:00:01Z'))).toEqual(['wrong_state'])
  })

  it('lets an acknowledgement in time not undo an expiry that comes after the next term too', () => {
    const story = after(toldUpTo('submitted'), SENDING['expire'], RECEIVING['acknowledge'])
    expect(story.at().state).toBe('expired')
    expect(after(story, RECEIVING['accept']).at().state).toBe('accepted')
  })

  it.each([
    ['in the second in which the next term ends too', '2026-11-24T09:00:00Z', 'expired'],
    ['a second before', '2026-11-24T08:59:59Z', 'acknowledged'],
  ])('judges an expiry again, %s', (_when, at, state) => {
    const story = toldUpTo('submitted')
    story.keep(story.event('anltpManager', { event: 'expire' }, { at }))
    expect(story.at().state).toBe('expired')
    expect(after(story, RECEIVING['acknowledge']).at().state).toBe(state)
  })

  it('lets nobody answer after he suspended and the other side ended it', () => {
    const story = after(toldUpTo('acknowledged'), RECEIVING['suspend'], SENDING['expire'])
    expect(story.at().state).toBe('expired')
    const accept = RECEIVING['accept']?.(story) ?? expect.fail()
    expect(story.reasons(accept)).toEqual(['wrong_state'])
  })
})

describe('a warning', () => {
  it.each([
    ['none', {}, []],
    ['a number that is missing', { sequence: 99 }, ['sequence_gap']],
    ['a number that is used twice', { sequence: 1 }, ['sequence_gap']],
    ['another statement before it', { previous: 'A'.repeat(43) }, ['previous_differs']],
    ['five minutes too early', { at: '2026-11-22T08:55:00Z' }, []],
    ['more than five minutes too early', { at: '2026-11-22T08:54:59Z' }, ['clock_skew']],
  ])('remarks %s and refuses nothing', (_what, clear, warnings) => {
    const story = toldUpTo('ready')
    const step = story.keep(
      story.event('anltpManager', { event: 'withdraw_consent', scope: 'photo' }, clear),
    )
    expect(step).toMatchObject({ refused: [], warnings })
  })
})
