import { encodeUtf8 } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { openSilence } from '../../../../test/support/link-pair.ts'
import { HandPeer } from '../../../../test/support/link-peer.ts'
import {
  type LineEvent,
  type LineWorld,
  openLine,
  openPeer,
  type PeerSide,
  type WatchedSession,
} from '../../../../test/support/link-line.ts'
import { noise, turns } from '../../../../test/support/link-session.ts'
import { LEASE_SILENCE_MS } from './lease.ts'

/** The keys of both agencies are made once a process, and take their time. */
beforeAll(async () => {
  await twoAgencies()
}, 60_000)

const NEVER = new AbortController().signal

interface Lines extends AsyncDisposable {
  readonly near: LineWorld
  readonly far: LineWorld
}

/** A line of each agency to the other. */
async function openLines(): Promise<Lines> {
  const { anltp, naptip } = await twoAgencies()
  const placeholder = await openPeer(naptip, anltp.peerId)
  const near = await openLine(anltp, placeholder.link)
  await placeholder[Symbol.asyncDispose]()
  const far = await openLine(naptip, near.link)
  if (near.target !== undefined) near.target = { ...near.target, addresses: far.link.addresses() }
  return {
    near,
    far,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([near[Symbol.asyncDispose](), far[Symbol.asyncDispose]()])
    },
  }
}

function openOnes({ sessions }: LineWorld): readonly WatchedSession[] {
  return sessions.entries.filter(({ isClosed }) => !isClosed)
}

/** Sessions that were opened and have not ended. */
function liveOf(events: readonly LineEvent[]): number {
  const count = (name: string): number => events.filter(([what]) => what === name).length
  return count('opened') - count('ended')
}

describe('two lines that dial at once', () => {
  it.each([1, 2, 3, 4, 5])('keep one session, the same on both sides (%i)', async () => {
    await using lines = await openLines()
    const { near, far } = lines
    near.line.start()
    far.line.start()
    for (const line of [near, far]) await line.sessions.untilCount(2)
    // The session that lost is closed by both sides, and the other one greeted by both.
    while (openOnes(near).length + openOnes(far).length > 2) await turns(1)
    for (const line of [near, far]) await line.events.until((all) => liveOf(all) === 1)
    await turns(50)
    expect([near, far].map((line) => liveOf(line.events.entries))).toEqual([1, 1])
    const kept = [openOnes(near), openOnes(far)].map(([session]) => session?.link.initiator)
    const isNearSmaller = near.link.peerId < far.link.peerId
    expect(kept).toEqual([isNearSmaller, !isNearSmaller])
    expect([near.line.connected, far.line.connected]).toEqual([true, true])
    near.desk.queue(encodeUtf8('over the one that stayed'))
    await near.desk.calls.until(() => near.desk.receipted === 1)
    expect([near.dials.entries, far.dials.entries].map(({ length }) => length)).toEqual([1, 1])
  })
})

interface World extends AsyncDisposable {
  readonly line: LineWorld
  readonly peer: PeerSide
}

/** A line of the agency whose peer id is the smaller, or the greater; the other one's transport is the test's. */
async function openWorld(whose: 'smaller' | 'greater'): Promise<World> {
  const { anltp, naptip } = await twoAgencies()
  const [smaller, greater] = anltp.peerId < naptip.peerId ? [anltp, naptip] : [naptip, anltp]
  const [own, other] = whose === 'smaller' ? [smaller, greater] : [greater, smaller]
  const peer = await openPeer(other, own.peerId)
  const line = await openLine(own, peer.link)
  return {
    line,
    peer,
    [Symbol.asyncDispose]: async () => {
      await line[Symbol.asyncDispose]()
      await peer[Symbol.asyncDispose]()
    },
  }
}

/** The peer dials and greets by hand. */
async function dialBack({ line, peer }: World): Promise<HandPeer> {
  const { link } = line
  const hand = new HandPeer(await peer.link.dial(link.peerId, link.addresses(), NEVER), peer.desk)
  await hand.greet()
  return hand
}

/** The peer takes the session that the line dialled, and greets by hand. */
async function take({ peer }: World): Promise<HandPeer> {
  const [session] = await peer.accepted.untilCount(1)
  if (session === undefined) throw new TypeError('no session')
  const hand = new HandPeer(session, peer.desk)
  await hand.greet()
  return hand
}

describe('a session beside the one that is there', () => {
  it('is ended with BYE where the one that is there keeps its claim', async () => {
    await using world = await openWorld('smaller')
    const { line } = world
    line.line.start()
    const first = await take(world)
    await line.events.untilCount(1)
    const second = await dialBack(world)
    expect(await second.hearAll()).toEqual(['bye'])
    await first.say('ping')
    expect((await first.hear()).type).toBe('pong')
    expect(line.events.entries).toEqual([['opened', undefined]])
  })

  it('takes its place where its dialler has the smaller peer id', async () => {
    await using world = await openWorld('greater')
    const { line } = world
    line.line.start()
    const first = await take(world)
    await line.events.untilCount(1)
    const second = await dialBack(world)
    expect(await first.hearAll()).toEqual(['bye'])
    await second.say('ping')
    expect((await second.hear()).type).toBe('pong')
    expect(await line.events.untilCount(3)).toEqual([
      ['opened', undefined],
      ['opened', undefined],
      ['ended', undefined],
    ])
    expect(line.line.connected).toBe(true)
  })

  it('takes its place where nothing has been heard of it for more than thirty seconds', async () => {
    await using world = await openWorld('smaller')
    const { line } = world
    line.line.start()
    const first = await take(world)
    await line.events.untilCount(1)
    await line.time.turn(LEASE_SILENCE_MS)
    const early = await dialBack(world)
    expect(await early.hearAll()).toEqual(['bye'])
    await line.time.turn(1)
    const second = await dialBack(world)
    expect(await first.hearAll()).toEqual(['ping', 'ping', 'bye'])
    await second.say('ping')
    expect((await second.hear()).type).toBe('pong')
    expect(line.line.connected).toBe(true)
  })

  it('does not take its place where a frame has come meanwhile', async () => {
    await using world = await openWorld('smaller')
    const { line } = world
    line.line.start()
    const first = await take(world)
    await line.events.untilCount(1)
    await line.time.turn(LEASE_SILENCE_MS)
    await first.say('pong')
    await line.desk.calls.until(() => line.desk.callsOf('seen').length === 1)
    await line.time.turn(1000)
    const second = await dialBack(world)
    expect(await second.hearAll()).toEqual(['bye'])
  })

  it('takes its place at once also where the one that is there is stuck', async () => {
    await using world = await openWorld('smaller')
    const { line } = world
    line.desk.queue(...[1, 2, 3].map((count) => noise(String(count), 1_000_000)))
    line.line.start()
    await take(world)
    await line.events.untilCount(1)
    await line.time.turn(LEASE_SILENCE_MS + 1)
    const second = await dialBack(world)
    expect((await second.hear()).type).toBe('envelope')
    expect(line.line.connected).toBe(true)
  }, 15_000)
})

describe('a line that is closed', () => {
  it('says BYE, dials no more, greets nobody, and leaves nothing that waits', async () => {
    await using world = await openWorld('smaller')
    const { line } = world
    line.line.start()
    const peer = await take(world)
    await line.events.untilCount(1)
    await line.line.close()
    expect(await peer.hearAll()).toEqual(['bye'])
    expect(line.line.connected).toBe(false)
    await endsForGood(world)
    expect(line.events.entries).toEqual([
      ['opened', undefined],
      ['ended', undefined],
    ])
  })

  it('ends while it waits before a dial', async () => {
    await using world = await openWorld('smaller')
    const { line, peer } = world
    await peer.link.allow(new Set())
    line.line.start()
    await line.events.untilCount(1)
    await line.line.close()
    await endsForGood(world)
    expect(line.events.entries).toEqual([['failed', 'NET_UNREACHABLE']])
  })

  it('ends while it dials where nobody answers', async () => {
    await using world = await openWorld('smaller')
    await using silence = await openSilence()
    const { line } = world
    if (line.target !== undefined) line.target = { ...line.target, addresses: [silence.address] }
    line.line.start()
    await line.dials.untilCount(1)
    await line.line.close()
    await endsForGood(world)
    expect(line.events.entries).toEqual([])
  })

  it('ends while a peer does not take up its greeting', async () => {
    await using world = await openWorld('smaller')
    const { line, peer } = world
    line.line.start()
    await peer.accepted.untilCount(1)
    await line.sessions.untilCount(1)
    await line.line.close()
    await endsForGood(world)
    expect(openOnes(line)).toEqual([])
  })

  it('takes no session whose greeting is over only then', async () => {
    await using world = await openWorld('smaller')
    const { line } = world
    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    line.desk.ponder = () => {
      begun.resolve()
      return over.promise
    }
    line.line.start()
    const peer = await take(world)
    await begun.promise
    const closing = line.line.close()
    over.resolve()
    await closing
    expect(await peer.hearAll()).toEqual(['bye'])
    expect(line.events.entries).toEqual([])
    await endsForGood(world)
  })

  it('ends while a peer reads nothing of what it sends', async () => {
    await using world = await openWorld('smaller')
    const { line } = world
    line.desk.queue(...[1, 2, 3].map((count) => noise(String(count), 1_000_000)))
    line.line.start()
    await take(world)
    await line.events.untilCount(1)
    await turns(100)
    await line.line.close()
    await endsForGood(world)
    expect(line.events.entries).toEqual([
      ['opened', undefined],
      ['ended', undefined],
    ])
  }, 15_000)

  it('was perhaps never started', async () => {
    await using world = await openWorld('smaller')
    await world.line.line.close()
    await endsForGood(world)
  })
})

/** Whatever time passes and whoever dials: nothing is dialled, said or waited for. */
async function endsForGood({ line, peer }: World): Promise<void> {
  expect(line.time.waiting).toBe(0)
  const dials = line.dials.entries.length
  line.line.wake()
  await line.time.turn(600_000)
  await turns(20)
  expect(line.dials.entries).toHaveLength(dials)
  await peer.link.allow(new Set([line.link.peerId]))
  const before = line.sessions.entries.length
  const { link } = line
  // What is closed at once may look like a stream that never opened.
  const late = peer.link.dial(link.peerId, link.addresses(), NEVER).catch(() => undefined)
  const greeted = (await line.sessions.untilCount(before + 1)).at(before)
  await Promise.all([late, greeted?.closed])
  expect(greeted?.sentCount).toBe(0)
  expect(line.line.connected).toBe(false)
  expect(line.time.waiting).toBe(0)
}
