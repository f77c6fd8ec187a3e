/**
 * Frames of `/amana/exchange/1`: a type, whether the body is compressed, the body.
 *
 * @module
 * @spec docs/spec/08-exchange.md#frames
 */
import { AmanaError, concatBytes } from '@amana/core'
import { compressBody, decompressBody } from './compression.ts'

/** Types of frames by name, as the first byte says them. */
export const FRAME_TYPES = {
  hello: 0x01,
  heads: 0x02,
  envelope: 0x03,
  receipt: 0x04,
  checkpoint: 0x05,
  witness: 0x06,
  trust: 0x07,
  ping: 0x08,
  pong: 0x09,
  bye: 0x0a,
  pieces: 0x0b,
  range: 0x0c,
} as const

/** Name of a type. */
export type FrameType = keyof typeof FRAME_TYPES

/** A frame with its body as it was before compression. */
export interface Frame {
  readonly type: FrameType
  readonly body: Uint8Array
}

const PLAIN = 0
const ZSTD = 1
const HEADER_BYTES = 2
const COMPRESSED: ReadonlySet<FrameType> = new Set(['envelope', 'receipt', 'checkpoint', 'trust'])

/** The bytes of a frame; a body of a compressible type is compressed where that makes it shorter. */
export function encodeFrame({ type, body }: Frame): Uint8Array {
  const short = COMPRESSED.has(type) ? compressBody(body) : body
  const compressed = short.byteLength < body.byteLength
  const header = Uint8Array.of(FRAME_TYPES[type], compressed ? ZSTD : PLAIN)
  return concatBytes(header, compressed ? short : body)
}

/**
 * Reads a frame.
 *
 * @throws NET_FRAME when the type is unknown, or a compressed body is of a type that must be plain or not of the one form
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const type = typeOf(bytes[0])
  const body = bytes.subarray(HEADER_BYTES)
  if (bytes[1] === PLAIN) return { type, body }
  if (bytes[1] !== ZSTD || !COMPRESSED.has(type)) {
    throw new AmanaError('NET_FRAME', { reason: 'compression' })
  }
  return { type, body: decompressBody(body) }
}

function typeOf(byte: number | undefined): FrameType {
  for (const name of FRAME_NAMES) if (FRAME_TYPES[name] === byte) return name
  throw new AmanaError('NET_FRAME', { reason: 'type' })
}

const FRAME_NAMES = [
  'hello',
  'heads',
  'envelope',
  'receipt',
  'checkpoint',
  'witness',
  'trust',
  'ping',
  'pong',
  'bye',
  'pieces',
  'range',
] as const
