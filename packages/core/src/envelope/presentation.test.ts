/**
 * Presentations: chosen fields with their salts, and every rule by which RFC 9901 section 7.1 refuses one.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#presentation
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { forged, put } from '../../../../test/support/crafted-envelope.ts'
import {
  codeOf,
  makeWorld,
  signersOf,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { textAt } from '../../../../test/support/json.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { canonicalize, encodeCanonical, type Json } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { type ErrorCode } from '../errors.ts'
import { groupNames } from '../messages/kinds.ts'
import { ownDesk } from '../trust/roster.ts'
import { openingForDesk } from './opening.ts'
import { buildPresentation, parsePresentation } from './presentation.ts'
import { type SignedStatement } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

const REFERRAL = 'victim.referral/1'
const EVENT = 'referral.event/1'

let world: World
let referral: SignedStatement

beforeAll(async () => {
  world = await makeWorld()
  referral = await statementOf(world, { kind: REFERRAL })
})

function present(fields: readonly string[]): string {
  return buildPresentation(referral.statement, referral.opening, fields)
}

describe('a presentation', () => {
  it('shows a whole group, and of the others nothing', () => {
    const { groups, hidden } = parsePresentation(present(['child']))
    expect(groups).toEqual({ child: { value: BODIES[REFERRAL]['child'], extent: 'whole' } })
    expect(hidden).toEqual(groupNames(REFERRAL).filter((name) => name !== 'child'))
  })

  it('shows one field with its parents, and says that its group is partial', () => {
    const { groups } = parsePresentation(
      present(['child.bestInterests.outcome', 'risk.factors.1.level']),
    )
    expect(groups).toEqual({
      child: { value: { bestInterests: { outcome: 'return' } }, extent: 'partial' },
      risk: { value: { factors: [{ level: 'medium' }] }, extent: 'partial' },
    })
  })

  it('shows a field with all that stands below it', () => {
    const { groups } = parsePresentation(present(['child.bestInterests', 'child.guardianName']))
    expect(groups['child']?.value).toEqual({
      bestInterests: BODIES[REFERRAL]['child']?.['bestInterests'],
      guardianName: 'Aunt of the test case',
    })
  })

  it('shows every group whole when all are named', () => {
    const { groups, hidden } = parsePresentation(present(groupNames(REFERRAL)))
    expect(hidden).toEqual([])
    expect(Object.entries(groups).map(([name, { value }]) => [name, value])).toEqual(
      Object.entries(BODIES[REFERRAL]).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    )
    expect(Object.values(groups).every(({ extent }) => extent === 'whole')).toBe(true)
  })

  it('shows nothing but the groups’ names when no field is named', () => {
    const { groups, hidden } = parsePresentation(present([]))
    expect(groups).toEqual({})
    expect(hidden).toEqual(groupNames(REFERRAL))
  })

  it.each([
    ['referral.event/1', {}],
    ['referral.event/1', { list: [], members: {} }],
  ] as const)('of an empty group or list of %s is whole', async (kind, body) => {
    const { statement, opening } = await statementOf(world, { kind, draft: { groups: { body } } })
    const { groups } = parsePresentation(buildPresentation(statement, opening, ['body']))
    expect(groups).toEqual({ body: { value: body, extent: 'whole' } })
  })

  it('never carries a seed, and no field that was not named', () => {
    const text = present(['child.guardianName'])
    const disclosed = text
      .split('~')
      .slice(1)
      .map((encoded) => Buffer.from(encoded, 'base64url').toString())
      .join(' ')
    for (const { seed } of Object.values(referral.opening.groups))
      expect(disclosed).not.toContain(seed)
    expect(disclosed).toContain('Aunt of the test case')
    expect(disclosed).not.toMatch(/sewing|yes|Ladi/)
  })

  it('is made by whoever was sent the group', async () => {
    const desk = openingForDesk(REFERRAL, ownDesk('protection'), referral.opening)
    expect(buildPresentation(referral.statement, desk, ['child'])).toBe(present(['child']))
    expect(await codeOf(() => buildPresentation(referral.statement, desk, ['health']))).toBe(
      'WIRE_DIS',
    )
  })

  it('may end in a newline, as a file does', () => {
    const text = present(['child'])
    expect(parsePresentation(`${text}\n`)).toEqual(parsePresentation(text))
  })

  it.each([
    ['a group that is not there', ['note']],
    ['a member that is not there', ['child.shoeSize']],
    ['an element that is not there', ['risk.factors.3']],
    ['nothing', ['']],
  ])('of %s is not made', (_name, fields) => {
    expect(() => present(fields)).toThrow(
      expect.objectContaining({ code: 'WIRE_DIS', details: { reason: 'path' } }),
    )
  })

  it('is not made from another statement’s opening', async () => {
    const { opening } = await statementOf(world, { kind: REFERRAL, label: 'other' })
    expect(await codeOf(() => buildPresentation(referral.statement, opening, ['child']))).toBe(
      'WIRE_DIS',
    )
  })

  it('is not made of a statement without an author', async () => {
    const [, approval] = referral.statement.signatures
    if (approval === undefined) throw new Error('no approval')
    const statement = { ...referral.statement, signatures: [approval] }
    expect(await codeOf(() => buildPresentation(statement, referral.opening, []))).toBe('WIRE_HDR')
  })
})

/** A change of the compact text. */
const TEXTS: readonly (readonly [string, ErrorCode, (text: string) => string])[] = [
  ['no text', 'WIRE_MEMBER', () => ''],
  ['no tilde at its end', 'WIRE_MEMBER', (text) => text.slice(0, -1)],
  ['a proof of a key at its end', 'WIRE_MEMBER', (text) => `${text}eyJ9.e30.AA`],
  ['two parts before the tilde', 'WIRE_MEMBER', (text) => text.slice(text.indexOf('.') + 1)],
  ['four parts before the tilde', 'WIRE_MEMBER', (text) => `e30.${text}`],
  ['a disclosure twice', 'WIRE_DIS', (text) => `${text}${text.split('~')[2] ?? ''}~`],
  ['no body', 'WIRE_DIS', (text) => text.replace(/~[^~]*/, '')],
  ['a disclosure without its parent', 'WIRE_DIS', (text) => text.replace(/~[^~]*~$/, '~')],
  [
    'a disclosure that nothing names',
    'WIRE_DIS',
    (text) => `${text}${disclosure('A'.repeat(22), 'x', 1)}~`,
  ],
  ['an empty disclosure', 'WIRE_JSON', (text) => `${text}~`],
  [
    'a disclosure that is no JSON',
    'WIRE_JSON',
    (text) => `${text}${encodeBase64url(encodeUtf8('x'))}~`,
  ],
  [
    'a disclosure with white space',
    'WIRE_CANON',
    (text) => `${text}${encodeBase64url(encodeUtf8(`["${'A'.repeat(22)}", 1]`))}~`,
  ],
  ['a disclosure with padding', 'WIRE_B64', (text) => `${text}AA==~`],
  ['a disclosure of one element', 'WIRE_DIS', (text) => `${text}${disclosure('A'.repeat(22))}~`],
  [
    'a disclosure of four elements',
    'WIRE_DIS',
    (text) => `${text}${disclosure('A'.repeat(22), 'a', 1, 2)}~`,
  ],
  [
    'a disclosure whose name is a number',
    'WIRE_DIS',
    (text) => `${text}${disclosure('A'.repeat(22), 1, 2)}~`,
  ],
  [
    'a salt that could be guessed',
    'WIRE_DIS',
    (text) => `${text}${disclosure('A'.repeat(21), 'a', 1)}~`,
  ],
  ['a no-break space behind it', 'WIRE_MEMBER', (text) => `${text}\u00A0`],
  ['more characters than any', 'WIRE_SIZE', (text) => text.padEnd(1_835_009, 'A')],
]

describe('a presentation is refused', () => {
  it.each(TEXTS)('with %s', async (_name, code, change) => {
    const text = present(['child.guardianName', 'travel'])
    expect(await codeOf(() => parsePresentation(text))).toBe('none')
    expect(await codeOf(() => parsePresentation(change(text)))).toBe(code)
  })

  it('with any one disclosure changed by one letter', async () => {
    const parts = present(['child', 'risk.factors.1.level']).split('~')
    for (let n = 1; n < parts.length - 1; n += 1) {
      const part = parts[n] ?? ''
      const middle = Math.floor(part.length / 2)
      const other = part[middle] === 'A' ? 'B' : 'A'
      const changed = `${part.slice(0, middle)}${other}${part.slice(middle + 1)}`
      expect(await codeOf(() => parsePresentation(parts.with(n, changed).join('~')))).not.toBe(
        'none',
      )
    }
  })
})

/** Commitments that a hostile author could sign: each disclosure is made first and named by the one above it. */
class Commitments {
  readonly encoded: string[] = []
  readonly #random = seededRandom('commitments')

  member(name: string, value: Json): string {
    return this.#add([encodeBase64url(this.#random(16)), name, value])
  }

  element(value: Json): Json {
    return { '...': this.#add([encodeBase64url(this.#random(16)), value]) }
  }

  #add(content: Json): string {
    const text = encodeBase64url(encodeCanonical(content))
    this.encoded.push(text)
    return digest(text)
  }

  /** A group whose one digest this is, in a body of its kind. */
  body(group: string): string {
    return this.member('body', { body: { _sd: [group] } })
  }
}

type Commit = (into: Commitments) => string

/** What a hostile author committed to, with the reason of the refusal. */
const HOSTILE: readonly (readonly [string, string, Commit])[] = [
  ['a member named _sd', 'name', members((into) => [into.member('_sd', ['x'])])],
  ['a member named ...', 'name', members((into) => [into.member('...', 'x')])],
  ['a member named _sd_alg', 'name', members((into) => [into.member('_sd_alg', 'md5')])],
  ['one member twice', 'member', members((into) => [into.member('a', 1), into.member('a', 2)])],
  [
    'digests out of order',
    'plain member',
    members(
      (into) => [into.member('a', 1), into.member('b', 2)],
      (digests) => digests.toSorted().toReversed(),
    ),
  ],
  [
    'one digest twice in a list of digests',
    'plain member',
    members(
      (into) => repeatedOnce(into.member('a', 1)),
      (digests) => digests,
    ),
  ],
  ['one digest in two places', 'repeated', members((into) => sharedElement(into))],
  ['a hidden digest in two places', 'repeated', members((into) => sharedHidden(into))],
  ['an element where a member must be', 'member', members((into) => [elementDigest(into)])],
  [
    'a member where an element must be',
    'element',
    members((into) => [into.member('a', [{ '...': into.member('b', 1) }])]),
  ],
  ['members in clear', 'plain member', (into) => into.body(into.member('value', { a: 1 }))],
  [
    'members in clear beside digests',
    'plain member',
    (into) => into.body(into.member('value', { _sd: [into.member('a', 1)], b: 2 })),
  ],
  [
    'no digest in a list of digests',
    'plain member',
    (into) => into.body(into.member('value', { _sd: [] })),
  ],
  [
    'a list of digests that is none',
    'plain member',
    (into) => into.body(into.member('value', { _sd: 'x' })),
  ],
  [
    'digests that are none',
    'plain member',
    (into) => into.body(into.member('value', { _sd: ['x'] })),
  ],
  [
    'an element whose digest is none',
    'plain member',
    members((into) => [into.member('a', [{ '...': 'x' }])]),
  ],
  ['a body whose digest is none', 'body', (into) => into.body('x')],
  ['a text for a group', 'group', (into) => into.body(into.member('value', 'x'))],
  ['a list for a group', 'group', (into) => into.body(into.member('value', []))],
  ['nothing for a group', 'group', (into) => into.body(into.member('value', null))],
  ['elements in clear', 'plain member', members((into) => [into.member('a', [1])])],
  [
    'something beside the digest of an element',
    'plain member',
    members((into) => [into.member('a', [{ ...Object(into.element(1)), b: 1 }])]),
  ],
  ['a group under another name than value', 'name', (into) => into.body(into.member('group', {}))],
  [
    'a body under another name',
    'name',
    (into) => into.member('iss', { body: { _sd: [into.member('value', {})] } }),
  ],
  [
    'a group with two digests',
    'body',
    (into) => into.member('body', { body: { _sd: [into.member('value', {}), digest('x')] } }),
  ],
  ['a body that is no object', 'body', (into) => into.member('body', 'x')],
  [
    'groups that its kind has not',
    'groups',
    (into) => into.member('body', { note: { _sd: [into.member('value', {})] } }),
  ],
  ['fewer groups than its kind has', 'groups', (into) => into.member('body', {})],
  ['one digest for two groups', 'groups', (into) => twoGroups(into)],
  ['more depth than any message has', 'depth', members((into) => [deep(into, 12)])],
  ['two thousand levels', 'depth', members((into) => [deep(into, 2_000)])],
]

describe('an author cannot sign', () => {
  it.each(HOSTILE)('%s', async (_name, reason, commit) => {
    await expect(presented(commit)).rejects.toMatchObject({ code: 'WIRE_DIS', details: { reason } })
  })

  it('for a kind that nobody knows', async () => {
    const other = put(['kind'], 'referral.note/1')
    expect(
      await codeOf(async () => presented((into) => into.body(into.member('value', {})), other)),
    ).toBe('WIRE_SCHEMA')
  })

  it('more than these tests would notice: what they sign otherwise is read', async () => {
    const eleven = await presented(members((into) => [deep(into, 11)]))
    expect(eleven.groups['body']?.extent).toBe('whole')
    const both = await presented(
      members((into) => [
        into.member('a', [into.element(1), into.element({})]),
        into.member('b', {}),
      ]),
    )
    expect(both.groups['body']?.value).toEqual({ a: [1, {}], b: {} })
  })
})

async function presented(
  commit: Commit,
  more: (value: unknown) => unknown = (value) => value,
): Promise<ReturnType<typeof parsePresentation>> {
  const into = new Commitments()
  const root = commit(into)
  const event = await statementOf(world, { kind: EVENT })
  const edit = (value: unknown): unknown => more(put(['_sd'], [root])(value))
  const { statement } = await forged(event, edit, signersOf(world, EVENT))
  const [entry] = statement.signatures
  const jwt = [entry?.protected, statement.payload, entry?.signature].join('.')
  return parsePresentation(`${[jwt, ...into.encoded].join('~')}~`)
}

function members(
  make: (into: Commitments) => readonly string[],
  order: (digests: readonly string[]) => readonly string[] = (digests) => digests.toSorted(),
): Commit {
  return (into) => into.body(into.member('value', { _sd: order(make(into)) }))
}

function repeatedOnce(name: string): readonly string[] {
  return [name, name]
}

function sharedElement(into: Commitments): readonly string[] {
  const element = into.element(1)
  return [into.member('a', [element]), into.member('b', [element])]
}

function sharedHidden(into: Commitments): readonly string[] {
  const hidden = { '...': digest('hidden') }
  return [into.member('a', [hidden]), into.member('b', [hidden])]
}

function elementDigest(into: Commitments): string {
  return textAt(into.element(1), ['...'])
}

function twoGroups(into: Commitments): string {
  const group = into.member('value', {})
  return into.member('body', { body: { _sd: [group] }, other: { _sd: [group] } })
}

function deep(into: Commitments, levels: number): string {
  let inner = into.member('a', 1)
  for (let level = 1; level < levels; level += 1) inner = into.member('a', { _sd: [inner] })
  return inner
}

function disclosure(...content: readonly Json[]): string {
  return encodeBase64url(encodeUtf8(canonicalize(content)))
}
