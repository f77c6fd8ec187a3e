import { beforeAll, describe, expect, it } from 'vitest'
import { AmanaError, encodeUtf8 } from '@amana/core'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { HandPeer } from '../../../../test/support/link-peer.ts'
import { openSilence } from '../../../../test/support/link-pair.ts'
import { turns } from '../../../../test/support/link-session.ts'
import {
  type LineEvent,
  type LineWorld,
  openLine,
  openPeer,
  type PeerSide,
} from '../../../../test/support/link-line.ts'

/** The keys of both agencies are made once a process, and take their time. */
beforeAll(async () => {
  await twoAgencies()
}, 60_000)

const NEVER = new AbortController().signal
/** Waits of the keeper of the line, which are not waits before a dial. */
const KEEPER_MS = 1000

interface World extends AsyncDisposable {
  readonly near: LineWorld
  readonly far: PeerSide
}

/** A line of ANLTP/TIM, and NAPTIP's transport, which the test speaks for. */
async function openWorld(): Promise<World> {
  const { anltp, naptip } = await twoAgencies()
  const far = await openPeer(naptip, anltp.peerId)
  const near = await openLine(anltp, far.link)
  return {
    near,
    far,
    [Symbol.asyncDispose]: async () => {
      await near[Symbol.asyncDispose]()
      await far[Symbol.asyncDispose]()
    },
  }
}

function pausesOf({ time }: LineWorld): readonly number[] {
  return time.waits.entries.filter((ms) => ms !== KEEPER_MS)
}

async function untilEvents(line: LineWorld, ...events: readonly LineEvent[]): Promise<void> {
  expect(await line.events.untilCount(events.length)).toEqual(events)
}

async function untilPauses(line: LineWorld, count: number): Promise<void> {
  await line.time.waits.until(() => pausesOf(line).length >= count)
}

describe('a line', () => {
  it('dials, greets and carries envelopes', async () => {
    await using world = await openWorld()
    const { near, far } = world
    near.line.start()
    const session = await far.greet(0)
    await untilEvents(near, ['opened', undefined])
    expect(near.line.connected).toBe(true)
    near.desk.queue(encodeUtf8('to Abuja'))
    await near.desk.calls.until(() => near.desk.receipted === 1)
    expect(far.desk.callsOf('envelope')).toHaveLength(1)
    await session.close()
    await untilEvents(near, ['opened', undefined], ['ended', undefined])
    expect(near.line.connected).toBe(false)
  })

  it('dials again after a session ended, not before its wait is over', async () => {
    await using world = await openWorld()
    const { near, far } = world
    near.line.start()
    await (await far.greet(0)).close()
    await untilPauses(near, 1)
    expect(pausesOf(near)).toEqual([1999])
    await near.time.turn(1998)
    expect(near.dials.entries).toHaveLength(1)
    await near.time.turn(1)
    await far.greet(1)
    await near.events.untilCount(3)
    expect(near.line.connected).toBe(true)
    expect(near.dials.entries).toHaveLength(2)
  })

  it('waits twice as long after each dial that fails, up to five minutes', async () => {
    await using world = await openWorld()
    const { near, far } = world
    await far.link.allow(new Set())
    near.line.start()
    const expected = [1999, 3999, 7999, 15_999, 31_999, 63_999, 127_998, 255_996, 299_995, 299_995]
    for (const [index, ms] of expected.entries()) {
      await untilPauses(near, index + 1)
      expect(pausesOf(near).at(-1)).toBe(ms)
      await near.time.turn(ms)
    }
    expect(new Set(near.events.entries.map(([what, code]) => `${what} ${String(code)}`))).toEqual(
      new Set(['failed NET_UNREACHABLE']),
    )
  }, 30_000)

  it('begins anew with the shortest wait after a session that lived for a minute', async () => {
    await using world = await openWorld()
    const { near, far } = world
    near.line.start()
    for (const [index, ms] of [1999, 3999].entries()) {
      await (await far.greet(index)).close()
      await untilPauses(near, index + 1)
      expect(pausesOf(near).at(-1)).toBe(ms)
      await near.time.turn(ms)
    }
    const long = await far.greet(2)
    await near.events.until((all) => all.filter(([what]) => what === 'opened').length === 3)
    await near.time.turn(60_000)
    await long.close()
    await untilPauses(near, 3)
    expect(pausesOf(near).at(-1)).toBe(999)
  })

  it('does not take a session of less than a minute for a good one', async () => {
    await using world = await openWorld()
    const { near, far } = world
    near.line.start()
    const short = await far.greet(0)
    await near.events.untilCount(1)
    await near.time.turn(59_999)
    await short.close()
    await untilPauses(near, 1)
    expect(pausesOf(near)).toEqual([1999])
  })

  it('dials at once when something waits, at most every ten seconds', async () => {
    await using world = await openWorld()
    const { near, far } = world
    await far.link.allow(new Set())
    near.line.start()
    await untilPauses(near, 1)
    near.line.wake()
    await untilPauses(near, 2)
    expect(near.dials.entries).toHaveLength(2)
    // The keeper of the line, and the one wait before the next dial.
    expect(near.time.waiting).toBe(2)
    near.line.wake()
    await turns(20)
    expect(near.dials.entries).toHaveLength(2)
    await near.time.turn(3998)
    await near.time.turn(1)
    await untilPauses(near, 3)
    expect(near.dials.entries).toHaveLength(3)
    await near.time.turn(6000)
    await turns(20)
    expect(near.dials.entries).toHaveLength(3)
    await near.time.turn(1)
    await untilPauses(near, 4)
    expect(near.dials.entries).toHaveLength(4)
  })

  it.each([
    ['forward', 86_400_000],
    ['back', -86_400_000],
  ])('is woken within ten seconds also where its clock was put %s', async (_name, ms) => {
    await using world = await openWorld()
    const { near, far } = world
    await far.link.allow(new Set())
    near.line.start()
    for (const [index, pause] of [1999, 3999, 7999, 15_999].entries()) {
      await untilPauses(near, index + 1)
      if (index < 3) await near.time.turn(pause)
    }
    near.line.wake()
    await untilPauses(near, 5)
    near.time.put(ms)
    near.line.wake()
    await near.time.turn(10_000)
    await near.dials.untilCount(6)
  })

  it('begins anew with the shortest wait where the roster lists another address', async () => {
    await using world = await openWorld()
    const { near, far } = world
    await far.link.allow(new Set())
    near.line.start()
    for (const [index, ms] of [1999, 3999, 7999].entries()) {
      await untilPauses(near, index + 1)
      if (index < 2) await near.time.turn(ms)
    }
    const { target } = near
    if (target === undefined) throw new TypeError('no target')
    near.target = { ...target, addresses: ['/ip4/127.0.0.1/tcp/1'] }
    near.line.wake()
    await untilPauses(near, 4)
    expect(pausesOf(near).at(-1)).toBe(1999)
    expect(near.dials.entries.at(-1)).toBe('/ip4/127.0.0.1/tcp/1')
  })

  it('begins anew with the shortest wait after a session that the peer opened', async () => {
    await using world = await openWorld()
    const { near, far } = world
    await far.link.allow(new Set())
    near.line.start()
    for (const [index, ms] of [1999, 3999, 7999].entries()) {
      await untilPauses(near, index + 1)
      expect(pausesOf(near).at(-1)).toBe(ms)
      if (index < 2) await near.time.turn(ms)
    }
    await far.link.allow(new Set([near.link.peerId]))
    const peer = await dialled(world)
    await peer.greet()
    await near.events.until((all) => all.some(([what]) => what === 'opened'))
    await peer.say('bye')
    await untilPauses(near, 4)
    expect(pausesOf(near).at(-1)).toBe(1999)
  })

  it('stays as it is when something waits and there is a session', async () => {
    await using world = await openWorld()
    const { near, far } = world
    near.line.start()
    const session = await far.greet(0)
    await near.events.untilCount(1)
    near.line.wake()
    await turns(20)
    expect(near.dials.entries).toHaveLength(1)
    await session.close()
    await untilPauses(near, 1)
    near.line.wake()
    await far.greet(1)
    expect(near.dials.entries).toHaveLength(2)
  })

  it.each([
    ['does not know the peer', () => undefined],
    [
      'knows no address of it',
      ({ target }: LineWorld) => (target === undefined ? undefined : { ...target, addresses: [] }),
    ],
  ])('dials nobody while it %s, and dials when it does', async (_name, without) => {
    await using world = await openWorld()
    const { near, far } = world
    const { target } = near
    near.target = without(near)
    near.line.start()
    await untilPauses(near, 1)
    await near.time.turn(1999)
    await untilPauses(near, 2)
    expect(near.dials.entries).toEqual([])
    expect(near.events.entries).toEqual([])
    near.target = target
    near.line.wake()
    await far.greet(0)
    await untilEvents(near, ['opened', undefined])
  })

  it('greets a peer that dials it while it knows no address', async () => {
    await using world = await openWorld()
    const { near, far } = world
    if (near.target !== undefined) near.target = { ...near.target, addresses: [] }
    near.line.start()
    const peer = await dialled(world)
    await peer.greet()
    await untilEvents(near, ['opened', undefined])
    expect(near.line.connected).toBe(true)
    expect(far.accepted.entries).toEqual([])
    await peer.say('bye')
    await untilEvents(near, ['opened', undefined], ['ended', undefined])
  })

  it('keeps its session when another peer greets wrongly, and says with which code', async () => {
    await using world = await openWorld()
    const { near, far } = world
    near.line.start()
    await far.greet(0)
    await near.events.untilCount(1)
    const peer = await dialled(world)
    await peer.greet({ nonce: 'AAAAAAAAAAAAAAAAAAAAAA' })
    await untilEvents(near, ['opened', undefined], ['failed', 'WIRE_REPLAY'])
    expect(await peer.hearAll()).toEqual([])
    expect(near.line.connected).toBe(true)
  })
})

/** The far side dials the near one and speaks by hand. */
async function dialled({ near, far }: World): Promise<HandPeer> {
  const session = await far.link.dial(near.link.peerId, near.link.addresses(), NEVER)
  return new HandPeer(session, far.desk)
}

describe('a deadline', () => {
  it('of sixty seconds ends a dial where nobody answers', async () => {
    await using world = await openWorld()
    await using silence = await openSilence()
    const { near } = world
    if (near.target !== undefined) near.target = { ...near.target, addresses: [silence.address] }
    near.line.start()
    await near.dials.untilCount(1)
    await near.time.turn(59_999)
    await turns(20)
    expect(near.events.entries).toEqual([])
    await near.time.turn(1)
    await untilEvents(near, ['failed', 'NET_TIMEOUT'])
  })

  it('of sixty seconds ends a greeting that the peer does not take up', async () => {
    await using world = await openWorld()
    const { near, far } = world
    near.line.start()
    await far.accepted.untilCount(1)
    await near.sessions.untilCount(1)
    await near.time.turn(60_000)
    await untilEvents(near, ['failed', 'NET_TIMEOUT'])
    expect(near.sessions.entries[0]?.isClosed).toBe(true)
  })

  it('of sixty seconds ends a greeting that a peer began who dialled', async () => {
    await using world = await openWorld()
    const { near } = world
    const peer = await dialled(world)
    await near.sessions.untilCount(1)
    await near.time.turn(60_000)
    await untilEvents(near, ['failed', 'NET_TIMEOUT'])
    expect(await peer.hearAll()).toEqual(['hello'])
  })
})

describe('while there is a session, a line', () => {
  it('pings every twenty seconds', async () => {
    await using world = await openWorld()
    const { near, far } = world
    near.line.start()
    const peer = await byHand(world)
    await near.events.untilCount(1)
    await near.time.turn(1000)
    expect((await peer.hear()).type).toBe('ping')
    await near.time.turn(19_000)
    near.desk.queue(encodeUtf8('comes before the next ping'))
    expect((await peer.hear()).type).toBe('envelope')
    await near.time.turn(1000)
    expect((await peer.hear()).type).toBe('ping')
    expect(far.accepted.entries).toHaveLength(1)
  })

  it('asks within a second for a cosignature where leaves wait for one', async () => {
    await using world = await openWorld()
    const { near } = world
    near.line.start()
    const peer = await byHand(world)
    await near.events.untilCount(1)
    await near.time.turn(1000)
    expect((await peer.hear()).type).toBe('ping')
    near.desk.requests = [encodeUtf8('head 1'), encodeUtf8('head 2')]
    await near.time.turn(3000)
    expect(near.desk.requests).toHaveLength(2)
    near.isUncovered = true
    await near.time.turn(1000)
    expect(await peer.hear()).toEqual({ type: 'checkpoint', body: encodeUtf8('head 1') })
    near.isUncovered = false
    await peer.say('witness', encodeUtf8('cosigned'))
    expect(await peer.hear()).toEqual({ type: 'checkpoint', body: encodeUtf8('head 2') })
  })

  it('goes on when its node could not make a request', async () => {
    await using world = await openWorld()
    const { near } = world
    near.isUncovered = true
    near.line.start()
    const peer = await byHand(world)
    await near.events.untilCount(1)
    const full = new AmanaError('STORE_WRITE', { reason: 'ENOSPC' })
    near.desk.requests = [full, encodeUtf8('head')]
    await near.time.turn(1000)
    expect((await peer.hear()).type).toBe('ping')
    await near.time.turn(1000)
    expect((await peer.hear()).type).toBe('checkpoint')
  })

  it('asks nothing before there is one', async () => {
    await using world = await openWorld()
    const { near } = world
    await near.line.askWitness()
    near.isUncovered = true
    near.line.start()
    await near.time.turn(5000)
    expect(near.desk.callsOf('checkpoint')).toEqual([])
    const peer = await byHand(world)
    await near.events.untilCount(1)
    near.desk.requests = [encodeUtf8('head')]
    await near.line.askWitness()
    expect((await peer.hear()).type).toBe('checkpoint')
  })
})

/** The far side takes the first session that the near one dialled, and speaks by hand. */
async function byHand({ far }: World): Promise<HandPeer> {
  const [session] = await far.accepted.untilCount(1)
  if (session === undefined) throw new TypeError('no session')
  const peer = new HandPeer(session, far.desk)
  await peer.greet()
  return peer
}
