/**
 * A draft before it is signed: exact members, links within bounds, and each building block in its one form.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reading-a-body
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type z } from 'zod'
import { set, type Path } from '../../../../test/support/edit-json.ts'
import {
  AgeSchema,
  codes,
  CountrySchema,
  DaySchema,
  DegreesSchema,
  InstantSchema,
  LocalIdSchema,
  OfficeIdSchema,
  OfficerIdSchema,
  PartialDaySchema,
  PhoneSchema,
  PlaceCodeSchema,
  SpokenLanguageSchema,
  SubdivisionSchema,
  text,
} from './fields.ts'
import { parseDraft, parseOpenedGroups } from './message.ts'

const REPORT = new URL('../../../../examples/agadez/intel-report.json', import.meta.url)
const DIGEST = '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
const draft = (path: Path, put: unknown): unknown =>
  set(JSON.parse(readFileSync(REPORT, 'utf8')), path, put)
const links = (count: number, relation = 'reply'): unknown =>
  Array.from({ length: count }, () => ({ digest: DIGEST, relation }))

it('a body of a kind that nobody knows is refused, whatever it holds', () => {
  expect(() => parseOpenedGroups('intel.report/2', {})).toThrow(
    expect.objectContaining({ code: 'WIRE_SCHEMA', details: { path: 'kind' } }),
  )
})

describe('a draft', () => {
  it.each([
    ['an end', ['exp'], 1_795_514_400],
    ['one link', ['relates'], links(1)],
    ['eight links', ['relates'], links(8)],
    ['a link by which it agrees', ['relates'], links(1, 'agrees')],
  ])('may have %s', (_what, path, put) => {
    expect(parseDraft(draft(path, put)).kind).toBe('intel.report/1')
  })

  it.each([
    ['an end before 1970', ['exp'], -1, 'exp'],
    ['an end as text', ['exp'], '2026-12-31', 'exp'],
    ['an empty list of links', ['relates'], [], 'relates'],
    ['nine links', ['relates'], links(9), 'relates'],
    ['a link of a kind that nobody knows', ['relates'], links(1, 'likes'), 'relates.0.relation'],
    ['a link to what is no digest', ['relates', 0], { digest: 'x', relation: 'reply' }, 'relates'],
    ['another member', ['iat'], 1, ''],
    ['another kind', ['kind'], 'intel.report/2', 'kind'],
    ['an addressee by name', ['to', 'agency'], 'NAPTIP', 'to.agency'],
    ['another group', ['groups', 'spare'], {}, 'groups'],
    ['null in place of its groups', ['groups'], null, 'groups'],
  ])('has not %s', (...[, path, put, refused]) => {
    expect(() => parseDraft(draft(path, put))).toThrow(
      expect.objectContaining({ code: 'WIRE_SCHEMA', details: { path: refused } }),
    )
  })

  it('is refused without what was wrong in it', () => {
    const wrong = draft(['groups', 'body', 'purpose'], 'Aïcha')
    expect(() => parseDraft(wrong)).toThrow(/^(?!.*Aïcha).*body\.purpose/)
  })
})

/** Each building block: what is taken, what is not. */
const FORMS: readonly (readonly [string, z.ZodType, readonly unknown[], readonly unknown[]])[] = [
  [
    'an instant',
    InstantSchema,
    ['2024-02-29T23:59:59Z', '0001-01-01T00:00:00Z'],
    [
      '2023-02-29T00:00:00Z',
      '2021-06-17T09:00:00',
      '2021-06-17t09:00:00z',
      '10000-01-01T00:00:00Z',
    ],
  ],
  [
    'a day',
    DaySchema,
    ['2024-02-29', '2021-12-31'],
    ['2023-02-29', '2021-6-17', '17/06/2021', '2021-06'],
  ],
  [
    'a part of a day',
    PartialDaySchema,
    ['2021', '2021-06', '2021-06-30'],
    ['2021-06-31', '2021-00', '21', '2021-06-17T09:00:00Z', ''],
  ],
  ['a country', CountrySchema, ['NE', 'NG'], ['ne', 'NER', '']],
  [
    'a subdivision',
    SubdivisionSchema,
    ['NG-ED', 'NE-8', 'NE-1A2'],
    ['NG', 'NG-', 'NG-EDOS', 'ng-ed'],
  ],
  ['a language', SpokenLanguageSchema, ['hau', 'bin'], ['ha', 'HAU', 'hausa']],
  [
    'a place',
    PlaceCodeSchema,
    ['NE-1-07', 'NG-FC', 'NE-1-07-AB'],
    ['NE', 'NE-1-07-AB-1', 'Agadez', 'NE-12345'],
  ],
  [
    'a telephone number',
    PhoneSchema,
    ['+22700000001', '+2341234567'],
    ['22700000001', '+0123456789', '+227 00 00 00 01', '+123456', '+1234567890123456'],
  ],
  [
    'degrees',
    DegreesSchema,
    ['12', '-0.5', '16.97123', '180'],
    ['16.971234', '016', '.5', '1e3', '+5', 16.97],
  ],
  ['an age', AgeSchema, [0, 17, 120], [-1, 121, 17.5, '17']],
  [
    'an id of a body',
    LocalIdSchema,
    ['e1', 'leg-1'],
    ['E1', '1e', '', 'e_1', `e${'1'.repeat(64)}`],
  ],
  [
    'an office',
    OfficeIdSchema,
    ['ng.naptip', 'ne.anltp-tim', 'ne.hospital-x'],
    ['naptip', 'ng.', 'ng.NAPTIP', 'ng.a..b', 'nga.naptip'],
  ],
  ['an officer', OfficerIdSchema, ['off-0417', 'nis-33'], ['Off-1', 'A. Moussa', '-1', 'a--b']],
  [
    'a text of four',
    text(4),
    ['abcd', 'a\nbc', 'é'],
    ['', 'abcde', 'a\tb', 'a\u0000b', 'e\u0301', '\uD800'],
  ],
]

describe.each(FORMS)('%s', (...[, schema, taken, refused]) => {
  it.each(taken)('may be %j', (value) => {
    expect(schema.safeParse(value).success).toBe(true)
  })

  it.each(refused)('is not %j', (value) => {
    expect(schema.safeParse(value).success).toBe(false)
  })
})

it('a list of codes names none twice', () => {
  const acts = codes('act')
  expect(acts.safeParse(['recruitment', 'transfer']).success).toBe(true)
  expect(acts.safeParse(['recruitment', 'recruitment']).success).toBe(false)
})
