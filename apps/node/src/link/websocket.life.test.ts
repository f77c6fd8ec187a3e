import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTls, setDefaultCACertificates, getCACertificates } from 'node:tls'
import { encodeUtf8 } from '@amana/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { Diary } from '../../../../test/support/link-diary.ts'
import { freePort } from '../../../../test/support/link-pair.ts'
import { type Link, type LinkSession } from '../ports.ts'
import { openLibp2pLink } from './libp2p-link.ts'
import { LINK_LIMITS } from './link-limits.ts'

const NEVER = new AbortController().signal
const BEHIND = '/ip4/127.0.0.1/tcp/0/ws'
const MIB = 1024 * 1024

interface Certificate {
  readonly cert: string
  readonly key: string
}

let folder: string
let certificate: Certificate
const ends: (() => Promise<void> | void)[] = []

beforeAll(async () => {
  await twoAgencies()
  folder = mkdtempSync(join(tmpdir(), 'amana-front-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '2', ...subject]
  execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  certificate = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}, 60_000)

afterEach(async () => {
  setDefaultCACertificates(getCACertificates('bundled'))
  for (const end of ends.splice(0).toReversed()) await end()
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A server of this test, on a free port of loopback. */
async function listening(server: NetServer | Server): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What stands in the open: TLS outside, the node behind it. */
async function openFront(toPort: number): Promise<number> {
  return listening(
    createTls(certificate, (outside) => {
      const inside = connect(toPort, '127.0.0.1')
      for (const socket of [outside, inside]) socket.on('error', () => undefined)
      outside.pipe(inside).pipe(outside)
    }),
  )
}

interface Proxy {
  readonly url: string
  /** What it was asked to connect to. */
  readonly asked: Diary<string>
}

/** An HTTP proxy that connects whoever names himself, or answers with a status. */
async function openProxy({ status = 200, name = '' } = {}): Promise<Proxy> {
  const asked = new Diary<string>()
  const server = createHttp()
  server.on('connect', ({ headers, url = '' }, near: Socket) => {
    asked.write(url)
    const expected = `Basic ${Buffer.from(name).toString('base64')}`
    const isKnown = name === '' || headers['proxy-authorization'] === expected
    near.on('error', () => undefined)
    if (status !== 200 || !isKnown) {
      near.end(`HTTP/1.1 ${String(isKnown ? status : 407)} No\r\n\r\n`)
      return
    }
    const far = connect(Number(url.split(':').at(-1)), '127.0.0.1')
    far.on('error', () => near.destroy())
    near.write('HTTP/1.1 200 Connection established\r\n\r\n')
    near.pipe(far).pipe(near)
  })
  const port = await listening(server)
  const credentials = name === '' ? '' : `${name}@`
  return { url: `http://${credentials}127.0.0.1:${String(port)}`, asked }
}

interface Sides {
  readonly near: Link
  readonly far: Link
  readonly accepted: Diary<LinkSession>
  /** Port on which the far side takes WebSockets. */
  readonly port: number
}

async function openSides(proxy?: string): Promise<Sides> {
  const { anltp, naptip } = await twoAgencies()
  const near = await openLibp2pLink({ peerKey: anltp.peerKey, listen: [], proxy })
  const far = await openLibp2pLink({ peerKey: naptip.peerKey, listen: [BEHIND] })
  ends.push(async () => {
    await Promise.all([near.close(), far.close()])
  })
  await near.allow(new Set([far.peerId]))
  await far.allow(new Set([near.peerId]))
  const accepted = new Diary<LinkSession>()
  far.onSession((session) => {
    accepted.write(session)
  })
  const [address = ''] = far.addresses()
  return { near, far, accepted, port: Number(address.split('/')[4]) }
}

async function exchange({ accepted, far, near }: Sides, address: string): Promise<void> {
  const session = await near.dial(far.peerId, [address], NEVER)
  const [other] = await accepted.untilCount(1)
  await session.send(encodeUtf8('to Abuja'))
  await other?.send(encodeUtf8('to Niamey'))
  expect(await other?.receive()).toEqual(encodeUtf8('to Abuja'))
  expect(await session.receive()).toEqual(encodeUtf8('to Niamey'))
}

function trustFront(): void {
  setDefaultCACertificates([...getCACertificates('bundled'), certificate.cert])
}

function inTheOpen(port: number): string {
  return `/dns4/localhost/tcp/${String(port)}/tls/ws`
}

describe('a WebSocket', () => {
  it('carries sessions to a node that listens behind a front', async () => {
    const sides = await openSides()
    expect(sides.far.addresses()).toEqual([
      `/ip4/127.0.0.1/tcp/${String(sides.port)}/ws/p2p/${sides.far.peerId}`,
    ])
    await exchange(sides, `/ip4/127.0.0.1/tcp/${String(sides.port)}/ws`)
  })

  it('carries them through TLS, and through a proxy', async () => {
    const proxy = await openProxy({ name: 'amana:secret' })
    const sides = await openSides(proxy.url)
    const front = await openFront(sides.port)
    trustFront()
    await exchange(sides, inTheOpen(front))
    expect(proxy.asked.entries).toEqual([`localhost:${String(front)}`])
  })

  it('says no more of the peer than TCP does: another key is refused inside', async () => {
    const sides = await openSides()
    const front = await openFront(sides.port)
    trustFront()
    await sides.near.allow(new Set([sides.near.peerId]))
    const dialling = sides.near.dial(sides.near.peerId, [inTheOpen(front)], NEVER)
    await expect(dialling).rejects.toMatchObject({ code: 'NET_UNREACHABLE' })
    expect(sides.accepted.entries).toEqual([])
  })

  it('holds a sender back whose reader is slow, and ends with its session', async () => {
    const sides = await openSides()
    const address = `/ip4/127.0.0.1/tcp/${String(sides.port)}/ws`
    const session = await sides.near.dial(sides.far.peerId, [address], NEVER)
    const [other] = await sides.accepted.untilCount(1)
    const count = 24
    const sending = (async (): Promise<void> => {
      for (let index = 0; index < count; index += 1) {
        await session.send(new Uint8Array(MIB).fill(index))
      }
    })()
    for (let index = 0; index < count; index += 1) {
      expect((await other?.receive())?.[0]).toBe(index)
    }
    await sending
    await session.close()
    expect(await other?.receive()).toBeNull()
  })
})

describe('a way that is shut', () => {
  it('is told apart: no proxy, a proxy that asks for a name, one that forbids', async () => {
    const nobody = `http://127.0.0.1:${String(await freePort())}`
    const asking = await openProxy({ name: 'amana:secret' })
    const forbidding = await openProxy({ status: 403 })
    for (const [proxy, reason] of [
      [nobody, 'ECONNREFUSED'],
      [asking.url.replace('amana:secret@', ''), '407'],
      [asking.url.replace('secret', 'guess'), '407'],
      [forbidding.url, '403'],
    ] as const) {
      const sides = await openSides(proxy)
      const dialling = sides.near.dial(sides.far.peerId, [inTheOpen(sides.port)], NEVER)
      await expect(dialling).rejects.toMatchObject({ code: 'NET_PROXY', details: { reason } })
    }
  })

  it('is told apart: a certificate that nobody vouches for, and a port without TLS', async () => {
    const sides = await openSides()
    const front = await openFront(sides.port)
    const unknown = sides.near.dial(sides.far.peerId, [inTheOpen(front)], NEVER)
    await expect(unknown).rejects.toMatchObject({
      code: 'NET_TLS',
      details: { host: 'localhost', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
    const plain = sides.near.dial(sides.far.peerId, [inTheOpen(sides.port)], NEVER)
    await expect(plain).rejects.toMatchObject({ code: 'NET_TLS', details: { host: 'localhost' } })
  })

  it('is told apart: a front without its node, and an address where nobody listens', async () => {
    const sides = await openSides()
    const web = await listening(
      createHttp((_request, response) => {
        response.writeHead(502).end()
      }),
    )
    const front = await openFront(web)
    trustFront()
    const answered = sides.near.dial(sides.far.peerId, [inTheOpen(front)], NEVER)
    await expect(answered).rejects.toMatchObject({
      code: 'NET_WEBSOCKET',
      details: { reason: '502' },
    })
    const nowhere = inTheOpen(await freePort())
    const silent = sides.near.dial(sides.far.peerId, [nowhere], NEVER)
    await expect(silent).rejects.toMatchObject({ code: 'NET_UNREACHABLE' })
  })

  it('is no reason not to take another address', async () => {
    const sides = await openSides()
    const open = `/ip4/127.0.0.1/tcp/${String(sides.port)}/ws`
    const addresses = [inTheOpen(await freePort()), open]
    const session = await sides.near.dial(sides.far.peerId, addresses, NEVER)
    expect(session.peerId).toBe(sides.far.peerId)
  })
})

describe('a listener for WebSockets', () => {
  it('answers 426 to whoever asks for something else', async () => {
    const { port } = await openSides()
    const asking = request({ host: '127.0.0.1', port, path: '/anything' }).end()
    const { promise: answered, resolve } = Promise.withResolvers<number>()
    asking.on('response', ({ statusCode = 0 }) => {
      resolve(statusCode)
    })
    expect(await answered).toBe(426)
  })

  it('takes sixteen WebSockets of one client, by the word of the front', async () => {
    const { port } = await openSides()
    const answers: string[] = []
    for (let count = 0; count <= LINK_LIMITS.connectionsOfAddress; count += 1) {
      answers.push(await upgraded(port, '192.0.2.7'))
    }
    expect(answers.filter((answer) => answer === '101')).toHaveLength(16)
    expect(answers.at(-1)).toBe('closed')
    expect(await upgraded(port, '192.0.2.8')).toBe('101')
  })

  it('frees its port when it closes, and is refused on one that is held', async () => {
    const { far, port } = await openSides()
    const { naptip } = await twoAgencies()
    const listen = [`/ip4/127.0.0.1/tcp/${String(port)}/ws`]
    const held = openLibp2pLink({ peerKey: naptip.peerKey, listen })
    await expect(held).rejects.toMatchObject({ code: 'NET_LISTEN' })
    await far.close()
    const again = await openLibp2pLink({ peerKey: naptip.peerKey, listen })
    expect(again.addresses()).toHaveLength(1)
    await again.close()
  })
})

/** The status with which a WebSocket begins for a client whom the front names. */
async function upgraded(port: number, client: string): Promise<string> {
  const asking = request({
    host: '127.0.0.1',
    port,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      'x-forwarded-for': `203.0.113.1, ${client}`,
    },
  })
  const { promise, resolve } = Promise.withResolvers<string>()
  asking.on('upgrade', ({ statusCode = 0 }, socket) => {
    socket.on('error', () => undefined)
    ends.push(() => {
      socket.destroy()
    })
    resolve(String(statusCode))
  })
  asking.on('error', () => {
    resolve('closed')
  })
  asking.end()
  return promise
}
