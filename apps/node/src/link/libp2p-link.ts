/**
 * The transport: libp2p over TCP, Noise and yamux, one protocol, and a gate that only peers of the roster pass. This
 * folder is the only one that knows libp2p.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { isIP } from 'node:net'
import { AmanaError, isAmanaError, type PrivateKey, rawPublicKey } from '@amana/core'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import {
  type Connection,
  FaultTolerance,
  type PeerId,
  type Stream,
  type StreamHandler,
} from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { type BlobLink, type Link, type LinkSession } from '../ports.ts'
import { AddressLimit } from './address-limit.ts'
import { FrameStream } from './frame-stream.ts'
import { guardedYamux } from './guarded-yamux.ts'
import { LINK_LIMITS } from './link-limits.ts'

/** The one protocol of the exchange. */
export const EXCHANGE_PROTOCOL = '/amana/exchange/1'

/** Attachments, on streams of their own over the same connection. */
const BLOB_PROTOCOL = '/amana/blob/1'

/** What the transport needs. */
export interface LinkOptions {
  readonly peerKey: PrivateKey<'Ed25519'>
  /** Multiaddresses to listen on, such as `/ip4/127.0.0.1/tcp/4001`; none for a node that only dials. */
  readonly listen: readonly string[]
  /** That of the exchange where nothing is said. */
  readonly protocol?: string
  /** Addresses of the peer by its newest roster: those in digits get in however many connections strangers hold. */
  readonly peerAddresses?: readonly string[]
}

/**
 * Opens the transport. Nobody may connect until `allow` names him.
 *
 * @throws NET_LISTEN when an address cannot be listened on, NET_ADDRESS when one cannot be read
 */
export async function openLibp2pLink(options: LinkOptions): Promise<Link & BlobLink> {
  const gate = createGate()
  const node = await createNode(options, gate.isDenied)
  const { protocol = EXCHANGE_PROTOCOL } = options
  const link = createLink(node, gate, protocol)
  await node.handle(protocol, link.handler, {
    maxInboundStreams: LINK_LIMITS.exchangeStreams,
    maxOutboundStreams: LINK_LIMITS.exchangeStreams,
  })
  const blobs = createBlobLink(node, gate)
  await node.handle(BLOB_PROTOCOL, blobs.handler, {
    maxInboundStreams: LINK_LIMITS.blobStreams,
    maxOutboundStreams: LINK_LIMITS.blobStreams,
  })
  await startListening(node, options.listen)
  return { ...link.link, ...blobs.link }
}

interface Gate {
  readonly isDenied: (peer: PeerId) => boolean
  replace(peerIds: ReadonlySet<string>): void
}

function createGate(): Gate {
  let allowed: ReadonlySet<string> = new Set()
  return {
    isDenied: (peer) => !allowed.has(peer.toString()),
    replace: (peerIds) => {
      allowed = new Set(peerIds)
    },
  }
}

async function createNode(
  { listen, peerAddresses = [], peerKey }: LinkOptions,
  isDenied: Gate['isDenied'],
): Promise<Libp2p> {
  const ofAddress = new AddressLimit(LINK_LIMITS.connectionsOfAddress)
  return createLibp2p({
    privateKey: libp2pKey(peerKey),
    start: false,
    nodeInfo: { userAgent: 'amana/1' },
    addresses: { listen: listen.map((address) => parseAddress(address).toString()) },
    transportManager: { faultTolerance: FaultTolerance.FATAL_ALL },
    transports: [tcp(TCP_OPTIONS)],
    connectionEncrypters: [noise()],
    streamMuxers: [guardedYamux(YAMUX_OPTIONS)],
    connectionGater: {
      denyDialMultiaddr: () => false,
      denyDialPeer: isDenied,
      denyInboundConnection: (connection) => ofAddress.isOver(connection),
      denyOutboundConnection: isDenied,
      denyInboundEncryptedConnection: isDenied,
      denyOutboundEncryptedConnection: isDenied,
      denyInboundUpgradedConnection: isDenied,
      denyOutboundUpgradedConnection: isDenied,
    },
    connectionManager: { ...CONNECTION_LIMITS, allow: peerAddresses.flatMap(hostOf) },
    connectionMonitor: { enabled: false },
    peerStore: { maxAddressAge: Infinity, maxPeerAge: Infinity },
    services: {},
  })
}

const SOCKET_OPTIONS = {
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: LINK_LIMITS.keepAliveMs,
} as const

const TCP_OPTIONS = {
  maxConnections: LINK_LIMITS.connections,
  backlog: LINK_LIMITS.connections,
  inboundSocketInactivityTimeout: LINK_LIMITS.socketInactivityMs,
  outboundSocketInactivityTimeout: LINK_LIMITS.socketInactivityMs,
  dialOpts: SOCKET_OPTIONS,
  listenOpts: SOCKET_OPTIONS,
} as const

const YAMUX_OPTIONS = {
  keepAliveInterval: LINK_LIMITS.keepAliveMs,
  maxInboundStreams: LINK_LIMITS.streamsPerConnection,
  maxOutboundStreams: LINK_LIMITS.streamsPerConnection,
  streamOptions: {
    maxStreamWindowSize: LINK_LIMITS.streamWindowBytes,
    maxReadBufferLength: LINK_LIMITS.readBufferBytes,
    maxWriteBufferLength: LINK_LIMITS.writeBufferBytes,
  },
} as const

const CONNECTION_LIMITS = {
  maxConnections: LINK_LIMITS.connections,
  maxParallelDials: 4,
  maxDialQueueLength: LINK_LIMITS.connections,
  maxPeerAddrsToDial: 8,
  dialTimeout: LINK_LIMITS.dialTimeoutMs,
  addressDialTimeout: LINK_LIMITS.addressDialTimeoutMs,
  connectionCloseTimeout: LINK_LIMITS.closeTimeoutMs,
  inboundUpgradeTimeout: LINK_LIMITS.negotiationTimeoutMs,
  outboundStreamProtocolNegotiationTimeout: LINK_LIMITS.negotiationTimeoutMs,
  inboundStreamProtocolNegotiationTimeout: LINK_LIMITS.negotiationTimeoutMs,
  maxIncomingPendingConnections: LINK_LIMITS.pendingConnections,
  reconnectRetries: 0,
} as const

/**
 * libp2p's form of a key: seed and public key, 64 bytes. Given 32 bytes it would make a secp256k1 key without a word.
 *
 * @throws NET_TRANSPORT when the library made another kind of key
 */
function libp2pKey(peerKey: PrivateKey<'Ed25519'>): ReturnType<typeof privateKeyFromRaw> {
  const raw = new Uint8Array(64)
  raw.set(peerKey.seed, 0)
  raw.set(rawPublicKey(peerKey.publicJwk), 32)
  const key = privateKeyFromRaw(raw)
  if (key.type !== 'Ed25519') throw new AmanaError('NET_TRANSPORT', { part: 'key' })
  return key
}

async function startListening(node: Libp2p, listen: readonly string[]): Promise<void> {
  try {
    await node.start()
  } catch (cause) {
    throw new AmanaError('NET_LISTEN', { address: listen.join(' ') }, { cause })
  }
}

interface OpenLink {
  readonly link: Link
  readonly handler: StreamHandler
}

function createLink(node: Libp2p, gate: Gate, protocol: string): OpenLink {
  let accept: ((session: LinkSession) => void) | undefined
  const handler: StreamHandler = (stream, connection) => {
    if (accept === undefined || gate.isDenied(connection.remotePeer)) {
      stream.abort(new AmanaError('NET_CLOSED', {}))
      return
    }
    accept(createSession(stream, connection, false))
  }
  const link: Link = {
    peerId: node.peerId.toString(),
    addresses: () => node.getMultiaddrs().map(String),
    onSession: (listener) => {
      accept = listener
    },
    dial: (peerId, addresses, signal) => dial(node, { peerId, addresses, protocol }, signal),
    allow: async (peerIds) => {
      gate.replace(peerIds)
      const strangers = node.getPeers().filter((peer) => gate.isDenied(peer))
      for (const peer of strangers) await node.hangUp(peer, closing())
    },
    close: async () => {
      await node.stop()
    },
  }
  return { link, handler }
}

interface OpenBlobLink {
  readonly link: BlobLink
  readonly handler: StreamHandler
}

function createBlobLink(node: Libp2p, gate: Gate): OpenBlobLink {
  let accept: ((frames: LinkSession) => void) | undefined
  return {
    handler: (stream, connection) => {
      if (accept === undefined || gate.isDenied(connection.remotePeer)) {
        stream.abort(new AmanaError('NET_CLOSED', {}))
        return
      }
      accept(createFrames(stream, connection, false))
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
        return openBlobStream(connection, signal)
      },
    },
  }
}

async function openBlobStream(connection: Connection, signal: AbortSignal): Promise<LinkSession> {
  try {
    const stream = await connection.newStream(BLOB_PROTOCOL, {
      signal,
      maxOutboundStreams: LINK_LIMITS.blobStreams,
    })
    return createFrames(stream, connection, true)
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

async function dial(node: Libp2p, target: DialTarget, signal: AbortSignal): Promise<LinkSession> {
  const routes = routesTo(target)
  try {
    // One session, one connection: ending the one must not end another.
    const connection = await node.dial(routes, { signal, force: true })
    return await openStream(connection, target.protocol, signal)
  } catch (cause) {
    if (signal.aborted) throw new AmanaError('NET_TIMEOUT', {}, { cause })
    throw new AmanaError('NET_UNREACHABLE', { peerId: target.peerId }, { cause })
  }
}

/** A connection without its stream serves nothing: it is not left open. */
async function openStream(
  connection: Connection,
  protocol: string,
  signal: AbortSignal,
): Promise<LinkSession> {
  try {
    const stream = await connection.newStream(protocol, {
      signal,
      maxOutboundStreams: LINK_LIMITS.exchangeStreams,
    })
    return createSession(stream, connection, true)
  } catch (error) {
    connection.abort(new AmanaError('NET_CLOSED', {}))
    throw error
  }
}

/** What can be read of a roster's addresses: one of another form must not hide the others. */
function routesTo({ peerId, addresses }: Omit<DialTarget, 'protocol'>): Multiaddr[] {
  const routes: Multiaddr[] = []
  let unreadable: AmanaError | undefined
  for (const address of addresses) {
    try {
      routes.push(withPeer(parseAddress(address), peerId))
    } catch (error) {
      if (!isAmanaError(error, 'NET_ADDRESS')) throw error
      unreadable = error
    }
  }
  if (routes.length === 0 && unreadable !== undefined) throw unreadable
  return routes
}

function withPeer(address: Multiaddr, peerId: string): Multiaddr {
  return address.toString().includes('/p2p/') ? address : address.encapsulate(`/p2p/${peerId}`)
}

/** A session ends with its connection. */
function createSession(stream: Stream, connection: Connection, initiator: boolean): LinkSession {
  const frames = createFrames(stream, connection, initiator)
  return {
    ...frames,
    close: async () => {
      await frames.close()
      await connection.close(closing()).catch(() => {
        connection.abort(new AmanaError('NET_CLOSED', {}))
      })
    },
  }
}

/** A stream of frames that ends by itself. */
function createFrames(stream: Stream, connection: Connection, initiator: boolean): LinkSession {
  const frames = new FrameStream(stream)
  return {
    peerId: connection.remotePeer.toString(),
    initiator,
    send: (frame, signal) => frames.send(frame, signal),
    receive: (signal) => frames.receive(signal),
    close: async () => {
      await frames.close(AbortSignal.timeout(LINK_LIMITS.closeTimeoutMs))
      frames.abort()
    },
  }
}

function closing(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(LINK_LIMITS.closeTimeoutMs) }
}

/** `/ip4/192.0.2.7/ipcidr/32` of an address in digits; nothing of a name, which may lead elsewhere tomorrow. */
function hostOf(address: string): readonly string[] {
  const [, family = '', host = ''] = address.split('/')
  const version = isIP(host)
  if (version === 0 || family !== `ip${String(version)}`) return []
  return [`/${family}/${host}/ipcidr/${version === 4 ? '32' : '128'}`]
}

/** @throws NET_ADDRESS when the text is no multiaddress */
function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address)
  } catch (cause) {
    throw new AmanaError('NET_ADDRESS', { address }, { cause })
  }
}
