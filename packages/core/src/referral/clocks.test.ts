/**
 * Clocks: when each begins, is due, pauses and ends, and whom it tells. None of them stops a step.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#clocks
 */
import { describe, expect, it } from 'vitest'
import {
  link,
  overlay,
  ReferralStory,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { type ClockName, type Deadline } from './clocks.ts'

const urgent = (urgency: string) => overlay(WOMAN, { routing: { urgency } })
const clockOf = (story: ReferralStory, clock: ClockName, now: string): Deadline | undefined =>
  story.at(now).deadlines.find((deadline) => deadline.clock === clock)

describe('the clock of', () => {
  it.each([
    ['emergency', '2026-11-22T10:00:00Z', '2026-11-22T12:00:00Z', '2026-11-23T09:00:00Z'],
    ['urgent', '2026-11-23T09:00:00Z', '2026-11-24T09:00:00Z', '2026-11-27T09:00:00Z'],
    ['routine', '2026-11-25T09:00:00Z', '2026-11-27T09:00:00Z', '2026-12-06T09:00:00Z'],
  ])('an %s referral asks for answers in its time', (urgency, ...dates) => {
    const [acknowledge, decide, document] = dates
    const story = toldUpTo('submitted', urgent(urgency))
    expect(clockOf(story, 'acknowledge', story.time)?.dueAt).toBe(acknowledge)
    expect(clockOf(story, 'decide', story.time)?.dueAt).toBe(decide)
    expect(clockOf(story, 'travel_document', story.time)?.dueAt).toBe(document)
  })

  it.each([
    ['2026-11-22T20:59:59Z', 'none', 'running'],
    ['2026-11-22T21:00:00Z', 'owner', 'running'],
    ['2026-11-23T08:59:59Z', 'owner', 'running'],
    ['2026-11-23T09:00:00Z', 'supervisor', 'running'],
    ['2026-11-23T09:00:01Z', 'supervisor', 'overdue'],
    ['2026-11-24T09:00:00Z', 'head', 'overdue'],
    ['2026-11-25T09:00:00Z', 'chairs', 'overdue'],
  ])('an acknowledgement at %s tells: %s', (now, escalation, status) => {
    const story = toldUpTo('submitted')
    expect(clockOf(story, 'acknowledge', now)).toMatchObject({ escalation, status })
  })

  it('a decision stands still while the receiving side waits for an answer', () => {
    const story = toldUpTo('acknowledged')
    story.time = '2026-11-22T10:00:00Z'
    story.keep(story.event('naptipManager', { event: 'request_info', question: 'Her age?' }))
    expect(clockOf(story, 'decide', '2027-01-01T00:00:00Z')?.status).toBe('paused')
    story.keep(
      story.task('anltpManager', {
        routing: {
          act: 'request',
          status: 'requested',
          documentType: 'passport',
          authority: 'ng.embassy',
        },
      }),
    )
    const documents = story.at().deadlines.filter(({ clock }) => clock === 'travel_document')
    expect(documents.map(({ status }) => status)).toEqual(['met', 'running'])
    const expire = (at: string) => story.event('anltpManager', { event: 'expire' }, { at })
    expect(story.reasons(expire('2027-01-01T00:00:00Z'))).toEqual(['too_early'])
    story.time = '2026-11-25T10:00:00Z'
    story.keep(story.event('anltpManager', { event: 'provide_info', answer: '24' }))
    expect(clockOf(story, 'decide', story.time)).toMatchObject({
      dueAt: '2026-11-27T09:00:00Z',
      status: 'running',
      escalation: 'none',
    })
    expect(story.reasons(expire('2026-11-27T08:59:59Z'))).toEqual(['too_early'])
    expect(story.reasons(expire('2026-11-27T09:00:00Z'))).toEqual([])
  })

  it('an answer that came late is late, and the answer stands', () => {
    const story = toldUpTo('submitted')
    story.time = '2026-11-30T09:00:00Z'
    expect(story.keep(story.event('naptipDuty', { event: 'acknowledge' })).state).toBe(
      'acknowledged',
    )
    expect(clockOf(story, 'acknowledge', story.time)?.status).toBe('late')
  })

  it('an answer of the last second is in time', () => {
    const story = toldUpTo('submitted')
    story.time = '2026-11-23T09:00:00Z'
    story.keep(story.event('naptipDuty', { event: 'acknowledge' }))
    expect(clockOf(story, 'acknowledge', story.time)?.status).toBe('met')
  })

  it('a decision that was interrupted while it stood still is not continued with the next one', () => {
    const story = toldUpTo('acknowledged')
    const ask = { event: 'request_info', question: 'Her age?' }
    story.keep(story.event('naptipManager', ask))
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
    story.keep(story.event('anltpManager', { event: 'resume_early', causeCleared: 'yes' }))
    story.keep(story.event('naptipDuty', { event: 'acknowledge' }))
    story.keep(story.event('naptipManager', ask))
    story.time = '2026-11-23T09:00:00Z'
    story.keep(story.event('anltpManager', { event: 'provide_info', answer: '24' }))
    const decisions = story.at().deadlines.filter(({ clock }) => clock === 'decide')
    expect(decisions.map(({ dueAt, status }) => [dueAt, status])).toEqual([
      ['2026-11-24T09:00:00Z', 'lapsed'],
      ['2026-11-25T09:00:00Z', 'running'],
    ])
  })

  it('an answer in time runs again after an expiry, and no older one', () => {
    const story = toldUpTo('acknowledged')
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
    story.keep(story.event('anltpManager', { event: 'resume_early', causeCleared: 'yes' }))
    story.keep(story.event('naptipDuty', { event: 'acknowledge' }))
    const expiredAt = '2026-11-24T09:00:00Z'
    story.keep(story.event('anltpManager', { event: 'expire' }, { at: expiredAt }))
    story.keep(story.event('naptipManager', { event: 'request_info', question: 'Her age?' }))
    const decisions = story.at().deadlines.filter(({ clock }) => clock === 'decide')
    expect(decisions.map(({ status }) => status)).toEqual(['lapsed', 'paused'])
    expect(story.at().state).toBe('info_requested')
  })

  it('an answer lapses when nobody need answer any more', () => {
    const story = toldUpTo('submitted')
    story.keep(story.event('anltpManager', { event: 'cancel', reason: 'sent_in_error' }))
    expect(clockOf(story, 'decide', '2027-01-01T00:00:00Z')).toMatchObject({
      status: 'lapsed',
      escalation: 'none',
    })
  })

  it('an answer that never came is late when the referral expires', () => {
    const story = toldUpTo('submitted')
    story.time = '2026-12-30T09:00:00Z'
    story.keep(story.event('anltpManager', { event: 'expire' }))
    expect(clockOf(story, 'decide', story.time)?.status).toBe('late')
  })

  it('an answer begins again with a new submission', () => {
    const story = toldUpTo('submitted')
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'health' }))
    story.time = '2026-11-30T09:00:00Z'
    story.keep(story.event('anltpManager', { event: 'resume_early', causeCleared: 'yes' }))
    const { deadlines } = story.at()
    expect(deadlines.filter(({ clock }) => clock === 'acknowledge')).toMatchObject([
      { status: 'lapsed' },
      { status: 'running', dueAt: '2026-12-01T09:00:00Z' },
    ])
  })

  it('an answer keeps the urgency with which it began', () => {
    const story = toldUpTo('submitted')
    story.keep(story.file('anltpManager', { routing: { urgency: 'routine' } }))
    expect(clockOf(story, 'decide', story.time)?.dueAt).toBe('2026-11-24T09:00:00Z')
    expect(story.at().urgency).toBe('routine')
  })

  it.each([
    ['on_hold', 'running'],
    ['in_progress', 'running'],
    ['rejected', 'met'],
    ['failed', 'met'],
  ])('a travel document that is %s is %s', (status, clock) => {
    const story = new ReferralStory()
    story.keep(story.file('anltpManager'))
    const create = {
      event: 'create',
      receivingAgency: 'ng.naptip',
      screening: { result: 'PossibleVictimOfTrafficking' },
    }
    story.keep(story.event('anltpManager', create))
    const routing = { documentType: 'etc', authority: 'ng.embassy', blocker: 'no_reply' }
    const request = story.task('anltpManager', {
      routing: { ...routing, act: 'request', status: 'requested' },
    })
    story.keep(request)
    const relates = [link('answers', request)]
    story.keep(
      story.task('naptipManager', { routing: { ...routing, act: 'answer', status } }, { relates }),
    )
    expect(story.at().tasks).toMatchObject([
      { status, blocker: 'no_reply', request: request.digest },
    ])
    expect(clockOf(story, 'travel_document', story.time)).toMatchObject({
      status: clock,
      request: request.digest,
    })
  })

  it('an arrival is a day', () => {
    const story = toldUpTo('handed_over')
    expect(clockOf(story, 'arrival', '2026-11-23T09:00:01Z')).toMatchObject({
      dueAt: '2026-11-23T09:00:00Z',
      status: 'overdue',
    })
  })
})

describe('follow-ups', () => {
  it('begin with the hand-over and tell their owner half a day before', () => {
    const { followUps } = toldUpTo('handed_over').at('2026-11-28T21:00:00Z')
    expect(followUps.map(({ dueAt }) => dueAt)).toEqual([
      '2026-11-29T09:00:00Z',
      '2026-12-22T09:00:00Z',
      '2027-02-20T09:00:00Z',
      '2027-05-21T09:00:00Z',
      '2027-11-22T09:00:00Z',
    ])
    expect(followUps.map(({ escalation }) => escalation)).toEqual([
      'owner',
      'none',
      'none',
      'none',
      'none',
    ])
  })

  it.each([
    ['the person wants none', 'naptipCustodian', { event: 'withdraw_consent', scope: 'follow_up' }],
    ['the person has died', 'naptipSupervisor', { event: 'close_deceased', outcome: 'deceased' }],
  ] as const)('end when %s', (_why, by, body) => {
    const story = toldUpTo('in_care')
    story.keep(story.event(by, body))
    expect(new Set(story.at('2030-01-01T00:00:00Z').followUps.map(({ status }) => status))).toEqual(
      new Set(['lapsed']),
    )
  })

  it('are still owed when the referral is closed', () => {
    const { state, followUps } = toldUpTo('closed').at('2026-11-30T00:00:00Z')
    expect([state, followUps[0]?.status]).toEqual(['closed', 'overdue'])
  })
})
