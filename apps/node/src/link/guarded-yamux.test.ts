import { once } from 'node:events'
import { encodeUtf8, concatBytes } from '@amana/core'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type Connection, type Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { Diary } from '../../../../test/support/link-diary.ts'
import { LOOPBACK, openLink } from '../../../../test/support/link-pair.ts'
import { type Link, type LinkSession } from '../ports.ts'
import { EXCHANGE_PROTOCOL } from './libp2p-node.ts'
import { LINK_LIMITS } from './link-limits.ts'

/** A peer of the roster that writes whatever it likes inside the encrypted connection. */
let hostile: Libp2p

beforeAll(async () => {
  await twoAgencies()
  hostile = await createPlainNode([])
}, 60_000)

afterAll(async () => {
  await hostile.stop()
})

async function createPlainNode(listen: string[]): Promise<Libp2p> {
  return createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
}

interface Victim extends AsyncDisposable {
  readonly link: Link
  readonly accepted: Diary<LinkSession>
  readonly connection: Connection
}

async function openVictim(): Promise<Victim> {
  const { naptip } = await twoAgencies()
  const link = await openLink(naptip)
  await link.allow(new Set([hostile.peerId.toString()]))
  const accepted = new Diary<LinkSession>()
  link.onSession((session) => {
    accepted.write(session)
  })
  const addresses = link.addresses().map((address) => multiaddr(address))
  const connection = await hostile.dial(addresses, { force: true })
  const dispose = async (): Promise<void> => {
    connection.abort(new Error('done'))
    await link.close()
  }
  return { link, accepted, connection, [Symbol.asyncDispose]: dispose }
}

interface Inside {
  createStream(): Promise<Stream>
  readonly maConn: {
    send(bytes: Uint8Array): boolean
    addEventListener(type: 'message', listener: () => void): void
  }
}

/** The muxer of a connection and the encrypted bytes below it. */
function insideOf(connection: Connection): Inside {
  if ('muxer' in connection && isInside(connection.muxer)) return connection.muxer
  throw new TypeError('libp2p changed inside')
}

function isInside(value: unknown): value is Inside {
  return typeof value === 'object' && value !== null && 'maConn' in value && 'createStream' in value
}

/** The header of a yamux frame: version, type, flags, stream, length. */
function yamuxHeader(type: number, length: number, { flags = 0, stream = 1 } = {}): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, stream)
  view.setUint32(8, length)
  return bytes
}

describe('a frame of the muxer', () => {
  it.each([
    ['one byte more than a window', LINK_LIMITS.yamuxFrameBytes + 1],
    ['four gibibytes', 0xffffffff],
  ])('that announces %s ends its connection by the header alone', async (_name, length) => {
    await using victim = await openVictim()
    const closed = once(victim.connection, 'close')
    insideOf(victim.connection).maConn.send(yamuxHeader(0, length))
    await closed
    expect(victim.connection.status).not.toBe('open')
  })

  it('that announces too much hurts no other connection', async () => {
    await using victim = await openVictim()
    const addresses = victim.link.addresses().map((address) => multiaddr(address))
    const other = await hostile.dial(addresses, { force: true })
    const closed = once(victim.connection, 'close')
    insideOf(victim.connection).maConn.send(yamuxHeader(0, 0xffffffff))
    await closed
    await other.newStream(EXCHANGE_PROTOCOL)
    await victim.accepted.untilCount(1)
    expect(other.status).toBe('open')
  })

  it('may announce a whole window', async () => {
    await using victim = await openVictim()
    insideOf(victim.connection).maConn.send(yamuxHeader(0, LINK_LIMITS.yamuxFrameBytes))
    insideOf(victim.connection).maConn.send(new Uint8Array(LINK_LIMITS.yamuxFrameBytes))
    await victim.connection.newStream(EXCHANGE_PROTOCOL)
    await victim.accepted.untilCount(1)
    expect(victim.connection.status).toBe('open')
  })

  it('that announces too much is still taken by the library without the guard', async () => {
    const plain = await createPlainNode([LOOPBACK])
    try {
      const opened = once(plain, 'connection:open')
      const connection = await hostile.dial(plain.getMultiaddrs(), { force: true })
      await opened
      const [held] = plain.getConnections(hostile.peerId)
      if (held === undefined) throw new TypeError('no connection')
      const arrived = new Diary<number>()
      insideOf(held).maConn.addEventListener('message', () => {
        arrived.write(bufferedIn(held))
      })
      insideOf(connection).maConn.send(yamuxHeader(0, 0xffffffff))
      insideOf(connection).maConn.send(new Uint8Array(LINK_LIMITS.yamuxFrameBytes))
      const sizes = await arrived.until((all) => (all.at(-1) ?? 0) > LINK_LIMITS.yamuxFrameBytes)
      expect(sizes.at(-1)).toBeGreaterThan(LINK_LIMITS.yamuxFrameBytes)
      expect(held.status).toBe('open')
    } finally {
      await plain.stop()
    }
  })
})

const ASKED = LINK_LIMITS.frameBudget / LINK_LIMITS.answeredFrameCost
const FLOODS = [
  ['pings', ASKED, (index: number) => yamuxHeader(2, index, { flags: 1, stream: 0 })],
  ['new streams', ASKED, (index: number) => yamuxHeader(1, 0, { flags: 1, stream: 1 + 2 * index })],
  ['bytes, each in a frame of its own', LINK_LIMITS.frameBudget, oneByte],
] as const

function oneByte(): Uint8Array {
  return concatBytes(yamuxHeader(0, 1, { stream: 99 }), Uint8Array.of(7))
}

function flood(count: number, frame: (index: number) => Uint8Array): Uint8Array {
  return concatBytes(...Array.from({ length: count }, (_, index) => frame(index)))
}

describe('a flood of frames of the muxer', () => {
  it.each(FLOODS)('of %s ends its connection', async (_name, count, frame) => {
    await using victim = await openVictim()
    const closed = once(victim.connection, 'close')
    insideOf(victim.connection).maConn.send(flood(2 * count, frame))
    await closed
    expect(victim.connection.status).not.toBe('open')
  })

  it('is taken as long as it is short', async () => {
    await using victim = await openVictim()
    insideOf(victim.connection).maConn.send(flood(LINK_LIMITS.frameBudget / 2, oneByte))
    await victim.connection.newStream(EXCHANGE_PROTOCOL)
    await victim.accepted.untilCount(1)
    expect(victim.connection.status).toBe('open')
  })

  it('is no flood where the frames carry something', async () => {
    await using victim = await openVictim()
    const frame = concatBytes(yamuxHeader(0, 512, { stream: 99 }), new Uint8Array(512))
    for (let sent = 0; sent < 2 * LINK_LIMITS.frameBudget; sent += 1024) {
      insideOf(victim.connection).maConn.send(flood(1024, () => frame))
    }
    await victim.connection.newStream(EXCHANGE_PROTOCOL)
    await victim.accepted.untilCount(1)
    expect(victim.connection.status).toBe('open')
  })
})

describe('a stream', () => {
  it('that ends together with its opening is read to its end', async () => {
    await using victim = await openVictim()
    const stream = await insideOf(victim.connection).createStream()
    stream.send(concatBytes(...['/multistream/1.0.0\n', `${EXCHANGE_PROTOCOL}\n`].map(prefixed)))
    await stream.close()
    const [session] = await victim.accepted.untilCount(1)
    expect(await session?.receive()).toBeNull()
  })

  it('that brings a frame together with its opening gives the frame', async () => {
    await using victim = await openVictim()
    const stream = await insideOf(victim.connection).createStream()
    const words = ['/multistream/1.0.0\n', `${EXCHANGE_PROTOCOL}\n`].map(prefixed)
    stream.send(concatBytes(...words, Uint8Array.of(0, 0, 0, 2, 8, 0)))
    const [session] = await victim.accepted.untilCount(1)
    expect(await session?.receive()).toEqual(Uint8Array.of(8, 0))
  })

  it('beyond the fourth of a connection is reset', async () => {
    await using victim = await openVictim()
    for (let count = 0; count < LINK_LIMITS.exchangeStreams; count += 1) {
      await victim.connection.newStream(EXCHANGE_PROTOCOL)
    }
    await victim.accepted.untilCount(LINK_LIMITS.exchangeStreams)
    const fifth = await victim.connection.newStream(EXCHANGE_PROTOCOL)
    if (fifth.status === 'open') await once(fifth, 'close')
    expect(fifth.status).toBe('reset')
    expect(victim.accepted.entries).toHaveLength(LINK_LIMITS.exchangeStreams)
  })

  it.each(['/ipfs/id/1.0.0', '/ipfs/ping/1.0.0', '/amana/exchange/2'])(
    'of another protocol (%s) is not opened',
    async (protocol) => {
      await using victim = await openVictim()
      await expect(victim.connection.newStream(protocol)).rejects.toMatchObject({
        name: 'UnsupportedProtocolError',
      })
      expect(victim.accepted.entries).toEqual([])
    },
  )
})

/** A word of multistream-select: its length in one byte, then the word. */
function prefixed(word: string): Uint8Array {
  return concatBytes(Uint8Array.of(word.length), encodeUtf8(word))
}

/** How many bytes the decoder of a connection holds. */
function bufferedIn(connection: Connection): number {
  const inside: unknown = insideOf(connection)
  const decoder = memberOf(inside, 'decoder')
  const sizeBytes = memberOf(memberOf(decoder, 'buffer'), 'byteLength')
  return typeof sizeBytes === 'number' ? sizeBytes : -1
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Reflect.get(value, name)
}
