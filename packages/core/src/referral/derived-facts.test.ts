/**
 * What a node keeps for its machine: enough, which every story of the machine’s tests shows, and no text.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#derived-facts
 */
import { describe, expect, it } from 'vitest'
import { FILLED_REFERRAL } from '../../../../test/support/filled-referral.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import { digest } from '../crypto/digest.ts'
import { KINDS } from '../messages/kinds.ts'
import { parseOpenedGroups } from '../messages/message.ts'
import { deriveFacts, hasFacts } from './derived-facts.ts'

const markOf = (text: string): string => digest(text).slice(0, 16)
const TEXT = /[^-:./_…#A-Za-z0-9]/

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return TEXT.test(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

function gate(reason: string): unknown {
  const body = { event: 'waive_gate', gate: 'fitness', reason }
  return deriveFacts('referral.event/1', { body }, markOf)['body']?.['reason']
}

describe('the facts of a message', () => {
  it.each(Object.keys(KINDS))('are known for %s, and hold no text', (kind) => {
    expect(hasFacts(kind)).toBe(true)
    const groups = Object.entries(BODIES).find(([name]) => name === kind)?.[1] ?? {}
    const facts = deriveFacts(kind, groups, markOf)
    expect(textsIn(facts)).toEqual([])
    expect(Object.keys(groups)).toEqual(expect.arrayContaining(Object.keys(facts)))
  })

  it('say of a person whether she may be a child, and no name, age, number or place', () => {
    const { child, identity, person, safety } = deriveFacts(
      'victim.referral/1',
      FILLED_REFERRAL,
      markOf,
    )
    expect(person).toEqual({ calledName: '…', ageMin: 0, ageMax: 0, gender: 'Feminine' })
    expect(identity).toMatchObject({ aliases: ['…'], citizenship: ['ZZ'], familyName: '…' })
    expect(safety?.['doNotContact']).toEqual([])
    expect(child).not.toHaveProperty('guardianName')
  })

  it('are of the form that the machine reads', () => {
    const facts = deriveFacts('victim.referral/1', FILLED_REFERRAL, markOf)
    expect(() => parseOpenedGroups('victim.referral/1', facts)).not.toThrow()
  })

  it('mark the texts of a joint act alike where they are alike, and differently where not', () => {
    expect(gate('no clinician in the town')).toMatch(/^#[\w-]{16}$/)
    expect(gate('no clinician in the town')).toBe(gate('no clinician in the town'))
    expect(gate('no clinician in the town')).not.toBe(gate('no bed'))
  })
})
