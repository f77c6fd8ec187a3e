/**
 * Openings: they have exactly the groups of their kind, and a desk gets what it may see of them and no more.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#openings
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { drop, type Edit, put } from '../../../../test/support/crafted-envelope.ts'
import { makeWorld, statementOf } from '../../../../test/support/envelope-fixture.ts'
import { editAt } from '../../../../test/support/hostile-edits.ts'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { type ErrorCode } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { ownDesk } from '../trust/roster.ts'
import {
  assertComplete,
  assertDisclosureCount,
  createOpening,
  openedGroupsDigest,
  openedValues,
  type Opening,
  openingForDesk,
  parseOpening,
  rebuildOpening,
} from './opening.ts'

vi.setConfig({ testTimeout: 30_000 })

const REFERRAL = 'victim.referral/1'

let whole: Opening
let desk: Opening

beforeAll(async () => {
  const world = await makeWorld()
  whole = (await statementOf(world, { kind: REFERRAL })).opening
  desk = openingForDesk(REFERRAL, ownDesk('protection'), whole)
})

const refusal = (code: ErrorCode, details: object): unknown =>
  expect.objectContaining({ code, details })

describe('an opening for a desk', () => {
  it('leaves out what the desk may not see, and leads to the same digest', () => {
    expect(Object.keys(desk.withheld)).toEqual(['health', 'investigation'])
    expect(Object.keys(openedValues(desk))).toEqual(
      Object.keys(openedValues(whole)).filter((name) => desk.withheld[name] === undefined),
    )
    expect(rebuildOpening(REFERRAL, desk)).toEqual(rebuildOpening(REFERRAL, whole))
    expect(JSON.stringify(desk)).not.toContain('Anaemia')
  })

  it('can be made again from itself', () => {
    expect(openingForDesk(REFERRAL, ownDesk('protection'), desk)).toEqual(desk)
  })

  it.each(['identity', 'routing', 'consent'])('is not made without %s', (name) => {
    const lost = edited(
      whole,
      editAt(['groups'], drop(name)),
      put(['withheld', name], digest(name)),
    )
    expect(() => openingForDesk(REFERRAL, ownDesk('protection'), lost)).toThrow(
      refusal('WIRE_INCOMPLETE', { group: name }),
    )
    expect(() => {
      assertComplete(['travel', name], lost)
    }).toThrow(refusal('WIRE_INCOMPLETE', { group: name }))
  })

  it.each(['intelligence', 'coordination', 'archive'])('is not made for the desk %s', (name) => {
    expect(() => openingForDesk(REFERRAL, ownDesk(name), whole)).toThrow(
      refusal('WIRE_POLICY', { rule: `${REFERRAL} for the desk ${name}` }),
    )
  })
})

describe('an opening', () => {
  it.each<[string, Edit]>([
    ['a group less', editAt(['groups'], drop('travel'))],
    ['a group more', put(['groups', 'note'], { seed: 'A'.repeat(43), value: {} })],
    ['a withheld group more', put(['withheld', 'note'], digest('x'))],
    ['a group twice', put(['withheld', 'travel'], digest('x'))],
  ])('with %s is not one of its kind', (_name, edit) => {
    expect(() => rebuildOpening(REFERRAL, edited(desk, edit))).toThrow(
      refusal('WIRE_DIS', { reason: 'groups' }),
    )
  })

  it('of an unknown kind cannot be rebuilt', () => {
    expect(() => rebuildOpening('victim.note/1', whole)).toThrow(
      refusal('WIRE_SCHEMA', { path: 'kind' }),
    )
  })

  it.each<[string, Edit]>([
    ['no text', () => 'opening'],
    ['a member more', put(['pad'], '')],
    ['no salt', drop('salt')],
    ['a salt of 15 bytes', put(['salt'], 'A'.repeat(20))],
    ['a salt in another alphabet', put(['salt'], '+'.repeat(22))],
    ['a seed of 31 bytes', put(['groups', 'travel', 'seed'], 'A'.repeat(42))],
    ['a seed in another alphabet', put(['groups', 'travel', 'seed'], '/'.repeat(43))],
    ['a list as group', put(['groups', 'travel', 'value'], [])],
    ['a withheld group without digest', put(['withheld', 'health'], '')],
  ])('with %s is not read', (_name, edit) => {
    expect(parseOpening({ ...desk })).toEqual(desk)
    expect(() => parseOpening(edit(desk))).toThrow(refusal('WIRE_DIS', { reason: 'form' }))
  })

  it('holds at most 448 KiB of values', () => {
    const room = WIRE_LIMITS.bodyBytes - '{"text":""}'.length
    expect(() =>
      rebuildOpening('referral.event/1', opened({ text: 'x'.repeat(room) })),
    ).not.toThrow()
    expect(() =>
      rebuildOpening('referral.event/1', opened({ text: 'x'.repeat(room + 1) })),
    ).toThrow(
      refusal('WIRE_SIZE', {
        sizeBytes: WIRE_LIMITS.bodyBytes + 1,
        limitBytes: WIRE_LIMITS.bodyBytes,
      }),
    )
  })

  it('counts its disclosures: the body, the group, and each member and element', () => {
    const most = opened({ list: Array.from({ length: 16_381 }, () => 0) })
    const limitBytes = WIRE_LIMITS.disclosuresPerDispatch
    expect(counting([most])).not.toThrow()
    expect(counting([most, opened({})])).toThrow(
      refusal('WIRE_SIZE', { sizeBytes: 16_386, limitBytes }),
    )
    const more = opened({ list: Array.from({ length: 16_381 }, () => 0), note: { deep: [[]] } })
    expect(counting([more])).toThrow(refusal('WIRE_SIZE', { sizeBytes: 16_387, limitBytes }))
    expect(() => rebuildOpening('referral.event/1', more)).toThrow(
      refusal('WIRE_SIZE', { sizeBytes: 16_387, limitBytes }),
    )
  })

  it('nests no deeper than a seal could carry', () => {
    expect(() => rebuildOpening('referral.event/1', opened(nested(7)))).not.toThrow()
    expect(() => rebuildOpening('referral.event/1', opened(nested(8)))).toThrow(
      refusal('WIRE_CANON', { reason: 'depth' }),
    )
    const { byteLength } = encodeCanonical({ pad: '', statements: [{ ...opened(nested(7)) }] })
    expect(byteLength).toBeGreaterThan(0)
    expect(() => encodeCanonical({ pad: '', statements: [{ ...opened(nested(8)) }] })).toThrow(
      refusal('WIRE_CANON', { reason: 'depth' }),
    )
  })

  it('is not read where it nests deeper than any JSON may, however deep that is', () => {
    expect(parseOpening(opened(nested(9)))).toEqual(opened(nested(9)))
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(100_000)}0${'}'.repeat(100_000)}`)
    for (const value of [nested(10), deep]) {
      const opening = put(['groups', 'body', 'value'], value)(opened({}))
      expect(() => parseOpening(opening)).toThrow(refusal('WIRE_CANON', { reason: 'depth' }))
    }
  })

  it('tells in a receipt which groups were opened, bound to this statement', () => {
    const names = Object.keys(desk.groups).toSorted()
    const text = JSON.stringify([desk.salt, names])
    expect(openedGroupsDigest(desk)).toBe(digest(text))
    expect(openedGroupsDigest(whole)).not.toBe(openedGroupsDigest(desk))
  })
})

function counting(openings: readonly Opening[]): () => void {
  return () => {
    assertDisclosureCount(openings)
  }
}

function opened(body: { readonly [member: string]: Json }): Opening {
  return createOpening({ body }, seededRandom('opening'))
}

function nested(levels: number): { readonly [member: string]: Json } {
  return levels === 1 ? {} : { a: nested(levels - 1) }
}

function edited(opening: Opening, ...edits: readonly Edit[]): Opening {
  return parseOpening(edits.reduce<unknown>((value, edit) => edit(value), { ...opening }))
}
