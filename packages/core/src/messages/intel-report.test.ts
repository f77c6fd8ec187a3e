import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type ErrorCode } from '../errors.ts'
import { parseDraft } from './message.ts'
import { set, type Path } from '../../../../test/support/edit-json.ts'

const REPORT = new URL('../../../../examples/agadez/intel-report.json', import.meta.url)
const report = (): unknown => JSON.parse(readFileSync(REPORT, 'utf8'))

const BODY = ['groups', 'body'] as const
const HANDLING = ['handling'] as const

/** One change each that makes the report one that must not be sent: the negative cases of the golden report. */
const CASES: readonly (readonly [string, ErrorCode, readonly (readonly [Path, unknown])[]])[] = [
  [
    'an adult’s trafficking without means',
    'WIRE_SCHEMA',
    [
      [[...BODY, 'classification', 'minor'], 'no'],
      [[...BODY, 'classification', 'means'], []],
    ],
  ],
  ['a link to an entity that is not there', 'WIRE_SCHEMA', [[[...BODY, 'links', 0, 'to'], 'e99']]],
  [
    'a statement about an entity that is not there',
    'WIRE_SCHEMA',
    [[[...BODY, 'statements', 0, 'entities'], ['e99']]],
  ],
  ['two entities with one id', 'WIRE_SCHEMA', [[[...BODY, 'entities', 1, 'id'], 'e1']]],
  ['no addressee', 'WIRE_SCHEMA', [[['to'], {}]]],
  ['a list of addressees that is empty', 'WIRE_SCHEMA', [[['to', 'agency'], []]]],
  [
    'a fact with a likelihood',
    'WIRE_SCHEMA',
    [[[...BODY, 'statements', 1, 'likelihood'], { min: 55, max: 80 }]],
  ],
  [
    'a likelihood upside down',
    'WIRE_SCHEMA',
    [[[...BODY, 'statements', 2, 'likelihood'], { min: 80, max: 55 }]],
  ],
  [
    'a grade from another scheme',
    'WIRE_SCHEMA',
    [[[...BODY, 'statements', 0, 'evaluation', 'source'], 'E']],
  ],
  [
    'a telephone number without its country',
    'WIRE_SCHEMA',
    [[[...BODY, 'entities', 1, 'number'], '00000001']],
  ],
  [
    'a route with a gap',
    'WIRE_SCHEMA',
    [[[...BODY, 'entities', 4, 'legs', 1, 'from', 'name'], 'Maradi']],
  ],
  [
    'a coordinate that is a number',
    'WIRE_SCHEMA',
    [[[...BODY, 'entities', 3, 'place', 'latitude'], 16.97]],
  ],
  ['a victim named as a person', 'WIRE_SCHEMA', [[[...BODY, 'entities', 0, 'category'], 'victim']]],
  ['no TLP', 'WIRE_SCHEMA', [[HANDLING, { caveats: [] }]]],
  ['a TLP of the old protocol', 'WIRE_SCHEMA', [[[...HANDLING, 'tlp'], 'WHITE']]],
  ['TLP:CLEAR', 'WIRE_SCHEMA', [[[...HANDLING, 'tlp'], 'CLEAR']]],
  ['TLP:GREEN', 'WIRE_POLICY', [[[...HANDLING, 'tlp'], 'GREEN']]],
  [
    'H0 beside H1',
    'WIRE_POLICY',
    [
      [
        [...HANDLING, 'caveats'],
        ['eu:H0', 'eu:H1'],
      ],
    ],
  ],
  ['H3 without its text', 'WIRE_POLICY', [[[...HANDLING, 'caveats'], ['eu:H3']]]],
  ['a scope wider than the TLP', 'WIRE_POLICY', [[[...HANDLING, 'caveats'], ['dist:community']]]],
  [
    'two scopes',
    'WIRE_POLICY',
    [
      [
        [...HANDLING, 'caveats'],
        ['dist:agency', 'dist:named-persons'],
      ],
    ],
  ],
  [
    'two permissible actions',
    'WIRE_POLICY',
    [
      [
        [...HANDLING, 'caveats'],
        ['pap:AMBER', 'pap:RED'],
      ],
    ],
  ],
  [
    'caveats out of order',
    'WIRE_SCHEMA',
    [
      [
        [...HANDLING, 'caveats'],
        ['pap:AMBER', 'eu:H1'],
      ],
    ],
  ],
  [
    'a caveat twice',
    'WIRE_SCHEMA',
    [
      [
        [...HANDLING, 'caveats'],
        ['eu:H1', 'eu:H1'],
      ],
    ],
  ],
]

describe('intel.report/1', () => {
  it('accepts the golden report', () => {
    expect(parseDraft(report()).kind).toBe('intel.report/1')
  })

  it('accepts H3 with its text', () => {
    const changed = set(
      set(report(), [...HANDLING, 'caveats'], ['eu:H3']),
      [...BODY, 'restriction'],
      'x',
    )
    expect(parseDraft(changed).handling.caveats).toEqual(['eu:H3'])
  })

  it.each(CASES)('refuses %s', (_name, code, edits) => {
    const changed = edits.reduce((value, [path, put]) => set(value, path, put), report())
    expect(() => parseDraft(changed)).toThrow(expect.objectContaining({ code }))
  })
})
