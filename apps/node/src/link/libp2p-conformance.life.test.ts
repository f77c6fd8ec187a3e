import { once } from 'node:events'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type Connection } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p, type Libp2p } from 'libp2p'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { CutLine } from '../../../../test/support/cut-line.ts'
import {
  type BytesEnd,
  describeLink,
  type LinkWorld,
} from '../../../../test/support/link-conformance.ts'
import { LOOPBACK, openSilence } from '../../../../test/support/link-pair.ts'
import { diallers, listenTo, runUntil } from '../../../../test/support/link-worlds.ts'
import { type BlobLink, type Link, type LinkSession } from '../ports.ts'
import { VirtualTime } from '../sim/virtual-time.ts'
import { openLibp2pLink } from './libp2p-link.ts'
import { EXCHANGE_PROTOCOL } from './libp2p-node.ts'

const NEVER = new AbortController().signal
/** Round trips after which a connection has carried what it can. */
const ROUNDS = 8

describeLink('of libp2p over loopback', openLibp2pWorld)

/** libp2p as the node opens it, on both sides of a line of loopback. */
async function openLibp2pWorld(): Promise<LinkWorld> {
  const { anltp, naptip } = await twoAgencies()
  const time = new VirtualTime()
  const own = { listen: [LOOPBACK], peerAddresses: [LOOPBACK], time }
  const near = await openLibp2pLink({ peerKey: anltp.peerKey, ...own })
  const far = await openLibp2pLink({ peerKey: naptip.peerKey, ...own })
  const raw = await openRaw()
  await near.allow(new Set([far.peerId]))
  await far.allow(new Set([near.peerId, raw.peerId.toString()]))
  const line = await CutLine.open(portOf(far))
  const silence = await openSilence()
  echoBlobs(far)
  const through = (link: Link): readonly string[] =>
    link === far ? [`/ip4/127.0.0.1/tcp/${String(line.port)}`] : link.addresses()
  return {
    near: {
      ...near,
      dial: (peerId, _addresses, signal) => near.dial(peerId, through(far), signal),
    },
    far,
    time,
    ...diallers([near, far], through),
    openBytes: () => openBytes(raw, far),
    dialSilence: (signal) => near.dial(far.peerId, [silence.address], signal),
    settle: (what) => what,
    expire: async (what) => {
      await runUntil(time, what)
      return what
    },
    quiet: () => roundTrips(near, far.peerId),
    cut: async (how) => {
      line.cut(how)
    },
    [Symbol.asyncDispose]: async () => {
      line.cut('break')
      await Promise.all([near.close(), far.close(), raw.stop()])
      await Promise.all([line[Symbol.asyncDispose](), silence[Symbol.asyncDispose]()])
    },
  }
}

async function openRaw(): Promise<Libp2p> {
  return createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
  })
}

async function openBytes(raw: Libp2p, far: Link): Promise<BytesEnd> {
  const accepted = listenTo(far)
  const addresses = far.addresses().map((address) => multiaddr(address))
  const connection = await raw.dial(addresses)
  const stream = await connection.newStream(EXCHANGE_PROTOCOL)
  const [session] = await accepted.untilCount(1)
  if (session === undefined) throw new TypeError('no session arrived')
  return {
    far: session,
    send: (bytes) => void stream.send(bytes),
    end: () => stream.close(),
    reset: () => {
      stream.abort(new Error('reset'))
    },
    arrived: () => rawRoundTrip(connection),
  }
}

/** Answers every frame on a stream for attachments with itself, for those who ask whether what went before has come. */
function echoBlobs(link: BlobLink): void {
  link.onBlobs((frames) => {
    void echo(frames).catch(() => undefined)
  })
}

async function echo(frames: LinkSession): Promise<void> {
  for (let frame = await frames.receive(); frame !== null; frame = await frames.receive()) {
    await frames.send(frame)
  }
  await frames.close()
}

async function roundTrips(link: BlobLink, peerId: string): Promise<void> {
  const blobs = await link.openBlobs([peerId], NEVER)
  for (let round = 0; round < ROUNDS; round += 1) {
    await blobs.send(Uint8Array.of(round))
    await blobs.receive()
  }
  await blobs.close()
}

async function rawRoundTrip(connection: Connection): Promise<void> {
  const stream = await connection.newStream('/amana/blob/1')
  const answer = once(stream, 'message')
  stream.send(Uint8Array.of(0, 0, 0, 1, 7))
  await answer
  stream.abort(new Error('done'))
}

function portOf(link: Link): number {
  const [, , , , port] = link.addresses()[0]?.split('/') ?? []
  return Number(port)
}
