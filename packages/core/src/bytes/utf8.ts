/**
 * UTF-8 in and out; bytes that are not UTF-8 are refused, never replaced.
 *
 * @module
 * @spec docs/spec/01-bytes.md#utf-8
 */
import { AmanaError } from '../errors.ts'

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Encodes text as UTF-8. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(text)
}

/** Bytes as they are, or a text's UTF-8. */
export function bytesOf(data: Uint8Array | string): Uint8Array {
  return typeof data === 'string' ? encodeUtf8(data) : data
}

/** Decodes UTF-8; a byte order mark stays and is refused by the JSON layer. @throws WIRE_UTF8 when the bytes are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return DECODER.decode(bytes)
  } catch (cause) {
    throw new AmanaError('WIRE_UTF8', { sizeBytes: bytes.byteLength }, { cause })
  }
}
