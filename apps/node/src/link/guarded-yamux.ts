/**
 * yamux with a limit on what it buffers. The decoder of yamux 8.0.3 waits for a whole data frame of up to 4 GiB before it
 * looks at the stream's window; this guard refuses a header that announces more than a frame may hold.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { AmanaError } from '@amana/core'
import { type StreamMuxer, type StreamMuxerFactory } from '@libp2p/interface'
import { yamux, type YamuxMuxerInit } from '@libp2p/yamux'
import { type Uint8ArrayList } from 'uint8arraylist'
import { LINK_LIMITS } from './link-limits.ts'

const HEADER_BYTES = 12
const LENGTH_AT = 8
const DATA_FRAME = 0

interface GuardedDecoder {
  readonly buffer: Uint8ArrayList
  emitFrames(chunk: Uint8Array | Uint8ArrayList): Iterable<unknown>
}

/** The muxer factory with the guard in every muxer that it makes. */
export function guardedYamux(init: YamuxMuxerInit): () => StreamMuxerFactory {
  const makeFactory = yamux(init)
  return () => {
    const factory = makeFactory()
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = (connection) => {
      const muxer = createStreamMuxer(connection)
      guard(decoderOf(muxer))
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

function guard(decoder: GuardedDecoder): void {
  const emitFrames = decoder.emitFrames.bind(decoder)
  decoder.emitFrames = function* guarded(chunk) {
    yield* emitFrames(chunk)
    assertAnnounced(decoder.buffer)
  }
}

/** What is left in the buffer is the beginning of a frame. */
function assertAnnounced(buffer: Uint8ArrayList): void {
  if (buffer.byteLength < HEADER_BYTES || buffer.get(1) !== DATA_FRAME) return
  const length = buffer.getUint32(LENGTH_AT)
  if (length > LINK_LIMITS.yamuxFrameBytes) {
    throw new AmanaError('NET_FRAME', { reason: 'size' })
  }
}
