import { describe, expect, it } from 'vitest'
import {
  type OfficerName,
  overlay,
  REFERENCE,
  type ReferralStory,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { takesConsentBack, withdrawnDisclosures } from './withdrawn-disclosure.ts'

const DAY = '2026-11-22T10:00:00Z'
const LATER = '2026-11-22T11:00:00Z'
const GIVEN = {
  givenBy: 'person',
  medium: 'thumbprint',
  language: 'hau',
  notice: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
  understood: 'yes',
  consequencesExplained: 'yes',
  expiresAt: '2030-01-01T00:00:00Z',
}
const CHANNEL = { channel: 'at the shelter' }

function record(
  story: ReferralStory,
  consent: Readonly<Record<string, unknown>>,
  by: OfficerName = 'anltpManager',
) {
  const base = { scope: 'share_medical', reader: 'medical', fieldGroups: ['G1_identity'] }
  const groups = { consent: { ...base, recorded: DAY, ...consent } }
  return story.record({ by, kind: 'referral.consent/1', groups })
}

function withdrawnIn(story: ReferralStory) {
  return withdrawnDisclosures(REFERENCE, story.statements)
}

const MEDICAL = { scope: 'share_medical', reader: 'medical', fieldGroups: ['G1_identity'] } as const

describe('what stands withdrawn', () => {
  it('is what was taken back from a reader, until it is given again later', () => {
    const story = toldUpTo('accepted')
    expect(withdrawnIn(story)).toEqual([])
    story.keep(record(story, { status: 'withdrawn', ...CHANNEL }))
    expect(withdrawnIn(story)).toEqual([MEDICAL])
    story.keep(record(story, { status: 'given', ...GIVEN }))
    expect(withdrawnIn(story)).toEqual([MEDICAL])
    story.keep(record(story, { status: 'given', ...GIVEN, recorded: LATER }))
    expect(withdrawnIn(story)).toEqual([])
  })

  it('is not lifted by another scope or reader, nor by who may not record a consent', () => {
    const story = toldUpTo('accepted')
    story.keep(record(story, { status: 'withdrawn', ...CHANNEL }))
    const given = { status: 'given', ...GIVEN, recorded: LATER }
    story.keep(record(story, { ...given, reader: 'shelter' }))
    story.keep(record(story, { ...given, scope: 'photo' }))
    story.keep(record(story, given, 'stranger'))
    story.keep(record(story, { status: 'refused', givenBy: 'person', recorded: LATER }))
    expect(withdrawnIn(story)).toEqual([MEDICAL])
  })

  it('counts whoever recorded it', () => {
    const story = toldUpTo('accepted')
    story.keep(record(story, { status: 'withdrawn', ...CHANNEL }, 'stranger'))
    expect(withdrawnIn(story)).toEqual([MEDICAL])
  })

  it('is answered for on another basis', () => {
    const story = toldUpTo('accepted')
    story.keep(record(story, { status: 'withdrawn', ...CHANNEL }))
    const basis = { legalBasis: 'vital_interests', justification: 'She is not conscious.' }
    story.keep(record(story, { status: 'not_relied_on', ...basis, recorded: LATER }))
    expect(withdrawnIn(story)).toEqual([])
  })

  it('names the readers of a scope where a withdrawal names none', () => {
    const story = toldUpTo('accepted')
    story.keep(story.event('naptipManager', { event: 'withdraw_consent', scope: 'share_medical' }))
    const [found] = withdrawnIn(story)
    expect(found).toMatchObject({ reader: 'medical' })
    expect(found?.fieldGroups).toContain('G7_health')
    expect(found?.fieldGroups).not.toContain('G0_routing')
    const consents = [{ scope: 'share_embassy', status: 'withdrawn', recorded: DAY }]
    const file = toldUpTo('draft', overlay(WOMAN, { consent: { consents } }))
    expect(withdrawnIn(file)).toMatchObject([{ reader: 'embassy_consular' }])
  })

  it('is taken back by a record, an event or a file, and by nothing else', () => {
    const story = toldUpTo('accepted')
    expect(takesConsentBack(record(story, { status: 'withdrawn', ...CHANNEL }))).toBe(true)
    expect(takesConsentBack(record(story, { status: 'given', ...GIVEN }))).toBe(false)
    expect(story.statements.some((statement) => takesConsentBack(statement))).toBe(false)
  })
})
