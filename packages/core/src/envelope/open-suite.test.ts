/**
 * Seals of suite A1: opened under a charter that lists it, refused step by step where they are wrong, and never taken in
 * place of a seal of the other suite.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#opening-a-seal
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { NOW } from '../../../../test/support/agencies.ts'
import {
  admitted,
  craft,
  deskKeys,
  drop,
  type Edit,
  put,
  type Steps,
} from '../../../../test/support/crafted-envelope.ts'
import {
  codeOf,
  makeWorld,
  outcomeOf,
  receiverOf,
  statementOf,
  underCharter,
  withSecondDeskKey,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { appended, editAt, onBytes } from '../../../../test/support/hostile-edits.ts'
import { asJson, at, parseText } from '../../../../test/support/json.ts'
import { readVectors } from '../../../../test/support/vectors.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { canonicalize } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { type OpeningKey } from '../crypto/jwk.ts'
import { type Suite } from '../crypto/suites.ts'
import { type ErrorCode } from '../errors.ts'
import { ownDesk } from '../trust/roster.ts'
import { KINDS, isKind } from '../messages/kinds.ts'
import { buildEnvelope } from './envelope.ts'
import { type Receiver } from './open.ts'
import { parseSeal } from './seal.ts'
import { hasStages } from './stage.ts'
import { type SignedStatement } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

type Row = readonly [string, ErrorCode, Steps]

let world: World

beforeAll(async () => {
  world = await makeWorld('A1')
})

const RECIPIENT = ['recipients', 0] as const
const EPK = [...RECIPIENT, 'header', 'epk'] as const
const flip = (bytes: Uint8Array): Uint8Array => bytes.with(9, (bytes[9] ?? 0) ^ 1)
const odd: Edit = (text) => (typeof text === 'string' ? `${text.slice(0, -1)}B` : text)
const epkBytes = (change: (bytes: Uint8Array) => Uint8Array): Steps => ({
  jwe: editAt([...EPK, 'x'], onBytes(change)),
})
const littleEndian = (first: number, rest: number, last: number): Uint8Array =>
  new Uint8Array(32).fill(rest).with(0, first).with(31, last)

/** The protected header, and what only other algorithms have. */
const HEADERS: readonly Row[] = [
  ['with compression', 'WIRE_ZIP', { header: put(['zip'], 'DEF') }],
  ['with an extension', 'WIRE_CRIT', { header: put(['crit'], ['exp']) }],
  ['of suite A2 by its header', 'WIRE_SUITE', { header: put(['alg'], 'HPKE-9-KE') }],
  ['whose key is agreed and not wrapped', 'WIRE_SUITE', { header: put(['alg'], 'ECDH-ES') }],
  ['with a shorter wrap', 'WIRE_SUITE', { header: put(['alg'], 'ECDH-ES+A128KW') }],
  ['with a key that both have', 'WIRE_SUITE', { header: put(['alg'], 'A256KW') }],
  ['from a passphrase', 'WIRE_SUITE', { header: put(['alg'], 'PBES2-HS512+A256KW') }],
  ['with the rounds of a passphrase', 'WIRE_JWE', { header: put(['p2c'], 1_000_000) }],
  ['with its ephemeral key in the protected header', 'WIRE_JWE', { header: put(['epk'], {}) }],
  ['with a producer', 'WIRE_JWE', { header: put(['apu'], 'QWxpY2U') }],
  ['with a receiver', 'WIRE_JWE', { header: put(['apv'], 'Qm9i') }],
  ['of the type of a draft', 'WIRE_JWE', { header: put(['typ'], 'amana-seal-draft+jwe') }],
  ['of another encryption', 'WIRE_JWE', { header: put(['enc'], 'A256CBC-HS512') }],
  ['of another content', 'WIRE_JWE', { header: put(['cty'], 'json') }],
  ['without an encryption', 'WIRE_JWE', { header: drop('enc') }],
]

/** The entry of a recipient. */
const ENTRIES: readonly Row[] = [
  [
    'with a producer beside a recipient',
    'WIRE_JWE',
    { jwe: put([...RECIPIENT, 'header', 'apu'], 'QQ') },
  ],
  [
    'with an algorithm beside a recipient',
    'WIRE_JWE',
    { jwe: put([...RECIPIENT, 'header', 'alg'], 'dir') },
  ],
  ['with rounds beside a recipient', 'WIRE_JWE', { jwe: put([...RECIPIENT, 'header', 'p2c'], 9) }],
  ['without an ephemeral key', 'WIRE_JWE', { jwe: editAt([...RECIPIENT, 'header'], drop('epk')) }],
  ['with an encapsulation', 'WIRE_JWE', { jwe: put([...RECIPIENT, 'header', 'ek'], 'QQ') }],
  ['with a private ephemeral key', 'WIRE_JWE', { jwe: put([...EPK, 'd'], 'A'.repeat(43)) }],
  ['with a named ephemeral key', 'WIRE_JWE', { jwe: put([...EPK, 'kid'], 'x') }],
  ['with an ephemeral key of 448 bits', 'WIRE_JWE', { jwe: put([...EPK, 'crv'], 'X448') }],
  ['with an ephemeral key for signatures', 'WIRE_JWE', { jwe: put([...EPK, 'crv'], 'Ed25519') }],
  ['with an ephemeral key of another type', 'WIRE_JWE', { jwe: put([...EPK, 'kty'], 'EC') }],
  ['with an ephemeral key of 31 bytes', 'WIRE_JWE', epkBytes((x) => x.subarray(1))],
  ['with an ephemeral key of 33 bytes', 'WIRE_JWE', epkBytes((x) => Uint8Array.of(...x, 0))],
  ['with the ephemeral key 0', 'WIRE_JWE', epkBytes(() => littleEndian(0, 0, 0))],
  ['with the ephemeral key 1', 'WIRE_JWE', epkBytes(() => littleEndian(1, 0, 0))],
  ['with the ephemeral key −1', 'WIRE_JWE', epkBytes(() => littleEndian(0xec, 0xff, 0x7f))],
  ['with the prime as ephemeral key', 'WIRE_JWE', epkBytes(() => littleEndian(0xed, 0xff, 0x7f))],
  [
    'with an ephemeral key above the prime',
    'WIRE_JWE',
    epkBytes(() => littleEndian(0xff, 0xff, 0x7f)),
  ],
  [
    'with an ephemeral key whose highest bit is set',
    'WIRE_JWE',
    epkBytes((x) => x.with(31, (x[31] ?? 0) | 0x80)),
  ],
  ['with trailing bits in its ephemeral key', 'WIRE_B64', { jwe: editAt([...EPK, 'x'], odd) }],
  [
    'with trailing bits in its wrapped key',
    'WIRE_B64',
    { jwe: editAt([...RECIPIENT, 'encrypted_key'], odd) },
  ],
  [
    'with a wrapped key of 48 bytes',
    'WIRE_JWE',
    {
      jwe: editAt(
        [...RECIPIENT, 'encrypted_key'],
        onBytes((key) => Uint8Array.of(...key, ...key.subarray(0, 8))),
      ),
    },
  ],
  ['with another key id', 'WIRE_TO', { jwe: put([...RECIPIENT, 'header', 'kid'], digest('x')) }],
  ['with another ephemeral key', 'WIRE_DECRYPT', epkBytes(flip)],
  [
    'with one bit of its wrapped key changed',
    'WIRE_DECRYPT',
    { jwe: editAt([...RECIPIENT, 'encrypted_key'], onBytes(flip)) },
  ],
  [
    'with one bit of its ciphertext changed',
    'WIRE_DECRYPT',
    { jwe: editAt(['ciphertext'], onBytes(flip)) },
  ],
  ['with one bit of its vector changed', 'WIRE_DECRYPT', { jwe: editAt(['iv'], onBytes(flip)) }],
  ['with one bit of its tag changed', 'WIRE_DECRYPT', { jwe: editAt(['tag'], onBytes(flip)) }],
  [
    'with another content key than it commits to',
    'WIRE_KEY_COMMIT',
    { wrapped: (key) => key.with(0, (key[0] ?? 0) ^ 1) },
  ],
  [
    'with additional data of another desk',
    'WIRE_AAD',
    { aad: put(['to', 'desk'], 'intelligence') },
  ],
  ['with another padding', 'WIRE_DIS', { plaintext: (bytes) => bytes.with(8, 0x31) }],
]

describe('under a charter that lists A1 alone', () => {
  it.each(
    Object.keys(KINDS)
      .filter((name) => isKind(name))
      .filter((name) => hasStages(name)),
  )('%s is sealed and opened', async (kind) => {
    const statement = await statementOf(world, { kind })
    const { bytes } = await built(world, [statement])
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual({
      place: 'taken',
      results: ['opened'],
    })
    const crafted = await craft(world, { statements: [statement] })
    expect(await outcomeOf(crafted.bytes, receiverOf(world))).toEqual({
      place: 'taken',
      results: ['opened'],
    })
  })

  it('a seal opens with each of the desk’s keys', async () => {
    const { world: rotating, second } = await withSecondDeskKey(world, 'A1')
    const { bytes } = await built(rotating, [await statementOf(rotating)])
    for (const key of [second, world.receiver.desks.protection]) {
      const receiver = receiverOf(rotating, only(key))
      expect(await outcomeOf(bytes, receiver)).toEqual({ place: 'taken', results: ['opened'] })
    }
  })

  it.each([...HEADERS, ...ENTRIES])(
    'nothing is opened of a seal %s',
    async (_name, code, steps) => {
      const { bytes } = await craft(world, steps)
      expect(await outcomeOf(bytes, receiverOf(world))).toEqual({ place: 'taken', results: [code] })
    },
  )

  it('nothing is opened where the ephemeral key of another recipient is of small order', async () => {
    const { world: rotating } = await withSecondDeskKey(world, 'A1')
    for (const n of [0, 1]) {
      const jwe = put(['recipients', n, 'header', 'epk', 'x'], encodeBase64url(new Uint8Array(32)))
      const { bytes } = await craft(rotating, { jwe })
      const outcome = await outcomeOf(bytes, receiverOf(rotating))
      expect(outcome).toEqual({ place: 'taken', results: ['WIRE_JWE'] })
    }
  })

  it('nothing is opened of a dispatch of A2', async () => {
    const hybrid = await makeWorld()
    const recipients = deskKeys(hybrid, 'protection')
    const { bytes } = await craft(world, { suite: 'A2', recipients })
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual({
      place: 'taken',
      results: ['WIRE_SUITE'],
    })
  })
})

/** What the charter lists, the suite of the dispatch, its addressees by the suite of their keys, and what becomes of it. */
const ADDRESSED: readonly (readonly [readonly Suite[], Suite, readonly Suite[], string])[] = [
  [['A2'], 'A2', ['A2'], 'opened'],
  [['A2'], 'A1', ['A1'], 'WIRE_SUITE'],
  [['A2'], 'A2', ['A1'], 'WIRE_TO'],
  [['A2'], 'A2', ['A1', 'A2'], 'WIRE_TO'],
  [['A1'], 'A1', ['A1'], 'opened'],
  [['A1'], 'A2', ['A2'], 'WIRE_SUITE'],
  [['A1'], 'A1', ['A2'], 'WIRE_TO'],
  [['A1', 'A2'], 'A1', ['A1'], 'opened'],
  [['A1', 'A2'], 'A2', ['A2'], 'opened'],
  [['A1', 'A2'], 'A1', ['A2'], 'WIRE_TO'],
  [['A1', 'A2'], 'A1', ['A1', 'A2'], 'WIRE_TO'],
]

describe('a desk that has keys of both suites', () => {
  let hybrid: World
  let classic: OpeningKey

  beforeAll(async () => {
    const made = await withSecondDeskKey(await makeWorld(), 'A1')
    hybrid = made.world
    classic = made.second
  })

  function keyOf(suite: Suite): OpeningKey {
    return suite === 'A1' ? classic : hybrid.receiver.desks.protection
  }

  it.each(ADDRESSED)(
    'under a charter with %j: a dispatch of %s to its keys of %j is %s',
    async (...row) => {
      const [suites, suite, to, result] = row
      const under = await ruledBy(hybrid, suites)
      const recipients = to.map((name) => admitted(keyOf(name)))
      const { bytes } = await craft(under, { suite, recipients })
      const receiver = receiverOf(under, only(keyOf('A1'), keyOf('A2')))
      expect(await outcomeOf(bytes, receiver)).toEqual({ place: 'taken', results: [result] })
    },
  )

  it.each<readonly [Suite, Suite]>([
    ['A2', 'A1'],
    ['A1', 'A2'],
  ])('opens no seal of %s in a dispatch of %s', async (sealed, named) => {
    const under = await ruledBy(hybrid, ['A1', 'A2'])
    const other = await craft(under, { suite: sealed, recipients: [admitted(keyOf(sealed))] })
    const recipients = [admitted(keyOf(named))]
    const { bytes } = await craft(under, { suite: named, recipients, seal: () => other.seal })
    const receiver = receiverOf(under, only(keyOf('A1'), keyOf('A2')))
    expect(await outcomeOf(bytes, receiver)).toEqual({ place: 'taken', results: ['WIRE_SUITE'] })
  })

  it.each<readonly [Suite, Suite]>([
    ['A2', 'A1'],
    ['A1', 'A2'],
  ])('opens no seal of %s with one recipient of %s beside', async (suite, added) => {
    const under = await ruledBy(hybrid, ['A1', 'A2'])
    const entry = async (name: Suite): Promise<unknown> => {
      const { seal } = await craft(under, { suite: name, recipients: [admitted(keyOf(name))] })
      return at(parseText(seal), ['recipients', 0])
    }
    const jwe = editAt(['recipients'], appended(await entry(added)))
    const { bytes } = await craft(under, { suite, recipients: [admitted(keyOf(suite))], jwe })
    const receiver = receiverOf(under, only(keyOf('A1'), keyOf('A2')))
    expect(await outcomeOf(bytes, receiver)).toEqual({ place: 'taken', results: ['WIRE_JWE'] })
  })

  it('is sealed to under A2 only, where the charter lists both', async () => {
    const under = await ruledBy(hybrid, ['A1', 'A2'])
    const { dispatch } = await built(under, [await statementOf(under)])
    const content = parseText(Buffer.from(dispatch.payload, 'base64url').toString())
    expect(at(content, ['suite'])).toBe('A2')
    expect(at(content, ['to', 'kids'])).toEqual([keyOf('A2').keyId])
  })
})

const foreign = readVectors(
  'crypto/ecdh-es.json',
  z.object({
    wycheproof: z.object({
      tests: z.array(z.object({ tcId: z.number(), comment: z.string(), jwe: z.string() })),
    }),
    cookbook: z.array(
      z.object({ name: z.string(), jwe: z.looseObject({ protected: z.string() }) }),
    ),
    rfc8037: z.object({ protected: z.looseObject({ alg: z.string() }) }),
  }),
)

describe('a JWE of another profile', () => {
  it.each(foreign.wycheproof.tests)(
    'of Wycheproof, case $tcId $comment, is no seal',
    async ({ jwe }) => {
      expect(await codeOf(() => parseSeal(jwe, 'A1'))).toBe('WIRE_JSON')
      const [header = '', encryptedKey = '', iv = '', ciphertext = '', tag = ''] = jwe.split('.')
      const general = {
        ciphertext,
        iv,
        protected: header,
        recipients: [{ encrypted_key: encryptedKey }],
        tag,
      }
      expect(await codeOf(() => parseSeal(canonicalize(general), 'A1'))).toBe('WIRE_JWE')
    },
  )

  it.each<readonly [string, ErrorCode]>([
    ['RFC 7520 5.4', 'WIRE_JWE'],
    ['RFC 7520 5.5', 'WIRE_JWE'],
    ['RFC 7520 5.10', 'WIRE_CANON'],
    ['RFC 7520 5.13', 'WIRE_JWE'],
    ['curve25519/ecdh-es', 'WIRE_JWE'],
  ])('of %s is no seal', async (name, code) => {
    const { jwe } = cookbook(name)
    expect(await codeOf(() => parseSeal(canonicalize(asJson(jwe)), 'A1'))).toBe(code)
  })

  it.each<readonly [string, () => string, ErrorCode]>([
    ['ECDH-ES+A256KW on P-256 (Wycheproof 66)', () => wycheproofHeader('66'), 'WIRE_CANON'],
    ['RFC 7520 5.4', () => cookbookHeader('RFC 7520 5.4'), 'WIRE_CANON'],
    ['RFC 7520 5.13', () => cookbookHeader('RFC 7520 5.13'), 'WIRE_SUITE'],
    ['RFC 8037 A.6', () => headerText(foreign.rfc8037.protected), 'WIRE_SUITE'],
  ])('does not become one with our members and the header of %s', async (_name, header, code) => {
    const { seal } = await craft(world)
    const changed = put(['protected'], header())(parseText(seal))
    expect(await codeOf(() => parseSeal(canonicalize(asJson(changed)), 'A1'))).toBe(code)
  })
})

function wycheproofHeader(tcId: string): string {
  const found = foreign.wycheproof.tests.find((test) => String(test.tcId) === tcId)
  return found?.jwe.split('.')[0] ?? ''
}

function cookbook(name: string): (typeof foreign.cookbook)[number] {
  const found = foreign.cookbook.find((example) => example.name === name)
  if (found === undefined) throw new Error(`no example ${name}`)
  return found
}

function cookbookHeader(name: string): string {
  return cookbook(name).jwe.protected
}

function headerText(members: unknown): string {
  return encodeBase64url(new TextEncoder().encode(canonicalize(asJson(members))))
}

function only(...keys: readonly OpeningKey[]): Partial<Receiver> {
  return { deskKey: (keyId) => keys.find((key) => key.keyId === keyId) }
}

/** The same rosters under a charter that lists these suites. */
async function ruledBy(base: World, suites: readonly Suite[]): Promise<World> {
  return underCharter(base, { suites: [...suites] })
}

async function built(
  { sender, receiver, trust, context, genesis }: World,
  statements: readonly SignedStatement[],
): ReturnType<typeof buildEnvelope> {
  const [{ kind } = { kind: '' }] = statements
  const desk = isKind(kind) ? KINDS[kind].desk : ''
  return buildEnvelope({
    statements,
    from: { agency: sender.id, node: sender.peerId },
    to: { agency: receiver.id, desk: ownDesk(desk), keys: trust.deskKeys(receiver.id, desk, NOW) },
    place: {
      acknowledges: null,
      channel: `${sender.id}>${receiver.id}`,
      previous: genesis,
      sequence: 1,
    },
    context,
    sentAt: NOW,
    sealKey: sender.sealKey,
    random: (sizeBytes) => crypto.getRandomValues(new Uint8Array(sizeBytes)),
  })
}
