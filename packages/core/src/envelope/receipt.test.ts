/**
 * Receipts: only a node of the addressee answers a dispatch, with one result for each of its statements.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#receipt
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW, seededRandom } from '../../../../test/support/agencies.ts'
import { craft, type Crafted, drop, put } from '../../../../test/support/crafted-envelope.ts'
import {
  codeOf,
  makeWorld,
  officer,
  receiverOf,
  statementOf,
  withNextRoster,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { backwards, editAt, flipped, withoutLast } from '../../../../test/support/hostile-edits.ts'
import { z } from 'zod'
import { encodeCanonical } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { generateKey, type PrivateKey } from '../crypto/jwk.ts'
import { signJws } from '../crypto/jws.ts'
import { AmanaError, type ErrorCode } from '../errors.ts'
import { parseDispatch, type UnverifiedDispatch } from './dispatch.ts'
import { openEnvelope } from './open.ts'
import { openedGroupsDigest } from './opening.ts'
import {
  assertReceiptArrives,
  parseReceipt,
  type ReceiptContent,
  RECEIPT_TYPE,
  refusalClassOf,
  signReceipt,
  verifyReceipt,
} from './receipt.ts'
import { type SignedStatement } from './statement.ts'

let world: World
let pair: readonly SignedStatement[]
let crafted: Crafted
let dispatch: UnverifiedDispatch

beforeAll(async () => {
  world = await makeWorld()
  pair = [await statementOf(world), await statementOf(world, { label: 'second' })]
  crafted = await craft(world, { statements: pair })
  dispatch = parseDispatch(crafted.dispatch)
})

function content(): ReceiptContent {
  const { receiver } = world
  return {
    channel: dispatch.content.channel,
    dispatch: dispatch.digest,
    issuedAt: NOW + 1,
    log: receiver.origin,
    receiver: { agency: receiver.id, node: receiver.peerId },
    results: pair.map(({ digest: statement, opening }, n) => ({
      groups: openedGroupsDigest(opening),
      leaf: { hash: digest(`leaf ${String(n)}`), sequence: n },
      result: 'opened',
      statement,
    })),
    sequence: 1,
    v: 1,
  }
}

/** Signs whatever a hostile receiver writes. */
async function forgedReceipt(edit: (value: unknown) => unknown, key = world.receiver.sealKey) {
  const payload = encodeCanonical(z.json().parse(edit(content())))
  return signJws({ payload, typ: RECEIPT_TYPE, signers: [{ key }] })
}

async function verified(edit: (value: unknown) => unknown, key?: PrivateKey<'Ed25519'>) {
  const receipt = parseReceipt(await forgedReceipt(edit, key))
  return verifyReceipt(receipt, dispatch, world.trust)
}

const asItIs = (value: unknown): unknown => value
const RESULT = ['results', 1] as const

/** What does not answer the dispatch, with the reason that the sender's own log keeps. */
const UNFIT: readonly (readonly [string, string, (value: unknown) => unknown])[] = [
  ['another dispatch', 'dispatch', put(['dispatch'], digest('x'))],
  ['another place', 'place', put(['sequence'], 2)],
  ['another channel', 'place', put(['channel'], 'ng.naptip>ne.anltp-tim')],
  ['a statement less', 'results', editAt(['results'], withoutLast)],
  ['its statements in another order', 'results', editAt(['results'], backwards)],
  ['another statement', 'results', put([...RESULT, 'statement'], digest('x'))],
  ['a refusal of what was opened', 'result', put([...RESULT, 'refusal'], 'policy')],
  ['no class of a refusal', 'result', editAt([...RESULT], refusedWithout('refusal'))],
  ['groups of what was refused', 'result', editAt([...RESULT], refusedWithout('nothing'))],
  ['groups of what is held', 'result', put([...RESULT, 'result'], 'held')],
  ['no groups of what was opened', 'result', editAt([...RESULT], drop('groups'))],
]

function refusedWithout(member: string): (value: unknown) => unknown {
  return (value) => drop(member)({ ...Object(value), result: 'refused', refusal: 'policy' })
}

describe('a receipt', () => {
  it('is what the receiver signs about what it opened', async () => {
    const received = await openEnvelope(crafted.bytes, receiverOf(world))
    const statements = received.outcome === 'placed' ? received.statements : []
    const groups = statements.map((one) =>
      one.result === 'opened' ? openedGroupsDigest(one.opening) : '',
    )
    const receipt = parseReceipt(await signReceipt(content(), world.receiver.sealKey))
    expect(receipt.content.results.map((result) => result.groups)).toEqual(groups)
    const { node } = await verifyReceipt(receipt, dispatch, world.trust)
    expect(node.peerId).toBe(world.receiver.peerId)
  })

  it('that arrives is not dated ahead by more than the skew', async () => {
    const receipt = parseReceipt(await signReceipt(content(), world.receiver.sealKey))
    const earliest = receipt.content.issuedAt - world.trust.charter.payload.limits.skew
    expect(() => assertReceiptArrives(receipt, earliest, world.trust)).not.toThrow()
    expect(() => assertReceiptArrives(receipt, earliest - 1, world.trust)).toThrow(
      expect.objectContaining({ code: 'WIRE_TIME_FUTURE' }),
    )
  })

  it('says nothing but the class of a refusal', async () => {
    const refused = { ...content() }
    const results = refused.results.map(({ groups: _groups, ...result }) => ({
      ...result,
      result: 'refused' as const,
      refusal: refusalClassOf(new AmanaError('WIRE_DIS', { reason: 'digest' })),
    }))
    const signed = await signReceipt({ ...refused, results }, world.receiver.sealKey)
    await verifyReceipt(parseReceipt(signed), dispatch, world.trust)
    const text = Buffer.from(signed.payload, 'base64url').toString()
    expect(text).toContain('"refusal":"content"')
    expect(text).not.toContain('WIRE')
  })

  it.each(UNFIT)('with %s does not answer the dispatch', async (_name, reason, edit) => {
    await expect(verified(asItIs)).resolves.toBeDefined()
    await expect(verified(edit)).rejects.toMatchObject({
      code: 'WIRE_RECEIPT',
      details: { reason },
    })
  })

  it('by the sender itself does not answer the dispatch', async () => {
    const own = { agency: world.sender.id, node: world.sender.peerId }
    await expect(verified(put(['receiver'], own), world.sender.sealKey)).rejects.toMatchObject({
      code: 'WIRE_RECEIPT',
      details: { reason: 'receiver' },
    })
  })

  it.each<[string, ErrorCode, (made: World) => PrivateKey<'Ed25519'>]>([
    ['the sender in the receiver’s name', 'WIRE_NODE', (made) => made.sender.sealKey],
    ['an officer', 'WIRE_KEY_USE', (made) => officer(made, 'author')],
  ])('signed by %s is refused', async (_name, code, keyOf) => {
    await expect(verified(asItIs, keyOf(world))).rejects.toMatchObject({ code })
  })

  it('signed by a key that nobody named is refused', async () => {
    const key = await generateKey('Ed25519', seededRandom('nobody'))
    await expect(verified(asItIs, key)).rejects.toMatchObject({ code: 'WIRE_KID_UNKNOWN' })
  })

  it('changed after it was signed is refused', async () => {
    const signed = await signReceipt(content(), world.receiver.sealKey)
    const broken = editAt(['signatures', 0, 'signature'], flipped)(signed)
    expect(
      await codeOf(async () => verifyReceipt(parseReceipt(broken), dispatch, world.trust)),
    ).toBe('WIRE_SIG')
  })

  it('signed by a node whose key a roster revoked is refused', async () => {
    const kid = world.receiver.sealKey.keyId
    const revoked = await withNextRoster(world, 'receiver', {
      issuedAt: NOW - 60,
      changes: { revoked: [{ kid, reason: 'compromise', since: NOW - 60 }] },
    })
    const receipt = parseReceipt(await signReceipt(content(), world.receiver.sealKey))
    expect(await codeOf(async () => verifyReceipt(receipt, dispatch, revoked.trust))).toBe(
      'WIRE_KEY_REVOKED',
    )
  })

  it.each<[string, string, number]>([
    ['as early as clocks may differ, is taken', 'none', NOW - 300],
    ['earlier than clocks may differ, is refused', 'WIRE_TIME_ORDER', NOW - 301],
    ['before the receiver’s key was valid, is refused', 'WIRE_KEY_EXPIRED', NOW - 7200],
  ])('of what it opened, dated %s', async (_name, code, issuedAt) => {
    expect(await codeOf(async () => verified(put(['issuedAt'], issuedAt)))).toBe(code)
  })

  it('of a receiver whose clock is far behind may say that it refused', async () => {
    const early = put(['issuedAt'], NOW - 900)
    const refusals = editAt(['results', 0], refusal)
    const all = editAt(['results', 1], refusal)
    expect(await codeOf(async () => verified((value) => all(refusals(early(value)))))).toBe('none')
  })

  it.each<[string, ErrorCode, (value: unknown) => unknown]>([
    ['one member more', 'WIRE_MEMBER', put(['code'], 'WIRE_DIS')],
    ['no log', 'WIRE_MEMBER', drop('log')],
    ['an unknown result', 'WIRE_MEMBER', put([...RESULT, 'result'], 'read')],
    ['an unknown class', 'WIRE_MEMBER', put([...RESULT, 'refusal'], 'WIRE_DIS')],
    ['no results', 'WIRE_MEMBER', put(['results'], [])],
    ['65 results', 'WIRE_MEMBER', editAt(['results'], manyResults)],
    ['a place below the first', 'WIRE_MEMBER', put(['sequence'], 0)],
    ['version 2', 'WIRE_VERSION', put(['v'], 2)],
    ['more than 24 KiB', 'WIRE_SIZE', put(['log'], 'x'.repeat(25 * 1024))],
  ])('with %s is not read', async (_name, code, edit) => {
    const signed = await forgedReceipt(edit)
    expect(await codeOf(() => parseReceipt(signed))).toBe(code)
  })

  it('is not signed with a member that does not fit', async () => {
    expect(
      await codeOf(async () => signReceipt({ ...content(), results: [] }, world.receiver.sealKey)),
    ).toBe('WIRE_MEMBER')
  })
})

describe('the class of a refusal', () => {
  it.each<[AmanaError, string]>([
    [new AmanaError('WIRE_SIZE', { sizeBytes: 2, limitBytes: 1 }), 'size'],
    [new AmanaError('WIRE_CANON', { reason: 'form' }), 'malformed'],
    [new AmanaError('WIRE_SIG', { keyId: '' }), 'trust'],
    [new AmanaError('TRUST_EXPIRED', { document: 'roster', exp: 1, bound: 1 }), 'trust'],
    [new AmanaError('WIRE_TIME_STALE', { at: 1 }), 'order'],
    [new AmanaError('WIRE_SCHEMA', { path: 'body' }), 'content'],
    [new AmanaError('TRUST_SECOND_OFFICER', { kind: '', required: 1, signed: 0 }), 'policy'],
    [new AmanaError('STORE_DAMAGED', { space: 'in' }), 'content'],
  ])('of %s is %s', (error, expected) => {
    expect(refusalClassOf(error)).toBe(expected)
  })
})

function refusal(result: unknown): unknown {
  return drop('groups')({ ...Object(result), result: 'refused', refusal: 'order' })
}

function manyResults(list: unknown): unknown {
  const [first] = Array.isArray(list) ? list.map((entry: unknown) => entry) : []
  return Array.from({ length: 65 }, () => first)
}
