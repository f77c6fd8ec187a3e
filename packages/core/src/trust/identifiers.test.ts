import { describe, expect, it } from 'vitest'
import {
  AgencyIdSchema,
  areaOfKind,
  DocumentVersionSchema,
  Ed25519SignatureSchema,
  InstantSchema,
  isAscending,
  KindSchema,
  LocalIdSchema,
  roleAllows,
  RoleSchema,
} from './identifiers.ts'

describe.each([
  [
    'an agency',
    AgencyIdSchema,
    ['ng.naptip', 'ne.anltp-tim', 'ng.a1', 'ne.a-b-c', `ng.${'a'.repeat(61)}`],
    [
      'naptip',
      'NG.naptip',
      'ng.NAPTIP',
      'nga.naptip',
      'n.naptip',
      'ng.',
      'ng.-a',
      'ng.a-',
      'ng.a--b',
      'ng.a.b',
      'ng.a_b',
      'ng.é',
      'ng naptip',
      'ng.naptip\n',
      `ng.${'a'.repeat(62)}`,
      'constructor',
      '__proto__',
    ],
  ],
  [
    'a desk or officer',
    LocalIdSchema,
    ['protection', 'off-0417', '7', 'a'.repeat(32)],
    ['', 'Off-1', '-a', 'a-', 'a--b', 'a.b', 'a b', 'é', 'a\n', 'a'.repeat(33)],
  ],
  [
    'a kind',
    KindSchema,
    ['victim.referral/1', 'task.travel-document/1', 'a.b/999'],
    [
      'victim.referral',
      'victim.referral/0',
      'victim.referral/01',
      'victim.referral/1000',
      'victim/1',
      'victim.referral.x/1',
      'victim.re--ferral/1',
      'Victim.referral/1',
      'victim2.referral/1',
      'victim.referral/1\n',
      `a.${'b'.repeat(61)}/1`,
      'constructor',
    ],
  ],
  [
    'a role',
    RoleSchema,
    [
      'author:victim',
      'approve:intel',
      'case_manager',
      'duty_officer',
      'escort',
      'custodian',
      'supervisor',
      'clinician',
      'head',
    ],
    [
      'author',
      'author:',
      'author:Victim',
      'author:travel-document',
      'sign:victim',
      'admin',
      'ng:head',
      'head ',
      'head\n',
      `author:${'a'.repeat(26)}`,
    ],
  ],
  [
    'a signature',
    Ed25519SignatureSchema,
    ['A'.repeat(86)],
    ['A'.repeat(85), 'A'.repeat(87), `${'A'.repeat(85)}=`, `${'A'.repeat(85)}+`],
  ],
] as const)('%s', (...row) => {
  const [, schema, good, bad] = row

  it.each(good)('is “%s”', (text) => {
    expect(schema.safeParse(text).success).toBe(true)
  })

  it.each(bad)('is not %j', (text) => {
    expect(schema.safeParse(text).success).toBe(false)
  })
})

describe('numbers', () => {
  it.each([
    ['an instant', InstantSchema, [0, 253_402_300_799]],
    ['a version', DocumentVersionSchema, [1, 1_000_000_000]],
  ])('%s has its bounds', (_name, schema, good) => {
    expect(good.every((value) => schema.safeParse(value).success)).toBe(true)
  })

  it.each([
    ['an instant', InstantSchema, [-1, 0.5, 253_402_300_800, '0', null]],
    ['a version', DocumentVersionSchema, [0, 1.5, 1_000_000_001, '1', null]],
  ])('%s is nothing beyond them', (_name, schema, bad) => {
    expect(bad.filter((value) => schema.safeParse(value).success)).toEqual([])
  })
})

describe('a role', () => {
  it.each([
    [['author:task'], 'task.travel-document/1', 'author', true],
    [['approve:task'], 'task.travel-document/1', 'approve', true],
    [['approve:task'], 'task.travel-document/1', 'author', false],
    [['author:task'], 'task.travel-document/1', 'approve', false],
    [['author:victim'], 'task.travel-document/1', 'author', false],
    [['author:tas'], 'task.travel-document/1', 'author', false],
    [['head'], 'task.travel-document/1', 'author', false],
    [[], 'task.travel-document/1', 'author', false],
  ] as const)('%j for %s as %s', (...row) => {
    const [roles, kind, act, allowed] = row
    expect(roleAllows(roles, kind, act)).toBe(allowed)
  })

  it('is of the area of the kind', () => {
    expect(areaOfKind('task.travel-document/1')).toBe('task')
  })
})

describe('a list', () => {
  it.each([
    [[], true],
    [['a'], true],
    [['a', 'b', 'c'], true],
    [['a', 'a'], false],
    [['b', 'a'], false],
    [['a', 'c', 'b'], false],
    [['B', 'a'], true],
    [['9', '10'], false],
  ])('%j rises: %s', (texts, rises) => {
    expect(isAscending(texts)).toBe(rises)
  })
})
