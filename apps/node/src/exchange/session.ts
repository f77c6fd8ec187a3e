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
import { EnvelopeFlight, Flight, type Room } from './flight.ts'
import { type FrameType } from './frames.ts'
import { Wire } from './wire.ts'

const NONCE_BYTES = 16
const HELLO_BYTES = 256
const PROTOCOL_VERSION = 1
/** Answers that may wait behind what is being sent: more than a peer of the protocol can ask for at a time. */
const ANSWERS = 16

const HelloSchema = z.strictObject({
  nonce: z.string().length(22),
  v: z.literal(PROTOCOL_VERSION),
})

/** How far the peer is in what this side sends. */
export interface SendPlace {
  /** The last dispatch that need not be sent again. */
  readonly sequence: number
  /** The newest of the own rosters that the peer has, of the chain that counts there. */
  readonly rosterVersion: number
  /** The newest charter that is in force at the peer. */
  readonly charterVersion: number
  /** The recovery that waits there, by its digest. */
  readonly recovery?: string
  /** Digests of trust documents that went out in this session. */
  readonly sent: readonly string[]
}

/** What is asked for. */
export interface Asked extends SendPlace {
  /** What may leave besides charters and rosters: an envelope, or only a new one about lives at risk. */
  readonly room?: Room
  /** What a new dispatch may have before compression; of one statement whatever it has. */
  readonly mostBytes?: number
}

/** What the greeting proved about the peer. */
export interface Greeted {
  readonly agency: string
  readonly place: SendPlace
}

/** What is to be sent next: charters and rosters before the envelopes that rest on them. */
export type Outgoing =
  | { readonly type: 'trust'; readonly place: Partial<SendPlace>; readonly body: Uint8Array }
  | {
      readonly type: 'envelope'
      readonly sequence: number
      /** Asked when its turn has come: what was taken back until then does not leave. */
      readonly read: () => Promise<Uint8Array | undefined>
    }

/**
 * What this side had when its nonce was made. Heads that answer the nonce are younger: they cannot show less, while what
 * came since over another session they need not show.
 */
export interface HistoryFloor {
  /** The last dispatch placed in the channel from the peer. */
  readonly received: number
  /** The last dispatch of the own channel before the first without a final receipt. */
  readonly settled: number
  /** The newest roster of the peer. */
  readonly rosterVersion: number
}

/** What the peer's heads are held against. */
export interface Greeting {
  readonly peerId: string
  readonly nonce: string
  readonly floor: HistoryFloor
}

/** What a session asks of its node. */
export interface ExchangeDesk {
  readonly random: Random
  /** Milliseconds since 1970. */
  nowMs(): number
  /** Asked before the nonce is sent. */
  floor(): Promise<HistoryFloor>
  /** Signed heads for this connection, answering the peer's nonce. */
  heads(peerId: string, nonce: string): Promise<Uint8Array>
  /** @throws NET_GREETING, WIRE_NODE and as `verifyHeads` when the peer is not who the roster says; WIRE_FORK */
  greeted(heads: Uint8Array, greeting: Greeting): Promise<Greeted>
  /** Waits until something is to be sent, or gives nothing when `signal` fires. */
  next(agency: string, asked: Asked, signal: AbortSignal): Promise<Outgoing | undefined>
  /** Gives the receipt, durable; nothing where the envelope gets none. */
  envelope(bytes: Uint8Array, peerId: string): Promise<Uint8Array | undefined>
  receipt(bytes: Uint8Array): Promise<void>
  /** A witness request when the peer should see a newer head; nothing otherwise. */
  checkpoint(agency: string): Promise<Uint8Array | undefined>
  /** The answer to the peer's witness request, stored before it is given. */
  witness(request: Uint8Array, agency: string): Promise<Uint8Array>
  /**
   * Takes the answer to the own request; gives another request where the peer continues from another size, and nothing
   * where it cosigned or does not cosign.
   */
  cosigned(answer: Uint8Array, agency: string): Promise<Uint8Array | undefined>
  /** True where the peer must be greeted anew: it has to know when this side saw the document. */
  trust(document: Uint8Array): Promise<boolean>
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
  /** Asks the peer to cosign the newest checkpoint; does nothing while an answer is still to come. */
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
  const floor = await desk.floor()
  const nonce = encodeBase64url(desk.random(NONCE_BYTES))
  await wire.send('hello', encodeCanonical({ nonce, v: PROTOCOL_VERSION }), signal)
  const hello = parseHello(await wire.expect('hello', signal))
  await wire.send('heads', await desk.heads(link.peerId, hello.nonce), signal)
  const heads = await wire.expect('heads', signal)
  const greeted = await desk.greeted(heads, { peerId: link.peerId, nonce, floor })
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
  readonly flight: EnvelopeFlight
  readonly answers: Answers
  readonly stop: AbortController
  /** Whether a request to cosign waits for its answer. Written by `askWitness` and by the handler of the answer. */
  isAsking: boolean
  /** Whether this side ends the session in good order. Written by the handler of TRUST. */
  isOver: boolean
}

function startExchange(wire: Wire, desk: ExchangeDesk, { agency, place }: Greeted): OpenSession {
  const stop = new AbortController()
  const flight = new EnvelopeFlight(() => desk.nowMs())
  const answers = new Answers(wire, stop.signal)
  const exchange: Exchange = {
    wire,
    desk,
    agency,
    flight,
    answers,
    stop,
    isAsking: false,
    isOver: false,
  }
  const receiving = endsBoth(exchange, receiveAll(exchange))
  const sending = endsBoth(exchange, sendAll(exchange, place))
  const ended = Promise.all([receiving, sending]).then(([first, second]) => first ?? second)
  return {
    agency,
    peerId: wire.link.peerId,
    initiator: wire.link.initiator,
    ended,
    askWitness: () => askWitness(exchange),
    ping: () => wire.send('ping', new Uint8Array()),
    close: async () => {
      stop.abort()
      await wire.farewell()
      await ended
    },
  }
}

/** The answer to one request must not be taken for the answer to another: one at a time. */
async function askWitness(exchange: Exchange): Promise<void> {
  if (exchange.isAsking) return
  exchange.isAsking = true
  let request: Uint8Array | undefined
  try {
    request = await exchange.desk.checkpoint(exchange.agency)
  } finally {
    exchange.isAsking = request !== undefined
  }
  if (request !== undefined) await exchange.wire.send('checkpoint', request)
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
    const isFirst = !stop.signal.aborted
    stop.abort()
    await (isFirst ? wire.farewell() : wire.link.close())
  }
}

async function sendAll(exchange: Exchange, start: SendPlace): Promise<void> {
  const { wire, flight, stop } = exchange
  let place = start
  while (!stop.signal.aborted) {
    const next = await nextOutgoing(exchange, place)
    if (next === undefined) continue
    stop.signal.throwIfAborted()
    if (next.type === 'envelope') {
      place = { ...place, sequence: next.sequence }
      await wire.sendNewest('envelope', () => takenOff(flight, next.read), stop.signal)
    } else {
      place = { ...place, ...next.place }
      await wire.send('trust', next.body, stop.signal)
    }
  }
}

/** What waits for room has no place in the channel yet: something more urgent goes before it. */
async function nextOutgoing(
  { agency, desk, flight, stop }: Exchange,
  place: SendPlace,
): Promise<Outgoing | undefined> {
  const { mostBytes, room } = flight
  const asked = { ...place, mostBytes, room }
  if (room === 'any') return desk.next(agency, asked, stop.signal)
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, stop.signal])
  void flight.landing(signal).then(() => {
    over.abort()
    return undefined
  })
  try {
    return await desk.next(agency, asked, signal)
  } finally {
    over.abort()
  }
}

async function takenOff(
  flight: EnvelopeFlight,
  read: () => Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> {
  const body = await read()
  if (body !== undefined) flight.takeOff(body.byteLength)
  return body
}

async function receiveAll(exchange: Exchange): Promise<void> {
  for (;;) {
    const frame = await exchange.wire.receive()
    if (frame === null || frame.type === 'bye') return
    // What comes after the own farewell comes again in the next session.
    if (exchange.stop.signal.aborted) return
    exchange.desk.seen(exchange.agency)
    await HANDLERS[frame.type](exchange, frame.body)
    if (exchange.isOver) return
  }
}

type Handler = (exchange: Exchange, body: Uint8Array) => Promise<void>

const HANDLERS: { readonly [T in Exclude<FrameType, 'bye'>]: Handler } = {
  envelope: async ({ answers, desk, wire }, body) => {
    await answers.give('receipt', await desk.envelope(body, wire.link.peerId))
  },
  receipt: async ({ desk, flight }, body) => {
    await desk.receipt(body)
    flight.land()
  },
  checkpoint: async ({ agency, answers, desk }, body) => {
    await answers.give('witness', await desk.witness(body, agency))
  },
  witness: async (exchange, body) => {
    const again = await exchange.desk.cosigned(body, exchange.agency)
    exchange.isAsking = again !== undefined
    await exchange.answers.give('checkpoint', again)
  },
  trust: async (exchange, body) => {
    exchange.isOver = await exchange.desk.trust(body)
  },
  ping: ({ answers }) => answers.pong(),
  pong: () => Promise.resolve(),
  hello: () => Promise.reject(new AmanaError('NET_FRAME', { reason: 'hello' })),
  heads: () => Promise.reject(new AmanaError('NET_FRAME', { reason: 'heads' })),
  pieces: () => Promise.reject(new AmanaError('NET_FRAME', { reason: 'pieces' })),
  range: () => Promise.reject(new AmanaError('NET_FRAME', { reason: 'range' })),
}

/**
 * What is said in return. Reading goes on while answers wait behind a long envelope: two sides that both write would
 * otherwise wait for each other. Only a peer that asks and does not listen is read no further.
 */
class Answers {
  readonly #wire: Wire
  readonly #signal: AbortSignal
  readonly #waiting = new Flight(ANSWERS)
  #isPongWaiting = false

  constructor(wire: Wire, signal: AbortSignal) {
    this.#wire = wire
    this.#signal = signal
  }

  async give(type: FrameType, body: Uint8Array | undefined): Promise<void> {
    if (body === undefined) return
    await this.#waiting.takeOff(this.#signal)
    void this.#send(type, body)
  }

  /** One pong answers every ping that came before it. */
  async pong(): Promise<void> {
    if (this.#isPongWaiting) return
    this.#isPongWaiting = true
    await this.#waiting.takeOff(this.#signal)
    void this.#send('pong', new Uint8Array()).then(() => {
      this.#isPongWaiting = false
      return undefined
    })
  }

  /** A link that takes nothing more is seen by those who read. */
  async #send(type: FrameType, body: Uint8Array): Promise<void> {
    await this.#wire.send(type, body).catch(() => undefined)
    this.#waiting.land()
  }
}
