/**
 * What comes from the way and by telephone, services and those who pay, and the file of one who is stranded.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#records
 */
import { describe, expect, it } from 'vitest'
import {
  ANLTP,
  type Draft,
  JOURNEY,
  link,
  NAPTIP,
  NOON,
  type OfficerName,
  REFERENCE,
  type ReferralStory,
} from '../../../../test/support/referral-fixture.ts'
import { clock, gatesOf, hour, kept, record } from '../../../../test/support/referral-records.ts'
import { computeReferral } from './referral.ts'

const told = (changes: Readonly<Record<string, unknown>>, by: OfficerName = 'anltpManager') =>
  record({
    kind: 'referral.told/1',
    by,
    groups: {
      body: {
        act: 'accept',
        agency: NAPTIP,
        actAt: NOON,
        channel: 'phone',
        readBack: 'yes',
        ...changes,
      },
    },
  })
const PLAN: Draft = {
  kind: 'handover.escort-plan/1',
  by: 'anltpEscort',
  groups: {
    routing: { leg: 'l1', legType: 'cross_border' },
    custody: {
      from: { organisation: ANLTP, type: 'escort_official' },
      to: { organisation: NAPTIP, type: 'anti_tip_agency' },
      transport: 'road',
      plannedDeparture: hour(1),
      plannedArrival: hour(9),
      escorts: JOURNEY.escorts,
      emergencyContacts: [
        { organisation: ANLTP, channel: 'duty' },
        { organisation: NAPTIP, channel: 'duty' },
      ],
      checkIns: [2, 4, 6].map((hours) => ({ at: hour(hours), place: 'NE-7-01' })),
    },
  },
}
const plan = record(PLAN)

const word = (at: string, said: Readonly<Record<string, unknown>> = { well: 'yes' }) =>
  record(
    {
      kind: 'handover.check-in/1',
      by: 'anltpEscort',
      groups: { body: { leg: 'l1', place: 'NE-7-01', ...said } },
    },
    { at },
  )

describe('the way', () => {
  it('is watched by a clock for each instant of the plan, and a word ends those before it', () => {
    const { story } = kept('ready', plan)
    story.keep(word(hour(3))(story))
    expect(clock(story.at(hour(8)), 'check_in')).toEqual(['met', 'met', 'overdue'])
    expect(story.at().heard).toEqual({ leg: 'l1', place: 'NE-7-01', at: hour(3) })
  })

  it('tells what is amiss, and keeps the newest word', () => {
    const { story } = kept(
      'in_transit',
      word(hour(3), { well: 'no', incident: { kind: 'delay', note: 'A tyre' } }),
    )
    story.keep(word(hour(2))(story))
    expect(story.at().heard).toMatchObject({ at: hour(3), incident: 'delay' })
    expect(story.at().state).toBe('in_transit')
  })

  it('is planned by nobody without a role', () => {
    const other = record({ ...PLAN, by: 'anltpNobody' })
    expect(kept('ready', other).step.refused).toEqual(['wrong_role'])
  })
})

describe('what was told', () => {
  it('moves nothing, and waits for the signed act', () => {
    const { story, step } = kept('acknowledged', told({}))
    expect(step).toMatchObject({ effect: 'recorded', state: 'acknowledged', event: 'told' })
    expect(story.at().told[0]).not.toHaveProperty('confirmedBy')
    expect(clock(story.at(hour(25)), 'told')).toEqual(['overdue'])
    const signed = story.event(
      'naptipManager',
      { event: 'accept', receptionOrganisation: NAPTIP },
      { at: hour(3) },
    )
    expect(story.keep(signed).state).toBe('accepted')
    expect(story.at().told).toEqual([expect.objectContaining({ confirmedBy: signed.digest })])
    expect(clock(story.at(hour(25)), 'told')).toEqual(['met'])
  })

  it('is confirmed by an act that came before it', () => {
    const { story } = kept('accepted', told({}))
    const confirming = story.statements.filter(
      ({ digest }) => digest === story.at().told[0]?.confirmedBy,
    )
    expect(confirming).toMatchObject([{ groups: { body: { event: 'accept' } } }])
    expect(clock(story.at(), 'told')).toEqual([])
  })

  it.each([
    ['another act', { act: 'decline' }],
    ['an act of more than a day ago', { actAt: hour(-25) }],
  ])('is not confirmed by %s', (_what, changes) => {
    expect(kept('accepted', told(changes)).story.at().told[0]?.confirmedBy).toBeUndefined()
  })

  it('of a hand-over is confirmed by the receipt', () => {
    const { story } = kept('handed_over', told({ act: 'hand_over' }))
    const confirming = story.statements.filter(
      ({ digest }) => digest === story.at().told[0]?.confirmedBy,
    )
    expect(confirming).toMatchObject([{ kind: 'handover.receipt/1' }])
  })

  it('is an act of the other agency', () => {
    expect(kept('acknowledged', told({ agency: ANLTP })).step.refused).toEqual(['same_agency'])
  })
})

describe('a service', () => {
  const routing = { authority: 'ng.shelter-x', service: 'safe_accommodation' }
  const request = record({
    kind: 'task.service/1',
    by: 'anltpManager',
    groups: {
      routing: { ...routing, act: 'request', status: 'requested' },
    },
  })

  it('that is held is free again when nobody takes it', () => {
    const { story } = kept('accepted', request)
    const asked = story.statements.at(-1) ?? expect.fail()
    const held = { ...routing, act: 'answer', status: 'accepted', holdUntil: hour(24) }
    const relates = [link('answers', asked)]
    story.keep(
      record(
        { kind: 'task.service/1', by: 'naptipManager', groups: { routing: held } },
        { relates },
      )(story),
    )
    expect(story.at().tasks.at(-1)).toMatchObject({
      kind: 'service',
      status: 'accepted',
      subject: 'safe_accommodation',
    })
    expect(clock(story.at(hour(25)), 'bed_hold')).toEqual(['overdue'])
    const done = { ...routing, act: 'answer', status: 'fulfilled', fulfilledAt: hour(2) }
    story.keep(
      record(
        { kind: 'task.service/1', by: 'naptipManager', groups: { routing: done } },
        { relates, at: hour(2) },
      )(story),
    )
    expect(clock(story.at(hour(25)), 'bed_hold')).toEqual(['met'])
  })

  it('that somebody pays is a task of its own', () => {
    const coordination = {
      budgetLine: '13 - 1.3.6.2',
      money: { amount: 1, currency: 'EUR' },
      justification: 'x',
    }
    const paid = record({
      kind: 'task.assistance/1',
      by: 'anltpManager',
      groups: {
        routing: {
          authority: 'ne.icmpd',
          service: 'transport',
          act: 'request',
          status: 'requested',
        },
        coordination,
      },
    })
    expect(kept('accepted', paid).story.at().tasks.at(-1)).toMatchObject({
      kind: 'assistance',
      subject: 'transport',
    })
  })
})

describe('the file of one who is stranded', () => {
  const screening = { screenedForTrafficking: 'yes', result: 'NotAVictimOfTrafficking', at: NOON }
  const file = (risk: Readonly<Record<string, unknown>>) => (story: ReferralStory) =>
    story.stranded('anltpManager', { risk, screening })

  it('is a file, and needs her wish to return', () => {
    const { story, step } = kept('preparing', file({}))
    expect(step).toMatchObject({ effect: 'recorded', event: 'file' })
    expect(gatesOf(story)).toContain('return_not_wished')
    story.keep(file({ returnIntention: 'yes' })(story))
    expect(gatesOf(story)).not.toContain('return_not_wished')
  })

  it('gives way to the file of a victim, under the same reference', () => {
    const { story } = kept('draft', (told_) =>
      told_.stranded('anltpManager', {
        screening: { ...screening, result: 'PossibleVictimOfTrafficking' },
      }),
    )
    const submit = () => story.event('anltpManager', { event: 'submit' })
    expect(story.reasons(submit())).toEqual(['screening_positive'])
    story.keep(story.file('anltpManager'))
    expect(story.reasons(submit())).toEqual([])
    expect(computeReferral(REFERENCE, story.statements, NOON).reference).toBe(REFERENCE)
  })
})
