/**
 * The form of an envelope: what is not the one spelling of an envelope takes no place, before any signature is looked at.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#envelope
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { NOW, seededRandom } from '../../../../test/support/agencies.ts'
import {
  admitted,
  craft,
  type Crafted,
  drop,
  headerText,
  put,
  replaced,
  type Steps,
} from '../../../../test/support/crafted-envelope.ts'
import {
  codeOf,
  makeWorld,
  officer,
  outcomeOf,
  receiverOf,
  signersOf,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { editAt, repeated } from '../../../../test/support/hostile-edits.ts'
import { asJson, at, parseText, textAt } from '../../../../test/support/json.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { type Json } from '../bytes/jcs.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { privateKeyFromSeed } from '../crypto/jwk.ts'
import { keysOfSuite } from '../crypto/suites.ts'
import { type ErrorCode } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { ownDesk } from '../trust/roster.ts'
import { buildEnvelope, type EnvelopeParts, parseEnvelope } from './envelope.ts'
import { type SignedStatement } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

let world: World
let honest: Crafted
let referral: SignedStatement

beforeAll(async () => {
  world = await makeWorld()
  honest = await craft(world)
  referral = await statementOf(world, { kind: 'victim.referral/1' })
})

const DISPATCH = ['dispatch', 'signatures', 0] as const
const STATEMENT = ['statements', 0, 'signatures', 0] as const

/** A change of the bytes that arrive. */
const BYTES: readonly (readonly [string, ErrorCode, (bytes: Uint8Array) => Uint8Array])[] = [
  ['more than 1 MiB', 'WIRE_SIZE', (bytes) => concatBytes(bytes, new Uint8Array(1024 * 1024))],
  ['a newline at the end', 'WIRE_CANON', (bytes) => concatBytes(bytes, Uint8Array.of(0x0a))],
  ['a byte order mark', 'WIRE_JSON', (bytes) => concatBytes(encodeUtf8('\uFEFF'), bytes)],
  ['bytes that are not UTF-8', 'WIRE_UTF8', (bytes) => bytes.with(3, 0xff)],
  ['no JSON at all', 'WIRE_JSON', () => encodeUtf8('amana')],
  ['half of the bytes', 'WIRE_JSON', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['no bytes', 'WIRE_JSON', () => new Uint8Array()],
  ['a member twice', 'WIRE_CANON', replaced('"seal":', '"seal":"x","seal":')],
  ['white space between members', 'WIRE_CANON', replaced(',"v":1', ', "v":1')],
  ['members in another order', 'WIRE_CANON', reordered],
  ['a lone surrogate', 'WIRE_CANON', replaced('"seal":"', '"seal":"\\ud800')],
  ['a text that is not in normal form C', 'WIRE_CANON', replaced('"seal":"', '"seal":"e\u0301')],
  ['an escape that is not needed', 'WIRE_CANON', replaced('"v":1', '"\\u0076":1')],
  ['a fraction', 'WIRE_CANON', replaced('"v":1', '"v":1.0')],
  ['an exponent', 'WIRE_CANON', replaced('"v":1', '"v":1e0')],
  ['a negative zero', 'WIRE_CANON', replaced('"v":1', '"v":-0')],
  ['a number above 2^53', 'WIRE_CANON', replaced('"v":1', '"v":9007199254740993')],
  ['a member named __proto__', 'WIRE_CANON', replaced('"v":1', '"__proto__":1,"v":1')],
  ['brackets without end', 'WIRE_CANON', () => encodeUtf8('['.repeat(100_000))],
  ['a number in place of an envelope', 'WIRE_MEMBER', () => encodeUtf8('7')],
  ['a list in place of an envelope', 'WIRE_MEMBER', () => encodeUtf8('[]')],
]

/** A change of the envelope after everything was signed. */
const MEMBERS: readonly (readonly [string, ErrorCode, Steps['envelope']])[] = [
  ['an unknown member', 'WIRE_MEMBER', put(['note'], 'x')],
  ['no dispatch', 'WIRE_MEMBER', drop('dispatch')],
  ['no seal', 'WIRE_MEMBER', drop('seal')],
  ['no statements', 'WIRE_MEMBER', drop('statements')],
  ['an empty list of statements', 'WIRE_MEMBER', put(['statements'], [])],
  ['no version', 'WIRE_MEMBER', drop('v')],
  ['version 2', 'WIRE_VERSION', put(['v'], 2)],
  ['the seal as an object', 'WIRE_MEMBER', put(['seal'], {})],
  [
    'a JWE in place of a statement',
    'WIRE_MEMBER',
    put(['statements', 0], { ciphertext: '', iv: '' }),
  ],
  ['a compact text in place of a statement', 'WIRE_MEMBER', put(['statements', 0], 'a.b.c')],
  ['a statement without signatures', 'WIRE_MEMBER', put(['statements', 0, 'signatures'], [])],
  ['an unprotected header', 'WIRE_MEMBER', put([...DISPATCH, 'header'], { kid: 'x' })],
  ['a signature with padding', 'WIRE_B64', put([...DISPATCH, 'signature'], 'AA==')],
  ['a signature with trailing bits', 'WIRE_B64', put([...DISPATCH, 'signature'], 'AB')],
  ['a signature with white space', 'WIRE_B64', put([...DISPATCH, 'signature'], 'A A')],
  ['a payload that is not base64url', 'WIRE_B64', put(['dispatch', 'payload'], 'a+b')],
  [
    'a payload that is not JSON',
    'WIRE_JSON',
    put(['dispatch', 'payload'], encodeBase64url(encodeUtf8('no'))),
  ],
  ['a payload above 32 KiB', 'WIRE_SIZE', put(['dispatch', 'payload'], 'A'.repeat(44_000))],
  ['two signatures on a dispatch', 'WIRE_SIZE', editAt(['dispatch', 'signatures'], repeated(2))],
  [
    'a hundred signatures on a statement',
    'WIRE_SIZE',
    editAt(['statements', 0, 'signatures'], repeated(100)),
  ],
  ['two signatures by one key', 'WIRE_SIG', editAt(['statements', 0, 'signatures'], repeated(2))],
  [
    'a statement as dispatch',
    'WIRE_MEMBER',
    (value) => put(['dispatch'], at(value, ['statements']))(value),
  ],
]

const HEADER = { alg: 'Ed25519', kid: 'A'.repeat(43), typ: 'amana-dispatch+jws' }

/** What stands in the protected header of the dispatch. */
const HEADERS: readonly (readonly [string, ErrorCode, Json])[] = [
  ['alg none', 'WIRE_ALG', { ...HEADER, alg: 'none' }],
  ['alg EdDSA', 'WIRE_ALG', { ...HEADER, alg: 'EdDSA' }],
  ['alg HS256', 'WIRE_ALG', { ...HEADER, alg: 'HS256' }],
  ['an embedded key', 'WIRE_MEMBER', { ...HEADER, jwk: {} }],
  ['an address of keys', 'WIRE_MEMBER', { ...HEADER, jku: 'https://example.org' }],
  ['an address of a certificate', 'WIRE_MEMBER', { ...HEADER, x5u: 'https://example.org' }],
  ['an unknown extension', 'WIRE_CRIT', { crit: ['exp'], ...HEADER }],
  ['an unencoded payload', 'WIRE_CRIT', { b64: false, ...HEADER }],
  ['the type of a receipt', 'WIRE_TYP', { ...HEADER, typ: 'amana-receipt+jws' }],
  ['a key id that is a path', 'WIRE_KID', { ...HEADER, kid: '../../etc/passwd' }],
  ['an act', 'WIRE_MEMBER', { act: 'author', ...HEADER }],
  ['a list in place of members', 'WIRE_HDR', ['Ed25519']],
  ['ten thousand characters', 'WIRE_SIZE', { ...HEADER, typ: 'x'.repeat(10_000) }],
]

/** The same for the statement's header. */
const ACTS: readonly (readonly [string, ErrorCode, Json])[] = [
  ['no act', 'WIRE_HDR', { ...HEADER, typ: 'amana-statement+sd-jwt' }],
  ['an unknown act', 'WIRE_HDR', { act: 'witness', ...HEADER, typ: 'amana-statement+sd-jwt' }],
  ['the type of a dispatch', 'WIRE_TYP', { act: 'author', ...HEADER }],
]

describe('an envelope takes no place', () => {
  it.each(BYTES)('with %s', async (_name, code, change) => {
    const outcome = await outcomeOf(change(honest.bytes), receiverOf(world))
    expect(outcome).toEqual({ place: 'none', results: [code] })
  })

  it.each(MEMBERS)('with %s', async (_name, code, envelope) => {
    const { bytes } = await craft(world, envelope === undefined ? {} : { envelope })
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual({ place: 'none', results: [code] })
  })

  it.each(HEADERS)('with %s in the header of its dispatch', async (_name, code, header) => {
    const envelope = put([...DISPATCH, 'protected'], headerText(header))
    const { bytes } = await craft(world, { envelope })
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual({ place: 'none', results: [code] })
  })

  it.each(ACTS)('with %s in the header of a statement', async (_name, code, header) => {
    const envelope = put([...STATEMENT, 'protected'], headerText(header))
    const { bytes } = await craft(world, { envelope })
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual({ place: 'none', results: [code] })
  })

  it('with a member twice in a protected header', async () => {
    const text = `{"alg":"Ed25519","kid":"a","kid":"b","typ":"amana-dispatch+jws"}`
    const envelope = put([...DISPATCH, 'protected'], encodeBase64url(encodeUtf8(text)))
    const { bytes } = await craft(world, { envelope })
    const outcome = await outcomeOf(bytes, receiverOf(world))
    expect(outcome).toEqual({ place: 'none', results: ['WIRE_CANON'] })
  })
})

/** Members of a dispatch, with a value of the right type that is out of its limits. */
const CONTENT: readonly (readonly [string, ErrorCode, Json])[] = [
  ['acknowledges', 'WIRE_MEMBER', { digest: digest('x'), sequence: 0 }],
  ['attachments', 'WIRE_MEMBER', [{ digest: digest('x'), length: 31 }]],
  ['channel', 'WIRE_MEMBER', 'ne.anltp-tim'],
  ['context', 'WIRE_MEMBER', { charter: digest('x') }],
  ['from', 'WIRE_MEMBER', { agency: 'ne.anltp-tim', node: '' }],
  ['keyCommitment', 'WIRE_MEMBER', 'short'],
  ['previous', 'WIRE_MEMBER', null],
  ['seal', 'WIRE_MEMBER', `${'A'.repeat(42)}B`],
  ['sealBytes', 'WIRE_MEMBER', WIRE_LIMITS.sealBytes + 1],
  ['sentAt', 'WIRE_MEMBER', -1],
  ['sequence', 'WIRE_MEMBER', 0],
  ['signatures', 'WIRE_MEMBER', []],
  ['statements', 'WIRE_MEMBER', Array.from({ length: 65 }, (_, n) => digest(String(n)))],
  ['suite', 'WIRE_MEMBER', 'A0'],
  ['to', 'WIRE_MEMBER', { agency: 'ng.naptip', desk: 'protection', kids: [] }],
  ['v', 'WIRE_VERSION', 2],
]

describe('a dispatch takes no place', () => {
  it.each(CONTENT)('when %s is out of its limits', async (member, code, value) => {
    const { bytes } = await craft(world, { content: put([member], value) })
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual({ place: 'none', results: [code] })
  })

  it.each(CONTENT)('without %s', async (member) => {
    const { bytes } = await craft(world, { content: drop(member) })
    const outcome = await outcomeOf(bytes, receiverOf(world))
    expect(outcome).toEqual({ place: 'none', results: ['WIRE_MEMBER'] })
  })

  it.each([
    ['one member more', put(['note'], 'x')],
    ['keys out of order', put(['to', 'kids'], [digest('b'), digest('a')].toSorted().toReversed())],
    ['a key twice', put(['to', 'kids'], [digest('a'), digest('a')])],
    ['17 keys', put(['to', 'kids'], keyIds(17))],
  ])('with %s', async (_name, content) => {
    const { bytes } = await craft(world, { content })
    const outcome = await outcomeOf(bytes, receiverOf(world))
    expect(outcome).toEqual({ place: 'none', results: ['WIRE_MEMBER'] })
  })
})

describe('a sender', () => {
  it('builds what the specification says, byte for byte beside what is random', async () => {
    const built = await buildEnvelope(await parts([referral]))
    const crafted = await craft(world, { statements: [referral] })
    const [one, other] = [built.bytes, crafted.bytes].map(withoutRandom)
    expect(one).toEqual(other)
    expect(built.digest).toBe(digest(built.dispatch.payload))
    const outcome = await outcomeOf(built.bytes, receiverOf(world))
    expect(outcome).toEqual({ place: 'taken', results: ['opened'] })
  })

  it('cannot read what the desk may not see in the bytes that it sends', async () => {
    const { plaintext } = await craft(world, { statements: [referral] })
    const text = decodeUtf8(plaintext)
    expect(text).toContain('Sleeps badly')
    expect(text).not.toContain('Anaemia')
    expect(decodeUtf8(honest.bytes)).not.toContain('submit')
  })

  it.each([1, 2, 64])('builds a dispatch of %i statements that all open', async (count) => {
    const statements = await batchOf(count)
    const { bytes } = await buildEnvelope(await parts(statements))
    const results = Array.from({ length: count }, () => 'opened')
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual({ place: 'taken', results })
  })

  it('cannot build a dispatch of 65 statements', async () => {
    const statements = await batchOf(65)
    expect(await codeOf(async () => buildEnvelope(await parts(statements)))).toBe('WIRE_MEMBER')
  })

  it('cannot seal to 17 keys', async () => {
    const keys = await Promise.all(
      Array.from({ length: 17 }, async (_, n) =>
        privateKeyFromSeed('HPKE-9-KE', new Uint8Array(32).fill(n)),
      ),
    )
    const made = await parts([referral])
    const admittedKeys = keys.map((key) => admitted(key))
    const to = { ...made.to, keys: keysOfSuite('A2', admittedKeys) }
    expect(await codeOf(async () => buildEnvelope({ ...made, to }))).toBe('WIRE_MEMBER')
  })

  it('cannot send a statement to a desk that does not read its kind', async () => {
    const made = await parts([referral])
    const to = { ...made.to, desk: ownDesk('coordination') }
    expect(await codeOf(async () => buildEnvelope({ ...made, to }))).toBe('WIRE_POLICY')
  })

  it('cannot send what it lost a group of', async () => {
    const { identity: _identity, ...groups } = referral.opening.groups
    const withheld = { identity: digest('identity') }
    const lost = { ...referral, opening: { ...referral.opening, groups, withheld } }
    expect(await codeOf(async () => buildEnvelope(await parts([lost])))).toBe('WIRE_INCOMPLETE')
  })

  it('cannot build more disclosures than a receiver counts', async () => {
    const list = Array.from({ length: 8300 }, (_, n) => n)
    const big = await batchOf(2, { body: { list } })
    await expect(buildEnvelope(await parts(big))).rejects.toMatchObject(
      tooLarge(WIRE_LIMITS.disclosuresPerDispatch),
    )
    const [first] = big
    expect(first).toBeDefined()
    const { bytes } = await buildEnvelope(await parts(first === undefined ? [] : [first]))
    expect(parseEnvelope(bytes).form).toBe('sealed')
  })

  it('cannot build a seal above 900 KiB', async () => {
    const big = await batchOf(2, { body: { text: 'x'.repeat(440 * 1024) } })
    await expect(buildEnvelope(await parts(big))).rejects.toMatchObject(
      tooLarge(WIRE_LIMITS.sealBytes),
    )
  })

  it('cannot build an envelope above 1 MiB', async () => {
    const approvers = ['approver', 'reader'].map((name) => ({
      key: officer(world, name),
      act: 'approve' as const,
    }))
    const relates = Array.from({ length: 8 }, (_, n) => ({
      digest: digest(String(n)),
      relation: 'supersedes' as const,
    }))
    const many = await Promise.all(
      Array.from({ length: 64 }, async (_, n) =>
        statementOf(world, {
          label: String(n),
          draft: { groups: { body: { text: 'x'.repeat(10_200) } }, relates },
          signers: [...signersOf(world, 'referral.event/1'), ...approvers],
        }),
      ),
    )
    await expect(buildEnvelope(await parts(many))).rejects.toMatchObject(
      tooLarge(WIRE_LIMITS.envelopeBytes),
    )
    const { bytes } = await buildEnvelope(await parts(many.slice(1)))
    expect(bytes.byteLength).toBeGreaterThan(1000 * 1024)
  })
})

function tooLarge(limitBytes: number): object {
  return { code: 'WIRE_SIZE', details: { limitBytes } }
}

async function batchOf(count: number, groups?: Groups): Promise<readonly SignedStatement[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, n) =>
      statementOf(world, {
        label: String(n),
        ...(groups === undefined ? {} : { draft: { groups } }),
      }),
    ),
  )
}

type Groups = Readonly<Record<string, { readonly [member: string]: Json }>>

async function parts(statements: readonly SignedStatement[]): Promise<EnvelopeParts> {
  const { sender, receiver, trust, context, genesis } = world
  return {
    statements,
    from: { agency: sender.id, node: sender.peerId },
    to: {
      agency: receiver.id,
      desk: ownDesk('protection'),
      keys: trust.deskKeys(receiver.id, 'protection', NOW),
    },
    place: {
      acknowledges: null,
      channel: `${sender.id}>${receiver.id}`,
      previous: genesis,
      sequence: 1,
    },
    context,
    sentAt: NOW,
    sealKey: sender.sealKey,
    random: seededRandom('parts'),
  }
}

/** Everything of an envelope that does not come from its content key. */
function withoutRandom(bytes: Uint8Array): unknown {
  const envelope = parseText(decodeUtf8(bytes))
  const jwe = parseText(textAt(envelope, ['seal']))
  const payload = textAt(envelope, ['dispatch', 'payload'])
  const content = parseText(Buffer.from(payload, 'base64url').toString())
  const random = ['keyCommitment', 'seal']
  const plain = random.reduce((value, member) => drop(member)(value), content)
  return {
    plain,
    statements: at(envelope, ['statements']),
    aad: textAt(jwe, ['aad']),
    header: textAt(jwe, ['protected']),
    kid: textAt(jwe, ['recipients', 0, 'header', 'kid']),
    lengths: ['ciphertext', 'iv', 'tag'].map((member) => textAt(jwe, [member]).length),
    members: Object.keys(asJson(jwe)),
  }
}

function reordered(bytes: Uint8Array): Uint8Array {
  const members = Object.entries(asJson(parseText(decodeUtf8(bytes))))
  return encodeUtf8(JSON.stringify(Object.fromEntries(members.toReversed())))
}

function keyIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => digest(String(n))).toSorted()
}
