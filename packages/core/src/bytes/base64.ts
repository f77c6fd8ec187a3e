/**
 * base64url without padding, and padded base64 for notes: one spelling for each value, or a refusal.
 *
 * @module
 * @spec docs/spec/01-bytes.md#base64url
 */
import { base64, base64urlnopad } from '@scure/base'
import { AmanaError } from '../errors.ts'

const BASE64URL = /^[A-Za-z0-9_-]*$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Encodes without padding (RFC 4648 section 5). */
export function encodeBase64url(bytes: Uint8Array): string {
  return isNative(bytes)
    ? bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
    : base64urlnopad.encode(bytes)
}

/**
 * Decodes base64url without padding. Refused are padding, white space, other characters, a length of 1 modulo 4 and
 * trailing bits that are not zero, by encoding again and comparing.
 *
 * @throws WIRE_B64 when `text` is not the one encoding of its value
 */
export function decodeBase64url(text: string): Uint8Array {
  return decodeExactly(text, BASE64URL, {
    encode: encodeBase64url,
    decode: decodeLoosely,
  })
}

/**
 * Decodes base64url as `decodeBase64url` does, into memory that is used again: the bytes are a view of `target`, which
 * has to hold them.
 *
 * @throws WIRE_B64 when `text` is not the one encoding of its value, or there are more bytes
 */
export function decodeBase64urlInto(text: string, target: Uint8Array): Uint8Array {
  if (!isNativeTarget(target)) {
    const bytes = decodeBase64url(text)
    target.set(bytes)
    return target.subarray(0, bytes.length)
  }
  try {
    const { written } = target.setFromBase64(text, { alphabet: 'base64url' })
    const bytes = target.subarray(0, written)
    if (encodeBase64url(bytes) === text) return bytes
  } catch (cause) {
    throw new AmanaError('WIRE_B64', { length: text.length }, { cause })
  }
  throw new AmanaError('WIRE_B64', { length: text.length })
}

interface NativeTarget {
  setFromBase64(
    text: string,
    options: { readonly alphabet: 'base64url' },
  ): { readonly written: number }
}

function isNativeTarget(target: Uint8Array): target is Uint8Array & NativeTarget {
  return 'setFromBase64' in target
}

/** Encodes with padding (RFC 4648 section 4), as C2SP notes want it. */
export function encodeBase64(bytes: Uint8Array): string {
  return base64.encode(bytes)
}

/**
 * Decodes padded base64; the same strictness as for base64url.
 *
 * @throws WIRE_B64 when `text` is not the one encoding of its value
 */
export function decodeBase64(text: string): Uint8Array {
  return decodeExactly(text, BASE64, base64)
}

interface NativeBase64 {
  toBase64(options: { readonly alphabet: 'base64url'; readonly omitPadding: true }): string
}

/** An engine with `Uint8Array.prototype.toBase64` (ECMAScript 2026) is faster than the library, and writes the same. */
function isNative(bytes: Uint8Array): bytes is Uint8Array & NativeBase64 {
  return 'toBase64' in bytes
}

interface NativeDecoder {
  fromBase64(text: string, options: { readonly alphabet: 'base64url' }): Uint8Array
}

/** As above; what it would let pass, the comparison with the encoding of the value does not. */
function decodeLoosely(text: string): Uint8Array {
  const type: object = Uint8Array
  return isNativeDecoder(type)
    ? type.fromBase64(text, { alphabet: 'base64url' })
    : base64urlnopad.decode(text)
}

function isNativeDecoder(type: object): type is NativeDecoder {
  return 'fromBase64' in type
}

interface Coder {
  encode(bytes: Uint8Array): string
  decode(text: string): Uint8Array
}

function decodeExactly(text: string, alphabet: RegExp, coder: Coder): Uint8Array {
  if (!alphabet.test(text)) throw new AmanaError('WIRE_B64', { length: text.length })
  try {
    const bytes = coder.decode(text)
    if (coder.encode(bytes) === text) return bytes
  } catch (cause) {
    throw new AmanaError('WIRE_B64', { length: text.length }, { cause })
  }
  throw new AmanaError('WIRE_B64', { length: text.length })
}
