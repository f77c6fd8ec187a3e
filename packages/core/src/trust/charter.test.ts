import { describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { type Path } from '../../../../test/support/edit-json.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import {
  edited,
  entryOf,
  jsonOf,
  membersIn,
  objectsIn,
} from '../../../../test/support/trust-fixture.ts'
import { type Charter, type CharterEntry, CharterSchema } from './charter.ts'
import {
  assertCharterRules,
  assertThresholds,
  kindRule,
  LATER_VERSIONS,
  OPENED_WITH,
} from './charter-rules.ts'
import { parsePayload } from './payload.ts'

const pair = await twoAgencies()
const { naptip } = pair
const witnesses = [{ key: naptip.sealKey.publicJwk, name: 'auditor' }]
const charter: Charter = { ...pair.charter.payload, witnesses }
const payload = jsonOf(charter)
const entry = entryOf(pair, 'ng.naptip')
const read = (value: unknown): Charter => parsePayload(CharterSchema, jsonOf(value))
const OPEN = { approvals: 0, aud: ['ng.naptip'] }
const AUD = ['ne.a', 'ne.b', 'ne.c', 'ne.d', 'ne.e']
const nameOf = (path: Path): string => path.map(String).join('.')
const OWN = ['agencies', 'ng.naptip'] as const

/** Inside of a key a missing member is the key’s fault. */
const KEY_MEMBERS = ['ed', 'key', 'pq', 'rosterKeys']
/** A charter with a kind less is a charter. */
const isKind = (path: Path): boolean => path[0] === 'kinds' && path.length === 2

describe('the form of a charter', () => {
  it('is that of the test agencies', () => {
    expect(read(payload)).toEqual(payload)
  })

  it.each<readonly [string, Path, unknown]>([
    ['four agencies', ['agencies'], entriesOf(4, (n) => [`ng.a${String(n)}`, entry])],
    ['64 kinds', ['kinds'], entriesOf(64, (n) => [`a.b/${String(n + 1)}`, OPEN])],
    ['three approvals', ['kinds', 'victim.referral/1', 'approvals'], 3],
    ['a kind for four agencies', ['kinds', 'victim.referral/1', 'aud'], AUD.slice(0, 4)],
    ['8 root pairs', [...OWN, 'roots'], timesOf(8, entry.roots[0])],
    ['8 recovery pairs', [...OWN, 'recovery'], timesOf(8, entry.recovery[0])],
    ['4 roster keys', [...OWN, 'rosterKeys'], timesOf(4, entry.rosterKeys[0])],
    ['a name of 128 characters', [...OWN, 'name'], 'a'.repeat(128)],
    ['8 witnesses', ['witnesses'], timesOf(8, witnesses[0])],
    ['both suites', ['suites'], ['A1', 'A2']],
    ['limits at their most', ['limits'], { hold: 31_536_000, recipients: 16, skew: 3_600 }],
    ['limits at their least', ['limits'], { hold: 3_600, recipients: 1, skew: 0 }],
  ])('may have %s', (_name, path, put) => {
    const changed = edited(payload, [[path, put]])
    expect(read(changed)).toEqual(changed)
  })

  it.each(objectsIn(payload).map((path) => [nameOf(path), path] as const))(
    'has no unknown member in “%s”',
    async (name, path) => {
      const more = edited(payload, [[[...path, 'note'], 'she is afraid']])
      const refusal = await refusalOf(() => read(more))
      const isRecord = name === 'agencies' || name === 'kinds'
      expect(refusal).toEqual({
        code: 'WIRE_MEMBER',
        details: { path: isRecord ? `${name}.note` : name },
      })
    },
  )

  it.each(
    membersIn(payload)
      .filter((path) => !isKind(path))
      .map((path) => [nameOf(path), path] as const),
  )('has every member: not without “%s”', async (name, path) => {
    const refusal = await refusalOf(() => read(edited(payload, [[path, undefined]])))
    const inKey = path.some((step) => KEY_MEMBERS.includes(String(step)))
    const isAgency = path[0] === 'agencies' && path.length === 2
    expect(refusal).toEqual(
      inKey
        ? { code: 'WIRE_KEY', details: { reason: `form of ${name}` } }
        : { code: 'WIRE_MEMBER', details: { path: isAgency ? 'agencies' : name } },
    )
  })

  it.each<readonly [string, Path, unknown]>([
    ['an agency in capitals', ['agencies', 'NG.NAPTIP'], entry],
    [
      'five agencies',
      ['agencies'],
      Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`ng.a${String(n)}`, entry])),
    ],
    ['a hold of less than an hour', ['limits', 'hold'], 3_599],
    ['an empty name', [...OWN, 'name'], ''],
    ['a name of 129 characters', [...OWN, 'name'], 'a'.repeat(129)],
    ['no root pair', [...OWN, 'roots'], []],
    ['nine root pairs', [...OWN, 'roots'], timesOf(9, entry.roots[0])],
    ['no recovery pair', [...OWN, 'recovery'], []],
    ['a threshold with a fraction', [...OWN, 'threshold'], 1.5],
    ['a threshold of 9', [...OWN, 'threshold'], 9],
    ['a negative threshold', [...OWN, 'recoveryThreshold'], -1],
    ['a roster that is no digest', [...OWN, 'roster', 'digest'], 'x'],
    ['roster version 0', [...OWN, 'roster', 'version'], 0],
    ['a kind in capitals', ['kinds', 'Victim.referral/1'], { approvals: 0, aud: ['ng.naptip'] }],
    [
      'a kind without a version',
      ['kinds', 'victim.referral'],
      { approvals: 0, aud: ['ng.naptip'] },
    ],
    ['four approvals', ['kinds', 'victim.referral/1', 'approvals'], 4],
    ['nobody who may have a kind', ['kinds', 'victim.referral/1', 'aud'], []],
    [
      'an audience out of order',
      ['kinds', 'victim.referral/1', 'aud'],
      ['ng.naptip', 'ne.anltp-tim'],
    ],
    [
      'an audience with one agency twice',
      ['kinds', 'victim.referral/1', 'aud'],
      ['ng.naptip', 'ng.naptip'],
    ],
    [
      '65 kinds',
      ['kinds'],
      Object.fromEntries(
        Array.from({ length: 65 }, (_, n) => [
          `a.b/${String(n + 1)}`,
          { approvals: 0, aud: ['ng.naptip'] },
        ]),
      ),
    ],
    ['a kind for five agencies', ['kinds', 'victim.referral/1', 'aud'], AUD],
    ['a hold of over a year', ['limits', 'hold'], 31_536_001],
    ['no recipient', ['limits', 'recipients'], 0],
    ['17 recipients', ['limits', 'recipients'], 17],
    ['a skew of over an hour', ['limits', 'skew'], 3_601],
    ['a previous that is no digest', ['previous'], ''],
    ['no suite', ['suites'], []],
    ['an unknown suite', ['suites'], ['A3']],
    ['suites out of order', ['suites'], ['A2', 'A1']],
    ['nine witnesses', ['witnesses'], timesOf(9, witnesses[0])],
    ['an unnamed witness', ['witnesses', 0, 'name'], ''],
  ])('is not that of a charter with %s', async (_name, path, put) => {
    const refusal = await refusalOf(() => read(edited(payload, [[path, put]])))
    expect(refusal?.code).toBe('WIRE_MEMBER')
    expect(String(refusal?.details['path']).startsWith(String(path[0]))).toBe(true)
  })

  it.each<readonly [string, Path, unknown]>([
    ['the halves of a pair turned round', [...OWN, 'roots', 0], turned(entry.roots[0])],
    ['a roster key for another algorithm', [...OWN, 'rosterKeys', 0, 'alg'], 'ML-DSA-65'],
    ['no roster key', [...OWN, 'rosterKeys'], []],
    ['five roster keys', [...OWN, 'rosterKeys'], timesOf(5, entry.rosterKeys[0])],
  ])('is refused for its keys with %s', async (_name, path, put) => {
    const refusal = await refusalOf(() => read(edited(payload, [[path, put]])))
    expect(refusal?.code).toBe('WIRE_KEY')
  })
})

describe('thresholds', () => {
  it.each([
    [2, 2, undefined],
    [3, 3, undefined],
    [2, 1, undefined],
    [1, 2, { pairs: 3, threshold: 1 }],
    [0, 2, { pairs: 3, threshold: 0 }],
    [4, 2, { pairs: 3, threshold: 4 }],
    [2, 0, { pairs: 3, threshold: 0 }],
    [2, 4, { pairs: 3, threshold: 4 }],
  ])('%i of 3 roots and %i of 3 recovery pairs', async (threshold, recoveryThreshold, details) => {
    const changed = { ...entry, threshold, recoveryThreshold }
    const expected = details && {
      code: 'TRUST_THRESHOLD',
      details: { agency: 'ng.naptip', ...details },
    }
    expect(await refusalOf(() => assertThresholds('ng.naptip', changed))).toEqual(expected)
    const agencies = { ...charter.agencies, 'ng.naptip': changed }
    expect(await refusalOf(() => assertCharterRules({ ...charter, agencies }))).toEqual(expected)
  })
})

describe('the rules of a charter', () => {
  const YEAR = 365 * 86_400

  it.each([
    ['a charter of a year', { exp: charter.iat + YEAR }, undefined],
    ['a charter of a year and a second', { exp: charter.iat + YEAR + 1 }, 'TRUST_EXPIRED'],
    ['a charter that ends when it begins', { exp: charter.iat }, 'TRUST_EXPIRED'],
  ])('%s: %3$s', async (_name, change, code) => {
    const refusal = await refusalOf(() => assertCharterRules({ ...charter, ...change }))
    expect(refusal?.code).toBe(code)
  })

  it('open a kind to agencies of the charter only', async () => {
    const rule = { approvals: 0, aud: ['ne.anltp-tim', 'ne.dst'] }
    const kinds = { ...charter.kinds, 'intel.report/1': rule }
    expect(await refusalOf(() => assertCharterRules({ ...charter, kinds }))).toEqual({
      code: 'WIRE_MEMBER',
      details: { path: 'kinds.intel.report/1.aud' },
    })
  })

  it.each(['victim.referral/3', 'constructor', 'toString', '__proto__', ''])(
    'say nothing of the kind “%s”',
    async (kind) => {
      expect(kindRule(charter, 'victim.referral/1')).toEqual({
        approvals: 1,
        aud: ['ne.anltp-tim', 'ng.naptip'],
      })
      expect(await refusalOf(() => kindRule(charter, kind))).toEqual({
        code: 'WIRE_POLICY',
        details: { rule: `kind ${kind}` },
      })
    },
  )
})

describe('a kind that a charter opens with another one', () => {
  const rows = Object.entries(OPENED_WITH).map(([kind, { approvals, kind: listed }]) => ({
    kind,
    approvals,
    listed,
  }))

  it.each(rows)(
    '$kind comes with $listed, and never without it',
    async ({ kind, approvals, listed }) => {
      const { [listed]: rule = expect.fail(), ...others } = charter.kinds
      const aud = rule.aud.slice(0, 1)
      const narrowed = { ...charter, kinds: { ...others, [listed]: { ...rule, aud } } }
      expect(kindRule(narrowed, kind)).toEqual({ approvals, aud })
      expect(await refusalOf(() => kindRule({ ...charter, kinds: others }, kind))).toEqual({
        code: 'WIRE_POLICY',
        details: { rule: `kind ${kind}` },
      })
    },
  )

  it.each(Object.entries(LATER_VERSIONS))(
    'has the rule of the version before, however many approve: %s',
    async (kind, earlier) => {
      const rule = { approvals: 2, aud: ['ng.naptip'] }
      const { [earlier]: _listed, ...others } = charter.kinds
      expect(kindRule({ ...charter, kinds: { ...others, [earlier]: rule } }, kind)).toEqual(rule)
      const own = { approvals: 3, aud: ['ng.naptip'] }
      const both = { ...others, [earlier]: rule, [kind]: own }
      expect(kindRule({ ...charter, kinds: both }, kind)).toEqual(own)
      expect(await refusalOf(() => kindRule({ ...charter, kinds: others }, kind))).toEqual({
        code: 'WIRE_POLICY',
        details: { rule: `kind ${kind}` },
      })
    },
  )

  it('is as the charter says where the charter lists it', () => {
    const rule = { approvals: 3, aud: ['ng.naptip'] }
    const kinds = { ...charter.kinds, 'referral.told/1': rule }
    expect(kindRule({ ...charter, kinds }, 'referral.told/1')).toEqual(rule)
  })
})

function entriesOf(length: number, make: (index: number) => [string, unknown]): unknown {
  return Object.fromEntries(Array.from({ length }, (_, index) => make(index)))
}

function timesOf(length: number, value: unknown): readonly unknown[] {
  return Array.from({ length }, () => value)
}

function turned(keys: CharterEntry['roots'][number] | undefined): unknown {
  return { ed: keys?.pq, pq: keys?.ed }
}
