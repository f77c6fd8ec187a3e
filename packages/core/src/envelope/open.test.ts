/**
 * Who may take a place in a channel, and which: everything that is decided before a seal is opened.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { NOW, seededRandom } from '../../../../test/support/agencies.ts'
import {
  craft,
  type Crafted,
  put,
  replaced,
  type Steps,
} from '../../../../test/support/crafted-envelope.ts'
import {
  appended,
  backwards,
  editAt,
  flipped,
  inside,
  onBytes,
  repeated,
  withoutLast,
} from '../../../../test/support/hostile-edits.ts'
import { at, parseText } from '../../../../test/support/json.ts'
import {
  type Outcome,
  makeWorld,
  officer,
  outcomeOf,
  receiverOf,
  statementOf,
  turned,
  withNextRoster,
  withSecondDeskKey,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { BODIES } from '../../../../test/support/message-bodies.ts'
import { decodeBase64url } from '../bytes/base64.ts'
import { decodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { generateKey } from '../crypto/jwk.ts'
import { signJws } from '../crypto/jws.ts'
import { type ErrorCode } from '../errors.ts'
import { isKind, KINDS } from '../messages/kinds.ts'
import { createRosterNode } from '../trust/build-roster.ts'
import { createTrustView } from '../trust/trust-view.ts'
import { buildVoidEnvelope } from './envelope.ts'
import { openEnvelope, type Receiver } from './open.ts'
import { hasStages } from './stage.ts'
import { type SignedStatement } from './statement.ts'
import { signVoid } from './void.ts'

vi.setConfig({ testTimeout: 30_000 })

let world: World
let honest: Crafted
let pair: readonly SignedStatement[]

beforeAll(async () => {
  world = await makeWorld()
  honest = await craft(world)
  pair = [await statementOf(world), await statementOf(world, { label: 'second' })]
})

const opened = (count: number): Outcome => ({
  place: 'taken',
  results: Array.from({ length: count }, () => 'opened'),
})
const none = (code: string): Outcome => ({ place: 'none', results: [code] })

describe('an honest envelope', () => {
  it.each(
    Object.keys(KINDS)
      .filter((kind) => isKind(kind))
      .filter((kind) => hasStages(kind)),
  )('of %s opens', async (kind) => {
    const { bytes } = await craft(world, { statements: [await statementOf(world, { kind })] })
    const received = await openEnvelope(bytes, receiverOf(world))
    expect(received).toMatchObject({
      outcome: 'placed',
      statements: [{ result: 'opened', excess: [], message: { kind } }],
    })
  })

  it('gives the desk the groups that it may see, and digests of the others', async () => {
    const kind = 'victim.referral/1'
    const { bytes } = await craft(world, { statements: [await statementOf(world, { kind })] })
    const received = await openEnvelope(bytes, receiverOf(world))
    const [statement] = received.outcome === 'placed' ? received.statements : []
    const { health, investigation, ...visible } = BODIES[kind]
    expect(statement).toMatchObject({ result: 'opened', message: { groups: visible } })
    expect([health, investigation]).not.toContain(undefined)
    const withheld = statement?.result === 'opened' ? statement.opening.withheld : {}
    expect(Object.keys(withheld).toSorted()).toEqual(['health', 'investigation'])
  })

  it('opens whoever carried it, where it came in a file', async () => {
    const { carriedBy: _nobody, ...receiver } = receiverOf(world)
    expect(await outcomeOf(honest.bytes, receiver)).toEqual(opened(1))
  })

  it.each([
    ['as far ahead as clocks may be', { sentAt: NOW + 300 }, {}],
    ['as old as the charter holds', {}, { now: NOW + 2_592_000 }],
    ['in the second of the dispatch before', {}, { headOf: headAt({ sentAt: NOW }) }],
  ])('opens %s', async (_name, steps: Steps, changes: Partial<Receiver>) => {
    const { bytes } = await craft(world, steps)
    expect(await outcomeOf(bytes, receiverOf(world, changes))).toEqual(opened(1))
  })

  it('opens with any of the keys that a desk has', async () => {
    const { world: rotating, second } = await withSecondDeskKey(world)
    const { bytes } = await craft(rotating)
    for (const key of [second, world.receiver.desks.protection]) {
      const deskKey: Receiver['deskKey'] = (keyId) => (keyId === key.keyId ? key : undefined)
      expect(await outcomeOf(bytes, receiverOf(rotating, { deskKey }))).toEqual(opened(1))
    }
  })
})

describe('the place of an envelope', () => {
  it('is the same again for the same dispatch: a replay', async () => {
    const receiver = placed(honest.digest)
    expect(await outcomeOf(honest.bytes, receiver)).toEqual({ place: 'replay', results: [] })
  })

  it('is refused to another dispatch of the same sequence', async () => {
    const { bytes } = await craft(world, { statements: pair })
    expect(await outcomeOf(bytes, placed(honest.digest))).toEqual(none('WIRE_FORK'))
  })

  it('is refused where the dispatch before at that sequence is not known any more', async () => {
    const receiver = { ...placed(honest.digest), dispatchAt: async () => undefined }
    expect(await outcomeOf(honest.bytes, receiver)).toEqual(none('WIRE_FORK'))
  })

  it('waits for the dispatches before it', async () => {
    const { bytes } = await craft(world, { sequence: 3 })
    const received = await openEnvelope(bytes, receiverOf(world))
    expect(received).toMatchObject({ outcome: 'gap', expected: 1 })
  })

  it('follows the dispatch before it', async () => {
    const second = await craft(world, { sequence: 2, previous: honest.digest, statements: pair })
    expect(await outcomeOf(second.bytes, placed(honest.digest))).toEqual(opened(2))
  })

  it.each([
    ['the first', 1, 'previous'],
    ['the second', 2, 'genesis'],
  ])(
    'is refused to %s dispatch that names another one before it',
    async (_name, sequence, before) => {
      const previous = before === 'genesis' ? world.genesis : digest('rewritten')
      const { bytes } = await craft(world, { sequence, previous })
      const receiver = sequence === 1 ? receiverOf(world) : placed(honest.digest)
      expect(await outcomeOf(bytes, receiver)).toEqual(none('WIRE_PREV'))
    },
  )

  it('is taken by the same statement in a new dispatch', async () => {
    const again = await craft(world, { sequence: 2, previous: honest.digest })
    const statement = await statementOf(world)
    const receiver = placed(honest.digest, { statementOf: async () => statement.digest })
    expect(again.digest).not.toBe(honest.digest)
    expect(await outcomeOf(again.bytes, receiver)).toEqual(opened(1))
  })
})

/** Parts of an envelope that are not those which its dispatch signs. */
const MISMATCHES: readonly (readonly [string, Steps])[] = [
  ['a bit of the seal flipped', { envelope: editAt(['seal'], flipped) }],
  ['the seal of another envelope', { envelope: swapSeal }],
  ['another length of the seal', { content: put(['sealBytes'], 7) }],
  [
    'a statement changed',
    { envelope: editAt(['statements', 0, 'payload'], inside('"test:data"', '"pap:RED"')) },
  ],
  ['two statements exchanged', { envelope: editAt(['statements'], backwards) }],
  ['a statement left out', { envelope: editAt(['statements'], withoutLast) }],
  ['a statement more', { envelope: editAt(['statements'], repeated(3)) }],
  [
    'one statement twice',
    { content: (content) => put(['statements', 1], at(content, ['statements', 0]))(content) },
  ],
  ['fewer signature digests', { content: editAt(['signatures'], withoutLast) }],
  ['signature digests exchanged', { content: editAt(['signatures'], backwards) }],
  ['an approval cut off', { envelope: editAt(['statements', 0, 'signatures'], withoutLast) }],
  [
    'a signature changed',
    { envelope: editAt(['statements', 0, 'signatures', 0, 'signature'], flipped) },
  ],
]

describe('an envelope is not what its dispatch signs', () => {
  it.each(MISMATCHES)('with %s', async (_name, steps) => {
    const kind = 'victim.referral/1'
    const statements = [
      await statementOf(world, { kind }),
      await statementOf(world, { kind, label: 'second' }),
    ]
    expect(await outcomeOf((await craft(world, { statements })).bytes, receiverOf(world))).toEqual(
      opened(2),
    )
    const { bytes } = await craft(world, { ...steps, statements })
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual(none('WIRE_ENVELOPE'))
  })

  it('with an approval grafted on', async () => {
    const approved = await statementOf(world, { kind: 'victim.referral/1' })
    const author = { key: officer(world, 'reader'), act: 'approve' as const }
    const payload = decodeBase64url(approved.statement.payload)
    const typ = 'amana-statement+sd-jwt'
    const { signatures } = await signJws({ payload, typ, signers: [author] })
    const envelope = editAt(['statements', 0, 'signatures'], appended(...signatures))
    const { bytes } = await craft(world, { statements: [approved], envelope })
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual(none('WIRE_ENVELOPE'))
  })
})

describe('a dispatch takes no place', () => {
  it('signed by a key that nobody named', async () => {
    const sealKey = await generateKey('Ed25519', seededRandom('self-made'))
    expect(await after({ sealKey })).toEqual(none('WIRE_KID_UNKNOWN'))
  })

  it.each<[string, ErrorCode, Steps | ((made: World) => Steps)]>([
    ['signed by an officer', 'WIRE_KEY_USE', (made) => ({ sealKey: officer(made, 'author') })],
    ['signed by the roster key', 'WIRE_KEY_USE', (made) => ({ sealKey: made.sender.rosterKey })],
    ['signed by the receiver’s node', 'WIRE_NODE', (made) => ({ sealKey: made.receiver.sealKey })],
    [
      'changed after it was signed',
      'WIRE_SIG',
      {
        envelope: editAt(['dispatch', 'payload'], inside(`"sentAt":${NOW}`, `"sentAt":${NOW + 1}`)),
      },
    ],
    [
      'with a signature that is another one plus the group’s order',
      'WIRE_SIG',
      { envelope: editAt(['dispatch', 'signatures', 0, 'signature'], onBytes(malleated)) },
    ],
    [
      'of an agency that is not in the charter',
      'WIRE_ISS',
      { content: put(['from', 'agency'], 'ng.nis') },
    ],
    [
      'from another node than signed it',
      'WIRE_NODE',
      (made) => ({ content: put(['from', 'node'], made.receiver.peerId) }),
    ],
    ['to another agency', 'WIRE_NOT_FOR_ME', { content: put(['to', 'agency'], 'ng.nis') }],
    ['in another channel', 'WIRE_CHANNEL', { content: put(['channel'], 'ng.naptip>ne.anltp-tim') }],
    ['sent before the node’s key was valid', 'WIRE_KEY_EXPIRED', { sentAt: NOW - 7200 }],
    ['sent after the node’s key ended', 'WIRE_KEY_EXPIRED', { sentAt: NOW + 30 * 86_400 }],
  ])('%s', async (_name, code, steps) => {
    expect(await after(typeof steps === 'function' ? steps(world) : steps)).toEqual(none(code))
  })

  it('that is our own, sent back to us', async () => {
    const own = await craft(turned(world))
    const outcome = await outcomeOf(own.bytes, receiverOf(world))
    expect(outcome).toEqual(none('WIRE_NOT_FOR_ME'))
  })

  it('from an agency to itself', async () => {
    const { receiver } = world
    const from = { agency: receiver.id, node: receiver.peerId }
    const steps = { sealKey: receiver.sealKey, content: put(['from'], from) }
    expect(await after(steps)).toEqual(none('WIRE_CHANNEL'))
  })

  it('over the connection of another peer', async () => {
    const receiver = receiverOf(world, { carriedBy: world.receiver.peerId })
    expect(await outcomeOf(honest.bytes, receiver)).toEqual(none('WIRE_NODE'))
  })

  it('before the sender’s roster is known', async () => {
    const { charter } = world.trust
    const own = world.trust.rosterOf(world.receiver.id)
    const trust = createTrustView({ charter, rosters: [own] })
    const outcome = await outcomeOf(honest.bytes, receiverOf(world, { trust }))
    expect(outcome).toEqual(none('TRUST_NO_ROSTER'))
  })

  it('signed by a node’s key that a roster revoked', async () => {
    const revoked = await withNextRoster(world, 'sender', {
      issuedAt: NOW - 60,
      changes: {
        revoked: [{ kid: world.sender.sealKey.keyId, reason: 'compromise', since: NOW - 60 }],
      },
    })
    const outcome = await outcomeOf(honest.bytes, receiverOf(revoked))
    expect(outcome).toEqual(none('WIRE_KEY_REVOKED'))
  })

  it('sent after the sender’s roster ended', async () => {
    const { payload } = world.trust.rosterOf(world.sender.id)
    const nodes = payload.nodes.map((node) => ({ ...node, exp: NOW + 365 * 86_400 }))
    const changes = { nodes }
    const late = await withNextRoster(world, 'sender', { issuedAt: NOW - 60, changes })
    const sentAt = NOW + 36 * 86_400
    const { bytes } = await craft(late, { sentAt })
    const outcome = await outcomeOf(bytes, receiverOf(late, { now: sentAt }))
    expect(outcome).toEqual(none('TRUST_EXPIRED'))
  })

  it('signed by another node of the same agency', async () => {
    const { sender, trust } = world
    const [first] = trust.rosterOf(sender.id).payload.nodes
    if (first === undefined) throw new Error('no node')
    const [peerKey, sealKey] = [
      await generateKey('Ed25519', seededRandom('peer 2')),
      await generateKey('Ed25519', seededRandom('seal 2')),
    ]
    const deposit = await generateKey('HPKE-9-KE', seededRandom('deposit 2'))
    const depositKey = [{ nbf: first.nbf, exp: first.exp, jwk: deposit.publicJwk }]
    const { binding: _binding, peerId: _peerId, sealKey: _sealKey, ...rest } = first
    const second = await createRosterNode(sender.id, { ...rest, depositKey, peerKey, sealKey })
    const changes = { nodes: [first, second] }
    const two = await withNextRoster(world, 'sender', { issuedAt: NOW - 60, changes })
    const { bytes } = await craft(two, { sealKey })
    expect(await outcomeOf(bytes, receiverOf(two))).toEqual(none('WIRE_NODE'))
    const own = await craft(two, { sealKey, content: put(['from', 'node'], second.peerId) })
    const receiver = receiverOf(two, { carriedBy: second.peerId })
    expect(await outcomeOf(own.bytes, receiver)).toMatchObject({ place: 'taken' })
  })
})

describe('a void', () => {
  it('takes the place, and every statement is refused', async () => {
    const { dispatch } = await craft(world, { statements: pair })
    const bytes = buildVoidEnvelope(dispatch, await voidOf(dispatch.payload))
    const outcome = await outcomeOf(bytes, receiverOf(world))
    expect(outcome).toEqual({ place: 'taken', results: ['WIRE_POLICY', 'WIRE_POLICY'] })
  })

  it('comes too late for a dispatch that was placed', async () => {
    const bytes = buildVoidEnvelope(honest.dispatch, await voidOf(honest.dispatch.payload))
    expect(await outcomeOf(bytes, placed(honest.digest))).toEqual({ place: 'replay', results: [] })
  })

  it.each([
    ['of another dispatch', { dispatch: digest('other') }],
    ['of another place', { sequence: 2 }],
    ['of another channel', { channel: 'ng.naptip>ne.anltp-tim' }],
  ])('%s takes no place', async (_name, changes) => {
    const voided = await voidOf(honest.dispatch.payload, changes)
    const bytes = buildVoidEnvelope(honest.dispatch, voided)
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual(none('WIRE_ENVELOPE'))
  })

  it.each<[string, ErrorCode, (made: World) => Parameters<typeof signVoid>[1]]>([
    ['an officer', 'WIRE_KEY_USE', (made) => officer(made, 'author')],
    ['the receiver', 'WIRE_NODE', (made) => made.receiver.sealKey],
  ])('signed by %s takes no place', async (_name, code, keyOf) => {
    const voided = await voidOf(honest.dispatch.payload, {}, keyOf(world))
    const bytes = buildVoidEnvelope(honest.dispatch, voided)
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual(none(code))
  })

  it('changed after it was signed takes no place', async () => {
    const voided = await voidOf(honest.dispatch.payload)
    const signature = flipped(voided.signatures[0]?.signature)
    const [entry] = voided.signatures
    const broken = { ...voided, signatures: [{ protected: entry?.protected ?? '', signature }] }
    const bytes = buildVoidEnvelope(honest.dispatch, broken)
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual(none('WIRE_SIG'))
  })

  it('beside a seal is no form of an envelope', async () => {
    const bytes = buildVoidEnvelope(honest.dispatch, await voidOf(honest.dispatch.payload))
    const both = replaced('"v":1,', '"seal":"x","v":1,')(bytes)
    expect(await outcomeOf(both, receiverOf(world))).toEqual(none('WIRE_MEMBER'))
  })

  it('cannot be signed for something that is no dispatch', async () => {
    await expect(voidOf(honest.dispatch.payload, { dispatch: 'x' })).rejects.toMatchObject({
      code: 'WIRE_MEMBER',
    })
  })

  it('of a dispatch with fewer signature digests than statements takes no place', async () => {
    const content = editAt(['signatures'], withoutLast)
    const { dispatch } = await craft(world, { statements: pair, content })
    const bytes = buildVoidEnvelope(dispatch, await voidOf(dispatch.payload))
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual(none('WIRE_ENVELOPE'))
  })

  it('of a dispatch with one statement twice takes no place', async () => {
    const content = put(['statements'], [pair[0]?.digest, pair[0]?.digest])
    const { dispatch } = await craft(world, { statements: pair, content })
    const bytes = buildVoidEnvelope(dispatch, await voidOf(dispatch.payload))
    expect(await outcomeOf(bytes, receiverOf(world))).toEqual(none('WIRE_ENVELOPE'))
  })
})

async function after(steps: Steps): Promise<Outcome> {
  const { bytes } = await craft(world, steps)
  return outcomeOf(bytes, receiverOf(world))
}

async function voidOf(
  payload: string,
  changes: object = {},
  key = world.sender.sealKey,
): Promise<Awaited<ReturnType<typeof signVoid>>> {
  const named = { channel: 'ne.anltp-tim>ng.naptip', dispatch: digest(payload), sequence: 1 }
  return signVoid({ ...named, ...changes }, key)
}

/** The receiver after one dispatch. */
function placed(dispatch: string, changes: Partial<Receiver> = {}): Receiver {
  return receiverOf(world, {
    headOf: headAt({ digest: dispatch, sequence: 1 }),
    dispatchAt: async (_sender, sequence) => (sequence === 1 ? dispatch : undefined),
    ...changes,
  })
}

function headAt(head: { digest?: string; sequence?: number; sentAt?: number }): Receiver['headOf'] {
  return async () => ({ sequence: 0, digest: world.genesis, sentAt: 0, acknowledged: 0, ...head })
}

function swapSeal(envelope: unknown): unknown {
  return put(['seal'], at(parseText(decodeUtf8(honest.bytes)), ['seal']))(envelope)
}

/** RFC 8032 asks for S below the group's order L; S + L verifies where that is not looked at. */
function malleated(bytes: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const half = bytes.slice(32).toReversed()
  const scalar = [...half].reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) + order
  const larger = Array.from({ length: 32 }, (_, n) => Number((scalar >> BigInt(8 * n)) & 255n))
  return Uint8Array.of(...bytes.subarray(0, 32), ...larger)
}
