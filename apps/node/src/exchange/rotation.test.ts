/**
 * The charter changes while two nodes talk over real transports, and when one of them dies in the middle.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-is-sent
 */
import { AmanaError } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { openPair } from '../../../../test/support/link-pair.ts'
import { metAgencies } from '../../../../test/support/met-agencies.ts'
import {
  eventsOf,
  type FullableStore,
  leavesOf,
  MEETING_MS,
  openSide,
  queueNew,
  reopened,
  type Side,
  TestClock,
} from '../../../../test/support/node-fixture.ts'
import { nextOf, signedBySides } from '../../../../test/support/node-rotation.ts'
import { PeerDesk } from '../peer-desk.ts'
import { openSession } from './session.ts'

const NEVER = new AbortController().signal
const KIND = 'referral.event/1'

beforeAll(async () => {
  await (await metAgencies())[Symbol.asyncDispose]()
}, MEETING_MS)

interface Conversation extends AsyncDisposable {
  readonly desks: readonly [PeerDesk, PeerDesk]
}

async function converse(near: Side, far: Side): Promise<Conversation> {
  const pair = await openPair({ near: near.parts.keys.peerKey, far: far.parts.keys.peerKey })
  const ends = await pair.connect()
  const desks = [new PeerDesk(near.parts), new PeerDesk(far.parts)] as const
  const sessions = await Promise.all([
    openSession(ends.near, desks[0], NEVER),
    openSession(ends.far, desks[1], NEVER),
  ])
  return {
    desks,
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) await session.close()
      await pair[Symbol.asyncDispose]()
    },
  }
}

/** Resolves when a node has the final receipt of its next dispatch. */
async function delivered(side: Side): Promise<void> {
  await new Promise<void>((resolve) => {
    side.parts.outbox.onDelivered(() => {
      resolve()
    })
  })
}

/** Resolves when a node has that charter in force. */
async function inForce({ parts }: Side, version: number): Promise<void> {
  await new Promise<void>((resolve) => {
    parts.trust.onChange(() => {
      if (parts.trust.view().charter.version === version) resolve()
    })
  })
}

async function queueMore(side: Side, desk: PeerDesk): Promise<void> {
  await queueNew(side, KIND)
  desk.wake()
}

/** The charters that the dispatches of a channel named, in their order. */
async function chartersNamed({ parts, peer }: Side): Promise<readonly number[]> {
  const { charters } = parts.trust.view()
  const { sequence } = await parts.outbox.position(peer)
  const named = Array.from({ length: sequence }, async (_, index) => {
    const record = await parts.outbox.dispatchAt(peer, index + 1)
    const text = Buffer.from(record?.dispatch.payload ?? '', 'base64url').toString()
    return charters.find(({ digest }) => text.includes(`"charter":"${digest}"`))?.version ?? 0
  })
  return Promise.all(named)
}

/** Writes the next batch and tells nobody: the process is gone between the disk and the memory. */
function dieAfterWriting(disk: FullableStore): void {
  const write = disk.batch.bind(disk)
  disk.batch = async (writes) => {
    await write(writes)
    throw new AmanaError('STORE_WRITE', { reason: 'killed' })
  }
}

describe('two nodes whose charter is renewed', { timeout: 60_000 }, () => {
  it('go on in the same session, and every message of both is opened', async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    await using near = await openSide(met.anltp, clock)
    await using far = await openSide(met.naptip, clock)
    await using conversation = await converse(near, far)
    const [nearDesk, farDesk] = conversation.desks
    const exchangeOnce = async (): Promise<void> => {
      const done = [delivered(near), delivered(far)]
      await queueMore(near, nearDesk)
      await queueMore(far, farDesk)
      await Promise.all(done)
    }
    await exchangeOnce()
    const renewed = inForce(near, 2)
    await far.parts.trust.addCharterSignatures(await signedBySides(nextOf(far), [near, far]))
    await exchangeOnce()
    await renewed
    await exchangeOnce()
    expect((await chartersNamed(far)).toSorted((a, b) => a - b)).toEqual([1, 2, 2])
    expect((await chartersNamed(near)).at(-1)).toBe(2)
    for (const side of [near, far]) {
      const outcomes = (await leavesOf(side)).flatMap((leaf) =>
        leaf.event === 'x.delivered' ? [leaf.data.outcome] : [],
      )
      expect(outcomes).toEqual(['opened', 'opened', 'opened'])
      expect(await eventsOf(side)).not.toContain('x.refused')
    }
  })

  it('agree again when one of them died after it had stored the charter', async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    await using far = await openSide(met.naptip, clock)
    const dying = await openSide(met.anltp, clock)
    await far.parts.trust.addCharterSignatures(await signedBySides(nextOf(far), [dying, far]))
    const { jws } = far.parts.trust.view().charter
    dieAfterWriting(dying.disk)
    const taken = dying.parts.trust.takeOffered(jws)
    await expect(taken).rejects.toMatchObject({ code: 'STORE_WRITE' })
    expect(dying.parts.trust.view().charter.version).toBe(1)
    await using near = await reopened(dying)
    expect(near.parts.trust.view().charter.version).toBe(2)
    const done = [delivered(near), delivered(far)]
    await queueNew(near, KIND)
    await queueNew(far, KIND)
    await using conversation = await converse(near, far)
    await Promise.all(done)
    expect(conversation.desks).toHaveLength(2)
    expect(await chartersNamed(near)).toEqual([2])
    expect((await eventsOf(near)).filter((event) => event === 'g.policy')).toHaveLength(2)
  })

  it('agree also when it died before it had stored it', async () => {
    await using met = await metAgencies()
    const clock = new TestClock(met.madeAt)
    await using far = await openSide(met.naptip, clock)
    const dying = await openSide(met.anltp, clock)
    await far.parts.trust.addCharterSignatures(await signedBySides(nextOf(far), [dying, far]))
    dying.disk.full = true
    const taken = dying.parts.trust.takeOffered(far.parts.trust.view().charter.jws)
    await expect(taken).rejects.toMatchObject({ code: 'STORE_WRITE' })
    await using near = await reopened(dying)
    expect(near.parts.trust.view().charter.version).toBe(1)
    const renewed = inForce(near, 2)
    await using conversation = await converse(near, far)
    await renewed
    expect(conversation.desks).toHaveLength(2)
  })
})
