/**
 * libp2p as a node uses it: TCP, Noise, yamux with its guard, a gate, limits on everything, and nothing else.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { isIP } from 'node:net'
import { AmanaError, type PrivateKey, rawPublicKey } from '@amana/core'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import {
  type ConnectionEncrypter,
  type ConnectionGater,
  FaultTolerance,
  type PeerId,
  type StreamMuxerFactory,
} from '@libp2p/interface'
import { noise, type NoiseComponents } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { AddressLimit } from './address-limit.ts'
import { type StreamTime } from './frame-stream.ts'
import { guardedYamux } from './guarded-yamux.ts'
import { guardNegotiation } from './negotiation.ts'
import { webSocketAddress } from './websocket-address.ts'
import { LINK_LIMITS } from './link-limits.ts'

/** The one protocol of the exchange. */
export const EXCHANGE_PROTOCOL = '/amana/exchange/1'

/** Attachments, on streams of their own over the same connection. */
export const BLOB_PROTOCOL = '/amana/blob/1'

/** What the transport needs. */
export interface LinkOptions {
  readonly peerKey: PrivateKey<'Ed25519'>
  /** Multiaddresses to listen on, such as `/ip4/127.0.0.1/tcp/4001`; none for a node that only dials. */
  readonly listen: readonly string[]
  /** That of the exchange where nothing is said. */
  readonly protocol?: string
  /** Addresses of the peer by its newest roster: those in digits get in however many connections strangers hold. */
  readonly peerAddresses?: readonly string[]
  /** `http://proxy.example:3128`: through which WebSockets are dialled. */
  readonly proxy?: string | undefined
  /** Time of deadlines; that of the system where nothing is said. */
  readonly time?: StreamTime
}

/** Who may connect. */
export interface Gate {
  readonly isDenied: (peer: PeerId) => boolean
  replace(peerIds: ReadonlySet<string>): void
}

/** A gate that lets nobody in until it is told whom. */
export function createGate(): Gate {
  let allowed: ReadonlySet<string> = new Set()
  return {
    isDenied: (peer) => !allowed.has(peer.toString()),
    replace: (peerIds) => {
      allowed = new Set(peerIds)
    },
  }
}

/** Makes the node, which is not started yet. @throws NET_ADDRESS */
export async function createNode(
  { listen, peerAddresses = [], peerKey, protocol = EXCHANGE_PROTOCOL, time }: LinkOptions,
  isDenied: Gate['isDenied'],
): Promise<Libp2p> {
  const tcpListen = listen.filter((address) => webSocketAddress(address) === undefined)
  const inlet = tcpListen.length < listen.length ? [INLET_TARGET] : []
  const isCrowded = (peer: PeerId): boolean =>
    node.getConnections(peer).filter(({ direction }) => direction === 'inbound').length >=
    LINK_LIMITS.connectionsOfPeer
  const node: Libp2p = await createLibp2p({
    privateKey: libp2pKey(peerKey),
    start: false,
    nodeInfo: { userAgent: 'amana/1' },
    addresses: {
      listen: [...tcpListen, ...inlet].map((address) => parseAddress(address).toString()),
    },
    transportManager: { faultTolerance: FaultTolerance.FATAL_ALL },
    transports: [tcp(TCP_OPTIONS)],
    connectionEncrypters: [guardedNoise],
    streamMuxers: [guardedYamux(YAMUX_OPTIONS, { protocols: [protocol, BLOB_PROTOCOL], time })],
    connectionGater: gaterOf({ isDenied, isCrowded, hasInlet: inlet.length > 0 }),
    connectionManager: {
      ...CONNECTION_LIMITS,
      allow: [...peerAddresses, ...inlet].flatMap(hostOf),
    },
    connectionMonitor: { enabled: false },
    peerStore: { maxAddressAge: Infinity, maxPeerAge: Infinity },
    services: {},
  })
  return node
}

interface Denials {
  readonly isDenied: Gate['isDenied']
  readonly isCrowded: (peer: PeerId) => boolean
  readonly hasInlet: boolean
}

function gaterOf({ hasInlet, isCrowded, isDenied }: Denials): ConnectionGater {
  const ofAddress = new AddressLimit(LINK_LIMITS.connectionsOfAddress)
  return {
    denyDialMultiaddr: () => false,
    denyDialPeer: isDenied,
    denyInboundConnection: (connection) => {
      guardNegotiation(connection, [NOISE_PROTOCOL])
      const isInlet = hasInlet && isOfInlet(connection.remoteAddr.toString())
      return !isInlet && ofAddress.isOver(connection)
    },
    denyOutboundConnection: (peer, connection) => {
      guardNegotiation(connection, [NOISE_PROTOCOL])
      return isDenied(peer)
    },
    denyInboundEncryptedConnection: isDenied,
    denyOutboundEncryptedConnection: isDenied,
    denyInboundUpgradedConnection: (peer) => isDenied(peer) || isCrowded(peer),
    denyOutboundUpgradedConnection: isDenied,
  }
}

const NOISE_PROTOCOL = '/noise'

/** Where WebSockets that came in go on: they were counted where they came in. */
const INLET_TARGET = '/ip4/127.0.0.1/tcp/0'

/** Whether an address is one of this machine, from which WebSockets that came in go on. */
export function isOfInlet(address: string): boolean {
  return address.startsWith('/ip4/127.0.0.1/')
}

/** Noise, in whose handshake both sides agree on the muxer: there is no second negotiation inside it. */
function guardedNoise(components: NoiseComponents): ConnectionEncrypter {
  const encrypter = noise()(components)
  const secureInbound = encrypter.secureInbound.bind(encrypter)
  const secureOutbound = encrypter.secureOutbound.bind(encrypter)
  encrypter.secureInbound = async (...given) => withMuxer(await secureInbound(...given))
  encrypter.secureOutbound = async (...given) => withMuxer(await secureOutbound(...given))
  return encrypter
}

/** @throws NET_FRAME when the other side named no muxer in the handshake */
function withMuxer<T extends { readonly streamMuxer?: StreamMuxerFactory }>(secured: T): T {
  if (secured.streamMuxer === undefined) throw new AmanaError('NET_FRAME', { reason: 'muxer' })
  return secured
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

/** `/ip4/192.0.2.7/ipcidr/32` of an address in digits; nothing of a name, which may lead elsewhere tomorrow. */
function hostOf(address: string): readonly string[] {
  const [, family = '', host = ''] = address.split('/')
  const version = isIP(host)
  if (version === 0 || family !== `ip${String(version)}`) return []
  return [`/${family}/${host}/ipcidr/${version === 4 ? '32' : '128'}`]
}

/** @throws NET_ADDRESS when the text is no multiaddress */
export function parseAddress(address: string): Multiaddr {
  try {
    return multiaddr(address)
  } catch (cause) {
    throw new AmanaError('NET_ADDRESS', { address }, { cause })
  }
}
