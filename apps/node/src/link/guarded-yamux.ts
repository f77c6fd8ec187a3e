/**
 * yamux with a limit on what it buffers. The decoder of yamux 8.0.3 waits for a whole data frame of up to 4 GiB before it
 * looks at the stream's window; this guard refuses a header that announces more than a frame may hold. yamux answers every
 * ping and every stream that it does not take, and keeps each data frame as it came; the guard counts them.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { AmanaError } from '@amana/core'
import { type StreamMuxer, type StreamMuxerFactory } from '@libp2p/interface'
import { yamux, type YamuxMuxerInit } from '@libp2p/yamux'
import { type Uint8ArrayList } from 'uint8arraylist'
import { type StreamTime, systemTime } from './frame-stream.ts'
import { LINK_LIMITS } from './link-limits.ts'
import { guardNegotiation } from './negotiation.ts'

const HEADER_BYTES = 12
const LENGTH_AT = 8
const DATA_FRAME = 0
const PING_FRAME = 2
const OPENS = 1
const MAKES_STREAM = '_newStream'
const MS_PER_SECOND = 1000

interface GuardedDecoder {
  readonly buffer: Uint8ArrayList
  emitFrames(chunk: Uint8Array | Uint8ArrayList): Iterable<unknown>
}

interface MuxerFrame {
  readonly header: { readonly type: number; readonly flag: number; readonly length: number }
}

/** What a guard goes by. */
interface GuardOptions {
  /** What streams may be opened for. */
  readonly protocols: readonly string[]
  readonly time?: Pick<StreamTime, 'nowMs'> | undefined
}

/** The muxer factory with the guard in every muxer that it makes. */
export function guardedYamux(
  init: YamuxMuxerInit,
  { protocols, time = systemTime }: GuardOptions,
): () => StreamMuxerFactory {
  const makeFactory = yamux(init)
  return () => {
    const factory = makeFactory()
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = (connection) => {
      const muxer = createStreamMuxer(connection)
      guard(decoderOf(muxer), new FrameBudget(time))
      guardStreams(muxer, protocols)
      return muxer
    }
    return factory
  }
}

/** @throws NET_TRANSPORT when the library's inside changed: the guard would then guard nothing */
function decoderOf(muxer: StreamMuxer): GuardedDecoder {
  if ('decoder' in muxer && isDecoder(muxer.decoder)) return muxer.decoder
  throw new AmanaError('NET_TRANSPORT', { part: 'yamux' })
}

function isDecoder(value: unknown): value is GuardedDecoder {
  if (typeof value !== 'object' || value === null) return false
  return 'emitFrames' in value && typeof value.emitFrames === 'function' && 'buffer' in value
}

/** Every stream, from whichever side, passes the one function that makes it. */
function guardStreams(muxer: StreamMuxer, protocols: readonly string[]): void {
  if (!makesStreams(muxer)) throw new AmanaError('NET_TRANSPORT', { part: 'yamux' })
  const make = muxer[MAKES_STREAM].bind(muxer)
  muxer[MAKES_STREAM] = (...given) => {
    const stream = make(...given)
    guardNegotiation(stream, protocols)
    return stream
  }
}

interface MakesStreams {
  [MAKES_STREAM](...given: readonly unknown[]): object
}

function makesStreams(value: object): value is MakesStreams {
  return MAKES_STREAM in value && typeof value[MAKES_STREAM] === 'function'
}

function guard(decoder: GuardedDecoder, budget: FrameBudget): void {
  const emitFrames = decoder.emitFrames.bind(decoder)
  decoder.emitFrames = function* guarded(chunk) {
    for (const frame of emitFrames(chunk)) {
      budget.take(frame)
      yield frame
    }
    assertAnnounced(decoder.buffer)
  }
}

/** What the frames of one connection may still cost. */
class FrameBudget {
  readonly #time: Pick<StreamTime, 'nowMs'>
  #left: number = LINK_LIMITS.frameBudget
  #atMs: number

  constructor(time: Pick<StreamTime, 'nowMs'>) {
    this.#time = time
    this.#atMs = time.nowMs()
  }

  /** @throws NET_FRAME when nothing is left, NET_TRANSPORT when the library gives something else than frames */
  take(frame: unknown): void {
    if (!isFrame(frame)) throw new AmanaError('NET_TRANSPORT', { part: 'yamux' })
    const { flag, length, type } = frame.header
    const nowMs = this.#time.nowMs()
    const carried = type === DATA_FRAME ? length / LINK_LIMITS.bytesPerFrame : 0
    const filled = ((nowMs - this.#atMs) * LINK_LIMITS.framesPerSecond) / MS_PER_SECOND + carried
    const isAnswered = type === PING_FRAME || (flag & OPENS) === OPENS
    const cost = isAnswered ? LINK_LIMITS.answeredFrameCost : Number(type === DATA_FRAME)
    this.#atMs = nowMs
    this.#left = Math.min(LINK_LIMITS.frameBudget, this.#left + filled) - cost
    if (this.#left < 0) throw new AmanaError('NET_FRAME', { reason: 'number' })
  }
}

function isFrame(value: unknown): value is MuxerFrame {
  if (typeof value !== 'object' || value === null || !('header' in value)) return false
  const { header } = value
  if (typeof header !== 'object' || header === null) return false
  return 'type' in header && 'flag' in header && 'length' in header
}

/** What is left in the buffer is the beginning of a frame. */
function assertAnnounced(buffer: Uint8ArrayList): void {
  if (buffer.byteLength < HEADER_BYTES || buffer.get(1) !== DATA_FRAME) return
  const length = buffer.getUint32(LENGTH_AT)
  if (length > LINK_LIMITS.yamuxFrameBytes) {
    throw new AmanaError('NET_FRAME', { reason: 'size' })
  }
}
