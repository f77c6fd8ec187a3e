/**
 * Every kind with a sample of all that it may say, and every way in which one member of it can be wrong.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#kinds
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { set, type Path } from '../../../../test/support/edit-json.ts'
import { DESK_ANSWER, LATER_VERSIONS, OPENED_WITH, STAGE_KINDS } from '../trust/charter-rules.ts'
import { FIRST_CHARTER } from '../trust/charter.ts'
import { areaOfKind, KindSchema } from '../trust/identifiers.ts'
import { ownDesk } from '../trust/roster.ts'
import { deskGroups, groupNames, isKind, kindDefinition, KINDS } from './kinds.ts'
import { parseMessage, parseOpenedGroups } from './message.ts'
import { ReferralEventSchema } from './referral-event.ts'

const SAMPLES = new URL('../../../../test/vectors/messages/samples.json', import.meta.url)
const { samples } = z
  .object({
    samples: z.array(
      z.object({ kind: z.string(), groups: z.record(z.string(), z.record(z.string(), z.json())) }),
    ),
  })
  .parse(JSON.parse(readFileSync(SAMPLES, 'utf8')))

const named = samples.map((sample) => ({ ...sample, name: nameOf(sample) }))
const kinds = Object.keys(KINDS)

/** A wrong value for a member that holds a value like `value`. */
const WRONG: readonly (readonly [name: string, wrong: (value: unknown) => unknown])[] = [
  ['null', () => null],
  ['a fraction', (value) => (typeof value === 'number' ? value + 0.5 : 1.5)],
  ['a number in place of a text', (value) => (typeof value === 'number' ? String(value) : 7)],
  ['true', () => true],
  ['a list', (value) => (Array.isArray(value) ? {} : [value])],
  ['a control character', (value) => spoilt(value, '\u0007')],
  ['a carriage return', (value) => spoilt(value, '\r')],
  ['a character that turns the direction', (value) => spoilt(value, '\u202E')],
  ['a mark of direction', (value) => spoilt(value, '\u200F')],
  ['an Arabic letter mark', (value) => spoilt(value, '\u061C')],
  ['an isolate', (value) => spoilt(value, '\u2067')],
  ['a space without width', (value) => spoilt(value, '\u200B')],
  ['an invisible tag', (value) => spoilt(value, '\u{E0041}')],
  ['a byte order mark', (value) => spoilt(value, '\uFEFF')],
  ['another normal form', (value) => spoilt(value, 'e\u0301')],
  ['half a character', (value) => spoilt(value, '\uD800')],
  ['nothing', (value) => (typeof value === 'string' ? '' : [])],
  ['more than any bound', (value) => (typeof value === 'number' ? 2 ** 53 : 'x'.repeat(8001))],
  ['a number below zero', () => -1],
]

describe.each(named)('$name', ({ kind, groups }) => {
  const leaves = pathsOf(groups).filter(([, value]) => isLeaf(value))
  const objects = pathsOf(groups).filter(([path, value]) => path.length > 0 && isObject(value))
  const arrays = pathsOf(groups).filter(([, value]) => Array.isArray(value))

  it('is accepted as it stands', () => {
    expect(parseMessage(kind, groups)).toEqual({ kind, groups })
  })

  it.each(WRONG)('has no member that takes %s', (_name, wrong) => {
    const taken = leaves.filter(
      ([path, value]) => !names(refusalOf(kind, set(groups, path, wrong(value))), path),
    )
    expect(taken.map(([path]) => path.join('.'))).toEqual([])
  })

  it('takes no member that its kind does not name', () => {
    const taken = objects.filter(
      ([path]) =>
        refusalOf(kind, set(groups, [...path, 'note2'], 'x')) === undefined ||
        refusalOf(kind, set(groups, [...path, 'testData'], true)) === undefined,
    )
    expect(taken.map(([path]) => path.join('.'))).toEqual([])
  })

  it('takes no list that is longer than its bound', () => {
    const taken = arrays.filter(
      ([path, value]) => refusalOf(kind, set(groups, path, repeated(value))) === undefined,
    )
    expect(taken.map(([path]) => path.join('.'))).toEqual([])
  })

  it('takes no day that is none', () => {
    const days = leaves.filter(
      ([, value]) => typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value),
    )
    const taken = days.flatMap(([path, value]) =>
      ['2021-02-30', '2021-06-31', '2021-13-01', '2021-00-10', '2021-02-00']
        .map((day) => day + String(value).slice(10))
        .filter((day) => refusalOf(kind, set(groups, path, day)) === undefined)
        .map((day) => `${path.join('.')} ${day}`),
    )
    expect(taken).toEqual([])
  })

  it('takes instants in UTC and whole seconds only', () => {
    const instants = leaves.filter(([, value]) => /^\d{4}-\d\d-\d\dT/.test(String(value)))
    const forms = [
      '2021-06-17T09:00:00.5Z',
      '2021-06-17T09:00:00+01:00',
      '2021-06-17T09:00Z',
      '2021-06-17',
      '2021-06-17T24:00:00Z',
      '2021-06-17T09:00:60Z',
      '2021-06-17 09:00:00Z',
    ]
    const taken = instants.flatMap(([path]) =>
      forms.filter((form) => refusalOf(kind, set(groups, path, form)) === undefined),
    )
    expect(taken).toEqual([])
  })

  it('has all groups of its kind, and no others', () => {
    const [first = ''] = Object.keys(groups)
    const { [first]: _dropped, ...rest } = groups
    expect(refusalOf(kind, rest)).toBe(first)
    expect(refusalOf(kind, { ...groups, spare: {} })).toBe('groups')
    expect(refusalOf(kind, { ...groups, [first]: [] })).toBe(first)
    expect(refusalOf(kind, [])).toBe('')
  })
})

describe('the samples', () => {
  it('are of every kind, and of every event', () => {
    expect([...new Set(samples.map(({ kind }) => kind))].toSorted()).toEqual(kinds.toSorted())
    const events = samples
      .map(({ groups }) => groups['body']?.['event'])
      .filter((event) => typeof event === 'string')
    expect(events.toSorted()).toEqual(
      ReferralEventSchema.options.map(({ shape }) => shape.event.value).toSorted(),
    )
  })

  it.each([
    'victim.referral/1',
    ...Object.keys(LATER_VERSIONS),
    'handover.receipt/1',
    'task.travel-document/1',
    'task.clearance/1',
    'jtwg.minutes/1',
    ...Object.keys(OPENED_WITH),
    ...Object.values(STAGE_KINDS),
  ])('show every member of %s', (kind) => {
    const own = samples.filter((each) => each.kind === kind)
    const schema = z.toJSONSchema(z.strictObject(kindDefinition(kind).groups))
    const missing = membersOf(schema).filter(
      (path) => !own.some(({ groups }) => hasPath(groups, path)),
    )
    expect(own).not.toEqual([])
    expect(missing).toEqual([])
  })
})

describe('the kinds', () => {
  it('are those of charter 1, those that it opens with them, later versions, answers of partner desks and receipts of officers', () => {
    const known = [
      ...Object.keys(FIRST_CHARTER.approvals),
      ...Object.keys(OPENED_WITH),
      ...Object.keys(LATER_VERSIONS),
      DESK_ANSWER,
      ...Object.values(STAGE_KINDS),
    ]
    expect(kinds.toSorted()).toEqual(known.toSorted())
  })

  it.each(kinds)('%s has an area, a desk and groups that it may withhold', (kind) => {
    const { area, groups, withheldGroups, retainYears } = kindDefinition(kind)
    expect(KindSchema.safeParse(kind).success).toBe(true)
    expect(area).toBe(areaOfKind(kind))
    expect(Object.keys(groups)).toEqual(expect.arrayContaining([...withheldGroups]))
    expect(retainYears).toBeGreaterThan(0)
  })

  it.each(kinds.filter((kind) => kindDefinition(kind).jointAct))(
    '%s, one half of a joint act, has the one group body',
    (kind) => {
      expect(groupNames(kind)).toEqual(['body'])
      expect(kindDefinition(kind).withheldGroups).toEqual([])
    },
  )

  it('keep victims’ data from the desk of intelligence, and the other way round', () => {
    expect(deskGroups('victim.referral/1', ownDesk('intelligence'))).toEqual({
      mustSee: [],
      mayNotSee: groupNames('victim.referral/1'),
    })
    expect(deskGroups('intel.report/1', ownDesk('protection')).mayNotSee).toEqual(['body'])
  })

  it('withhold health and the investigation from who reads a referral', () => {
    const { mustSee, mayNotSee } = deskGroups('victim.referral/1', ownDesk('protection'))
    expect(mayNotSee).toEqual(['health', 'investigation'])
    expect([...mustSee, ...mayNotSee].toSorted()).toEqual(groupNames('victim.referral/1'))
  })

  it.each(['victim.referral/3', 'constructor', '__proto__', '', 'intel.report'])(
    'do not include %j',
    (kind) => {
      expect(isKind(kind)).toBe(false)
      expect(refusalOf(kind, {})).toBe('kind')
      expect(() => kindDefinition(kind)).toThrow(expect.objectContaining({ code: 'WIRE_SCHEMA' }))
    },
  )
})

describe('a part of a message', () => {
  const { kind, groups } = samples[0] ?? expect.fail()

  it('is read group by group', () => {
    const part = { risk: groups['risk'], safety: groups['safety'] }
    expect(parseOpenedGroups(kind, part).groups).toEqual(part)
    expect(parseOpenedGroups(kind, {}).groups).toEqual({})
  })

  it('is read as strictly as the whole', () => {
    const part = { risk: { ...groups['risk'], note: 'x' } }
    expect(() => parseOpenedGroups(kind, part)).toThrow(
      expect.objectContaining({ code: 'WIRE_SCHEMA', details: { path: 'risk' } }),
    )
    expect(() => parseOpenedGroups(kind, { toString: {} })).toThrow(
      expect.objectContaining({ code: 'WIRE_SCHEMA', details: { path: 'groups' } }),
    )
  })
})

/** The path that a refusal names, or nothing when the message was accepted. */
function refusalOf(kind: string, groups: unknown): string | undefined {
  try {
    parseMessage(kind, groups)
    return undefined
  } catch (error) {
    const { code, details } = z
      .object({ code: z.literal('WIRE_SCHEMA'), details: z.object({ path: z.string() }) })
      .parse(error)
    return code === 'WIRE_SCHEMA' ? details.path : code
  }
}

/** Whether a refusal names the member or, where a rule joins several, what it is a part of. */
function names(refused: string | undefined, path: Path): boolean {
  return refused !== undefined && `${path.join('.')}.`.startsWith(`${refused}.`)
}

/** Every value of a JSON value with its path. */
function pathsOf(value: unknown, path: Path = []): readonly (readonly [Path, unknown])[] {
  if (Array.isArray(value)) {
    const inner = value.flatMap((item: unknown, index) => pathsOf(item, [...path, index]))
    return [[path, value], ...inner]
  }
  if (!isObject(value)) return [[path, value]]
  const inner = Object.entries(value).flatMap(([name, item]) => pathsOf(item, [...path, name]))
  return [[path, value], ...inner]
}

function isLeaf(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function spoilt(value: unknown, character: string): unknown {
  return typeof value === 'string' ? `${value}${character}x` : character
}

function repeated(value: unknown): unknown {
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  return Array.from({ length: 65 }, (_item, index) => items[index % items.length])
}

function nameOf({
  kind,
  groups,
}: {
  kind: string
  groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}): string {
  const event = groups['body']?.['event']
  return typeof event === 'string' ? `${kind} ${event}` : kind
}

/** Paths of the members that a JSON Schema names; lists are passed through. */
function membersOf(schema: unknown, path: readonly string[] = []): readonly string[] {
  if (!isObject(schema)) return []
  const { properties, items } = schema
  if (isObject(items)) return membersOf(items, path)
  const branches: readonly unknown[] = Array.isArray(schema['oneOf']) ? schema['oneOf'] : []
  if (branches.length > 0) return branches.flatMap((branch) => membersOf(branch, path))
  if (!isObject(properties)) return path.length === 0 ? [] : [path.join('.')]
  return Object.entries(properties).flatMap(([name, inner]) => membersOf(inner, [...path, name]))
}

function hasPath(value: unknown, path: string): boolean {
  const found = path.split('.').reduce<unknown>((inner, name) => {
    const first: unknown = Array.isArray(inner) ? inner[0] : inner
    return isObject(first) ? first[name] : undefined
  }, value)
  return found !== undefined
}
