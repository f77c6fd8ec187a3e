/**
 * The way in by WebSocket, behind a front that speaks TLS: each WebSocket becomes a connection to the node’s own TCP
 * listener, with all its limits.
 *
 * @module
 * @spec docs/spec/08-exchange.md#websocket
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import { AddressLimit } from './address-limit.ts'
import { LINK_LIMITS } from './link-limits.ts'
import { type WebSocketAddress } from './websocket-address.ts'

const LOOPBACK = '127.0.0.1'
const UPGRADE_REQUIRED = 426
const HEADER_MS = 10_000
const HEADER_BYTES = 8192

/** A listener for WebSockets. */
export interface Inlet {
  /** The port that it got. */
  readonly port: number
  close(): Promise<void>
}

/** Listens, and carries what comes to a port of this machine. Rejects where it cannot listen. */
export async function openInlet(at: WebSocketAddress, toPort: number): Promise<Inlet> {
  const server = createServer(
    {
      headersTimeout: HEADER_MS,
      requestTimeout: HEADER_MS,
      connectionsCheckingInterval: HEADER_MS,
      maxHeaderSize: HEADER_BYTES,
    },
    (_request, response) => {
      response.writeHead(UPGRADE_REQUIRED, { connection: 'close', upgrade: 'websocket' }).end()
    },
  )
  server.maxConnections = LINK_LIMITS.connections
  server.timeout = HEADER_MS
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  upgradeAll(server, toPort)
  server.listen(at.port, at.host)
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: async () => {
      server.close()
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}

function upgradeAll(server: Server, toPort: number): void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: LINK_LIMITS.webSocketMessageBytes,
    perMessageDeflate: false,
  })
  const ofAddress = new AddressLimit(LINK_LIMITS.connectionsOfAddress)
  server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
    const incoming = {
      remoteAddr: clientOf(asked),
      addEventListener: (_type: 'close', listener: () => void) =>
        void socket.once('close', listener),
    }
    if (ofAddress.isOver(incoming)) {
      socket.destroy()
      return
    }
    asked.socket.setTimeout(0)
    sockets.handleUpgrade(asked, socket, head, (webSocket) => {
      void carry(webSocket, toPort)
    })
  })
}

/** By the word of the front, which writes the last entry; a client that connects without one is its own address. */
function clientOf({ headers, socket }: IncomingMessage): string {
  const forwarded = headers['x-forwarded-for']
  const last = (typeof forwarded === 'string' ? forwarded : '').split(',').at(-1)?.trim() ?? ''
  const host = last === '' ? (socket.remoteAddress ?? '') : last
  return `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}`
}

async function carry(webSocket: WebSocket, toPort: number): Promise<void> {
  const far = createWebSocketStream(webSocket)
  const near = connect({ host: LOOPBACK, port: toPort, noDelay: true })
  await pipeline(near, far, near).catch(() => undefined)
  near.destroy()
  webSocket.terminate()
}
