/**
 * Heads: who speaks on a connection is the node that the roster names, now, to us.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#heads
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NOW, seededRandom } from '../../../../test/support/agencies.ts'
import { drop, type Edit, put } from '../../../../test/support/crafted-envelope.ts'
import {
  CHANNEL,
  codeOf,
  makeWorld,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { editAt, flipped } from '../../../../test/support/hostile-edits.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { signJws } from '../crypto/jws.ts'
import { type ErrorCode } from '../errors.ts'
import {
  type Greeting,
  type HeadsContent,
  HEADS_TYPE,
  parseHeads,
  signHeads,
  verifyHeads,
} from './heads.ts'

const NONCE = encodeBase64url(seededRandom('nonce')(16))

let world: World

beforeAll(async () => {
  world = await makeWorld()
})

function content(): HeadsContent {
  const { sender, trust, genesis } = world
  const { digest: charter, version } = trust.charter
  const rosters = [world.sender, world.receiver].map(({ id }) => {
    const roster = trust.rosterOf(id)
    return [id, { digest: roster.digest, version: roster.version }] as const
  })
  return {
    channels: { [CHANNEL]: { digest: genesis, sequence: 0 } },
    charter: { digest: charter, version },
    from: { agency: sender.id, node: sender.peerId },
    issuedAt: NOW,
    nonce: NONCE,
    rosters: Object.fromEntries(rosters),
    v: 1,
  }
}

async function greeted(edit: Edit, greeting: Partial<Greeting> = {}, key = world.sender.sealKey) {
  const payload = encodeCanonical(z.json().parse(edit(content())))
  const signed = await signJws({ payload, typ: HEADS_TYPE, signers: [{ key }] })
  const known = { nonce: NONCE, peerId: world.sender.peerId, now: NOW, ...greeting }
  return verifyHeads(parseHeads(signed), known, world.trust)
}

const asItIs: Edit = (value) => value

describe('a heads message', () => {
  it('proves the node at the other end', async () => {
    const signed = await signHeads(content(), world.sender.sealKey)
    const greeting = { nonce: NONCE, peerId: world.sender.peerId, now: NOW }
    const key = await verifyHeads(parseHeads(signed), greeting, world.trust)
    expect(key.node.peerId).toBe(world.sender.peerId)
  })

  it.each<[string, string, Partial<Greeting>]>([
    ['now', 'none', {}],
    ['as far ahead as clocks may be', 'none', { now: NOW - 300 }],
    ['as far behind as clocks may be', 'none', { now: NOW + 300 }],
    ['further ahead', 'WIRE_TIME_FUTURE', { now: NOW - 301 }],
    ['further behind', 'WIRE_TIME_STALE', { now: NOW + 301 }],
    ['to somebody else’s nonce', 'WIRE_REPLAY', { nonce: 'A'.repeat(22) }],
    ['over another peer’s connection', 'WIRE_NODE', { peerId: '12D3KooWother' }],
  ])('that comes %s is answered with %s', async (_name, code, greeting) => {
    expect(await codeOf(async () => greeted(asItIs, greeting))).toBe(code)
  })

  it.each([
    ['before it was signed', NOW - 86_400, 'none'],
    ['when it was signed', NOW, 'none'],
    ['after it was signed', NOW + 1, 'WIRE_TIME_FUTURE'],
  ])('that saw a recovery %s is answered with its code', async (_name, seenAt, code) => {
    const recovery = { digest: digest('charter 2'), seenAt, version: 2 }
    const signed = await signHeads({ ...content(), recovery }, world.sender.sealKey)
    const greeting = { nonce: NONCE, peerId: world.sender.peerId, now: NOW }
    const heads = parseHeads(signed)
    expect(heads.content.recovery).toEqual(recovery)
    expect(await codeOf(async () => verifyHeads(heads, greeting, world.trust))).toBe(code)
  })

  it('of another node than the peer’s is refused', async () => {
    const { receiver } = world
    const from = { agency: receiver.id, node: receiver.peerId }
    expect(await codeOf(async () => greeted(put(['from'], from), {}, receiver.sealKey))).toBe(
      'WIRE_NODE',
    )
  })

  it('signed by another agency’s node is refused', async () => {
    expect(await codeOf(async () => greeted(asItIs, {}, world.receiver.sealKey))).toBe('WIRE_NODE')
  })

  it('naming another agency for the same peer is refused', async () => {
    expect(await codeOf(async () => greeted(put(['from', 'agency'], world.receiver.id)))).toBe(
      'WIRE_NODE',
    )
  })

  it('changed after it was signed is refused', async () => {
    const signed = await signHeads(content(), world.sender.sealKey)
    const broken = editAt(['signatures', 0, 'signature'], flipped)(signed)
    const greeting = { nonce: NONCE, peerId: world.sender.peerId, now: NOW }
    expect(await codeOf(async () => verifyHeads(parseHeads(broken), greeting, world.trust))).toBe(
      'WIRE_SIG',
    )
  })

  it.each<[string, ErrorCode, Edit]>([
    ['one member more', 'WIRE_MEMBER', put(['checkpoint'], digest('x'))],
    ['no nonce', 'WIRE_MEMBER', drop('nonce')],
    ['a nonce of 15 bytes', 'WIRE_MEMBER', put(['nonce'], 'A'.repeat(20))],
    [
      'a channel without two ends',
      'WIRE_MEMBER',
      put(['channels'], { naptip: { digest: digest('x'), sequence: 0 } }),
    ],
    ['a place below zero', 'WIRE_MEMBER', put(['channels', CHANNEL, 'sequence'], -1)],
    ['a charter without version', 'WIRE_MEMBER', editAt(['charter'], drop('version'))],
    ['version 2', 'WIRE_VERSION', put(['v'], 2)],
    ['more than 16 KiB', 'WIRE_SIZE', put(['note'], 'x'.repeat(17 * 1024))],
  ])('with %s is not read', async (_name, code, edit) => {
    expect(await codeOf(async () => greeted(edit))).toBe(code)
  })

  it('is not signed with a member that does not fit', async () => {
    expect(
      await codeOf(async () => signHeads({ ...content(), nonce: 'x' }, world.sender.sealKey)),
    ).toBe('WIRE_MEMBER')
  })
})
