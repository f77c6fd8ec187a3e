/**
 * The transport: libp2p over TCP, Noise and yamux, one protocol, and a gate that only peers of the roster pass. This
 * folder is the only one that knows libp2p.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { AmanaError, isAmanaError } from '@amana/core'
import { type Connection, type Stream, type StreamHandler } from '@libp2p/interface'
import { type Multiaddr } from '@multiformats/multiaddr'
import { type Libp2p } from 'libp2p'
import { type BlobLink, type Link, type LinkSession } from '../ports.ts'
import { FrameStream, type StreamTime, systemTime } from './frame-stream.ts'
import {
  BLOB_PROTOCOL,
  createGate,
  createNode,
  EXCHANGE_PROTOCOL,
  type Gate,
  isOfInlet,
  type LinkOptions,
  parseAddress,
} from './libp2p-node.ts'
import { LINK_LIMITS } from './link-limits.ts'
import { webSocketAddress } from './websocket-address.ts'
import { type Inlet, openInlet } from './websocket-inlet.ts'
import { openOutlet } from './websocket-outlet.ts'

/**
 * Opens the transport. Nobody may connect until `allow` names him.
 *
 * @throws NET_LISTEN when an address cannot be listened on, NET_ADDRESS when one cannot be read
 */
export async function openLibp2pLink(options: LinkOptions): Promise<Link & BlobLink> {
  const gate = createGate()
  const node = await createNode(options, gate.isDenied)
  const { protocol = EXCHANGE_PROTOCOL, time = systemTime } = options
  const transport: Transport = { node, gate, time, inlets: [], proxy: options.proxy }
  const link = createLink(transport, protocol)
  await node.handle(protocol, link.handler, {
    maxInboundStreams: LINK_LIMITS.exchangeStreams,
    maxOutboundStreams: LINK_LIMITS.exchangeStreams,
  })
  const blobs = createBlobLink(transport)
  await node.handle(BLOB_PROTOCOL, blobs.handler, {
    maxInboundStreams: LINK_LIMITS.blobStreams,
    maxOutboundStreams: LINK_LIMITS.blobStreams,
  })
  await startListening(transport, options.listen)
  return { ...link.link, ...blobs.link }
}

async function startListening(
  { inlets, node }: Transport,
  listen: readonly string[],
): Promise<void> {
  try {
    await node.start()
    const target = node.getMultiaddrs().map(String).findLast(isOfInlet)
    for (const address of listen) {
      const at = webSocketAddress(address)
      if (at !== undefined) inlets.push({ address, inlet: await openInlet(at, portOf(target)) })
    }
  } catch (cause) {
    await node.stop()
    throw new AmanaError('NET_LISTEN', { address: listen.join(' ') }, { cause })
  }
}

function portOf(address: string | undefined): number {
  return Number(address?.split('/')[4])
}

interface Transport {
  /** Where WebSockets come in, by the address of the settings. Written when listening begins. */
  readonly inlets: { readonly address: string; readonly inlet: Inlet }[]
  readonly proxy: string | undefined
  readonly node: Libp2p
  readonly gate: Gate
  readonly time: StreamTime
}

interface OpenLink {
  readonly link: Link
  readonly handler: StreamHandler
}

function createLink(transport: Transport, protocol: string): OpenLink {
  const { gate, node, time } = transport
  let accept: ((session: LinkSession) => void) | undefined
  const handler: StreamHandler = (stream, connection) => {
    if (accept === undefined || gate.isDenied(connection.remotePeer)) {
      stream.abort(new AmanaError('NET_CLOSED', {}))
      return
    }
    accept(createSession({ connection, initiator: false, stream, time }))
  }
  const link: Link = {
    peerId: node.peerId.toString(),
    addresses: () => addressesOf(transport),
    onSession: (listener) => {
      accept = listener
    },
    dial: (peerId, addresses, signal) => dial(transport, { peerId, addresses, protocol }, signal),
    allow: async (peerIds) => {
      gate.replace(peerIds)
      const strangers = node.getPeers().filter((peer) => gate.isDenied(peer))
      for (const peer of strangers) {
        await inTimeToClose(time, (signal) => node.hangUp(peer, { signal }))
      }
    },
    close: async () => {
      await Promise.all([...transport.inlets.map(({ inlet }) => inlet.close()), node.stop()])
    },
  }
  return { link, handler }
}

/** Without the one to which WebSockets go on. */
function addressesOf({ inlets, node }: Transport): readonly string[] {
  const own = node.getMultiaddrs().map(String)
  if (inlets.length === 0) return own
  const target = own.findLast(isOfInlet)
  const webSockets = inlets.map(
    ({ address, inlet }) =>
      `${address.replace(/\/tcp\/\d+\//, `/tcp/${String(inlet.port)}/`)}/p2p/${node.peerId.toString()}`,
  )
  return [...own.filter((address) => address !== target), ...webSockets]
}

interface OpenBlobLink {
  readonly link: BlobLink
  readonly handler: StreamHandler
}

function createBlobLink({ gate, node, time }: Transport): OpenBlobLink {
  let accept: ((frames: LinkSession) => void) | undefined
  return {
    handler: (stream, connection) => {
      if (accept === undefined || gate.isDenied(connection.remotePeer)) {
        stream.abort(new AmanaError('NET_CLOSED', {}))
        return
      }
      accept(createFrames({ connection, initiator: false, stream, time }))
    },
    link: {
      onBlobs: (listener) => {
        accept = listener
      },
      openBlobs: async (peerIds, signal) => {
        const open = node
          .getConnections()
          .filter(({ remotePeer, status }) => status === 'open' && !gate.isDenied(remotePeer))
        const connection = open.find(({ remotePeer }) => peerIds.includes(remotePeer.toString()))
        if (connection === undefined) {
          throw new AmanaError('NET_UNREACHABLE', { peerId: peerIds[0] ?? '' })
        }
        return openBlobStream(connection, time, signal)
      },
    },
  }
}

async function openBlobStream(
  connection: Connection,
  time: StreamTime,
  signal: AbortSignal,
): Promise<LinkSession> {
  try {
    const stream = await connection.newStream(BLOB_PROTOCOL, {
      signal,
      maxOutboundStreams: LINK_LIMITS.blobStreams,
    })
    return createFrames({ connection, initiator: true, stream, time })
  } catch (cause) {
    const peerId = connection.remotePeer.toString()
    if (signal.aborted) throw new AmanaError('NET_TIMEOUT', {}, { cause })
    throw new AmanaError('NET_UNREACHABLE', { peerId }, { cause })
  }
}

interface DialTarget {
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly protocol: string
}

async function dial(
  transport: Transport,
  target: DialTarget,
  signal: AbortSignal,
): Promise<LinkSession> {
  const { node, proxy, time } = transport
  const routes = routesTo(target)
  const outlets = await Promise.all(
    target.addresses.flatMap((address) => {
      const to = webSocketAddress(address)
      return to === undefined ? [] : [openOutlet(to, proxy)]
    }),
  )
  try {
    // One session, one connection: ending the one must not end another.
    const all = [...routes, ...outlets.map(({ route }) => routeTo(route, target.peerId))]
    const connection = await node.dial(all, { signal, force: true })
    const stream = await openStream(connection, target.protocol, signal)
    return createSession({ connection, initiator: true, stream, time })
  } catch (cause) {
    if (signal.aborted) throw new AmanaError('NET_TIMEOUT', {}, { cause })
    const known = outlets.map((outlet) => outlet.failure()).find((failure) => failure !== undefined)
    throw known ?? new AmanaError('NET_UNREACHABLE', { peerId: target.peerId }, { cause })
  } finally {
    for (const outlet of outlets) outlet.close()
  }
}

/** A connection without its stream serves nothing: it is not left open. */
async function openStream(
  connection: Connection,
  protocol: string,
  signal: AbortSignal,
): Promise<Stream> {
  try {
    return await connection.newStream(protocol, {
      signal,
      maxOutboundStreams: LINK_LIMITS.exchangeStreams,
    })
  } catch (error) {
    connection.abort(new AmanaError('NET_CLOSED', {}))
    throw error
  }
}

/** What can be read of a roster's addresses, without those of WebSockets: one of another form must not hide the others. */
function routesTo({ peerId, addresses }: Omit<DialTarget, 'protocol'>): Multiaddr[] {
  const routes: Multiaddr[] = []
  let unreadable: AmanaError | undefined
  let count = 0
  for (const address of addresses) {
    if (webSocketAddress(address) !== undefined) {
      count += 1
      continue
    }
    try {
      routes.push(routeTo(address, peerId))
    } catch (error) {
      if (!isAmanaError(error, 'NET_ADDRESS')) throw error
      unreadable = error
    }
  }
  if (routes.length + count === 0 && unreadable !== undefined) throw unreadable
  return routes
}

/** @throws NET_ADDRESS */
function routeTo(text: string, peerId: string): Multiaddr {
  const address = parseAddress(text)
  return text.includes('/p2p/') ? address : address.encapsulate(`/p2p/${peerId}`)
}

interface Ends {
  readonly stream: Stream
  readonly connection: Connection
  /** True where this side dialled. */
  readonly initiator: boolean
  readonly time: StreamTime
}

/** A session ends with its connection. */
function createSession(ends: Ends): LinkSession {
  const { connection, time } = ends
  const frames = createFrames(ends)
  return {
    ...frames,
    close: async () => {
      await frames.close()
      await inTimeToClose(time, (signal) => connection.close({ signal })).catch(() => {
        connection.abort(new AmanaError('NET_CLOSED', {}))
      })
    },
  }
}

/** A stream of frames that ends by itself. */
function createFrames({ connection, initiator, stream, time }: Ends): LinkSession {
  const frames = new FrameStream(stream, time)
  return {
    peerId: connection.remotePeer.toString(),
    initiator,
    send: (frame, signal) => frames.send(frame, signal),
    receive: (signal) => frames.receive(signal),
    close: async () => {
      await inTimeToClose(time, (signal) => frames.close(signal))
      frames.abort()
    },
  }
}

/** A peer that reads nothing keeps nobody from closing. */
async function inTimeToClose<T>(
  time: StreamTime,
  close: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const cancel = time.after(LINK_LIMITS.closeTimeoutMs, () => {
    over.abort()
  })
  try {
    return await close(over.signal)
  } finally {
    cancel()
  }
}
