/**
 * Statements: their exact clear members, who signs them, and that nobody approves what he cannot see.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#statement
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { drop, type Edit, forged, put } from '../../../../test/support/crafted-envelope.ts'
import {
  codeOf,
  makeWorld,
  officer,
  signersOf,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { editAt, inside, repeated } from '../../../../test/support/hostile-edits.ts'
import { asJson, parseText } from '../../../../test/support/json.ts'
import { digest } from '../crypto/digest.ts'
import { type ErrorCode } from '../errors.ts'
import { decodeBase64url } from '../bytes/base64.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import { ownDesk } from '../trust/roster.ts'
import { openingForDesk } from './opening.ts'
import {
  approveStatement,
  assertOpens,
  parseStatement,
  signaturesDigest,
  type SignedStatement,
} from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

const REFERRAL = 'victim.referral/1'

let world: World
let signed: SignedStatement

beforeAll(async () => {
  world = await makeWorld()
  signed = await statementOf(world, { kind: REFERRAL })
})

const agencies = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `ng.a${String(n + 10)}`)

/** A payload that its officers signed and that is not read. */
const PAYLOADS: readonly (readonly [string, ErrorCode, Edit])[] = [
  ['version 2', 'WIRE_VERSION', put(['v'], 2)],
  ['a member more', 'WIRE_MEMBER', put(['subject'], 'Ladi')],
  ['an empty audience', 'WIRE_MEMBER', put(['aud'], [])],
  ['an audience out of order', 'WIRE_MEMBER', put(['aud'], ['ng.nis', 'ng.naptip'])],
  ['an agency twice in its audience', 'WIRE_MEMBER', put(['aud'], ['ng.naptip', 'ng.naptip'])],
  ['an audience of nine', 'WIRE_MEMBER', put(['aud'], agencies(9))],
  ['an agency that is none', 'WIRE_MEMBER', put(['iss'], 'NAPTIP')],
  ['an id of 15 bytes', 'WIRE_MEMBER', put(['jti'], 'A'.repeat(20))],
  ['an id with trailing bits', 'WIRE_MEMBER', put(['jti'], `${'A'.repeat(21)}B`)],
  ['a kind without version', 'WIRE_MEMBER', put(['kind'], 'victim.referral')],
  ['a kind of a hundred characters', 'WIRE_MEMBER', put(['kind'], `victim.${'x'.repeat(100)}/1`)],
  ['a kind of 100 kB', 'WIRE_SIZE', put(['kind'], `victim.${'x'.repeat(100_000)}/1`)],
  ['two digests', 'WIRE_MEMBER', put(['_sd'], [digest('a'), digest('b')])],
  ['no digest', 'WIRE_MEMBER', put(['_sd'], [])],
  ['another digest algorithm', 'WIRE_SD_ALG', put(['_sd_alg'], 'sha-1')],
  ['no digest algorithm', 'WIRE_MEMBER', drop('_sd_alg')],
  ['a time that is no integer', 'WIRE_MEMBER', put(['iat'], '2026')],
  ['an end below zero', 'WIRE_MEMBER', put(['exp'], -1)],
  [
    'a day for its retention that is no end of a year',
    'WIRE_MEMBER',
    put(['handling', 'retainUntil'], '2031-12-30'),
  ],
  ['no marking', 'WIRE_MEMBER', editAt(['handling'], drop('tlp'))],
  ['a marking that is not for the wire', 'WIRE_MEMBER', put(['handling', 'tlp'], 'CLEAR')],
  ['caveats out of order', 'WIRE_MEMBER', put(['handling', 'caveats'], ['test:data', 'pap:RED'])],
  ['an unknown caveat', 'WIRE_MEMBER', put(['handling', 'caveats'], ['secret'])],
  ['no link in its links', 'WIRE_MEMBER', put(['relates'], [])],
  [
    'nine links',
    'WIRE_MEMBER',
    put(
      ['relates'],
      Array.from({ length: 9 }, () => ({ digest: digest('a'), relation: 'reply' })),
    ),
  ],
  [
    'a link of an unknown sort',
    'WIRE_MEMBER',
    put(['relates'], [{ digest: digest('a'), relation: 'voids' }]),
  ],
  ['no rosters', 'WIRE_MEMBER', editAt(['context'], drop('rosters'))],
]

/** What became of a statement after it was signed. */
const OBJECTS: readonly (readonly [string, ErrorCode, Edit])[] = [
  ['a member more', 'WIRE_MEMBER', put(['header'], {})],
  ['no payload', 'WIRE_MEMBER', drop('payload')],
  ['five signatures', 'WIRE_SIZE', editAt(['signatures'], repeated(5))],
  ['two signatures by one key', 'WIRE_SIG', editAt(['signatures'], repeated(2))],
  ['a payload of another spelling', 'WIRE_CANON', editAt(['payload'], inside('"v":1', '"v": 1'))],
]

describe('a statement', () => {
  it('says in clear who, for whom, when and what kind, and nothing of its body', () => {
    const payload = decodeUtf8(decodeBase64url(signed.statement.payload))
    const members = [
      '_sd',
      '_sd_alg',
      'aud',
      'context',
      'handling',
      'iat',
      'iss',
      'jti',
      'kind',
      'v',
    ]
    expect(Object.keys(asJson(parseText(payload)))).toEqual(members)
    expect(payload).not.toMatch(/Ladi|NE-ANLTP|guardian/)
    expect(parseStatement(signed.statement).digest).toBe(digest(signed.statement.payload))
  })

  it('has the digest that it had, whoever signs it more', async () => {
    const approved = await approveStatement(await byAuthor(), officer(world, 'approver'))
    expect(approved.digest).toBe(signed.digest)
    expect(signaturesDigest(approved.statement)).toBe(signaturesDigest(signed.statement))
  })

  it('has another id, other seeds and another digest each time', async () => {
    const other = await statementOf(world, { kind: REFERRAL, label: 'again' })
    expect(other.digest).not.toBe(signed.digest)
    expect(other.opening.groups['child']?.seed).not.toBe(signed.opening.groups['child']?.seed)
  })

  it.each(PAYLOADS)('with %s is not read', async (_name, code, edit) => {
    const { statement } = await forged(signed, edit, signersOf(world, REFERRAL))
    expect(await codeOf(() => parseStatement(statement))).toBe(code)
  })

  it.each(['aud', 'context', 'handling', 'iat', 'iss', 'jti', 'kind', 'v', '_sd'])(
    'without its %s is not read',
    async (member) => {
      const { statement } = await forged(signed, drop(member), signersOf(world, REFERRAL))
      expect(await codeOf(() => parseStatement(statement))).toBe('WIRE_MEMBER')
    },
  )

  it.each(OBJECTS)('that has %s is not read', async (_name, code, edit) => {
    expect(await codeOf(() => parseStatement(edit(signed.statement)))).toBe(code)
  })

  it.each([
    ['names groups that its kind has not', 'WIRE_DIS', { groups: { note: {} } }],
    ['lacks a group of its kind', 'WIRE_DIS', { groups: {} }],
    ['is of an unknown kind', 'WIRE_SCHEMA', { kind: 'victim.note/1' }],
    ['has a member named _sd', 'WIRE_DIS', { groups: { body: { list: [{ _sd: [] }] } } }],
    ['has a fraction', 'WIRE_CANON', { groups: { body: { latitude: 16.97 } } }],
    ['is above 448 KiB', 'WIRE_SIZE', { groups: { body: { text: 'x'.repeat(448 * 1024) } } }],
    [
      'has more than 16,384 disclosures',
      'WIRE_SIZE',
      { groups: { body: { list: Array.from({ length: 16_382 }, () => 0) } } },
    ],
    ['has no audience', 'WIRE_MEMBER', { aud: [] }],
  ])('that %s is not signed', async (_name, code, draft) => {
    expect(await codeOf(async () => statementOf(world, { draft }))).toBe(code)
  })

  it('is not signed twice by one key', async () => {
    const author = { key: officer(world, 'author'), act: 'author' as const }
    const signers = [author, { ...author, act: 'approve' as const }]
    expect(await codeOf(async () => statementOf(world, { signers }))).toBe('WIRE_SIG')
  })
})

describe('an approval', () => {
  it('is not signed by a key that signed already', async () => {
    const own = await byAuthor()
    expect(await codeOf(async () => approveStatement(own, officer(world, 'author')))).toBe(
      'WIRE_SIG',
    )
  })

  it('is not signed over an opening of another statement', async () => {
    const { opening } = await statementOf(world, { kind: REFERRAL, label: 'other' })
    const step = approveStatement({ ...(await byAuthor()), opening }, officer(world, 'approver'))
    await expect(step).rejects.toMatchObject({ code: 'WIRE_DIS', details: { reason: 'digest' } })
  })

  it('is not signed over a group that is withheld', async () => {
    const own = await byAuthor()
    const { health: _health, ...groups } = own.opening.groups
    const withheld = { health: digest('health') }
    const opening = { ...own.opening, groups, withheld }
    await expect(
      approveStatement({ ...own, opening }, officer(world, 'approver')),
    ).rejects.toMatchObject({ code: 'WIRE_DIS' })
    const visible = openingForDesk(REFERRAL, ownDesk('protection'), own.opening)
    await expect(
      approveStatement({ ...own, opening: visible }, officer(world, 'approver')),
    ).rejects.toMatchObject({ code: 'WIRE_INCOMPLETE', details: { group: 'health' } })
  })
})

describe('an opening', () => {
  it('opens its statement and no other', async () => {
    const { content } = parseStatement(signed.statement)
    const other = await statementOf(world, { kind: REFERRAL, label: 'other' })
    expect(
      await codeOf(() => {
        assertOpens(content, signed.opening)
      }),
    ).toBe('none')
    expect(
      await codeOf(() => {
        assertOpens(content, other.opening)
      }),
    ).toBe('WIRE_DIS')
  })
})

async function byAuthor(): Promise<SignedStatement> {
  const signers = [{ key: officer(world, 'author'), act: 'author' as const }]
  return statementOf(world, { kind: REFERRAL, signers })
}
