/**
 * The table itself: every state is reached, every state can be left, and no role is named that a roster cannot give.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#table
 */
import { describe, expect, it } from 'vitest'
import { CODE_LISTS } from '../messages/code-lists.ts'
import { ReferralEventSchema } from '../messages/referral-event.ts'
import { RoleSchema } from '../trust/identifiers.ts'
import {
  type AnyState,
  FILE_ROLES,
  JOINT_EVENTS,
  LEGS,
  OPEN_STATES,
  type SidedRole,
  TASK_ROLES,
  TRANSITIONS,
} from './table.ts'

const rows = Object.values(TRANSITIONS)
const targets = (state: AnyState): readonly AnyState[] =>
  rows.flatMap(({ from, to }) => (to !== undefined && from.includes(state) ? [to] : []))

/** Every state that can be reached from one. */
function reachable(from: AnyState): ReadonlySet<AnyState> {
  const seen = new Set<AnyState>([from])
  for (const state of seen) for (const to of targets(state)) seen.add(to)
  return seen
}

describe('the table', () => {
  it('reaches every state of the list, and no other', () => {
    const states = [...reachable('none')].filter((state) => state !== 'none')
    expect(states.toSorted()).toEqual(CODE_LISTS.referralStatus.toSorted())
  })

  it.each(CODE_LISTS.referralStatus)('lets %s come to an end', (state) => {
    const ends = reachable(state)
    expect(ends.has('closed') || ends.has('cancelled')).toBe(true)
  })

  it.each(['closed', 'cancelled'] as const)('ends in %s but for a reopening', (state) => {
    expect(targets(state)).toEqual(state === 'closed' ? ['in_care'] : [])
  })

  it('has every event of the kind, and the hand-over', () => {
    const events = ReferralEventSchema.options.map(({ shape }) => shape.event.value)
    expect(Object.keys(TRANSITIONS).toSorted()).toEqual([...events, 'hand_over'].toSorted())
    expect(Object.keys(TRANSITIONS).toSorted()).toEqual(CODE_LISTS.referralEvent.toSorted())
  })

  it('has the 62 edges of the model, and one more for a service that was prepared', () => {
    const edges = rows.filter(({ to }) => to !== undefined).flatMap(({ from }) => from)
    expect(edges).toHaveLength(63)
  })

  it('asks for roles that a roster can give', () => {
    const named: readonly SidedRole[] = [
      ...rows.flatMap(({ by }) => by),
      ...Object.values(LEGS).flatMap(({ releasedBy, receivedBy }) => [
        ...releasedBy,
        ...receivedBy,
      ]),
      ...TASK_ROLES,
      ...FILE_ROLES.map((role): SidedRole => `${role}:sending`),
    ]
    const roles = new Set(named.map((role) => role.split(':')[0]))
    expect([...roles].filter((role) => !RoleSchema.safeParse(role).success)).toEqual([])
    expect(roles.size).toBe(7)
  })

  it.each([...JOINT_EVENTS.keys()])('lets both sides do their half of %s', (event) => {
    const row = Object.entries(TRANSITIONS).find(([name]) => name === event)?.[1]
    const sides = new Set(row?.by.map((role) => role.split(':')[1]))
    expect(sides).toEqual(new Set(['sending', 'receiving']))
  })

  it('lets no agency receive a person across the border but the receiving one', () => {
    expect(LEGS.cross_border.receivedBy).toEqual(['custodian:receiving'])
    expect(TRANSITIONS.hand_over.from).toEqual(['in_transit'])
  })

  it.each(OPEN_STATES)('lets a death be recorded in %s', (state) => {
    expect(TRANSITIONS.close_deceased.from).toContain(state)
  })
})
