/**
 * What is sealed for one statement of a dispatch: a wrong opening refuses its statement alone, a plaintext that cannot be
 * read refuses all, and what a desk may not see is not kept.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#openings
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import {
  craft,
  drop,
  type Edit,
  put,
  type Steps,
} from '../../../../test/support/crafted-envelope.ts'
import {
  makeWorld,
  outcomeOf,
  receiverOf,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import {
  appended,
  backwards,
  editAt,
  flipped,
  withoutLast,
} from '../../../../test/support/hostile-edits.ts'
import { at } from '../../../../test/support/json.ts'
import { decodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { type ErrorCode } from '../errors.ts'
import { groupDigest } from './disclosures.ts'
import { openEnvelope, type Receiver } from './open.ts'
import { rebuildOpening } from './opening.ts'
import { type SignedStatement } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

const REFERRAL = 'victim.referral/1'

let world: World
let referral: SignedStatement
let other: SignedStatement

beforeAll(async () => {
  world = await makeWorld()
  referral = await statementOf(world, { kind: REFERRAL })
  other = await statementOf(world, { kind: REFERRAL, label: 'other' })
})

/** The statement between two good ones. */
async function between(
  statement: SignedStatement,
  steps: Steps = {},
  changes: Partial<Receiver> = {},
): Promise<readonly string[]> {
  const [before, after] = [
    await statementOf(world, { label: 'a' }),
    await statementOf(world, { label: 'b' }),
  ]
  const { bytes } = await craft(world, { statements: [before, statement, after], ...steps })
  const { place, results } = await outcomeOf(bytes, receiverOf(world, changes))
  expect(place).toBe('taken')
  return results
}

const alone = (code: string): readonly string[] => ['opened', code, 'opened']

/** What is sealed for the statement in the middle. */
const OPENINGS: readonly (readonly [string, ErrorCode, Edit])[] = [
  ['of another statement', 'WIRE_DIS', (opening) => put(['salt'], other.opening.salt)(opening)],
  [
    'with one value changed',
    'WIRE_DIS',
    put(['groups', 'child', 'value', 'guardianSuspected'], 'yes'),
  ],
  ['with a member more', 'WIRE_DIS', put(['groups', 'custody', 'value', 'note'], 'x')],
  [
    'with a member less',
    'WIRE_DIS',
    editAt(['groups', 'travel', 'value'], drop('proposedReception')),
  ],
  ['with an element less', 'WIRE_DIS', editAt(['groups', 'risk', 'value', 'factors'], withoutLast)],
  [
    'with elements exchanged',
    'WIRE_DIS',
    editAt(['groups', 'risk', 'value', 'factors'], backwards),
  ],
  ['with a number as text', 'WIRE_DIS', put(['groups', 'person', 'value', 'ageMin'], '15')],
  ['with the seeds of two groups exchanged', 'WIRE_DIS', exchangeSeeds],
  ['with another seed', 'WIRE_DIS', editAt(['groups', 'child', 'seed'], flipped)],
  ['with another salt', 'WIRE_DIS', editAt(['salt'], flipped)],
  ['with another digest of a withheld group', 'WIRE_DIS', put(['withheld', 'health'], digest('x'))],
  ['without a group', 'WIRE_DIS', editAt(['groups'], drop('child'))],
  [
    'with a group that its kind has not',
    'WIRE_DIS',
    editAt(['groups'], renamed('child', 'children')),
  ],
  ['with a group both open and withheld', 'WIRE_DIS', put(['withheld', 'child'], digest('x'))],
  [
    'with a seed whose trailing bits are not zero',
    'WIRE_B64',
    put(['groups', 'child', 'seed'], `${'A'.repeat(42)}B`),
  ],
  ...['_sd', '...', '_sd_alg'].flatMap((name): readonly (readonly [string, ErrorCode, Edit])[] => [
    [`with a member named ${name}`, 'WIRE_DIS', put(['groups', 'child', 'value', name], 'x')],
    [
      `with ${name} inside a list`,
      'WIRE_DIS',
      put(['groups', 'risk', 'value', 'factors'], [{ [name]: [] }]),
    ],
  ]),
  [
    'above 448 KiB',
    'WIRE_SIZE',
    put(['groups', 'needs', 'value', 'summary'], 'x'.repeat(448 * 1024)),
  ],
]

/** Plaintexts that no statement of the dispatch can be read from. */
const PLAINTEXTS: readonly (readonly [string, ErrorCode, Steps])[] = [
  ['that is no JSON', 'WIRE_JSON', { plaintext: () => encodeUtf8('sealed') }],
  [
    'that is not canonical',
    'WIRE_CANON',
    { plaintext: (bytes) => concatBytes(bytes, encodeUtf8(' ')) },
  ],
  ['that is no UTF-8', 'WIRE_UTF8', { plaintext: (bytes) => bytes.fill(0xff) }],
  ['padded with something else', 'WIRE_DIS', { plaintext: (bytes) => bytes.with(8, 0x31) }],
  ['with fewer openings than statements', 'WIRE_DIS', { openings: withoutLast }],
  [
    'with more openings than statements',
    'WIRE_DIS',
    { openings: (list) => appended(at(list, [0]))(list) },
  ],
  ['with no openings', 'WIRE_DIS', { openings: () => [] }],
  ['with an opening that has a member more', 'WIRE_DIS', { openings: put([1, 'note'], 'x') }],
  ['with an opening without its salt', 'WIRE_DIS', { openings: editAt([1], drop('salt')) }],
  ['with a salt that could be guessed', 'WIRE_DIS', { openings: put([1, 'salt'], 'AAAA') }],
  ['with a short seed', 'WIRE_DIS', { openings: put([1, 'groups', 'child', 'seed'], 'AAAA') }],
  [
    'with a group that is no object',
    'WIRE_DIS',
    { openings: put([1, 'groups', 'child', 'value'], 'x') },
  ],
  ['with a digest that is none', 'WIRE_DIS', { openings: put([1, 'withheld', 'health'], 'x') }],
  [
    'with more than 16,384 disclosures',
    'WIRE_SIZE',
    { openings: put([1, 'groups', 'risk', 'value', 'factors'], numbers(16_384)) },
  ],
  ['nested deeper than the limit', 'WIRE_CANON', { plaintext: () => encodeUtf8('['.repeat(13)) }],
]

describe('a statement is refused alone', () => {
  it.each(OPENINGS)('with an opening %s', async (_name, code, edit) => {
    expect(await between(referral)).toEqual(alone('opened'))
    expect(await between(referral, { openings: editAt([1], edit) })).toEqual(alone(code))
  })

  it('with the whole opening of another statement', async () => {
    const openings = editAt([1], () => ({ ...other.opening }))
    expect(await between(referral, { openings })).toEqual(alone('WIRE_DIS'))
  })

  it.each(['identity', 'safety', 'consent'])(
    'where the desk must see %s and it is withheld',
    async (name) => {
      const group = referral.opening.groups[name]
      if (group === undefined) throw new Error('no group')
      const commitment = groupDigest(decodeBase64url(group.seed), group.value)
      const openings = (list: unknown): unknown =>
        put([1, 'withheld', name], commitment)(editAt([1, 'groups'], drop(name))(list))
      expect(await between(referral, { openings })).toEqual(alone('WIRE_INCOMPLETE'))
    },
  )
})

describe('a statement of which everything is withheld', () => {
  it('is refused: its desk must see something', async () => {
    const withheld = rebuildOpening(REFERRAL, referral.opening).groups
    const openings = editAt([1], () => ({ groups: {}, salt: referral.opening.salt, withheld }))
    expect(await between(referral, { openings })).toEqual(alone('WIRE_INCOMPLETE'))
  })
})

describe('a whole dispatch is refused', () => {
  it.each(PLAINTEXTS)('with a plaintext %s', async (_name, code, steps) => {
    expect(await between(referral, steps)).toEqual([code, code, code])
  })
})

describe('a group that the desk may not see', () => {
  it('is kept as its digest only, and reported', async () => {
    const openings = put([0], { ...referral.opening })
    const { bytes, plaintext } = await craft(world, { statements: [referral], openings })
    expect(decodeUtf8(plaintext)).toContain('Anaemia')
    const received = await openEnvelope(bytes, receiverOf(world))
    const [statement] = received.outcome === 'placed' ? received.statements : []
    expect(statement).toMatchObject({ result: 'opened', excess: ['health', 'investigation'] })
    expect(JSON.stringify(statement)).not.toContain('Anaemia')
    if (statement?.result !== 'opened') throw new Error('not opened')
    expect(Object.keys(statement.opening.withheld).toSorted()).toEqual(['health', 'investigation'])
    expect(rebuildOpening(REFERRAL, statement.opening).body).toBe(
      rebuildOpening(REFERRAL, referral.opening).body,
    )
  })
})

function exchangeSeeds(opening: unknown): unknown {
  const [one, two] = ['child', 'risk'].map((name) => at(opening, ['groups', name, 'seed']))
  return put(['groups', 'risk', 'seed'], one)(put(['groups', 'child', 'seed'], two)(opening))
}

function renamed(from: string, to: string): Edit {
  return (whole) => put([to], at(whole, [from]))(drop(from)(whole))
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n)
}
