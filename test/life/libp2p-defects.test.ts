import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type Connection, type Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { byteStream, lpStream } from '@libp2p/utils'
import { yamux, type YamuxMuxerInit } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { afterEach, describe, expect, it } from 'vitest'
import { CutLine } from '../support/cut-line.ts'
import { Diary } from '../support/link-diary.ts'
import { LOOPBACK } from '../support/link-pair.ts'

/*
 * What libp2p does that the link is built around, asserted of libp2p alone: a test that fails here says that a defect is
 * gone, and that what docs/libp2p.md has against it may go, too.
 */

const MIB = 1024 * 1024
const PROTOCOL = '/defects/1'

const nodes: Libp2p[] = []

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop()
})

async function openNode(options: YamuxMuxerInit = {}): Promise<Libp2p> {
  const node = await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen: [LOOPBACK] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux(options)],
    connectionMonitor: { enabled: false },
  })
  nodes.push(node)
  return node
}

interface Ends {
  readonly near: Stream
  readonly far: Stream
  readonly connection: Connection
  readonly from: Libp2p
  readonly to: Libp2p
}

/** Both ends of a stream between two nodes, through a line where one is given. */
async function openEnds(options: YamuxMuxerInit = {}, line?: CutLine): Promise<Ends> {
  const [from, to] = [await openNode(options), await openNode(options)]
  const arrived = new Diary<Stream>()
  await to.handle(PROTOCOL, (stream) => {
    arrived.write(stream)
  })
  if (line !== undefined) line.toPort = portOf(to)
  const address = line === undefined ? to.getMultiaddrs() : addressOf(line, to)
  const connection = await from.dial(address)
  const near = await connection.newStream(PROTOCOL)
  const [far] = await arrived.untilCount(1)
  if (far === undefined) throw new TypeError('no stream arrived')
  return { near, far, connection, from, to }
}

function portOf(node: Libp2p): number {
  return Number(node.getMultiaddrs()[0]?.toString().split('/')[4])
}

function addressOf(line: CutLine, node: Libp2p): ReturnType<typeof multiaddr> {
  return multiaddr(`/ip4/127.0.0.1/tcp/${String(line.port)}/p2p/${node.peerId.toString()}`)
}

/** Writes as libp2p asks for it: after a false, the drain is waited for. */
async function pour(stream: Stream, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 1) {
    if (!stream.send(new Uint8Array(MIB))) await once(stream, 'drain')
  }
}

async function outcomeOf(what: Promise<unknown>): Promise<unknown> {
  return what.then(
    () => 'none',
    (error: unknown) => error,
  )
}

describe('libp2p, as it is pinned', () => {
  it('P1: takes all that is sent to a reader of `for await` that reads no further', async () => {
    const { far, near } = await openEnds()
    const chunks = far[Symbol.asyncIterator]()
    near.send(Uint8Array.of(1))
    await chunks.next()
    await pour(near, 32)
    await near.close()
    expect(near.writeBufferLength).toBe(0)
  })

  it('P2: resets a reader of `byteStream` that reads slowly', async () => {
    const { far, near } = await openEnds()
    const bytes = byteStream(far)
    const closed = once(far, 'close')
    void pour(near, 16).catch(() => undefined)
    await closed
    expect(await outcomeOf(bytes.read())).toMatchObject({ name: 'StreamBufferError' })
  })

  it('P3: resets two sides that use pause and resume as they are meant', async () => {
    const { far, near } = await openEnds()
    far.addEventListener('message', () => {
      setImmediate(() => {
        if (far.status !== 'open') return
        far.pause()
        setTimeout(() => {
          if (far.status === 'open') far.resume()
        }, 20)
      })
    })
    const closed = once(far, 'close')
    void pour(near, 400).catch(() => undefined)
    await closed
    expect(far.status).toBe('aborted')
  })

  it('P4: goes on giving the other side room after a pause inside of resume', async () => {
    const windows = { maxStreamWindowSize: MIB, maxReadBufferLength: 4 * MIB }
    const { far, near } = await openEnds({ streamOptions: windows })
    far.addEventListener('message', () => {
      if (far.readStatus === 'readable') far.pause()
    })
    const closed = once(far, 'close')
    void pour(near, 64).catch(() => undefined)
    while (far.readBufferLength === 0) await turn()
    far.resume()
    await closed
    expect(far.status).toBe('aborted')
  })

  it('P5: says at once that a stream has drained which did so once before', async () => {
    const { far, near } = await openEnds()
    far.addEventListener('message', () => undefined)
    near.send(new Uint8Array(16 * MIB))
    await near.onDrain()
    while (near.writeBufferLength > 0) await once(near, 'drain')
    far.pause()
    while (near.send(new Uint8Array(MIB)));
    await near.onDrain()
    expect(near.writableNeedsDrain).toBe(true)
  })

  it('P6: rejects a write with what is no error', async () => {
    const { far, near } = await openEnds()
    far.pause()
    const writing = outcomeOf(lpStream(near).write(new Uint8Array(64 * MIB)))
    far.abort(new Error('gone'))
    expect(await writing).not.toBeInstanceOf(Error)
  })

  it('P7: reads the rest of a message on which its reader gave up as the next one', async () => {
    const { far, near } = await openEnds()
    const messages = lpStream(far)
    const giving = new AbortController()
    const reading = outcomeOf(messages.read({ signal: giving.signal }))
    near.send(Uint8Array.of(3))
    await once(far, 'message')
    await turn()
    giving.abort()
    expect(await reading).toMatchObject({ name: 'AbortError' })
    near.send(Uint8Array.of(1, 2, 3))
    const next = await messages.read()
    expect([...next.subarray()]).toEqual([2])
  })

  it('P8: closes a stream whose connection was reset as one that ended', async () => {
    await using line = await CutLine.open(0)
    const { far } = await openEnds({}, line)
    far.addEventListener('message', () => undefined)
    const closed = once(far, 'close')
    line.cut('break')
    expect(await closed).toEqual([expect.objectContaining({ error: undefined })])
    expect(far.status).toBe('closed')
  })

  it('P10: runs a handler more than once for a stream where middleware is used', async () => {
    const [from, to] = [await openNode(), await openNode()]
    const handled = new Diary<Stream>()
    to.use(PROTOCOL, (_stream, _connection, next) => {
      next(_stream, _connection)
    })
    await to.handle(PROTOCOL, (stream) => {
      handled.write(stream)
    })
    const connection = await from.dial(to.getMultiaddrs())
    for (let opened = 0; opened < 3; opened += 1) await connection.newStream(PROTOCOL)
    await handled.untilCount(4)
    expect(handled.entries.length).toBeGreaterThan(3)
  })

  it('P11: lets a stream be opened that the other side has no place for, and resets it later', async () => {
    const { connection, to } = await openEnds()
    await to.handle('/one/1', () => undefined, { maxInboundStreams: 1 })
    await connection.newStream('/one/1')
    const second = await connection.newStream('/one/1')
    if (second.status === 'open') await once(second, 'close')
    expect(second.status).toBe('reset')
  })

  it('P14: makes two connections where both sides dial at once', async () => {
    const [one, other] = [await openNode(), await openNode()]
    const opened = new Diary<string>()
    one.addEventListener('connection:open', ({ detail: { direction } }) => {
      opened.write(direction)
    })
    await Promise.all([one.dial(other.getMultiaddrs()), other.dial(one.getMultiaddrs())])
    await opened.untilCount(2)
    expect(one.getConnections(other.peerId)).toHaveLength(2)
  })

  it('P15: drops what was not sent yet when it stops', async () => {
    const { far, from, near } = await openEnds()
    let received = 0
    far.addEventListener('message', ({ data }) => {
      received += data.byteLength
    })
    far.pause()
    near.send(new Uint8Array(32 * MIB))
    const closed = once(far, 'close')
    await from.stop()
    await closed
    expect(received).toBeLessThan(32 * MIB)
  })

  it('P16: reads a length that does not end byte by byte, in negotiation, too', async () => {
    const { far, near } = await openEnds()
    const messages = lpStream(far, { maxDataLength: 1024, maxLengthLength: 2 })
    const reading = outcomeOf(messages.read())
    near.send(new Uint8Array(10_000).fill(0xff))
    await near.close()
    expect(await reading).not.toMatchObject({ name: 'InvalidDataLengthLengthError' })
  })

  it('P17: takes as many frames of the muxer as somebody sends, however small', async () => {
    const { connection } = await openEnds()
    const frame = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0, 1, 7)
    const flood = Buffer.concat(Array.from({ length: 20_000 }, () => frame))
    bytesBelow(connection).send(flood)
    await connection.newStream(PROTOCOL)
    expect(connection.status).toBe('open')
  })
})

interface Bytes {
  send(bytes: Uint8Array): boolean
}

/** The encrypted bytes below the muxer of a connection. */
function bytesBelow(connection: object): Bytes {
  const muxer: unknown = 'muxer' in connection ? connection.muxer : undefined
  if (typeof muxer === 'object' && muxer !== null && 'maConn' in muxer && isBytes(muxer.maConn)) {
    return muxer.maConn
  }
  throw new TypeError('libp2p changed inside')
}

function isBytes(value: unknown): value is Bytes {
  return typeof value === 'object' && value !== null && 'send' in value
}
