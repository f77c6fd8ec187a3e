/**
 * What every link does, whatever carries it: libp2p on loopback and the simulated network pass the same tests.
 *
 * @module
 * @spec docs/spec/08-exchange.md#framing
 */
import { concatBytes, encodeUtf8, isAnyAmanaError } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { type StreamTime } from '../../apps/node/src/link/frame-stream.ts'
import { LINK_LIMITS } from '../../apps/node/src/link/link-limits.ts'
import { type Link, type LinkSession } from '../../apps/node/src/ports.ts'

/** Both ends of a session. */
export interface SessionEnds {
  /** The side that dialled. */
  readonly near: LinkSession
  readonly far: LinkSession
}

/** A peer that writes bytes where frames are expected, and the session that the other side makes of it. */
export interface BytesEnd {
  readonly far: LinkSession
  send(bytes: Uint8Array): void
  /** Ends its direction. */
  end(): Promise<void>
  reset(): void
  /** Resolves when what was sent has come. */
  arrived(): Promise<void>
}

/** Two transports that know each other, their line, and the time of their deadlines, which passes only when it is let. */
export interface LinkWorld extends AsyncDisposable {
  readonly near: Link
  readonly far: Link
  readonly time: StreamTime
  /** A session that `near` dialled. */
  connect(): Promise<SessionEnds>
  /** A session that `far` dialled. */
  connectBack(): Promise<SessionEnds>
  openBytes(): Promise<BytesEnd>
  /** Dials where nobody answers. */
  dialSilence(signal: AbortSignal): Promise<LinkSession>
  /** Lets the line work until this is over. */
  settle<T>(what: Promise<T>): Promise<T>
  /** Lets the time pass, from one deadline to the next, until this is over. */
  expire<T>(what: Promise<T>): Promise<T>
  /** Resolves when all that can pass now has passed. */
  quiet(): Promise<void>
  /** Whatever is connected breaks, or nothing passes any more and nobody is told. */
  cut(how: 'break' | 'silence'): Promise<void>
}

const NEVER = new AbortController().signal
const MIB = 1024 * 1024
const MOST_FRAMES = 256

/** The tests of a link. */
export function describeLink(name: string, open: () => Promise<LinkWorld>): void {
  describe(`a link ${name}`, () => {
    describeFrames(open)
    describeEnds(open)
    describeDeadlines(open)
    describePressure(open)
    describeSessions(open)
  })
}

type Opens = () => Promise<LinkWorld>

function describeFrames(open: Opens): void {
  it('carries frames of every length both ways, whole and in their order', async () => {
    await using world = await open()
    const { far, near } = await world.connect()
    const frames = [0, 1, 70_000, LINK_LIMITS.frameBytes].map((length, index) =>
      new Uint8Array(length).fill(index),
    )
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      const sending = sendAll(from, frames)
      for (const frame of frames) expect(await world.settle(to.receive())).toEqual(frame)
      await world.settle(sending)
    }
  })

  it.each([
    ['one byte above the limit', LINK_LIMITS.frameBytes + 1],
    ['four gibibytes', 0xffffffff],
  ])('refuses a frame of %s by its length alone, for good', async (_name, length) => {
    await using world = await open()
    const bytes = await world.openBytes()
    bytes.send(lengthOf(length))
    const refused = { code: 'NET_FRAME', details: { reason: 'size' } }
    await expect(world.settle(bytes.far.receive())).rejects.toMatchObject(refused)
    await expect(world.settle(bytes.far.receive())).rejects.toMatchObject(refused)
    await expect(world.settle(bytes.far.send(Uint8Array.of(1)))).rejects.toMatchObject(refused)
  })

  it('reads nothing of a frame on which its reader gave up', async () => {
    await using world = await open()
    const bytes = await world.openBytes()
    bytes.send(concatBytes(lengthOf(3), Uint8Array.of(1)))
    await bytes.arrived()
    const giving = new AbortController()
    const reading = codeOf(bytes.far.receive(giving.signal))
    giving.abort()
    expect(await world.settle(reading)).toBe('NET_TIMEOUT')
    expect(await world.settle(codeOf(bytes.far.receive()))).toBe('NET_TIMEOUT')
  })
}

function describeEnds(open: Opens): void {
  it('gives all frames that were sent before an end, and then the end', async () => {
    await using world = await open()
    const { far, near } = await world.connect()
    const frames = [100, 3, 50].map((kib, index) => new Uint8Array(kib * 1024).fill(index))
    await world.settle(sendAll(near, frames))
    const closing = near.close()
    for (const frame of frames) expect(await world.settle(far.receive())).toEqual(frame)
    expect(await world.settle(far.receive())).toBeNull()
    await world.settle(closing)
  })

  it.each([
    ['a length', Uint8Array.of(0, 0, 0)],
    ['a frame', Uint8Array.of(0, 0, 0, 2, 1)],
  ])('does not take an end inside %s for an end', async (_name, begun) => {
    await using world = await open()
    const bytes = await world.openBytes()
    bytes.send(begun)
    await world.settle(bytes.end())
    await expect(world.settle(bytes.far.receive())).rejects.toMatchObject({
      code: 'NET_FRAME',
      details: { reason: 'truncated' },
    })
  })

  it('does not take a reset for an end, in a frame and between two', async () => {
    for (const begun of [new Uint8Array(), Uint8Array.of(0, 0, 0, 2, 1)]) {
      await using world = await open()
      const bytes = await world.openBytes()
      bytes.send(begun)
      await bytes.arrived()
      bytes.reset()
      expect(await world.settle(codeOf(bytes.far.receive()))).toBe('NET_CLOSED')
      expect(await world.settle(codeOf(bytes.far.send(Uint8Array.of(1))))).toBe('NET_CLOSED')
    }
  })

  it('gives whole frames or an error where the line breaks while frames are written', async () => {
    await using world = await open()
    const { far, near } = await world.connect()
    const sending = sendUntilRefused(near)
    const first = await world.settle(far.receive())
    await world.quiet()
    await world.cut('break')
    const { code, frames } = await world.settle(readToEnd(far))
    expect(['NET_CLOSED', 'NET_FRAME']).toContain(code)
    for (const frame of [first, ...frames]) expect(frame?.byteLength).toBe(MIB)
    expect(await world.settle(sending)).toBe('NET_CLOSED')
  })
}

function describeDeadlines(open: Opens): void {
  it('gives up after ninety seconds without a frame', async () => {
    await using world = await open()
    const { far } = await world.connect()
    const since = world.time.nowMs()
    expect(await world.expire(codeOf(far.receive()))).toBe('NET_TIMEOUT')
    expect(world.time.nowMs() - since).toBe(LINK_LIMITS.silenceMs)
  })

  it('gives a frame that began a minute and the time of its bytes, whatever trickles in', async () => {
    await using world = await open()
    const bytes = await world.openBytes()
    const length = 60_000
    bytes.send(concatBytes(lengthOf(length), Uint8Array.of(5)))
    await bytes.arrived()
    const since = world.time.nowMs()
    const reading = codeOf(bytes.far.receive())
    for (let sent = 0; sent < 5; sent += 1) {
      await world.expire(waitFor(world.time, 20_000))
      bytes.send(Uint8Array.of(5))
      await bytes.arrived()
    }
    expect(await world.expire(reading)).toBe('NET_TIMEOUT')
    const patienceMs = LINK_LIMITS.frameTimeoutMs + length / LINK_LIMITS.slowestBytesPerMs
    expect(world.time.nowMs() - since).toBe(patienceMs)
  })

  it('gives up on a peer that takes nothing for ten minutes, and on a line that died without a word', async () => {
    for (const isDead of [false, true]) {
      await using world = await open()
      const { far, near } = await world.connect()
      const sending = sendUntilRefused(near)
      await world.quiet()
      if (isDead) await world.cut('silence')
      const since = world.time.nowMs()
      const reading = isDead ? codeOf(readToEnd(far)) : undefined
      expect(await world.expire(sending)).toBe('NET_TIMEOUT')
      expect(world.time.nowMs() - since).toBeLessThanOrEqual(LINK_LIMITS.drainTimeoutMs)
      if (reading !== undefined) await world.expire(reading)
    }
  })

  it('closes within five seconds where the other side reads nothing', async () => {
    await using world = await open()
    const { near } = await world.connect()
    const sending = sendUntilRefused(near)
    await world.quiet()
    const since = world.time.nowMs()
    await world.expire(near.close())
    expect(world.time.nowMs() - since).toBeLessThanOrEqual(2 * LINK_LIMITS.closeTimeoutMs)
    expect(await world.settle(sending)).toBe('NET_CLOSED')
  })

  it('ends a dial that nobody answers when its signal fires', async () => {
    await using world = await open()
    const giving = new AbortController()
    const dialling = codeOf(world.dialSilence(giving.signal))
    giving.abort()
    expect(await world.settle(dialling)).toBe('NET_TIMEOUT')
  })
}

function describePressure(open: Opens): void {
  it('holds a sender back whose reader is slow, and loses nothing', async () => {
    await using world = await open()
    const { far, near } = await world.connect()
    const count = 40
    let taken = 0
    const sending = (async (): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        await near.send(new Uint8Array(MIB).fill(index))
        taken += 1
      }
    })()
    let seen: number
    do {
      seen = taken
      await world.quiet()
    } while (seen !== taken)
    // What both ends may hold: write buffer, window, what reading stops at, and the frame that waits.
    expect(taken * MIB).toBeLessThan(LINK_LIMITS.writeBufferBytes + 2 * LINK_LIMITS.readBufferBytes)
    for (let index = 0; index < count; index += 1) {
      const frame = await world.settle(far.receive())
      expect([frame?.byteLength, frame?.[0], frame?.[MIB - 1]]).toEqual([MIB, index, index])
    }
    await world.settle(sending)
  })

  it('lets both sides write at once while both read', async () => {
    await using world = await open()
    const { far, near } = await world.connect()
    const frames = Array.from({ length: 12 }, (_, index) => new Uint8Array(MIB).fill(index))
    const sending = [sendAll(near, frames), sendAll(far, frames)]
    const reading = [near, far].map((end) => readCount(end, frames.length))
    for (const received of await world.settle(Promise.all(reading))) {
      expect(received.map((frame) => frame?.[0])).toEqual(frames.map((frame) => frame[0]))
    }
    await world.settle(Promise.all(sending))
  })

  it('stops while both sides write, and both learn of it', async () => {
    await using world = await open()
    const { far, near } = await world.connect()
    const sending = [sendUntilRefused(near), sendUntilRefused(far)]
    await world.settle(far.receive())
    await world.settle(world.far.close())
    for (const code of await world.settle(Promise.all(sending))) expect(code).toBe('NET_CLOSED')
    expect(await world.settle(codeOf(world.near.dial(world.far.peerId, [], NEVER)))).toBe(
      'NET_UNREACHABLE',
    )
  })
}

function describeSessions(open: Opens): void {
  it('makes two sessions where both sides dial at once, and the end of one ends no other', async () => {
    await using world = await open()
    const [first, second] = await world.settle(Promise.all([world.connect(), world.connectBack()]))
    await world.settle(first.near.close())
    expect((await world.settle(readToEnd(first.far))).code).toBe('end')
    await world.settle(second.near.send(encodeUtf8('still here')))
    expect(await world.settle(second.far.receive())).toEqual(encodeUtf8('still here'))
  })

  it('takes eight sessions of one peer, refuses the next, and keeps those', async () => {
    await using world = await open()
    const held: SessionEnds[] = []
    for (let count = 0; count < LINK_LIMITS.connectionsOfPeer; count += 1) {
      held.push(await world.settle(world.connect()))
    }
    const dialling = world.near.dial(world.far.peerId, world.far.addresses(), NEVER)
    const reading = dialling.then((session) => session.receive())
    expect(['NET_CLOSED', 'NET_UNREACHABLE']).toContain(await world.settle(codeOf(reading)))
    for (const { far, near } of held) {
      await world.settle(near.send(encodeUtf8('held')))
      expect(await world.settle(far.receive())).toEqual(encodeUtf8('held'))
    }
  })

  it('hangs up on a peer that is named no longer, and lets it in no more', async () => {
    await using world = await open()
    const { far, near } = await world.connect()
    const reading = [codeOf(readToEnd(near)), codeOf(readToEnd(far))]
    await world.settle(world.far.allow(new Set()))
    await world.settle(Promise.all(reading))
    expect(await world.settle(codeOf(far.send(Uint8Array.of(1))))).toBe('NET_CLOSED')
    const dialling = world.near.dial(world.far.peerId, world.far.addresses(), NEVER)
    const again = dialling.then((session) => session.receive())
    expect(['NET_CLOSED', 'NET_UNREACHABLE']).toContain(await world.settle(codeOf(again)))
  })
}

function lengthOf(length: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, length)
  return bytes
}

async function sendAll(session: LinkSession, frames: readonly Uint8Array[]): Promise<void> {
  for (const frame of frames) await session.send(frame)
}

/** Writes until it can no more: with which code. A link that holds nobody back is found out before memory is full. */
async function sendUntilRefused(session: LinkSession): Promise<string> {
  for (let count = 0; count < MOST_FRAMES; count += 1) {
    try {
      await session.send(new Uint8Array(MIB))
    } catch (error) {
      return codeOfError(error)
    }
  }
  return 'held nobody back'
}

async function readCount(
  session: LinkSession,
  count: number,
): Promise<readonly (Uint8Array | null)[]> {
  const frames: (Uint8Array | null)[] = []
  while (frames.length < count) frames.push(await session.receive())
  return frames
}

/** All frames, and the code with which they ended; `end` for an end. */
async function readToEnd(
  session: LinkSession,
): Promise<{ readonly frames: readonly Uint8Array[]; readonly code: string }> {
  const frames: Uint8Array[] = []
  try {
    for (;;) {
      const frame = await session.receive()
      if (frame === null) return { frames, code: 'end' }
      frames.push(frame)
    }
  } catch (error) {
    return { frames, code: codeOfError(error) }
  }
}

/** With which code it failed; `none` where it did not. */
async function codeOf(what: Promise<unknown>): Promise<string> {
  try {
    await what
    return 'none'
  } catch (error) {
    return codeOfError(error)
  }
}

function codeOfError(error: unknown): string {
  return isAnyAmanaError(error) ? error.code : String(error)
}

async function waitFor(time: StreamTime, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    time.after(ms, resolve)
  })
}
