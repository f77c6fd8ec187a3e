import { once } from 'node:events'
import { concatBytes, digest, encodeUtf8 } from '@amana/core'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type Connection, type Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { Diary } from '../../../../test/support/link-diary.ts'
import { openLink } from '../../../../test/support/link-pair.ts'
import { type LinkSession } from '../ports.ts'
import { EXCHANGE_PROTOCOL } from './libp2p-node.ts'
import { LINK_LIMITS } from './link-limits.ts'

const MIB = 1024 * 1024

/** A peer that writes whatever bytes it likes: libp2p without a frame of ours. */
let raw: Libp2p

beforeAll(async () => {
  await twoAgencies()
  raw = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
}, 60_000)

afterAll(async () => {
  await raw.stop()
})

afterEach(() => {
  vi.useRealTimers()
})

/** A stream of the raw peer, and the session that our side makes of it. */
interface Ends {
  readonly stream: Stream
  readonly session: LinkSession
}

interface Line extends AsyncDisposable, Ends {
  readonly connection: Connection
  /** Another stream over the same connection. */
  open(): Promise<Ends>
  /** Goes there and back on a stream of its own: what was sent before over this connection has been dealt with. */
  fence(): Promise<void>
}

/** A transport of ours that the raw peer has dialled. */
async function connect(): Promise<Line> {
  const { naptip } = await twoAgencies()
  const link = await openLink(naptip)
  await link.allow(new Set([raw.peerId.toString()]))
  const accepted = new Diary<LinkSession>()
  link.onSession((session) => {
    accepted.write(session)
  })
  const addresses = link.addresses().map((address) => multiaddr(address))
  const connection = await raw.dial(addresses, { force: true })
  const open = async (): Promise<Ends> => {
    const before = accepted.entries.length
    const stream = await connection.newStream(EXCHANGE_PROTOCOL)
    const session = (await accepted.untilCount(before + 1)).at(before)
    if (session === undefined) throw new TypeError('no session')
    return { stream, session }
  }
  const fence = async (): Promise<void> => {
    const { stream, session } = await open()
    const answer = once(stream, 'message')
    stream.send(framed(encodeUtf8('there')))
    await session.receive()
    await session.send(encodeUtf8('and back'))
    await answer
    stream.abort(new Error('done'))
  }
  const dispose = async (): Promise<void> => {
    connection.abort(new Error('done'))
    await link.close()
  }
  return { ...(await open()), connection, open, fence, [Symbol.asyncDispose]: dispose }
}

function framed(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + frame.byteLength)
  new DataView(bytes.buffer).setUint32(0, frame.byteLength)
  bytes.set(frame, 4)
  return bytes
}

function header(length: number): Uint8Array {
  return framed(new Uint8Array()).map((_, index) => (length >>> (8 * (3 - index))) & 0xff)
}

describe('a stream of frames', () => {
  it('is read the same wherever the bytes are split', async () => {
    await using line = await connect()
    const { stream, session } = line
    const frames = [encodeUtf8('one'), new Uint8Array(), encodeUtf8('three')]
    const bytes = Uint8Array.from(frames.flatMap((frame) => [...framed(frame)]))
    for (let at = 0; at <= bytes.byteLength; at += 1) {
      stream.send(bytes.subarray(0, at))
      stream.send(bytes.subarray(at))
      for (const frame of frames) expect(await session.receive()).toEqual(frame)
    }
    for (const byte of bytes) stream.send(Uint8Array.of(byte))
    for (const frame of frames) expect(await session.receive()).toEqual(frame)
  })

  it('takes a frame of the greatest length, sent and received', async () => {
    await using line = await connect()
    const { stream, session } = line
    const frame = new Uint8Array(LINK_LIMITS.frameBytes).fill(7)
    stream.send(framed(frame))
    const taken = (await session.receive()) ?? new Uint8Array()
    expect(digest(taken)).toBe(digest(frame))
    const received = new Diary<number>()
    stream.addEventListener('message', ({ data }) => {
      received.write(data.byteLength)
    })
    await session.send(frame)
    const sizes = await received.until((all) => sum(all) >= frame.byteLength + 4)
    expect(sum(sizes)).toBe(frame.byteLength + 4)
  })

  it.each([
    ['one byte above the limit', LINK_LIMITS.frameBytes + 1],
    ['four gibibytes', 0xffffffff],
  ])('refuses a length of %s by its four bytes alone, and resets', async (_name, length) => {
    await using line = await connect()
    const { stream, session } = line
    const reset = once(stream, 'close')
    stream.send(header(length))
    const refused = { code: 'NET_FRAME', details: { reason: 'size' } }
    await expect(session.receive()).rejects.toMatchObject(refused)
    expect((await reset)[0]).toMatchObject({ error: { name: 'StreamResetError' } })
    await expect(session.receive()).rejects.toMatchObject(refused)
    await expect(session.send(Uint8Array.of(1))).rejects.toMatchObject(refused)
  })

  it('ends with nothing where the other side ends between two frames', async () => {
    await using line = await connect()
    const { stream, session } = line
    stream.send(framed(encodeUtf8('last')))
    await stream.close()
    expect(await session.receive()).toEqual(encodeUtf8('last'))
    expect(await session.receive()).toBeNull()
  })

  it.each([
    ['the length', Uint8Array.of(0, 0, 0)],
    ['a frame', Uint8Array.of(0, 0, 0, 2, 1)],
  ])('refuses an end inside %s', async (_name, bytes) => {
    await using line = await connect()
    const { stream, session } = line
    stream.send(bytes)
    await stream.close()
    await expect(session.receive()).rejects.toMatchObject({
      code: 'NET_FRAME',
      details: { reason: 'truncated' },
    })
  })

  it('says that it was closed when the other side resets, in a frame and between two', async () => {
    for (const bytes of [new Uint8Array(), Uint8Array.of(0, 0, 0, 2, 1)]) {
      await using line = await connect()
      const { stream, session } = line
      stream.send(bytes)
      const waiting = session.receive()
      stream.abort(new Error('gone'))
      await expect(waiting).rejects.toMatchObject({ code: 'NET_CLOSED' })
      await expect(session.send(Uint8Array.of(1))).rejects.toMatchObject({ code: 'NET_CLOSED' })
    }
  })

  it('gives the frames that arrived before a reset', async () => {
    await using line = await connect()
    const { stream, session } = line
    const waiting = session.receive()
    stream.send(framed(encodeUtf8('farewell')))
    stream.abort(new Error('gone'))
    expect(await waiting).toEqual(encodeUtf8('farewell'))
    await expect(session.receive()).rejects.toMatchObject({ code: 'NET_CLOSED' })
  })

  it('gives all that was sent where the other side ended while reading was paused', async () => {
    await using line = await connect()
    const { stream, session } = line
    const frames = [100, 300, 3].map((kib, index) => new Uint8Array(kib * 1024).fill(index))
    const bytes = concatBytes(...frames.map((frame) => framed(frame)))
    // What arrives after 256 KiB waits in the stream, not in our buffer; the end comes before it is taken.
    for (const [from, to] of [
      [0, 200],
      [200, 300],
      [300, 404],
    ] as const) {
      stream.send(bytes.subarray(from * 1024, to * 1024))
      if (to < 404) await line.fence()
    }
    await stream.close()
    await line.fence()
    for (const frame of frames) expect(await session.receive()).toEqual(frame)
    expect(await session.receive()).toBeNull()
  })

  it('gives the frames that it holds where the stream was reset while reading was paused', async () => {
    await using line = await connect()
    const { stream, session } = line
    const frame = new Uint8Array(100 * 1024).fill(9)
    for (let count = 0; count < 3; count += 1) {
      stream.send(framed(frame))
      await line.fence()
    }
    stream.abort(new Error('cable'))
    await line.fence()
    for (let count = 0; count < 3; count += 1) expect(await session.receive()).toEqual(frame)
    await expect(session.receive()).rejects.toMatchObject({ code: 'NET_CLOSED' })
  })

  it('ends when the connection breaks', async () => {
    await using line = await connect()
    const waiting = line.session.receive()
    line.connection.abort(new Error('cable'))
    await expect(waiting).rejects.toMatchObject({ code: 'NET_CLOSED' })
  })

  it('ends at once where the other side ended before anybody listened', async () => {
    await using line = await connect()
    const { stream, session } = await line.open()
    await stream.close()
    await line.fence()
    expect(await session.receive()).toBeNull()
  })
})

describe('patience', () => {
  it('ends when the signal fires, and leaves no half-read frame', async () => {
    await using line = await connect()
    const { stream, session } = line
    const reset = once(stream, 'close')
    stream.send(Uint8Array.of(0, 0, 0, 2, 1))
    const controller = new AbortController()
    const waiting = session.receive(controller.signal)
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'NET_TIMEOUT' })
    await reset
    await expect(session.receive()).rejects.toMatchObject({ code: 'NET_TIMEOUT' })
  })

  it('ends at once with a signal that fired before', async () => {
    await using line = await connect()
    const { session } = line
    await expect(session.receive(AbortSignal.abort())).rejects.toMatchObject({
      code: 'NET_TIMEOUT',
    })
  })

  it('lasts ninety seconds of silence and no longer', async () => {
    await using line = await connect()
    const { stream, session } = line
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const first = session.receive()
    vi.advanceTimersByTime(LINK_LIMITS.silenceMs - 1)
    stream.send(framed(encodeUtf8('here')))
    expect(await first).toEqual(encodeUtf8('here'))
    // Nobody waits now: no timer may end the stream.
    vi.advanceTimersByTime(LINK_LIMITS.silenceMs)
    stream.send(framed(encodeUtf8('still here')))
    expect(await session.receive()).toEqual(encodeUtf8('still here'))
    const second = session.receive()
    vi.advanceTimersByTime(LINK_LIMITS.silenceMs)
    await expect(second).rejects.toMatchObject({ code: 'NET_TIMEOUT' })
    vi.useRealTimers()
  })

  it('gives a frame that began a minute and the time of its bytes, whatever trickles in', async () => {
    await using line = await connect()
    const { stream, session } = line
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const frame = new Uint8Array(1000).fill(5)
    const patienceMs = LINK_LIMITS.frameTimeoutMs + 1000 / LINK_LIMITS.slowestBytesPerMs
    const bytes = framed(frame)
    stream.send(bytes.subarray(0, 5))
    const first = session.receive()
    await line.fence()
    vi.advanceTimersByTime(patienceMs - 1)
    stream.send(bytes.subarray(5))
    expect(await first).toEqual(frame)
    stream.send(bytes.subarray(0, 5))
    const second = session.receive()
    await line.fence()
    for (let at = 5; at < 15; at += 1) {
      stream.send(bytes.subarray(at, at + 1))
      await line.fence()
      vi.advanceTimersByTime(patienceMs / 10)
    }
    await expect(second).rejects.toMatchObject({ code: 'NET_TIMEOUT' })
    vi.useRealTimers()
  })

  it('with a peer that reads nothing ends after ten minutes', async () => {
    await using line = await connect()
    const { stream, session } = line
    stream.pause()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    const frame = new Uint8Array(MIB)
    const sending = (async (): Promise<void> => {
      for (;;) await session.send(frame)
    })()
    const outcome = sending.catch((error: unknown) => error)
    await line.fence()
    vi.advanceTimersByTime(LINK_LIMITS.drainTimeoutMs)
    expect(await outcome).toMatchObject({ code: 'NET_TIMEOUT' })
    vi.useRealTimers()
  })
})

describe('back-pressure', () => {
  it('holds back a sender whose reader is slow, and loses nothing', async () => {
    await using line = await connect()
    const { session } = line
    const count = 48
    const sent = await sendUntilHeld(line, count)
    expect(sent.held).toBe(true)
    expect(sent.takenBytes).toBeLessThan(4 * MIB)
    for (let index = 0; index < count; index += 1) {
      const frame = await session.receive()
      expect(frame?.byteLength).toBe(MIB)
      expect([frame?.[0], frame?.[MIB - 1]]).toEqual([index, index])
    }
    await sent.done
  }, 60_000)

  it('lets both sides write at once while both read', async () => {
    await using line = await connect()
    const { stream, session } = line
    const count = 12
    const received = new Diary<number>()
    stream.addEventListener('message', ({ data }) => {
      received.write(data.byteLength)
    })
    const sent = await sendUntilHeld(line, count)
    for (let index = 0; index < count; index += 1) {
      await session.send(new Uint8Array(MIB))
      expect((await session.receive())?.[0]).toBe(index)
    }
    await received.until((all) => sum(all) === count * (MIB + 4))
    await sent.done
  }, 60_000)
})

interface Sent {
  readonly held: boolean
  readonly takenBytes: number
  readonly done: Promise<void>
}

/** Writes frames of 1 MiB, each filled with its number, as fast as the transport takes them, until it takes no more. */
async function sendUntilHeld(line: Line, count: number): Promise<Sent> {
  const { stream } = line
  let next = 0
  const sending = async (): Promise<void> => {
    while (next < count) {
      const isTaken = stream.send(framed(new Uint8Array(MIB).fill(next)))
      next += 1
      if (!isTaken) await once(stream, 'drain')
      while (stream.writableNeedsDrain) await once(stream, 'drain')
    }
  }
  const done = sending()
  let seen = -1
  while (seen !== next) {
    seen = next
    for (let round = 0; round < 8; round += 1) await line.fence()
  }
  const takenBytes = next * (MIB + 4) - stream.writeBufferLength
  return { held: next < count, takenBytes, done }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
