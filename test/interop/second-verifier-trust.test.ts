/**
 * Charters and rosters before the second verifier: each changes one place of a sound document, is signed again, and is
 * refused by both verifiers with the same code.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#refusals
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  buildNextRoster,
  decodeBase64url,
  encodeBase64url,
  encodeCanonical,
  type GeneralJws,
  type PrivateKey,
  type RootPair,
  type SigningKey,
  signJws,
  verifyFirstCharter,
  verifyRoster,
} from '@amana/core'
import { afterAll, describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../support/agencies.ts'
import { drop, type Edit, put } from '../support/crafted-envelope.ts'
import { codeOf } from '../support/envelope-fixture.ts'
import { backwards, editAt, flipped, onBytes, withoutLast } from '../support/hostile-edits.ts'
import { asJson, at } from '../support/json.ts'
import { IS_SKIPPED, secondOverVectors, WHY_SKIPPED } from '../support/second-verifier.ts'

const DAY = 86_400
const { naptip, anltp, charter } = await twoAgencies()
const next = buildNextRoster(naptip.roster, NOW, {
  revoked: [{ kid: naptip.officers['reader']!.keyId, reason: 'lost', since: NOW - DAY }],
})
const folder = mkdtempSync(join(tmpdir(), 'amana-second-trust-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Trust documents, and what ours says of them: `accepted` or the code of the refusal. */
interface Documents {
  readonly name: string
  readonly charter: GeneralJws
  readonly rosters: readonly GeneralJws[]
  readonly code: string
}

async function signed(
  content: unknown,
  typ: string,
  keys: readonly SigningKey[],
): Promise<GeneralJws> {
  const payload = encodeCanonical(asJson(content))
  return signJws({ payload, typ, signers: keys.map((key) => ({ key })) })
}

/** NAPTIP's second roster after a change, signed again. */
async function rosterCase(name: string, edit: Edit, key = naptip.rosterKey): Promise<Documents> {
  const jws = await signed(edit(next), 'amana-roster+jws', [key])
  const expected = { authority: charter, previous: naptip.roster }
  const code = await wordOf(async () => verifyRoster(jws, expected))
  const rosters = [naptip.roster.jws, anltp.roster.jws, jws]
  return { name: `a roster with ${name}`, charter: charter.jws, rosters, code }
}

/** A third roster after a change. */
async function thirdRosterCase(name: string, edit: Edit): Promise<Documents> {
  const second = await signed(next, 'amana-roster+jws', [naptip.rosterKey])
  const before = await verifyRoster(second, { authority: charter, previous: naptip.roster })
  const third = buildNextRoster(before, NOW + DAY, {})
  const jws = await signed(edit(third), 'amana-roster+jws', [naptip.rosterKey])
  const expected = { authority: charter, previous: before }
  const code = await wordOf(async () => verifyRoster(jws, expected))
  const rosters = [naptip.roster.jws, second, jws]
  return { name: `a third roster with ${name}`, charter: charter.jws, rosters, code }
}

async function wordOf(step: () => Promise<unknown>): Promise<string> {
  const code = await codeOf(step)
  return code === 'none' ? 'accepted' : code
}

const ROOTS = [...naptip.roots.slice(0, 2), ...anltp.roots.slice(0, 2)]

function halvesOf(pairs: readonly RootPair[]): readonly SigningKey[] {
  return pairs.flatMap(({ ed, pq }) => [ed, pq])
}

/** The charter after a change, signed again. */
async function charterCase(name: string, edit: Edit, keys = halvesOf(ROOTS)): Promise<Documents> {
  const jws = await signed(edit(charter.payload), 'amana-charter+jws', keys)
  const code = await wordOf(async () => verifyFirstCharter(jws, {}))
  return { name: `a charter with ${name}`, charter: jws, rosters: [], code }
}

const same: Edit = (value) => value
const hex = (text: string): string => encodeBase64url(Buffer.from(text, 'hex'))
const OFFICER = ['officers', 0] as const
const NODE = ['nodes', 0] as const

const ROSTERS: readonly (readonly [string, string, Edit])[] = [
  ['a member more', 'WIRE_MEMBER', put(['note'], 'x')],
  ['a member less', 'WIRE_MEMBER', drop('matching')],
  ['version 2 of its form', 'WIRE_VERSION', put(['v'], 2)],
  ['officers that do not rise', 'WIRE_MEMBER', editAt(['officers'], backwards)],
  ['an unknown role', 'WIRE_MEMBER', put([...OFFICER, 'roles'], ['chief'])],
  ['a span that ends before it begins', 'WIRE_MEMBER', put([...OFFICER, 'exp'], 1)],
  ['a key with a member more', 'WIRE_MEMBER', put([...OFFICER, 'key', 'use'], 'sig')],
  ['a key of another algorithm', 'WIRE_KEY', put([...OFFICER, 'key', 'alg'], 'EdDSA')],
  ['a key that is too short', 'WIRE_KEY', put([...OFFICER, 'key', 'x'], 'AAAA')],
  ['a key in another spelling', 'WIRE_B64', editAt([...OFFICER, 'key', 'x'], respelled)],
  ['a key of small order', 'WIRE_KEY', put([...OFFICER, 'key', 'x'], hex(`01${'00'.repeat(31)}`))],
  [
    'a key that is no point',
    'WIRE_KEY',
    put([...OFFICER, 'key', 'x'], hex(`02${'00'.repeat(31)}`)),
  ],
  [
    'a key with torsion',
    'WIRE_KEY',
    put(
      [...OFFICER, 'key', 'x'],
      hex('9599999999999999999999999999999999999999999999999999999999999999'),
    ),
  ],
  [
    'an encryption key that is not reduced',
    'WIRE_KEY',
    editAt(
      ['desks', 0, 'encryption', 0, 'jwk', 'pub'],
      onBytes((key) => key.with(0, 255).with(1, 255)),
    ),
  ],
  ['an end after 36 days', 'TRUST_EXPIRED', put(['exp'], NOW + 36 * DAY)],
  ['an end before its beginning', 'TRUST_EXPIRED', put(['exp'], NOW)],
  ['a version left out', 'TRUST_ROLLBACK', put(['version'], 3)],
  ['another roster before it', 'TRUST_CHAIN', put(['previous'], charter.digest)],
  [
    'a revocation in peace that reaches back',
    'TRUST_REVOCATION',
    put(['revoked', 0, 'reason'], 'left'),
  ],
  ['a node at a desk that is not listed', 'WIRE_MEMBER', put([...NODE, 'desks'], ['archive'])],
  [
    'a key of the charter as an officer’s',
    'WIRE_KEY',
    put([...OFFICER, 'key'], naptip.rosterKey.publicJwk),
  ],
  [
    'one key for two officers',
    'WIRE_KEY',
    put([...OFFICER, 'key'], at(next, ['officers', 1, 'key'])),
  ],
  ['another peer id', 'WIRE_KEY', editAt([...NODE, 'peerId'], flipped)],
  ['another log’s name', 'WIRE_KEY', put([...NODE, 'log', 'origin'], 'ne.anltp-tim/amana/audit/1')],
  ['a verifier key with another id', 'WIRE_KEY', editAt([...NODE, 'log', 'log', 0], otherKeyId)],
  ['log and witness exchanged', 'WIRE_KEY', editAt([...NODE, 'log'], exchanged)],
  [
    'a proof of another officer',
    'WIRE_SIG',
    put([...OFFICER, 'proof'], at(next, ['officers', 1, 'proof'])),
  ],
  [
    'a binding of another node',
    'WIRE_SIG',
    put([...NODE, 'binding'], at(anltp.roster.payload, ['nodes', 0, 'binding'])),
  ],
  ['another agency', 'WIRE_SIG', put(['agency'], 'ne.anltp-tim')],
  ['an agency outside of the charter', 'WIRE_ISS', put(['agency'], 'ng.nis')],
]

const CHARTERS: readonly (readonly [string, string, Edit])[] = [
  ['a member more', 'WIRE_MEMBER', put(['note'], 'x')],
  ['version 2 of its form', 'WIRE_VERSION', put(['v'], 2)],
  ['one agency', 'WIRE_MEMBER', editAt(['agencies'], drop('ng.naptip'))],
  ['a threshold of one', 'TRUST_THRESHOLD', put(['agencies', 'ng.naptip', 'threshold'], 1)],
  [
    'a threshold above its pairs',
    'TRUST_THRESHOLD',
    put(['agencies', 'ng.naptip', 'threshold'], 4),
  ],
  [
    'no recovery threshold',
    'TRUST_THRESHOLD',
    put(['agencies', 'ng.naptip', 'recoveryThreshold'], 0),
  ],
  ['a threshold above all limits', 'WIRE_MEMBER', put(['agencies', 'ng.naptip', 'threshold'], 9)],
  ['an end after 366 days', 'TRUST_EXPIRED', put(['exp'], charter.payload.iat + 366 * DAY)],
  ['an audience from outside', 'WIRE_MEMBER', put(['kinds', 'jtwg.minutes/1', 'aud'], ['ng.nis'])],
  ['no suite', 'WIRE_MEMBER', put(['suites'], [])],
  ['suites that do not rise', 'WIRE_MEMBER', put(['suites'], ['A2', 'A1'])],
  ['no roster key', 'WIRE_KEY', put(['agencies', 'ng.naptip', 'rosterKeys'], [])],
  [
    'one key as a root and as a roster key',
    'WIRE_KEY',
    put(['agencies', 'ng.naptip', 'rosterKeys'], [naptip.roots[0]?.ed.publicJwk]),
  ],
  ['version 2', 'TRUST_CHAIN', put(['version'], 2)],
  ['a charter before it', 'TRUST_CHAIN', put(['previous'], charter.digest)],
  [
    'a quorum of which a pair is taken away',
    'WIRE_KID_UNKNOWN',
    editAt(['agencies', 'ng.naptip', 'roots'], (roots) => withoutLast(backwards(roots))),
  ],
]

/** The same bytes with other bits behind the last. */
function respelled(value: unknown): string {
  const text = String(value)
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = letters.indexOf(text.at(-1) ?? '')
  const other = `${text.slice(0, -1)}${letters[last ^ 1] ?? ''}`
  expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(decodeBase64url(text)))
  return other
}

function otherKeyId(value: unknown): string {
  const [name = '', , ...rest] = String(value).split('+')
  return [name, '00000000', ...rest].join('+')
}

function exchanged(value: unknown): unknown {
  const log = asJson(value)
  return { ...log, log: log['witness'], witness: log['log'] }
}

const CASES: readonly (readonly [code: string, Promise<Documents>])[] = [
  ['accepted', rosterCase('no change', same)],
  ['accepted', thirdRosterCase('no change', same)],
  ['accepted', charterCase('no change', same)],
  ...ROSTERS.map(([name, code, edit]) => [code, rosterCase(name, edit)] as const),
  ['WIRE_SIG', rosterCase('an officer’s signature', same, naptip.officers['author'])],
  ['TRUST_REVOCATION', thirdRosterCase('a revocation taken back', put(['revoked'], []))],
  ['TRUST_REVOCATION', thirdRosterCase('a revocation changed', put(['revoked', 0, 'since'], NOW))],
  ...CHARTERS.map(([name, code, edit]) => [code, charterCase(name, edit)] as const),
  ['TRUST_THRESHOLD', charterCase('a pair less', same, halvesOf(ROOTS.slice(1)))],
  ['TRUST_THRESHOLD', charterCase('half a pair less', same, halvesOf(ROOTS).slice(1))],
  ['WIRE_KID_UNKNOWN', charterCase('a strange signature', same, and(naptip.officers['author']!))],
  ['WIRE_KEY_USE', charterCase('a roster key’s signature', same, and(naptip.rosterKey))],
]

function and(key: PrivateKey<'Ed25519'>): readonly SigningKey[] {
  return [...halvesOf(ROOTS), key]
}

describe.skipIf(IS_SKIPPED)(`a second verifier over trust documents${WHY_SKIPPED}`, () => {
  it('accepts and refuses each as ours does, with the same code', async () => {
    const documents = await Promise.all(CASES.map(async ([, made]) => made))
    const path = join(folder, 'documents.json')
    const trust = { charter: charter.jws, rosters: [] }
    writeFileSync(path, JSON.stringify({ trust, documents }))
    const { rows } = secondOverVectors(path)
    const expected = documents.map(({ name }, index) => `${name}: ${CASES[index]?.[0] ?? ''}`)
    expect(documents.map(({ name, code }) => `${name}: ${code}`)).toEqual(expected)
    expect(rows.map(({ name, found }) => `${name}: ${found}`)).toEqual(expected)
    expect(rows).toHaveLength(56)
  })
})
