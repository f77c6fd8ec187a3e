/**
 * A hostile peer in a process of its own: valid libp2p, bad behaviour. `node hostile-child.ts ATTACK ADDRESS [KEY]`, where
 * the key is seed and public key of the transport key of a peer, base64. It ends by itself when the attack is over; whoever
 * starts it sets it a deadline.
 *
 * @module
 * @spec docs/spec/08-exchange.md#hostile-peers
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import { generateKeyPair, privateKeyFromRaw } from '@libp2p/crypto/keys'
import { type Connection, type Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'

const [attack = '', address = '', key = ''] = process.argv.slice(2)
const [, , host = '', , port = ''] = address.split('/')
const EXCHANGE = '/amana/exchange/1'
const MIB = 1024 * 1024
const CONNECTIONS = 12
/** A step that the other side does not let end is over after this. */
const STEP_MS = 3000
const SECOND_MS = 1000
const SESSIONS = 25
const HELLO = '/multistream/1.0.0\n'

interface Below {
  createStream(): Promise<Stream>
  readonly maConn: {
    send(bytes: Uint8Array): boolean
    readonly writableNeedsDrain: boolean
    readonly status: string
    addEventListener(type: 'drain' | 'close', listener: () => void): void
  }
}

/** The muxer of a connection, and the encrypted bytes below it. */
function below(connection: Connection): Below {
  if ('muxer' in connection && isBelow(connection.muxer)) return connection.muxer
  throw new TypeError('libp2p changed inside')
}

function isBelow(value: unknown): value is Below {
  return typeof value === 'object' && value !== null && 'maConn' in value && 'createStream' in value
}

/** The header of a yamux frame. */
function frame(type: number, { flags = 0, stream = 0, length = 0 }): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setUint8(1, type)
  view.setUint16(2, flags)
  view.setUint32(4, stream)
  view.setUint32(8, length)
  return bytes
}

async function openNode(localAddress?: string): Promise<Libp2p> {
  const bytes = Buffer.from(key, 'base64')
  const dialOpts = { localAddress, noDelay: true }
  return createLibp2p({
    privateKey: key === '' ? await generateKeyPair('Ed25519') : privateKeyFromRaw(bytes),
    transports: [tcp(localAddress === undefined ? {} : { dialOpts })],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux({ enableKeepAlive: false })],
    connectionMonitor: { enabled: false },
    connectionManager: { maxConnections: 1000, maxParallelDials: 100, reconnectRetries: 0 },
  })
}

/** Whatever the other side answers is right. */
async function tolerant(step: () => Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([
    step().catch(() => undefined),
    pause(STEP_MS, undefined, { signal: over.signal }).catch(() => undefined),
  ])
  over.abort()
}

/** On several connections at once, through a line that brings nothing back once it is told so. */
async function onConnections(act: (connection: Connection) => Promise<unknown>): Promise<void> {
  const node = await openNode()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, () =>
      tolerant(async () => act(await node.dial(multiaddr(address), { force: true }))),
    ),
  )
  await pause(STEP_MS)
  await tolerant(async () => node.stop())
}

/** Writes as fast as the transport takes it; never waits for a drain that does not come. */
async function pour(connection: Connection, pieces: Iterable<Uint8Array>): Promise<void> {
  const { maConn } = below(connection)
  for (const piece of pieces) {
    if (maConn.status !== 'open') return
    maConn.send(piece)
    await turn()
    if (!maConn.writableNeedsDrain) continue
    await new Promise<void>((resolve) => {
      maConn.addEventListener('drain', resolve)
      maConn.addEventListener('close', resolve)
    })
  }
}

function* frames(count: number, make: (index: number) => Uint8Array): Iterable<Uint8Array> {
  for (let index = 0; index < count; index += 1000) {
    yield Buffer.concat(Array.from({ length: 1000 }, (_, at) => make(index + at)))
  }
}

/** Plain sockets from many addresses of loopback. */
async function onSockets(count: number, act: (socket: Socket) => Promise<unknown>): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      tolerant(async () => {
        const localAddress = `127.0.1.${String(1 + Math.floor(index / 5))}`
        const socket = connect({ host, port: Number(port), localAddress })
        socket.on('error', () => undefined)
        await once(socket, 'connect')
        await act(socket)
      }),
    ),
  )
}

/** An address that leads to the node through this process, whose answers are not read once `deafen` was called. */
async function deafLine(): Promise<{ readonly through: string; deafen(): void }> {
  const far = new Set<Socket>()
  const server = createServer((near) => {
    const socket = connect({ host, port: Number(port) })
    far.add(socket)
    for (const end of [near, socket]) end.on('error', () => undefined)
    near.pipe(socket).pipe(near)
  })
  server.unref()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = server.address()
  const ownPort = typeof own === 'object' && own !== null ? own.port : 0
  return {
    through: address.replace(`/tcp/${port}`, `/tcp/${String(ownPort)}`),
    deafen: () => {
      for (const socket of far) socket.unpipe().pause()
    },
  }
}

const ATTACKS: Readonly<Record<string, () => Promise<void>>> = {
  // Strangers.
  handshakes: async () => {
    for (let hosts = 1; hosts <= 8; hosts += 1) {
      const node = await openNode(`127.0.2.${String(hosts)}`)
      const dials = Array.from({ length: 40 }, () =>
        tolerant(() => node.dial(multiaddr(address), { force: true })),
      )
      await Promise.all(dials)
      await tolerant(async () => node.stop())
    }
  },
  'half-open': () => onSockets(200, () => pause(STEP_MS)),
  'slow-loris': () =>
    onSockets(100, async (socket) => {
      for (const byte of Buffer.from(`\u0013${HELLO}`)) {
        socket.write(Uint8Array.of(byte))
        await pause(100)
      }
    }),
  varints: () =>
    onSockets(100, async (socket) => {
      socket.write(Buffer.alloc(64 * 1024, 0xff))
      await once(socket, 'close')
    }),
  'noise-lengths': () =>
    onSockets(100, async (socket) => {
      socket.write(`\u0013${HELLO}\u0007/noise\n`)
      socket.write(Buffer.alloc(MIB, 0xff))
      await once(socket, 'close')
    }),
  // Who has the key of a peer.
  'huge-frame': () =>
    onConnections((connection) =>
      pour(connection, [
        frame(0, { flags: 1, stream: 1, length: 0xffffffff }),
        ...Array.from({ length: 64 }, () => new Uint8Array(MIB)),
      ]),
    ),
  pings: async () => {
    const line = await deafLine()
    const node = await openNode()
    const connections: Connection[] = []
    for (let count = 0; count < CONNECTIONS; count += 1) {
      await tolerant(async () => {
        connections.push(await node.dial(multiaddr(line.through), { force: true }))
      })
    }
    line.deafen()
    const each = (connection: Connection): Promise<void> =>
      tolerant(() =>
        pour(
          connection,
          frames(1_000_000, (id) => frame(2, { flags: 1, length: id })),
        ),
      )
    await Promise.all(connections.map(each))
    await tolerant(async () => node.stop())
  },
  'tiny-frames': () =>
    onConnections(async (connection) => {
      const stream = await connection.newStream(EXCHANGE)
      const id = Number(stream.id)
      const one = Buffer.concat([frame(0, { stream: id, length: 1 }), Uint8Array.of(0)])
      await pour(
        connection,
        frames(1_000_000, () => one),
      )
    }),
  'empty-frames': () =>
    onConnections(async (connection) => {
      const stream = await connection.newStream(EXCHANGE)
      const empty = frame(0, { stream: Number(stream.id) })
      await pour(
        connection,
        frames(1_000_000, () => empty),
      )
    }),
  windows: () =>
    onConnections(async (connection) => {
      for (let count = 0; count < 16; count += 1) {
        const stream = await connection.newStream(count % 4 < 3 ? EXCHANGE : '/amana/blob/1')
        // A frame of the greatest length that never ends, over and over.
        stream.send(Uint8Array.of(0, 0x10, 0, 0))
        stream.send(new Uint8Array(MIB - 1))
      }
      await pause(STEP_MS)
    }),
  streams: () =>
    onConnections((connection) =>
      pour(
        connection,
        frames(100_000, (index) => frame(1, { flags: 1, stream: 101 + 2 * index })),
      ),
    ),
  resets: () =>
    onConnections(async (connection) => {
      for (let count = 0; count < 1000 && connection.status === 'open'; count += 1) {
        const stream = await below(connection).createStream()
        stream.send(Buffer.from(`\u0013${HELLO}\u0013${EXCHANGE}\n`))
        stream.abort(new Error('gone'))
        await turn()
      }
    }),
  'never-reads': async () => {
    const line = await deafLine()
    const node = await openNode()
    for (let count = 0; count < CONNECTIONS; count += 1) {
      await tolerant(async () => {
        const connection = await node.dial(multiaddr(line.through), { force: true })
        await connection.newStream(EXCHANGE)
      })
    }
    line.deafen()
    await pause(STEP_MS)
    await tolerant(async () => node.stop())
  },
  nonsense: () =>
    sessions((stream) => {
      stream.send(Buffer.from('\u0000\u0000\u0000\u0008\u0001\u0000nonsen'))
    }),
  // The node's own words, said back: no older frame is at hand, and none would fit better.
  replays: () =>
    sessions((stream) => {
      stream.addEventListener('message', ({ data }) => {
        if (stream.status === 'open') stream.send(data.slice())
      })
    }),
}

/** Sessions one after the other, as many as the node takes from one address. */
async function sessions(begin: (stream: Stream) => void): Promise<void> {
  const node = await openNode()
  for (let count = 0; count < SESSIONS; count += 1) {
    await tolerant(async () => {
      const connection = await node.dial(multiaddr(address), { force: true })
      const stream = await connection.newStream(EXCHANGE)
      begin(stream)
      if (stream.status === 'open') await once(stream, 'close')
    })
    await pause(SECOND_MS / 5)
  }
  await tolerant(async () => node.stop())
}

await ATTACKS[attack]?.()
// libp2p leaves timers and sockets behind.
process.kill(process.pid)
