import { describe, expect, it } from 'vitest'
import {
  ANLTP,
  JOURNEY,
  NAPTIP,
  NOON,
  OFFICERS,
  type OfficerName,
  overlay,
  REFERENCE,
  type ReferralStory,
  SIGNED_FROM,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { DigestSchema } from '../crypto/digest.ts'
import { nextPlaceOf, type NextStep, nextSteps } from './next-steps.ts'

const IAT = SIGNED_FROM + 3600

function next(story: ReferralStory, by: OfficerName, at = NOON): readonly NextStep[] {
  return nextSteps(REFERENCE, story.statements, { ...OFFICERS[by], at, iat: IAT })
}

function step(story: ReferralStory, by: OfficerName, event: NextStep['event']) {
  return next(story, by).find((one) => one.event === event)
}

function mine(story: ReferralStory, by: OfficerName): readonly string[] {
  return next(story, by)
    .filter((one) => one.mine)
    .map(({ event }) => event)
}

describe('what may be done next', () => {
  it('is what the state allows, that of the officer who asks first', () => {
    const story = toldUpTo('submitted')
    expect(mine(story, 'naptipDuty')).toEqual(['acknowledge', 'declare_emergency'])
    expect(next(story, 'naptipDuty').map(({ event }) => event)).toEqual([
      'acknowledge',
      'declare_emergency',
      'expire',
      'cancel',
      'suspend',
      'report_missing',
      'close_deceased',
    ])
    expect(mine(story, 'stranger')).toEqual([])
  })

  it('names who may sign, the own agency first, and where it leads', () => {
    const story = toldUpTo('submitted')
    expect(step(story, 'anltpManager', 'acknowledge')).toEqual({
      event: 'acknowledge',
      mine: false,
      by: [{ agency: NAPTIP, roles: ['duty_officer'] }],
      to: 'acknowledged',
      missing: [],
    })
    const { by } = step(story, 'naptipManager', 'report_missing') ?? {}
    expect(by?.map(({ agency }) => agency)).toEqual([NAPTIP, ANLTP])
  })

  it('says what is missing that the step itself cannot say', () => {
    const story = toldUpTo('draft', { ...WOMAN, safety: { doNotContact: [] } })
    expect(step(story, 'anltpManager', 'submit')?.missing).toEqual(['risk_missing'])
    expect(step(story, 'anltpManager', 'cancel')?.missing).toEqual([])
    const early = toldUpTo('submitted')
    expect(step(early, 'anltpManager', 'expire')?.missing).toEqual(['too_early'])
  })

  it('leads out of an ended case only where its table does', () => {
    expect(mine(toldUpTo('closed'), 'naptipManager')).toEqual(['reopen'])
    expect(next(toldUpTo('closed'), 'anltpManager').map(({ event }) => event)).toEqual(['reopen'])
  })

  it('is the first step of the own agency before there is a file', () => {
    expect(nextSteps(REFERENCE, [], { ...OFFICERS.anltpDuty, at: NOON, iat: IAT })).toEqual([
      {
        event: 'create',
        mine: true,
        by: [{ agency: ANLTP, roles: ['case_manager', 'duty_officer'] }],
        to: 'draft',
        missing: ['file_missing'],
      },
    ])
  })
})

describe('every gate of a departure', () => {
  it('is named as long as it stands', () => {
    const story = toldUpTo('preparing', overlay(WOMAN, { risk: { protectionClaim: 'unknown' } }))
    expect(step(story, 'anltpManager', 'mark_ready')).toMatchObject({
      joint: { part: 'proposal' },
      missing: ['protection_claim_open', 'travel_document_missing'],
    })
  })

  it('is judged by the journey that was agreed', () => {
    expect(step(toldUpTo('ready'), 'anltpEscort', 'depart')?.missing).toEqual(['release_missing'])
  })

  it('is passed when the person was let go', () => {
    expect(step(toldUpTo('ready'), 'anltpHead', 'waive_gate')).toMatchObject({ missing: [] })
    const story = toldUpTo('in_transit')
    expect(step(story, 'naptipCustodian', 'hand_over')).toMatchObject({
      mine: true,
      to: 'handed_over',
      missing: [],
    })
    const late = { ...OFFICERS.naptipCustodian, at: NOON, iat: IAT + 10 * 86_400 }
    const after = nextSteps(REFERENCE, story.statements, late)
    expect(after.find(({ event }) => event === 'hand_over')?.missing).toEqual(['release_missing'])
  })
})

describe('a joint act', () => {
  it('is the second half where the other agency’s first one waits', () => {
    const story = toldUpTo('preparing')
    const proposal = story.event('anltpManager', JOURNEY, story.expiring())
    story.keep(proposal)
    expect(step(story, 'naptipManager', 'mark_ready')).toMatchObject({
      mine: true,
      to: 'ready',
      joint: { part: 'agreement', proposal: proposal.digest },
      missing: [],
    })
    expect(step(story, 'anltpColleague', 'mark_ready')?.joint).toEqual({ part: 'proposal' })
    story.keep(
      story.event('anltpManager', JOURNEY, {
        relates: [{ relation: 'withdraws', digest: DigestSchema.parse(proposal.digest) }],
      }),
    )
    expect(step(story, 'naptipManager', 'mark_ready')?.joint).toEqual({ part: 'proposal' })
  })
})

describe('the next place', () => {
  it('follows the last statement of the agency, whatever the other one signed', () => {
    const story = toldUpTo('acknowledged')
    const own = story.statements.filter(({ signers }) => signers[0]?.agency === ANLTP)
    expect(nextPlaceOf(REFERENCE, story.statements, ANLTP)).toEqual({
      sequence: own.length + 1,
      previous: own.at(-1)?.digest,
    })
    expect(nextPlaceOf(REFERENCE, [], ANLTP)).toEqual({ sequence: 1 })
  })
})
