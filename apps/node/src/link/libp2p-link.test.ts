import { once } from 'node:events'
import { createServer } from 'node:net'
import { encodeUtf8, type PrivateKey, peerIdOfKey } from '@amana/core'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { beforeAll, describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { Diary } from '../../../../test/support/link-diary.ts'
import {
  freePort,
  isListening,
  LOOPBACK,
  openLink,
  openPair,
  openSilence,
} from '../../../../test/support/link-pair.ts'
import { signingKey } from '../../../../test/support/trust-fixture.ts'
import { type Link, type LinkSession } from '../ports.ts'
import { openLibp2pLink } from './libp2p-link.ts'
import { LINK_LIMITS } from './link-limits.ts'

/** The keys of both agencies are made once a process, and take their time. */
beforeAll(async () => {
  await twoAgencies()
}, 60_000)

const NEVER = new AbortController().signal

describe('two transports that know each other', () => {
  it('carry frames both ways, each under the peer id of its roster', async () => {
    await using pair = await openPair()
    const { anltp, naptip } = await twoAgencies()
    const { near, far } = await pair.connect()
    expect([near.peerId, near.initiator]).toEqual([naptip.peerId, true])
    expect([far.peerId, far.initiator]).toEqual([anltp.peerId, false])
    await near.send(encodeUtf8('to Abuja'))
    await far.send(encodeUtf8('to Niamey'))
    expect(await far.receive()).toEqual(encodeUtf8('to Abuja'))
    expect(await near.receive()).toEqual(encodeUtf8('to Niamey'))
  })

  it('name where they listen, with their peer id', async () => {
    await using pair = await openPair()
    const [address = ''] = pair.far.addresses()
    expect(address).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//)
    expect(address.endsWith(pair.far.peerId)).toBe(true)
  })

  it('end one session without ending another', async () => {
    await using pair = await openPair()
    const first = await pair.connect()
    const second = await pair.connect()
    await first.near.close()
    expect(await codeOf(first.far)).toBe('end')
    await second.near.send(encodeUtf8('still here'))
    expect(await second.far.receive()).toEqual(encodeUtf8('still here'))
  })

  it('give the last frame although the session is closed behind it', async () => {
    await using pair = await openPair()
    const { near, far } = await pair.connect()
    const waiting = far.receive()
    await near.send(encodeUtf8('farewell'))
    await near.close()
    expect(await waiting).toEqual(encodeUtf8('farewell'))
  })

  it('send nothing more over a closed session', async () => {
    await using pair = await openPair()
    const { near } = await pair.connect()
    await near.close()
    await near.close()
    await expect(near.send(encodeUtf8('late'))).rejects.toMatchObject({ code: 'NET_CLOSED' })
    await expect(near.receive()).rejects.toMatchObject({ code: 'NET_CLOSED' })
  })

  it('free their port when they close', async () => {
    const port = await freePort()
    const { naptip } = await twoAgencies()
    const listen = [`/ip4/127.0.0.1/tcp/${String(port)}`]
    for (let round = 0; round < 2; round += 1) {
      const link = await openLibp2pLink({ peerKey: naptip.peerKey, listen })
      expect(await isListening(port)).toBe(true)
      await link.close()
      expect(await isListening(port)).toBe(false)
    }
  })
})

describe('the gate', () => {
  it('lets nobody in before anybody is named', async () => {
    await using world = await openGate(await signingKey('stranger'))
    await expect(world.dial()).rejects.toMatchObject({ code: 'NET_UNREACHABLE' })
    expect(world.accepted.entries).toEqual([])
  })

  it('cuts a stranger before a frame of ours, and lets the peer in meanwhile', async () => {
    await using world = await openGate(await signingKey('stranger'))
    await using peer = await openGate((await twoAgencies()).anltp.peerKey, world.link)
    await world.link.allow(new Set([peer.dialler.peerId]))
    await expect(world.dial()).rejects.toMatchObject({ code: 'NET_UNREACHABLE' })
    await peer.dial()
    const [session] = await world.accepted.untilCount(1)
    expect(session?.peerId).toBe(peer.dialler.peerId)
    expect(world.accepted.entries).toHaveLength(1)
  })

  it('resets a stream where nobody takes sessions', async () => {
    await using pair = await openPair()
    const quiet = await openLink({ peerKey: await signingKey('quiet') })
    await pair.near.allow(new Set([quiet.peerId]))
    await quiet.allow(new Set([pair.near.peerId]))
    const dialling = pair.near.dial(quiet.peerId, quiet.addresses(), NEVER)
    // A reset that comes together with the opening looks like a stream that never opened.
    const code = await dialling.then(codeOf, () => 'NET_CLOSED')
    expect(code).toBe('NET_CLOSED')
    await quiet.close()
  })

  it('lets nobody be dialled who is not named', async () => {
    await using pair = await openPair()
    await pair.near.allow(new Set())
    await expect(pair.connect()).rejects.toMatchObject({ code: 'NET_UNREACHABLE' })
  })

  it('hangs up on a peer that is named no longer', async () => {
    await using pair = await openPair()
    const { near, far } = await pair.connect()
    const ended = Promise.all([codeOf(near), codeOf(far)])
    await pair.far.allow(new Set())
    await ended
    await expect(near.send(encodeUtf8('still here'))).rejects.toMatchObject({ code: 'NET_CLOSED' })
    await expect(far.send(encodeUtf8('still here'))).rejects.toMatchObject({ code: 'NET_CLOSED' })
    await expect(pair.connect()).rejects.toMatchObject({ code: 'NET_UNREACHABLE' })
  })

  it('hangs up within its time on a peer that reads nothing', async () => {
    await using pair = await openPair()
    const { far } = await pair.connect()
    const sending = codeOfSending(far)
    await pair.far.allow(new Set())
    expect(await sending).toBe('NET_CLOSED')
  })
})

describe('dialling', () => {
  it('refuses the node of another key at the address of the peer', async () => {
    await using pair = await openPair()
    const expected = peerIdOfKey((await signingKey('expected')).publicJwk)
    await pair.near.allow(new Set([expected, pair.far.peerId]))
    const [address = ''] = pair.far.addresses()
    const bare = address.slice(0, address.indexOf('/p2p/'))
    await expect(pair.near.dial(expected, [bare], NEVER)).rejects.toMatchObject({
      code: 'NET_UNREACHABLE',
      details: { peerId: expected },
    })
  })

  it('says that nobody answers where nobody listens', async () => {
    await using pair = await openPair()
    const nowhere = `/ip4/127.0.0.1/tcp/${String(await freePort())}`
    await expect(pair.near.dial(pair.far.peerId, [nowhere], NEVER)).rejects.toMatchObject({
      code: 'NET_UNREACHABLE',
    })
  })

  it('takes the address at which somebody answers', async () => {
    await using pair = await openPair()
    const nowhere = `/ip4/127.0.0.1/tcp/${String(await freePort())}`
    const addresses = [nowhere, ...pair.far.addresses()]
    const session = await pair.near.dial(pair.far.peerId, addresses, NEVER)
    expect(session.peerId).toBe(pair.far.peerId)
  })

  it('passes over an address that it cannot read where there is another', async () => {
    await using pair = await openPair()
    const addresses = ['/ip4/nowhere', ...pair.far.addresses()]
    const session = await pair.near.dial(pair.far.peerId, addresses, NEVER)
    expect(session.peerId).toBe(pair.far.peerId)
  })

  it.each(['/ip4/nowhere', '/unheard-of/1', 'Abuja'])('refuses the address %s', async (address) => {
    await using pair = await openPair()
    await expect(pair.near.dial(pair.far.peerId, [address], NEVER)).rejects.toMatchObject({
      code: 'NET_ADDRESS',
      details: { address },
    })
  })

  it('ends with the signal where the other side says nothing', async () => {
    await using pair = await openPair()
    await using silence = await openSilence()
    const controller = new AbortController()
    const dialling = pair.near.dial(pair.far.peerId, [silence.address], controller.signal)
    controller.abort()
    await expect(dialling).rejects.toMatchObject({ code: 'NET_TIMEOUT' })
  })

  it('leaves no connection behind where the other side speaks another protocol', async () => {
    await using pair = await openPair()
    const other = await createLibp2p({
      privateKey: await generateKeyPair('Ed25519'),
      addresses: { listen: [LOOPBACK] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionMonitor: { enabled: false },
    })
    try {
      const peerId = other.peerId.toString()
      await pair.near.allow(new Set([peerId]))
      const closed = once(other, 'connection:close')
      const addresses = other.getMultiaddrs().map(String)
      await expect(pair.near.dial(peerId, addresses, NEVER)).rejects.toMatchObject({
        code: 'NET_UNREACHABLE',
      })
      await closed
      expect(other.getConnections()).toEqual([])
    } finally {
      await other.stop()
    }
  })
})

describe('listening', () => {
  it('is refused on a port that another program holds, also where another address is free', async () => {
    const { naptip } = await twoAgencies()
    const holder = createServer()
    holder.listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const address = holder.address()
    const held = typeof address === 'object' && address !== null ? address.port : 0
    const free = await freePort()
    for (const ports of [[held], [free, held]]) {
      const listen = ports.map((port) => `/ip4/127.0.0.1/tcp/${String(port)}`)
      await expect(openLibp2pLink({ peerKey: naptip.peerKey, listen })).rejects.toMatchObject({
        code: 'NET_LISTEN',
        details: { address: listen.join(' ') },
      })
    }
    expect(await isListening(free)).toBe(false)
    holder.close()
  })

  it.each([
    ['of no transport that we have', '/ip4/127.0.0.1/udp/4001', 'NET_LISTEN'],
    ['that is none', 'localhost:4001', 'NET_ADDRESS'],
  ])('is refused on an address %s', async (_name, address, code) => {
    const { naptip } = await twoAgencies()
    const opening = openLibp2pLink({ peerKey: naptip.peerKey, listen: [address] })
    await expect(opening).rejects.toMatchObject({ code, details: { address } })
  })

  it('is left out by a node that only dials', async () => {
    const { anltp } = await twoAgencies()
    await using pair = await openPair()
    const link = await openLibp2pLink({ peerKey: anltp.peerKey, listen: [] })
    await link.allow(new Set([pair.far.peerId]))
    expect(link.addresses()).toEqual([])
    const session = await link.dial(pair.far.peerId, pair.far.addresses(), NEVER)
    expect(session.peerId).toBe(pair.far.peerId)
    await link.close()
  })
})

interface Gate extends AsyncDisposable {
  readonly link: Link
  readonly accepted: Diary<LinkSession>
  readonly dialler: Link
  dial(): Promise<LinkSession>
}

/** A transport, and one with this key that dials it and would let it in. */
async function openGate(key: PrivateKey<'Ed25519'>, over?: Link): Promise<Gate> {
  const link = over ?? (await openLink((await twoAgencies()).naptip))
  const dialler = await openLink({ peerKey: key })
  await dialler.allow(new Set([link.peerId]))
  const accepted = new Diary<LinkSession>()
  if (over === undefined) {
    link.onSession((session) => {
      accepted.write(session)
    })
  }
  return {
    link,
    accepted,
    dialler,
    dial: () => dialler.dial(link.peerId, link.addresses(), NEVER),
    [Symbol.asyncDispose]: async () => {
      await dialler.close()
      if (over === undefined) await link.close()
    },
  }
}

/** With which code a session ends for its reader. */
async function codeOf(session: LinkSession): Promise<string> {
  try {
    while ((await session.receive()) !== null);
    return 'end'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

/** Writes until it can no more. */
async function codeOfSending(session: LinkSession): Promise<string> {
  try {
    for (;;) await session.send(new Uint8Array(LINK_LIMITS.frameBytes))
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}
