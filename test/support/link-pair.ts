/**
 * Two transports on loopback that know each other: the nodes of the test agencies.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { once } from 'node:events'
import { connect, type AddressInfo, createServer } from 'node:net'
import { openLibp2pLink } from '../../apps/node/src/link/libp2p-link.ts'
import { type Link, type LinkSession } from '../../apps/node/src/ports.ts'
import { type TestAgency, twoAgencies } from './agencies.ts'
import { Diary } from './link-diary.ts'

/** A loopback address with any free port. */
export const LOOPBACK = '/ip4/127.0.0.1/tcp/0'

/** Both ends of one session. */
export interface Ends {
  /** The side that dialled. */
  readonly near: LinkSession
  readonly far: LinkSession
}

/** Two transports that allow each other. */
export interface LinkPair extends AsyncDisposable {
  /** ANLTP/TIM, which dials. */
  readonly near: Link
  /** NAPTIP, which is dialled. */
  readonly far: Link
  /** A fresh session between them. */
  connect(): Promise<Ends>
}

/** The transport of an agency's node on a free port. */
export async function openLink(agency: Pick<TestAgency, 'peerKey'>): Promise<Link> {
  return openLibp2pLink({ peerKey: agency.peerKey, listen: [LOOPBACK] })
}

/** Opens both transports, by default with the keys of the test agencies. */
export async function openPair(keys?: {
  readonly near: TestAgency['peerKey']
  readonly far: TestAgency['peerKey']
}): Promise<LinkPair> {
  const { anltp, naptip } = await twoAgencies()
  const near = await openLink({ peerKey: keys?.near ?? anltp.peerKey })
  const far = await openLink({ peerKey: keys?.far ?? naptip.peerKey })
  await near.allow(new Set([far.peerId]))
  await far.allow(new Set([near.peerId]))
  const accepted = new Diary<LinkSession>()
  far.onSession((session) => {
    accepted.write(session)
  })
  return {
    near,
    far,
    connect: async () => {
      const before = accepted.entries.length
      const dialled = await near.dial(far.peerId, far.addresses(), new AbortController().signal)
      const arrived = (await accepted.untilCount(before + 1)).at(before)
      if (arrived === undefined) throw new TypeError('no session arrived')
      return { near: dialled, far: arrived }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([near.close(), far.close()])
    },
  }
}

/** A port of loopback on which nobody listens now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = portOf(server.address())
  server.close()
  await once(server, 'close')
  return port
}

/** Whether somebody takes connections on a port of loopback. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A server that takes connections and never says a word. */
export async function openSilence(): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer()
  const sockets = new Diary<{ destroy(): void }>()
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    sockets.write(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `/ip4/127.0.0.1/tcp/${String(portOf(server.address()))}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.entries) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
