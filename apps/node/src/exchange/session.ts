/**
 * One session with one peer, from the greeting to the farewell. It knows frames and their order, and asks the node for
 * everything else through `ExchangeDesk`; it has no socket and no timer of its own.
 *
 * @module
 * @spec docs/spec/08-exchange.md#session
 */
import {
  AmanaError,
  decodeBase64url,
  encodeBase64url,
  encodeCanonical,
  type ErrorCode,
  isAnyAmanaError,
  parseCanonical,
  type Random,
} from '@amana/core'
import { z } from 'zod'
import { type LinkSession } from '../ports.ts'
import { Flight } from './flight.ts'
import { type Frame, type FrameType } from './frames.ts'
import { Wire } from './wire.ts'

const NONCE_BYTES = 16
const HELLO_BYTES = 256
const PROTOCOL_VERSION = 1
/** Envelopes that may be on their way without a receipt. */
const IN_FLIGHT = 8

const HelloSchema = z.strictObject({
  nonce: z.string().length(22),
  v: z.literal(PROTOCOL_VERSION),
})

/** How far the peer is in what this side sends. */
export interface SendPlace {
  /** The last dispatch that need not be sent again. */
  readonly sequence: number
  /** The newest of the own rosters that the peer has. */
  readonly rosterVersion: number
}

/** What the greeting proved about the peer. */
export interface Greeted {
  readonly agency: string
  readonly place: SendPlace
}

/** What is to be sent next: rosters before the envelopes that rest on them. */
export type Outgoing =
  | { readonly type: 'trust'; readonly rosterVersion: number; readonly body: Uint8Array }
  | { readonly type: 'envelope'; readonly sequence: number; readonly body: Uint8Array }

/** What a session asks of its node. */
export interface ExchangeDesk {
  readonly random: Random
  /** Signed heads for this connection, answering the peer's nonce. */
  heads(peerId: string, nonce: string): Promise<Uint8Array>
  /** @throws NET_GREETING, WIRE_NODE and as `verifyHeads` when the peer is not who the roster says; WIRE_FORK */
  greeted(
    heads: Uint8Array,
    greeting: { readonly peerId: string; readonly nonce: string },
  ): Promise<Greeted>
  /** Waits until something is to be sent, or gives nothing when `signal` fires. */
  next(agency: string, place: SendPlace, signal: AbortSignal): Promise<Outgoing | undefined>
  /** Gives the receipt, durable; nothing where the envelope gets none. */
  envelope(bytes: Uint8Array, peerId: string): Promise<Uint8Array | undefined>
  receipt(bytes: Uint8Array): Promise<void>
  /** A witness request when the peer should see a newer head; nothing otherwise. */
  checkpoint(agency: string): Promise<Uint8Array | undefined>
  /** The answer to the peer's witness request, stored before it is given. */
  witness(request: Uint8Array, agency: string): Promise<Uint8Array>
  /** Takes the answer to the own request; gives another request where the peer continues from another size. */
  cosigned(answer: Uint8Array, agency: string): Promise<Uint8Array | undefined>
  trust(document: Uint8Array): Promise<void>
  /** Something arrived from that agency. */
  seen(agency: string): void
}

/** An open session. */
export interface OpenSession {
  readonly agency: string
  readonly peerId: string
  /** True where this side dialled. */
  readonly initiator: boolean
  /** The code with which it ended, nothing after a farewell; never rejects. */
  readonly ended: Promise<ErrorCode | undefined>
  /** Asks the peer to cosign the newest checkpoint. */
  askWitness(): Promise<void>
  ping(): Promise<void>
  /** Says good-bye and ends. */
  close(): Promise<void>
}

/**
 * Greets the peer and starts the exchange. A session counts as open when the peer's heads verified.
 *
 * @throws NET_GREETING, NET_FRAME, NET_TIMEOUT, NET_CLOSED and as `ExchangeDesk.greeted`
 */
export async function openSession(
  link: LinkSession,
  desk: ExchangeDesk,
  signal: AbortSignal,
): Promise<OpenSession> {
  const wire = new Wire(link)
  const nonce = encodeBase64url(desk.random(NONCE_BYTES))
  await wire.send('hello', encodeCanonical({ nonce, v: PROTOCOL_VERSION }), signal)
  const hello = parseHello(await wire.expect('hello', signal))
  await wire.send('heads', await desk.heads(link.peerId, hello.nonce), signal)
  const heads = await wire.expect('heads', signal)
  const greeted = await desk.greeted(heads, { peerId: link.peerId, nonce })
  return startExchange(wire, desk, greeted)
}

function parseHello(body: Uint8Array): z.output<typeof HelloSchema> {
  const hello = HelloSchema.safeParse(parseCanonical(body, HELLO_BYTES))
  if (!hello.success) throw new AmanaError('NET_GREETING', { reason: 'version' })
  decodeBase64url(hello.data.nonce)
  return hello.data
}

interface Exchange {
  readonly wire: Wire
  readonly desk: ExchangeDesk
  readonly agency: string
  readonly flight: Flight
  readonly stop: AbortController
}

function startExchange(wire: Wire, desk: ExchangeDesk, { agency, place }: Greeted): OpenSession {
  const stop = new AbortController()
  const exchange = { wire, desk, agency, flight: new Flight(IN_FLIGHT), stop }
  const receiving = endsBoth(exchange, receiveAll(exchange))
  const sending = endsBoth(exchange, sendAll(exchange, place))
  const ended = Promise.all([receiving, sending]).then(([first, second]) => first ?? second)
  return {
    agency,
    peerId: wire.link.peerId,
    initiator: wire.link.initiator,
    ended,
    askWitness: async () => {
      const request = await desk.checkpoint(agency)
      if (request !== undefined) await wire.send('checkpoint', request)
    },
    ping: () => wire.send('ping', new Uint8Array()),
    close: async () => {
      await wire.send('bye', new Uint8Array()).catch(() => undefined)
      stop.abort()
      await wire.link.close()
      await ended
    },
  }
}

/** Whichever direction ends takes the other with it; what it ended with is an answer, not an exception. */
async function endsBoth(
  { wire, stop }: Exchange,
  direction: Promise<void>,
): Promise<ErrorCode | undefined> {
  try {
    await direction
    return undefined
  } catch (error) {
    if (stop.signal.aborted) return undefined
    return isAnyAmanaError(error) ? error.code : 'CLI_UNEXPECTED'
  } finally {
    stop.abort()
    await wire.link.close()
  }
}

async function sendAll(exchange: Exchange, start: SendPlace): Promise<void> {
  const { wire, desk, agency, flight, stop } = exchange
  let place = start
  while (!stop.signal.aborted) {
    const next = await desk.next(agency, place, stop.signal)
    if (next === undefined) continue
    if (next.type === 'envelope') {
      await flight.takeOff(stop.signal)
      place = { ...place, sequence: next.sequence }
    } else {
      place = { ...place, rosterVersion: next.rosterVersion }
    }
    stop.signal.throwIfAborted()
    await wire.send(next.type, next.body, stop.signal)
  }
}

async function receiveAll(exchange: Exchange): Promise<void> {
  for (;;) {
    const frame = await exchange.wire.receive()
    if (frame === null || frame.type === 'bye') return
    exchange.desk.seen(exchange.agency)
    await handle(exchange, frame)
  }
}

async function handle({ wire, desk, agency, flight }: Exchange, frame: Frame): Promise<void> {
  switch (frame.type) {
    case 'envelope':
      await sendIfAny(wire, 'receipt', await desk.envelope(frame.body, wire.link.peerId))
      return
    case 'receipt':
      await desk.receipt(frame.body)
      flight.land()
      return
    case 'checkpoint':
      await wire.send('witness', await desk.witness(frame.body, agency))
      return
    case 'witness':
      await sendIfAny(wire, 'checkpoint', await desk.cosigned(frame.body, agency))
      return
    case 'trust':
      await desk.trust(frame.body)
      return
    case 'ping':
      await wire.send('pong', new Uint8Array())
      return
    case 'pong':
      return
    case 'hello':
    case 'heads':
    case 'bye':
      throw new AmanaError('NET_FRAME', { reason: frame.type })
  }
}

async function sendIfAny(wire: Wire, type: FrameType, body: Uint8Array | undefined): Promise<void> {
  if (body !== undefined) await wire.send(type, body)
}
