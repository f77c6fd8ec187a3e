/**
 * What may not leave any more, whatever the message said when it was signed.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#looked-at-again
 */
import { describe, expect, it } from 'vitest'
import {
  type Groups,
  overlay,
  REFERENCE,
  type ReferralStory,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'
import { type DeskRole } from '../trust/identifiers.ts'
import { ownDesk, type ReadingDesk } from '../trust/roster.ts'
import { canBeLocked, releaseLock } from './release-lock.ts'

const FILE = 'victim.referral/1'
const NOW = Date.UTC(2026, 10, 28) / 1000
const desk = (...roles: readonly DeskRole[]): ReadingDesk => ({
  external: true,
  id: 'desk-x',
  roles: [...roles],
})
const claim = (protectionClaim: string): Groups => ({ risk: { protectionClaim } })

/** Why a message of the story does not leave for a desk now. */
function lock(
  { statements }: ReferralStory,
  to: ReadingDesk,
  { kind = FILE, photographs = false }: { kind?: string; photographs?: boolean } = {},
): string | undefined {
  return releaseLock({ desk: to, kind, now: NOW, photographs, reference: REFERENCE }, statements)
}

function told(groups: Groups = overlay(WOMAN, claim('no'))): ReferralStory {
  return toldUpTo('accepted', groups)
}

/** A day later. */
function next(story: ReferralStory): ReferralStory {
  story.time = story.time.replace(/-(\d\d)T/, (_all, day) => `-${String(Number(day) + 1)}T`)
  return story
}

function consent(story: ReferralStory, changes: Readonly<Record<string, unknown>>): void {
  const groups = {
    consent: {
      scope: 'assistance',
      status: 'withdrawn',
      recorded: story.time,
      reader: 'shelter',
      fieldGroups: ['G6_needs'],
      channel: 'told at the shelter',
      ...changes,
    },
  }
  story.keep(story.record({ by: 'anltpManager', kind: 'referral.consent/1', groups }))
}

const GIVEN = {
  status: 'given',
  givenBy: 'person',
  medium: 'signature',
  language: 'hau',
  notice: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
  understood: 'yes',
  consequencesExplained: 'yes',
  expiresAt: '2027-06-01T00:00:00Z',
}

describe('for an embassy', () => {
  const embassy = desk('embassy_consular')

  it('goes what every word says that she need not fear', () => {
    expect(lock(told(), embassy)).toBeUndefined()
  })

  it.each(['yes', 'unknown', 'not_asked'])('nothing goes once a newer file says %s', (word) => {
    const story = next(told())
    story.keep(story.file('anltpManager', claim(word)))
    expect(lock(story, embassy)).toBe('protection_claim_open')
    expect(lock(story, desk('shelter'))).toBeUndefined()
    expect(lock(story, ownDesk('protection'))).toBeUndefined()
  })

  it('a request for a document goes where nobody could ask her, and never where she claims', () => {
    const story = next(told())
    story.keep(story.file('anltpManager', claim('not_asked')))
    const kind = 'task.travel-document/1'
    expect(lock(story, embassy, { kind })).toBeUndefined()
    next(story).keep(story.file('anltpManager', claim('unknown')))
    expect(lock(story, embassy, { kind })).toBe('protection_claim_open')
  })

  it('nothing goes once somebody stopped for her claim, until a later file says no', () => {
    const story = next(told())
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'protection_claim' }))
    expect(lock(story, embassy)).toBe('protection_claim_open')
    const same = story.fork()
    same.keep(same.file('anltpManager', claim('no')))
    expect(lock(same, embassy)).toBe('protection_claim_open')
    next(story).keep(story.file('anltpManager', claim('no')))
    expect(lock(story, embassy)).toBeUndefined()
  })

  it('a stop for another reason locks nothing, and a refusal for her claim does', () => {
    const story = next(told())
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'transport' }))
    expect(lock(story, embassy)).toBeUndefined()
    story.keep(story.event('naptipManager', { event: 'decline', reason: 'protection_claim' }))
    expect(lock(story, embassy)).toBe('protection_claim_open')
  })

  it('an older file that was long on its way opens nothing', () => {
    const story = next(next(told()))
    story.keep(story.file('anltpManager', claim('yes')))
    const earlier = story.statements[0]?.groups['routing']
    const late = story.file('anltpManager', {
      ...claim('no'),
      routing: { occurredAt: occurred(earlier) },
    })
    story.keep(late)
    expect(lock(story, embassy)).toBe('protection_claim_open')
  })
})

function occurred(routing: unknown): unknown {
  return typeof routing === 'object' && routing !== null && 'occurredAt' in routing
    ? routing.occurredAt
    : undefined
}

describe('any other message', () => {
  it('is not looked at', () => {
    for (const reader of [desk('shelter'), ownDesk('protection')]) {
      expect(canBeLocked({ desk: reader, photographs: false })).toBe(false)
      expect(canBeLocked({ desk: reader, photographs: true })).toBe(true)
    }
    expect(canBeLocked({ desk: desk('embassy_consular'), photographs: false })).toBe(true)
  })
})

describe('a photograph', () => {
  const photographs = true
  const own = ownDesk('protection')

  it('goes to nobody without her leave', () => {
    expect(lock(told(), own, { photographs })).toBe('photo_consent_missing')
    expect(lock(told(), desk('shelter'), { photographs })).toBe('photo_consent_missing')
  })

  it.each([
    ['of her own', 'person', WOMAN, undefined],
    ['of a court', 'court', WOMAN, undefined],
    ['of her parents, though she is grown up', 'parent', WOMAN, 'photo_consent_missing'],
    [
      'of a child alone',
      'person',
      overlay(WOMAN, { person: { ageMin: 15 } }),
      'photo_consent_missing',
    ],
    ['of a child’s guardian', 'guardian', overlay(WOMAN, { person: { ageMin: 15 } }), undefined],
  ])('goes with the leave %s, or not', (...[, givenBy, groups, expected]) => {
    const story = next(toldUpTo('draft', groups))
    consent(story, { ...GIVEN, scope: 'photo', givenBy })
    expect(lock(story, own, { photographs })).toBe(expected)
  })

  it('goes no more once she took that back, or its time is over', () => {
    const story = next(told())
    consent(story, { ...GIVEN, scope: 'photo' })
    const ended = story.fork()
    next(ended)
    consent(ended, { ...GIVEN, scope: 'photo', expiresAt: '2026-11-27T00:00:00Z' })
    expect(lock(ended, own, { photographs })).toBe('photo_consent_missing')
    next(story).keep(story.event('anltpDuty', { event: 'withdraw_consent', scope: 'photo' }))
    expect(lock(story, own, { photographs })).toBe('photo_consent_missing')
    expect(lock(story, own)).toBeUndefined()
  })
})
