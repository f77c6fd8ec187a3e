import { describe, expect, it } from 'vitest'
import {
  ANLTP,
  CROSSING,
  NAPTIP,
  NOON,
  REFERENCE,
  toldUpTo,
} from '../../../../test/support/referral-fixture.ts'
import { underway } from './underway.ts'

const LATER = '2026-11-24T10:00:00Z'

describe('a person in motion', () => {
  it('is who was let go and not received, with who had her last and where she goes', () => {
    const [line] = underway([toldUpTo('in_transit').at()])
    expect(line).toMatchObject({
      reference: REFERENCE,
      state: 'in_transit',
      urgency: 'urgent',
      with: { organisation: ANLTP },
      leg: { to: NAPTIP, legType: 'cross_border', since: NOON },
    })
    expect(line).not.toHaveProperty('with.since')
    expect(JSON.stringify(line)).not.toContain('TEST-B')
  })

  it('is who was just handed over, until care begins, with the clock that is due', () => {
    const story = toldUpTo('handed_over')
    expect(underway([story.at(LATER)])).toMatchObject([
      {
        with: { organisation: NAPTIP, since: NOON },
        next: { clock: 'arrival', overdue: true },
      },
    ])
    expect(underway([story.at(LATER)])[0]).not.toHaveProperty('leg')
    expect(underway([toldUpTo('in_care').at(), toldUpTo('accepted').at()])).toEqual([])
  })

  it('is who is missing, and who is on a leg while the referral is stopped', () => {
    const story = toldUpTo('in_transit')
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'security' }))
    expect(underway([story.at()])).toMatchObject([{ state: 'suspended', leg: { to: NAPTIP } }])
    const lost = toldUpTo('accepted')
    lost.keep(lost.event('anltpManager', { event: 'report_missing' }))
    expect(underway([lost.at()])).toMatchObject([{ state: 'missing' }])
  })

  it('says what was last heard from the way', () => {
    const story = toldUpTo('in_transit')
    const body = { leg: CROSSING.leg, place: 'NE-4-02', well: 'no' }
    const incident = { kind: 'delay', note: 'A flat tyre.' }
    const kind = 'handover.check-in/1'
    const groups = { body: { ...body, incident } }
    story.keep(story.record({ by: 'anltpEscort', kind, groups }))
    const heard = { place: 'NE-4-02', at: NOON, incident: 'delay' }
    expect(underway([story.at()])[0]?.heard).toEqual(heard)
  })
})

describe('the order of the lines', () => {
  it('is that of the clocks, then of the references', () => {
    const late = toldUpTo('handed_over').at()
    const none = { ...late, reference: 'B', deadlines: [] }
    const soon = {
      ...late,
      reference: 'C',
      deadlines: late.deadlines.map((deadline) => ({ ...deadline, dueAt: NOON })),
    }
    const lines = underway([none, { ...none, reference: 'A' }, late, soon])
    expect(lines.map(({ reference }) => reference)).toEqual(['C', REFERENCE, 'A', 'B'])
  })
})
