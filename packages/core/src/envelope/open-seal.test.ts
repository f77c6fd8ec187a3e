/**
 * A dispatch that took its place and whose seal, times or addressees are wrong: the place stays taken, every statement
 * of it is refused.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
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
  makeWorld,
  type Outcome,
  outcomeOf,
  receiverOf,
  statementOf,
  underCharter,
  withNextRoster,
  withSecondDeskKey,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import {
  backwards,
  editAt,
  onBytes,
  repeated,
  withoutLast,
} from '../../../../test/support/hostile-edits.ts'
import { at } from '../../../../test/support/json.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { type ErrorCode } from '../errors.ts'
import { type Receiver } from './open.ts'
import { type SignedStatement } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

let world: World
let pair: readonly SignedStatement[]

beforeAll(async () => {
  world = await makeWorld()
  pair = [await statementOf(world), await statementOf(world, { label: 'second' })]
})

type Made = Steps | ((made: World) => Steps)
type Row = readonly [string, ErrorCode, Made, Partial<Receiver>?]

interface Attack {
  readonly steps: Made
  readonly changes: Partial<Receiver>
}

function arranged([name, code, steps, changes = {}]: Row): readonly [string, ErrorCode, Attack] {
  return [name, code, { steps, changes }]
}

async function refusedAll({ steps, changes }: Attack): Promise<Outcome> {
  const made = typeof steps === 'function' ? steps(world) : steps
  const { bytes } = await craft(world, { statements: pair, ...made })
  return outcomeOf(bytes, receiverOf(world, changes))
}

const both = (code: string): object => ({ place: 'taken', results: [code, code] })

const acknowledged = (sequence: number): Receiver['headOf'] => {
  return async () => ({ sequence: 0, digest: world.genesis, sentAt: 0, acknowledged: sequence })
}
const ownDispatchAt: Receiver['ownDispatchAt'] = async (_receiver, sequence) =>
  sequence <= 3 ? digest(`own ${String(sequence)}`) : undefined
const ack = (sequence: number): NonNullable<Steps['acknowledges']> => ({
  digest: digest(`own ${String(sequence)}`),
  sequence,
})

/** Times, documents, acknowledgements and addressees. */
const DISPATCHES: readonly Row[] = [
  ['a suite that the charter has not', 'WIRE_SUITE', { content: put(['suite'], 'A1') }],
  ['a time in the future', 'WIRE_TIME_FUTURE', { sentAt: NOW + 301 }],
  ['a time before the charter’s hold', 'WIRE_TIME_STALE', {}, { now: NOW + 2_592_001 }],
  [
    'a time before the dispatch before',
    'WIRE_TIME_ORDER',
    {},
    {
      headOf: async () => ({
        sequence: 0,
        digest: world.genesis,
        sentAt: NOW + 1,
        acknowledged: 0,
      }),
    },
  ],
  ['another charter', 'WIRE_TRUST_CONTEXT', { content: put(['context', 'charter'], digest('x')) }],
  [
    'a roster of the sender that is not known',
    'WIRE_TRUST_CONTEXT',
    { content: put(['context', 'rosters', 'ne.anltp-tim'], digest('x')) },
  ],
  [
    'the receiver’s roster as the sender’s',
    'WIRE_TRUST_CONTEXT',
    (made) => ({
      content: put(['context', 'rosters', 'ne.anltp-tim'], made.context.rosters['ng.naptip']),
    }),
  ],
  [
    'no roster of the sender',
    'WIRE_TRUST_CONTEXT',
    { content: editAt(['context', 'rosters'], drop('ne.anltp-tim')) },
  ],
  [
    'no roster of the receiver',
    'WIRE_TRUST_CONTEXT',
    { content: editAt(['context', 'rosters'], drop('ng.naptip')) },
  ],
  [
    'a roster of the receiver that is not known',
    'WIRE_TRUST_CONTEXT',
    { content: put(['context', 'rosters', 'ng.naptip'], digest('x')) },
  ],
  [
    'the sender’s roster as the receiver’s',
    'WIRE_TRUST_CONTEXT',
    (made) => ({
      content: put(['context', 'rosters', 'ng.naptip'], made.context.rosters['ne.anltp-tim']),
    }),
  ],
  [
    'an acknowledgement of what was never sent',
    'WIRE_ACK',
    { acknowledges: ack(4) },
    { ownDispatchAt },
  ],
  [
    'an acknowledgement of another dispatch',
    'WIRE_ACK',
    { acknowledges: { digest: digest('x'), sequence: 2 } },
    { ownDispatchAt },
  ],
  [
    'a lower acknowledgement than before',
    'WIRE_ACK',
    { acknowledges: ack(1) },
    { ownDispatchAt, headOf: async (sender) => acknowledged(2)(sender) },
  ],
  [
    'no acknowledgement any more',
    'WIRE_ACK',
    {},
    { ownDispatchAt, headOf: async (sender) => acknowledged(1)(sender) },
  ],
  ['a key of another desk', 'WIRE_TO', (made) => ({ recipients: deskKeys(made, 'intelligence') })],
  [
    'a key of the sender beside the desk’s',
    'WIRE_TO',
    (made) => ({
      recipients: [...deskKeys(made, 'protection'), admitted(made.sender.desks.protection)],
    }),
  ],
  [
    'a signing key as its addressee',
    'WIRE_TO',
    (made) => ({ content: put(['to', 'kids'], [made.receiver.sealKey.keyId]) }),
  ],
  ['a desk that is not there', 'WIRE_TO', { content: put(['to', 'desk'], 'archive') }],
]

const flip = (bytes: Uint8Array): Uint8Array => bytes.with(9, (bytes[9] ?? 0) ^ 1)
const odd: Edit = (text) => (typeof text === 'string' ? `${text.slice(0, -1)}B` : text)

const RECIPIENT = ['recipients', 0] as const
const AAD = 8 * 1024

/** The JWE as the sender’s node made it. */
const SEALS: readonly Row[] = [
  ['that is no JSON', 'WIRE_JSON', { seal: () => 'sealed' }],
  ['that is not canonical', 'WIRE_CANON', { seal: (text) => `${text} ` }],
  ['with a member twice', 'WIRE_CANON', { seal: (text) => text.replace('{', '{"aad":"",') }],
  ['with a member more', 'WIRE_JWE', { jwe: put(['unprotected'], {}) }],
  ...['aad', 'ciphertext', 'iv', 'protected', 'recipients', 'tag'].map((member): Row => [
    `without its ${member}`,
    'WIRE_JWE',
    { jwe: drop(member) },
  ]),
  ['with compression', 'WIRE_ZIP', { header: put(['zip'], 'DEF') }],
  ['with an extension', 'WIRE_CRIT', { header: put(['crit'], ['exp']) }],
  ['of another algorithm', 'WIRE_SUITE', { header: put(['alg'], 'ECDH-ES+A256KW') }],
  ['with a key that needs no wrap', 'WIRE_SUITE', { header: put(['alg'], 'dir') }],
  ['from a passphrase', 'WIRE_SUITE', { header: put(['alg'], 'PBES2-HS512+A256KW') }],
  ['of another content', 'WIRE_JWE', { header: put(['cty'], 'json') }],
  ['of another encryption', 'WIRE_JWE', { header: put(['enc'], 'A128GCM') }],
  ['of another type', 'WIRE_JWE', { header: put(['typ'], 'amana-deposit+jwe') }],
  ['with a key in its header', 'WIRE_JWE', { header: put(['epk'], {}) }],
  ['with a list as header', 'WIRE_JWE', { header: () => [] }],
  ['with a header that is no base64url', 'WIRE_B64', { jwe: put(['protected'], 'AB') }],
  ['with a header above 300 bytes', 'WIRE_SIZE', { header: put(['kid'], 'x'.repeat(250)) }],
  ['with a header of a kilobyte', 'WIRE_JWE', { header: put(['kid'], 'x'.repeat(900)) }],
  ['without recipients', 'WIRE_JWE', { jwe: put(['recipients'], []) }],
  ['with one recipient twice', 'WIRE_JWE', { jwe: editAt(['recipients'], repeated(2)) }],
  ['with 17 recipients', 'WIRE_JWE', { jwe: editAt(['recipients'], seventeen) }],
  [
    'with additional data of another sender',
    'WIRE_AAD',
    { aad: put(['from', 'agency'], 'ng.nis') },
  ],
  [
    'with additional data of other statements',
    'WIRE_AAD',
    { aad: editAt(['statements'], backwards) },
  ],
  [
    'with additional data of another desk',
    'WIRE_AAD',
    { aad: put(['to', 'desk'], 'intelligence') },
  ],
  ['with additional data that say more', 'WIRE_AAD', { aad: put(['note'], 'x') }],
  [
    'with additional data that are not JSON',
    'WIRE_JSON',
    { jwe: put(['aad'], encodeBase64url(encodeUtf8('x'))) },
  ],
  ['with additional data above 8 KiB', 'WIRE_SIZE', { aad: put(['note'], 'x'.repeat(AAD)) }],
  [
    'with a tag of four bytes',
    'WIRE_JWE',
    {
      jwe: editAt(
        ['tag'],
        onBytes((tag) => tag.subarray(0, 4)),
      ),
    },
  ],
  [
    'with a short encapsulation',
    'WIRE_JWE',
    {
      jwe: editAt(
        [...RECIPIENT, 'header', 'ek'],
        onBytes((ek) => ek.subarray(32)),
      ),
    },
  ],
  [
    'with an empty encapsulation',
    'WIRE_DECRYPT',
    {
      jwe: editAt(
        [...RECIPIENT, 'header', 'ek'],
        onBytes((ek) => ek.fill(0)),
      ),
    },
  ],
  [
    'with a zero X25519 share',
    'WIRE_DECRYPT',
    {
      jwe: editAt(
        [...RECIPIENT, 'header', 'ek'],
        onBytes((ek) => ek.fill(0, -32)),
      ),
    },
  ],
  ['with another key id', 'WIRE_TO', { jwe: put([...RECIPIENT, 'header', 'kid'], digest('x')) }],
  [
    'with a content key that it does not commit to',
    'WIRE_KEY_COMMIT',
    { wrapped: (key) => key.with(0, (key[0] ?? 0) ^ 1) },
  ],
  ['with another commitment', 'WIRE_KEY_COMMIT', { content: put(['keyCommitment'], digest('x')) }],
  ...bitFlips(),
]

/** One bit of every encrypted member, and trailing bits of base64url where there are some. */
function bitFlips(): readonly Row[] {
  const places: readonly (readonly [string, readonly (string | number)[]])[] = [
    ['ciphertext', ['ciphertext']],
    ['iv', ['iv']],
    ['tag', ['tag']],
    ['wrapped key', [...RECIPIENT, 'encrypted_key']],
    ['encapsulation', [...RECIPIENT, 'header', 'ek']],
  ]
  return [
    ...places.map(([name, path]): Row => [
      `with one bit of its ${name} changed`,
      'WIRE_DECRYPT',
      { jwe: editAt(path, onBytes(flip)) },
    ]),
    ['with trailing bits in its tag', 'WIRE_B64', { jwe: editAt(['tag'], odd) }],
    [
      'with trailing bits in its encapsulation',
      'WIRE_B64',
      { jwe: editAt([...RECIPIENT, 'header', 'ek'], odd) },
    ],
    [
      'with trailing bits in its additional data',
      'WIRE_B64',
      { jwe: editAt(['aad'], (text) => `${String(text)}A`) },
    ],
  ]
}

describe('a dispatch takes its place and every statement is refused', () => {
  it.each(DISPATCHES.map(arranged))('with %s', async (_name, code, attack) => {
    expect(await refusedAll(attack)).toEqual(both(code))
  })

  it.each(SEALS.map(arranged))('sealed in a JWE %s', async (_name, code, attack) => {
    expect(await refusedAll(attack)).toEqual(both(code))
  })

  it('when none of its keys is here', async () => {
    const { bytes } = await craft(world, { statements: pair })
    const receiver = receiverOf(world, { deskKey: () => undefined })
    expect(await outcomeOf(bytes, receiver)).toEqual(both('WIRE_NOT_FOR_ME'))
  })
})

describe('a desk that changes its key', () => {
  let rotating: World

  beforeAll(async () => {
    rotating = (await withSecondDeskKey(world)).world
  })

  it('still opens what was sealed by the roster before', async () => {
    const { bytes } = await craft(world, { statements: pair })
    const outcome = await outcomeOf(bytes, receiverOf(rotating))
    expect(outcome).toEqual({ place: 'taken', results: ['opened', 'opened'] })
  })

  it.each<[string, ErrorCode, () => Steps]>([
    ['only its old key is named', 'WIRE_TO', () => ({ recipients: deskKeys(world, 'protection') })],
    [
      'the seal has its keys out of order',
      'WIRE_JWE',
      () => ({ jwe: editAt(['recipients'], backwards) }),
    ],
    [
      'the seal has fewer keys than the dispatch',
      'WIRE_TO',
      () => ({ jwe: editAt(['recipients'], withoutLast) }),
    ],
    ['the wraps of its keys were exchanged', 'WIRE_DECRYPT', () => ({ jwe: exchangeWraps })],
  ])('opens nothing where %s', async (_name, code, steps) => {
    const { bytes } = await craft(rotating, { statements: pair, ...steps() })
    expect(await outcomeOf(bytes, receiverOf(rotating))).toEqual(both(code))
  })
})

describe('a desk key that is not to be sealed to', () => {
  it.each(['ended', 'revoked'])(
    'any more, because it has %s, refuses the dispatch',
    async (how) => {
      const { payload } = world.trust.rosterOf(world.receiver.id)
      const { keyId } = world.receiver.desks.protection
      const desks = payload.desks.map((desk) => ({
        ...desk,
        encryption: desk.encryption.map((key) => ({ ...key, exp: NOW })),
      }))
      const revoked = [{ kid: keyId, reason: 'compromise' as const, since: NOW - 60 }]
      const changes = how === 'ended' ? { desks } : { revoked }
      const without = await withNextRoster(world, 'receiver', { issuedAt: NOW - 60, changes })
      const { bytes } = await craft(without, { recipients: deskKeys(world, 'protection') })
      const outcome = await outcomeOf(bytes, receiverOf(without))
      expect(outcome).toEqual({ place: 'taken', results: ['WIRE_TO'] })
    },
  )
})

describe('a charter’s limits bind', () => {
  const limits = { hold: 3_600, recipients: 1, skew: 10 }

  it.each<[string, string, Steps, Partial<Receiver>]>([
    ['a dispatch of its skew ahead', 'opened', { sentAt: NOW + 10 }, {}],
    ['a dispatch further ahead', 'WIRE_TIME_FUTURE', { sentAt: NOW + 11 }, {}],
    ['a dispatch as old as its hold', 'opened', {}, { now: NOW + 3_600 }],
    ['an older dispatch', 'WIRE_TIME_STALE', {}, { now: NOW + 3_601 }],
  ])('%s', async (...[, result, steps, changes]) => {
    const strict = await underCharter(world, { limits })
    const { bytes } = await craft(strict, steps)
    const outcome = await outcomeOf(bytes, receiverOf(strict, changes))
    expect(outcome).toEqual({ place: 'taken', results: [result] })
  })

  it('how many keys a dispatch may name', async () => {
    const { world: rotating } = await withSecondDeskKey(await underCharter(world, { limits }))
    const { bytes } = await craft(rotating)
    const outcome = await outcomeOf(bytes, receiverOf(rotating))
    expect(outcome).toEqual({ place: 'taken', results: ['WIRE_SIZE'] })
  })
})

/** Each key keeps its id and gets the other's wrap. */
function exchangeWraps(jwe: unknown): unknown {
  const wraps = [0, 1].map((n) => ({
    key: at(jwe, ['recipients', n, 'encrypted_key']),
    ek: at(jwe, ['recipients', n, 'header', 'ek']),
  }))
  return [0, 1].reduce<unknown>((whole, n) => {
    const withKey = put(['recipients', n, 'encrypted_key'], wraps[1 - n]?.key)(whole)
    return put(['recipients', n, 'header', 'ek'], wraps[1 - n]?.ek)(withKey)
  }, jwe)
}

function seventeen(list: unknown): unknown {
  const [first] = [0].map((n) => at(list, [n]))
  return Array.from({ length: 17 }, (_, n) => digest(String(n)))
    .toSorted()
    .map((keyId) => put(['header', 'kid'], keyId)(first))
}
