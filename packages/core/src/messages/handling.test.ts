/**
 * Handling that contradicts itself, its kind or its day is refused, each contradiction by name.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#handling
 */
import { describe, expect, it } from 'vitest'
import { CODE_LISTS } from './code-lists.ts'
import {
  assertHandling,
  assertHandlingChoice,
  assertRestriction,
  CaveatSchema,
  expectedRetainUntil,
  type HandlingChoice,
  HandlingChoiceSchema,
  HandlingSchema,
} from './handling.ts'
import { KINDS } from './kinds.ts'

const DECEMBER = Date.UTC(2026, 11, 31, 23, 59, 59) / 1000
const REPORT = 'intel.report/1'
const policy = (rule: string): unknown =>
  expect.objectContaining({ code: 'WIRE_POLICY', details: { rule } })
const choice = (
  tlp: HandlingChoice['tlp'],
  ...caveats: HandlingChoice['caveats']
): HandlingChoice => ({
  tlp,
  caveats,
})

describe('the last day', () => {
  it.each([
    ['victim.referral/1', '2031-12-31', '2032-12-31'],
    ['referral.event/1', '2031-12-31', '2032-12-31'],
    ['handover.receipt/1', '2031-12-31', '2032-12-31'],
    ['task.travel-document/1', '2031-12-31', '2032-12-31'],
    ['task.clearance/1', '2031-12-31', '2032-12-31'],
    ['intel.report/1', '2029-12-31', '2030-12-31'],
    ['jtwg.minutes/1', '2036-12-31', '2037-12-31'],
  ])('of %s follows from its kind and the year of signing', (kind, before, after) => {
    expect(expectedRetainUntil(kind, DECEMBER)).toBe(before)
    expect(expectedRetainUntil(kind, DECEMBER + 1)).toBe(after)
    assertHandling({ ...choice('RED'), retainUntil: before }, kind, DECEMBER)
    expect(() => assertHandling({ ...choice('RED'), retainUntil: after }, kind, DECEMBER)).toThrow(
      policy('handling.retainUntil'),
    )
  })

  it('of an unknown kind is none', () => {
    expect(() => expectedRetainUntil('victim.referral/3', DECEMBER)).toThrow(
      expect.objectContaining({ code: 'WIRE_SCHEMA' }),
    )
  })
})

describe('a scope of distribution', () => {
  const strict = ['GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const
  const narrowest = {
    'named-persons': 'RED',
    agency: 'AMBER+STRICT',
    bilateral: 'AMBER+STRICT',
    jtwg: 'AMBER',
    partners: 'AMBER',
    community: 'GREEN',
  } as const
  const pairs = CODE_LISTS.distribution.flatMap((scope) =>
    strict.map((tlp) => ({
      scope,
      tlp,
      fits: strict.indexOf(tlp) <= strict.indexOf(narrowest[scope]),
    })),
  )

  it.each(pairs)('$scope beside TLP:$tlp: $fits', ({ scope, tlp, fits }) => {
    const check = (): void => assertHandlingChoice(choice(tlp, `dist:${scope}`), 'jtwg.minutes/1')
    if (fits) expect(check).not.toThrow()
    else expect(check).toThrow(policy('handling.distribution'))
  })

  it('is one', () => {
    const two = choice('AMBER', 'dist:agency', 'dist:bilateral')
    expect(() => assertHandlingChoice(two, REPORT)).toThrow(policy('handling.distribution'))
  })
})

describe('caveats', () => {
  it('name one permissible action', () => {
    expect(() => assertHandlingChoice(choice('AMBER', 'pap:AMBER', 'pap:RED'), REPORT)).toThrow(
      policy('handling.pap'),
    )
    assertHandlingChoice(choice('AMBER', 'pap:CLEAR'), REPORT)
  })

  it.each(['eu:H1', 'eu:H2', 'eu:H3'] as const)('say H0 alone, not beside %s', (other) => {
    expect(() => assertHandlingChoice(choice('AMBER', 'eu:H0', other), REPORT)).toThrow(
      policy('handling.europol'),
    )
    assertHandlingChoice(choice('AMBER', 'eu:H0'), REPORT)
    assertHandlingChoice(choice('AMBER', 'eu:H1', 'eu:H2', 'eu:H3'), REPORT)
  })

  it.each([
    {},
    { body: {} },
    { body: null },
    { body: 'restriction' },
    { routing: { restriction: 'x' } },
  ])('say H3 with the text of the restriction, not with %j', (groups) => {
    const h3 = choice('AMBER', 'eu:H3')
    expect(() => assertRestriction(h3, groups)).toThrow(policy('handling.restriction'))
    assertRestriction(choice('AMBER', 'eu:H2'), groups)
    assertRestriction(h3, { body: { restriction: 'Not to be shown to the press' } })
  })

  it.each([
    ['sorted', ['pap:AMBER', 'eu:H1']],
    ['each once', ['eu:H1', 'eu:H1']],
    ['known', ['eu:H4']],
    ['without a TLP', ['tlp:RED']],
    [
      'at most eight',
      [
        'dist:agency',
        'eu:H0',
        'eu:H1',
        'eu:H2',
        'eu:H3',
        'pap:AMBER',
        'pap:GREEN',
        'pap:RED',
        'test:data',
      ],
    ],
  ])('are %s', (_what, caveats) => {
    expect(HandlingChoiceSchema.safeParse({ caveats, tlp: 'AMBER' }).success).toBe(false)
  })

  it('are scopes, Europol’s codes, permissible actions and the mark of invented data', () => {
    expect(CaveatSchema.options).toHaveLength(
      CODE_LISTS.distribution.length +
        CODE_LISTS.europolHandling.length +
        CODE_LISTS.pap.length +
        1,
    )
    expect(CaveatSchema.options).toContain('test:data')
  })
})

describe('the TLP', () => {
  it.each(Object.keys(KINDS))('of %s is not wider than its kind allows', (kind) => {
    const isOpen = kind === 'jtwg.minutes/1'
    const green = (): void => assertHandlingChoice(choice('GREEN'), kind)
    if (isOpen) expect(green).not.toThrow()
    else expect(green).toThrow(policy('handling.tlp'))
    assertHandlingChoice(choice('AMBER'), kind)
  })

  it.each(['CLEAR', 'WHITE', 'amber', '', undefined])('is none of a wire: %s', (tlp) => {
    expect(HandlingChoiceSchema.safeParse({ caveats: [], tlp }).success).toBe(false)
  })

  it.each(['2026-12-30', '2026', '2026-12-31T00:00:00Z', 'P5Y'])(
    'stands beside the last day of a year, not beside %s',
    (retainUntil) => {
      expect(HandlingSchema.safeParse({ caveats: [], retainUntil, tlp: 'RED' }).success).toBe(false)
    },
  )
})
