/**
 * The terms of keeping, as data.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#when-something-falls-due
 */
import { describe, expect, it } from 'vitest'
import { type KeptGroup, RETENTION, retentionClassesOf } from './retention.ts'

const CLOSED: KeptGroup = {
  column: 'G1_identity',
  direction: 'in',
  ended: 'closed',
  isAdult: true,
  kind: 'victim.referral/1',
}

const idsOf = (change: Partial<KeptGroup>) =>
  retentionClassesOf({ ...CLOSED, ...change }).map(({ id }) => id)

describe('the classes of what is kept', () => {
  it.each(RETENTION)('$id has a source, both languages, and a term unless it is kept', (one) => {
    expect([one.source, one.en, one.fr].every((text) => text.trim() !== '')).toBe(true)
    expect(one.action === 'keep').toBe(one.from === undefined)
    const hasTerm = one.days !== undefined || one.years !== undefined
    expect(hasTerm || one.from === undefined || one.from === 'retain-until').toBe(true)
  })

  it.each<[string, Partial<KeptGroup>, readonly string[]]>([
    ['a closed file of an adult', {}, ['file']],
    ['that of a child', { isAdult: false }, ['child-review', 'child']],
    ['its routing', { column: 'G0_routing' }, ['routing']],
    ['health that was sent', { column: 'G7_health', direction: 'out' }, ['medical', 'file']],
    ['health that came', { column: 'G7_health' }, ['file']],
    ['travel', { column: 'G3_travel' }, ['travel', 'file']],
    ['an investigation', { column: 'G9_investigation' }, ['investigation']],
    ['a referral that was declined', { ended: 'early' }, ['ended-early']],
    ['that of a child too', { ended: 'early', isAdult: false }, ['ended-early']],
    ['a referral that goes on', { ended: 'open' }, ['open']],
    ['its routing, which waits too', { column: 'G0_routing', ended: 'open' }, ['open']],
    ['minutes', { column: undefined, ended: 'none', kind: 'jtwg.minutes/1' }, ['minutes']],
    ['a report', { column: undefined, ended: 'none', kind: 'intel.report/1' }, ['term']],
  ])('of %s', (_what, change, ids) => {
    expect(idsOf(change)).toEqual(ids)
  })
})
