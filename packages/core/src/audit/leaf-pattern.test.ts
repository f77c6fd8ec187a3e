/**
 * The quick way of reading a leaf and the schema: where the first says yes, the second must.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#leaf
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCanonicalText } from '../bytes/jcs.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { EVENT_DATA } from './events.ts'
import { buildLeaf, parseLeaf } from './leaf.ts'
import { leafPattern } from './leaf-pattern.ts'

const PLACE = { log: 'ng.naptip/amana/audit/1', index: 412, seq: 57, prev: 399, timeMs: 1.795e12 }
const ONE = digest('one')
const DATA: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'a.open': { bg: false, env: ONE, purpose: 'referral', session: '0123456789abcdef', std: ONE },
  'w.pad': {},
  'w.seal': { heads: { a: [-1, -1], g: [0, 0], w: [7, 9], x: [12, 300] } },
  'x.rejected': { code: 'WIRE_SIG', count: 3, from: 'ng.naptip' },
  'x.sealed': { env: ONE, kind: 'jtwg.minutes/1', std: ONE, to: 'ne.anltp-tim' },
  'x.sent': { env: ONE, to: 'ne.anltp-tim', try: 1 },
}
const LEAVES = Object.entries(DATA).map(([event, data]) =>
  decodeUtf8(buildLeaf({ actor: 'sys', data, event }, PLACE)),
)

describe('the pattern of an event', () => {
  it.each(Object.keys(EVENT_DATA).filter((event) => /^(?:[wx]\.|a\.open$)/.test(event)))(
    'is known of %s',
    (event) => {
      expect(leafPattern(event)).toBeInstanceOf(RegExp)
    },
  )

  it('is none where the schema says more than a pattern can', () => {
    expect(leafPattern('g.genesis')).toBeUndefined()
    expect(leafPattern('constructor')).toBeUndefined()
  })

  it('matches what the writer writes', () => {
    for (const text of LEAVES) {
      const { event } = parseLeaf(encodeUtf8(text))
      expect(leafPattern(event)?.test(text), text).toBe(true)
    }
  })

  it('matches nothing that is no leaf, whatever is put in the place of a few characters', () => {
    const pieces = fc.constantFrom(
      '"',
      '\\',
      ',',
      '-',
      '0',
      '00',
      '1e3',
      '{}',
      '"":',
      ' ',
      'é',
      '02-29',
      '31',
      'Z',
    )
    const changes = fc.tuple(fc.constantFrom(...LEAVES), fc.nat(500), fc.nat(3), pieces)
    fc.assert(
      fc.property(changes, ([text, place, cut, put]) => {
        const at = place % text.length
        const changed = `${text.slice(0, at)}${put}${text.slice(at + cut)}`
        for (const event of Object.keys(DATA)) {
          if (leafPattern(event)?.test(changed) !== true) continue
          expect(JSON.stringify(parseCanonicalText(changed))).toBe(changed)
          expect(isAccepted(changed, event)).toBe(true)
        }
      }),
      { numRuns: 20_000, seed: 5 },
    )
  })
})

/** Whether the schema takes it: the same members, built again at their place. */
function isAccepted(text: string, event: string): boolean {
  const leaf = parseLeaf(encodeUtf8(text))
  const { actor, data, index, log, prev, seq, time } = leaf
  const place = { index, log, prev, seq, timeMs: Date.parse(time) }
  return leaf.event === event && decodeUtf8(buildLeaf({ actor, data, event }, place)) === text
}
