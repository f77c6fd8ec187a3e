/**
 * Every reason, each from a step that would stand but for it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reasons
 */
import { describe, expect, it } from 'vitest'
import {
  PATH_TO_PREPARING,
  ReferralStory,
  toldUpTo,
} from '../../../../test/support/referral-fixture.ts'
import { REFUSALS } from '../../../../test/support/referral-refusals.ts'
import { HARD_GATES, isSoftGate, REFERRAL_REASONS, SOFT_GATES } from './reasons.ts'

const BEGINNING = 'file_missing'

describe('a step', () => {
  it.each(REFUSALS)('is refused for $reason alone', ({ reason, state, make, groups }) => {
    const story = toldUpTo(state, groups)
    expect(story.reasons(make(story))).toEqual([reason])
  })

  it(`is refused for ${BEGINNING} alone`, () => {
    const story = new ReferralStory()
    const [, create] = PATH_TO_PREPARING[0]
    expect(story.reasons(story.event('anltpManager', create))).toEqual([BEGINNING])
  })

  it('has no reason without a case', () => {
    const shown = [BEGINNING, ...REFUSALS.map(({ reason }) => reason)]
    expect(shown.toSorted()).toEqual(REFERRAL_REASONS.toSorted())
  })
})

describe('a gate', () => {
  it.each(SOFT_GATES)('%s may be waived', (gate) => {
    expect(isSoftGate(gate)).toBe(true)
  })

  it.each(HARD_GATES)('%s may not', (gate) => {
    expect(isSoftGate(gate)).toBe(false)
  })
})
