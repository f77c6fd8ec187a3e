import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type TestAgency, twoAgencies } from '../../../../test/support/agencies.ts'
import { LOOPBACK, openLink } from '../../../../test/support/link-pair.ts'
import { type Link } from '../ports.ts'
import { AddressLimit, type Incoming } from './address-limit.ts'
import { openLibp2pLink } from './libp2p-link.ts'
import { LINK_LIMITS } from './link-limits.ts'

const NEVER = new AbortController().signal
const A_SECOND = 5

let ours: TestAgency
let peer: TestAgency
const sockets = new Set<Socket>()

beforeAll(async () => {
  const { anltp, naptip } = await twoAgencies()
  ours = naptip
  peer = anltp
}, 60_000)

afterEach(() => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
})

/** A stranger on another address of loopback; resolves when the node has taken the connection, or closed it. */
async function stranger(link: Link, host: number): Promise<Socket> {
  const [, , , , port] = link.addresses()[0]?.split('/') ?? []
  const socket = connect({
    host: '127.0.0.1',
    localAddress: `127.0.1.${String(host)}`,
    port: Number(port),
  })
  sockets.add(socket)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

async function openOurs(peerAddresses: readonly string[]): Promise<Link> {
  const link = await openLibp2pLink({ peerKey: ours.peerKey, listen: [LOOPBACK], peerAddresses })
  return link
}

/** As many silent connections as the node takes before it knows whose they are. */
async function fillWithSilence(link: Link): Promise<void> {
  const waiting: Promise<unknown>[] = []
  for (let count = 0; count < LINK_LIMITS.pendingConnections; count += 1) {
    const socket = await stranger(link, 1 + Math.floor(count / A_SECOND))
    // begins as a peer does, is answered, and says nothing more
    socket.write('\u0013/multistream/1.0.0\n')
    waiting.push(once(socket, 'data'))
  }
  await Promise.all(waiting)
}

async function reaches(link: Link): Promise<string> {
  const own = await openLink(peer)
  await own.allow(new Set([link.peerId]))
  await link.allow(new Set([own.peerId]))
  const { promise: arrived, resolve } = Promise.withResolvers<string>()
  link.onSession((session) => {
    resolve(session.peerId)
  })
  try {
    const session = await own.dial(link.peerId, link.addresses(), NEVER)
    const peerId = await arrived
    await session.close()
    return peerId === own.peerId ? 'reached' : 'another'
  } catch {
    return 'refused'
  } finally {
    await own.close()
  }
}

describe('strangers who open connections and say nothing', () => {
  it('take all places of a node, but not that of its peer', async () => {
    const link = await openOurs(['/ip4/127.0.0.1/tcp/4180'])
    await fillWithSilence(link)
    expect(await reaches(link)).toBe('reached')
    await link.close()
  })

  it('keep a peer out whose address the node does not know', async () => {
    const link = await openOurs([
      '/dns4/peer.example/tcp/4180',
      '/ip4/300.1.1.1/tcp/1',
      '/ip6/127.0.0.1/tcp/1',
    ])
    await fillWithSilence(link)
    expect(await reaches(link)).toBe('refused')
    await link.close()
  })
})

describe('a stranger who speaks no libp2p', () => {
  it.each([
    ['a length that does not end', Buffer.alloc(64 * 1024, 0xff)],
    ['words without end', Buffer.from('\u0007/other\n'.repeat(9))],
  ])('is cut at once: %s', async (_name, bytes) => {
    const link = await openOurs([])
    const socket = await stranger(link, 200)
    const { promise: cut, resolve } = Promise.withResolvers<unknown>()
    socket.on('close', resolve)
    socket.write(bytes)
    await cut
    expect(socket.destroyed).toBe(true)
    await link.close()
  })
})

/** A connection that came in, and its end. */
function from(text: string): { readonly connection: Incoming; readonly close: () => void } {
  const listeners: (() => void)[] = []
  const connection = {
    remoteAddr: { toString: () => text },
    addEventListener: (_type: 'close', listener: () => void) => void listeners.push(listener),
  }
  const close = (): void => {
    for (const listener of listeners) listener()
  }
  return { connection, close }
}

describe('one address', () => {
  it('holds sixteen connections, and another one when one of them is closed', () => {
    const limit = new AddressLimit(LINK_LIMITS.connectionsOfAddress)
    const held = Array.from({ length: 16 }, (_, port) => from(`/ip4/192.0.2.7/tcp/${String(port)}`))
    expect(held.map(({ connection }) => limit.isOver(connection))).toEqual(held.map(() => false))
    expect(limit.isOver(from('/ip4/192.0.2.7/tcp/99').connection)).toBe(true)
    expect(limit.isOver(from('/ip4/192.0.2.8/tcp/99').connection)).toBe(false)
    held[0]?.close()
    expect(limit.isOver(from('/ip4/192.0.2.7/tcp/99').connection)).toBe(false)
    expect(limit.isOver(from('/ip4/192.0.2.7/tcp/98').connection)).toBe(true)
  })

  it('of IPv6 is the network of 64 bits, however it is written', () => {
    const limit = new AddressLimit(2)
    const isOver = (host: string): boolean => limit.isOver(from(`/ip6/${host}/tcp/1`).connection)
    expect(isOver('2001:db8:0:1::7')).toBe(false)
    expect(isOver('2001:db8:0:1:ffff:0:0:1')).toBe(false)
    expect(isOver('2001:db8:0:1:2::')).toBe(true)
    expect(isOver('2001:db8:0:2::7')).toBe(false)
    expect(isOver('2001:db8::7')).toBe(false)
    expect(['2001:db8::8', '2001:db8::0:0:9'].map(isOver)).toEqual([false, true])
    expect(['::1', '::2', '::3'].map(isOver)).toEqual([false, false, true])
  })
})
