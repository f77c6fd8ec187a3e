/**
 * Frames of `/amana/blob/1`: a piece is asked for, and given or not.
 *
 * @module
 * @spec docs/spec/10-attachments.md#frames
 */
import {
  AmanaError,
  concatBytes,
  DigestSchema,
  encodeCanonical,
  isAnyAmanaError,
  type Json,
  parseCanonical,
} from '@amana/core'
import { z } from 'zod'
import { WINDOW_LIMITS } from './window.ts'

const GET = 0x01
const CHUNK = 0x02
const NO = 0x03
const BODY_BYTES = 256

const GetSchema = z.strictObject({
  digest: DigestSchema,
  length: z.int().min(1).max(WINDOW_LIMITS.largestPiece),
  offset: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
})
const NoSchema = z.strictObject({ reason: z.enum(['absent', 'budget']) })

/** Bytes of a sealed file that are asked for. */
export interface PieceRequest extends z.output<typeof GetSchema> {}
/** Why they are not given: there is no such file for this peer, or no bytes are left for today. */
export type Refusal = z.output<typeof NoSchema>['reason']
/** The answer to a request. */
export type PieceAnswer =
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  | { readonly type: 'no'; readonly reason: Refusal }

/** The frame that asks for a piece. */
export function encodeRequest({ digest, length, offset }: PieceRequest): Uint8Array {
  return framed(GET, encodeCanonical({ digest, length, offset }))
}

/** @throws NET_BLOB */
export function parseRequest(frame: Uint8Array): PieceRequest {
  if (frame[0] !== GET) throw new AmanaError('NET_BLOB', { reason: 'type' })
  return bodyOf(GetSchema, frame)
}

/** The frame that answers one. */
export function encodeAnswer(answer: PieceAnswer): Uint8Array {
  if (answer.type === 'chunk') return framed(CHUNK, answer.bytes)
  return framed(NO, encodeCanonical({ reason: answer.reason }))
}

/** The answer to a request for so many bytes. @throws NET_BLOB */
export function parseAnswer(frame: Uint8Array, expectedBytes: number): PieceAnswer {
  if (frame[0] === NO) return { type: 'no', reason: bodyOf(NoSchema, frame).reason }
  if (frame[0] !== CHUNK) throw new AmanaError('NET_BLOB', { reason: 'type' })
  const bytes = frame.subarray(1)
  if (bytes.byteLength !== expectedBytes) throw new AmanaError('NET_BLOB', { reason: 'length' })
  return { type: 'chunk', bytes }
}

function framed(type: number, body: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(type), body)
}

function bodyOf<T>(schema: z.ZodType<T>, frame: Uint8Array): T {
  const parsed = schema.safeParse(jsonOf(frame.subarray(1)))
  if (!parsed.success) throw new AmanaError('NET_BLOB', { reason: 'form' })
  return parsed.data
}

function jsonOf(body: Uint8Array): Json {
  try {
    return parseCanonical(body, BODY_BYTES)
  } catch (cause) {
    if (!isAnyAmanaError(cause)) throw cause
    throw new AmanaError('NET_BLOB', { reason: 'form' }, { cause })
  }
}
