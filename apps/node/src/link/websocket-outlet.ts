/**
 * The way out by WebSocket: a port of loopback for one dial, whose bytes go on inside a WebSocket, with TLS and through an
 * HTTP proxy where need be. libp2p sees TCP, with its back-pressure and its ends.
 *
 * @module
 * @spec docs/spec/08-exchange.md#websocket
 */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, createServer, isIP, type Socket } from 'node:net'
import { type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connect as connectTls } from 'node:tls'
import { AmanaError, isAnyAmanaError } from '@amana/core'
import { createWebSocketStream, WebSocket } from 'ws'
import { LINK_LIMITS } from './link-limits.ts'
import { type WebSocketAddress } from './websocket-address.ts'

const LOOPBACK = '127.0.0.1'
const OK = 200

/** A way out that is open for a dial. */
export interface Outlet {
  /** What libp2p dials. */
  readonly route: string
  /** Why nothing came of it, where this side knows. */
  readonly failure: () => AmanaError | undefined
  /** Takes no more; what is connected stays so. */
  close(): void
}

/** Opens a way out to an address. */
export async function openOutlet(to: WebSocketAddress, proxy: string | undefined): Promise<Outlet> {
  let failure: AmanaError | undefined
  const server = createServer({ pauseOnConnect: true }, (near) => {
    near.on('error', () => undefined)
    carry(near, to, proxy).catch((error: unknown) => {
      failure ??= isAnyAmanaError(error) ? error : undefined
      near.destroy()
    })
  })
  // One dial, one connection.
  server.maxConnections = 1
  server.listen(0, LOOPBACK)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    route: `/ip4/${LOOPBACK}/tcp/${String(port)}`,
    failure: () => failure,
    close: () => void server.close(),
  }
}

async function carry(near: Socket, to: WebSocketAddress, proxy: string | undefined): Promise<void> {
  const far = await openStream(to, proxy)
  await pipeline(near, far, near).catch(() => {
    far.destroy()
    near.destroy()
  })
}

async function openStream(to: WebSocketAddress, proxy: string | undefined): Promise<Duplex> {
  const bare = await (proxy === undefined ? reach(to) : reachThrough(new URL(proxy), to))
  const socket = to.isTls ? await secure(bare, to) : bare
  return upgrade(socket, to)
}

/** Rejects when nobody answers there: the dial says so. */
async function reach({ host, port }: WebSocketAddress): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true })
  return settled(socket, 'connect', (cause) => cause)
}

/** A connection that an HTTP proxy makes. @throws NET_PROXY when it cannot be reached, or does not */
async function reachThrough(proxy: URL, { host, port }: WebSocketAddress): Promise<Socket> {
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`
  const { hostname, password, username } = proxy
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  const authorization = { 'proxy-authorization': `Basic ${credentials.toString('base64')}` }
  const asking = request({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port === '' ? 80 : proxy.port,
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...(username === '' ? {} : authorization) },
    agent: false,
    timeout: LINK_LIMITS.negotiationTimeoutMs,
  })
  return new Promise((resolve, reject) => {
    asking.on('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode === OK) resolve(socket)
      else reject(new AmanaError('NET_PROXY', { reason: String(statusCode) }))
    })
    asking.on('response', ({ statusCode = 0 }) => {
      asking.destroy()
      reject(new AmanaError('NET_PROXY', { reason: String(statusCode) }))
    })
    asking.on('timeout', () => asking.destroy(new Error('timeout')))
    asking.on('error', (cause) => {
      reject(new AmanaError('NET_PROXY', { reason: reasonOf(cause) }, { cause }))
    })
    asking.end()
  })
}

/** TLS says who keeps the front; who the peer is says Noise, inside. @throws NET_TLS */
async function secure(bare: Socket, { host }: WebSocketAddress): Promise<Socket> {
  const socket = connectTls({
    socket: bare,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : { host }),
  })
  return settled(
    socket,
    'secureConnect',
    (cause) => new AmanaError('NET_TLS', { host, reason: reasonOf(cause) }, { cause }),
  )
}

/** @throws NET_WEBSOCKET when the other side speaks another HTTP */
async function upgrade(socket: Socket, { host, port }: WebSocketAddress): Promise<Duplex> {
  const name = isIP(host) === 6 ? `[${host}]` : host
  const webSocket = new WebSocket(`ws://${name}:${String(port)}/`, {
    createConnection: () => socket,
    handshakeTimeout: LINK_LIMITS.negotiationTimeoutMs,
    maxPayload: LINK_LIMITS.webSocketMessageBytes,
    perMessageDeflate: false,
  })
  // What comes with the answer must find its reader.
  const stream = createWebSocketStream(webSocket)
  return new Promise((resolve, reject) => {
    webSocket.on('open', () => {
      resolve(stream)
    })
    stream.on('error', (cause) => {
      socket.destroy()
      reject(new AmanaError('NET_WEBSOCKET', { reason: reasonOf(cause) }, { cause }))
    })
  })
}

/** The socket when the event comes, within the time of a negotiation. */
async function settled(
  socket: Socket,
  event: string,
  refuse: (cause: unknown) => unknown,
): Promise<Socket> {
  try {
    await once(socket, event, { signal: AbortSignal.timeout(LINK_LIMITS.negotiationTimeoutMs) })
    socket.on('error', () => undefined)
    return socket
  } catch (cause) {
    socket.on('error', () => undefined).destroy()
    throw refuse(cause)
  }
}

/** The code of the system or of TLS; else what the library says. Never what the other side wrote. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown'
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return /^Unexpected server response: \d+$/.exec(cause.message)?.[0].slice(-3) ?? cause.name
}
