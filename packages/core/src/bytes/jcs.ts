/**
 * Canonical JSON: RFC 8785 restricted to what Amana signs, and a reader that refuses every other spelling.
 *
 * @module
 * @spec docs/spec/01-bytes.md#canonical-json
 */
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

/** JSON of the restricted profile: integers only, strings in NFC, no member named `__proto__`. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [member: string]: Json }

/**
 * The one spelling of a value.
 *
 * @throws WIRE_CANON for a float, -0, an integer beyond 2^53-1, a lone surrogate, a string that is not NFC, a member
 * named `__proto__`, or a depth over 12
 */
export function canonicalize(value: Json): string {
  return isOrdered(value, WIRE_LIMITS.jsonDepth) ? JSON.stringify(value) : write(value, 0)
}

/** The one spelling of a value, as UTF-8. @throws WIRE_CANON as `canonicalize` */
export function encodeCanonical(value: Json): Uint8Array<ArrayBuffer> {
  return encodeUtf8(canonicalize(value))
}

/**
 * Reads canonical JSON or refuses: the bytes must equal the canonical form of what they say. Size is checked first, then
 * UTF-8, then depth before the parser sees the text.
 *
 * @throws WIRE_SIZE, WIRE_UTF8, WIRE_CANON, WIRE_JSON
 */
export function parseCanonical(bytes: Uint8Array, maxBytes: number): Json {
  if (bytes.byteLength > maxBytes) {
    throw new AmanaError('WIRE_SIZE', { sizeBytes: bytes.byteLength, limitBytes: maxBytes })
  }
  return parseCanonicalText(decodeUtf8(bytes))
}

/** Reads canonical JSON from text. @throws WIRE_CANON, WIRE_JSON */
export function parseCanonicalText(text: string): Json {
  assertDepth(text)
  const value = parseJson(text)
  if (canonicalize(value) !== text) throw new AmanaError('WIRE_CANON', { reason: 'form' })
  return value
}

/**
 * Whether a value that a JSON parser gave has at most `levels` arrays and objects inside each other. Goes no deeper itself:
 * what recurses over values of unknown origin asks first.
 */
export function nestsWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((part) => nestsWithin(part, levels - 1))
}

function parseJson(text: string): Json {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new AmanaError('WIRE_JSON', { length: text.length }, { cause })
  }
  if (!isJson(value)) throw new AmanaError('WIRE_JSON', { length: text.length })
  return value
}

/**
 * Whether a value is of the profile and its members stand in order already: then the engine's own writer, which is the faster
 * one, gives the canonical form. Anything else is for `write` to put in order or to refuse.
 */
function isOrdered(value: Json, levels: number): boolean {
  if (typeof value === 'string') return isText(value)
  if (typeof value === 'number') return isInteger(value)
  if (typeof value === 'boolean' || value === null) return true
  if (typeof value !== 'object' || levels === 0) return false
  if (isArray(value)) return value.every((element) => isOrdered(element, levels - 1))
  let before: string | undefined
  return Object.entries(value).every(([name, member]) => {
    const follows = (before === undefined || before < name) && name !== '__proto__'
    before = name
    return follows && isText(name) && isOrdered(member, levels - 1)
  })
}

/** What `JSON.parse` returns is JSON; the restricted profile is checked when it is written again. */
function isJson(value: unknown): value is Json {
  return value !== undefined
}

function assertDepth(text: string): void {
  if (!textNestsWithin(text, WIRE_LIMITS.jsonDepth)) {
    throw new AmanaError('WIRE_CANON', { reason: 'depth' })
  }
}

/**
 * Whether a text has at most `levels` brackets open at a time, those in strings not counted: so that a depth bomb never
 * reaches a parser. Says nothing else of the text.
 */
export function textNestsWithin(text: string, levels: number): boolean {
  let depth = 0
  let quoted = false
  for (let index = 0; index < text.length && depth <= levels; index += 1) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) quoted = !quoted
    else if (quoted) index += code === BACKSLASH ? 1 : 0
    else depth += nesting(code)
  }
  return depth <= levels
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

function nesting(code: number): number {
  if (code === 0x5b || code === 0x7b) return 1
  return code === 0x5d || code === 0x7d ? -1 : 0
}

function write(value: Json, depth: number): string {
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'number') return writeInteger(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return value === null ? 'null' : writeNested(value, depth + 1)
}

function writeNested(
  value: readonly Json[] | { readonly [member: string]: Json },
  depth: number,
): string {
  if (depth > WIRE_LIMITS.jsonDepth) throw new AmanaError('WIRE_CANON', { reason: 'depth' })
  if (isArray(value)) return `[${value.map((element) => write(element, depth)).join(',')}]`
  const members = Object.keys(value)
    .toSorted(byCodeUnit)
    .map((name) => writeMember(name, value[name], depth))
  return `{${members.join(',')}}`
}

function writeMember(name: string, value: Json | undefined, depth: number): string {
  if (name === '__proto__' || value === undefined) {
    throw new AmanaError('WIRE_CANON', { reason: 'member' })
  }
  return `${writeString(name)}:${write(value, depth)}`
}

/** Printable ASCII that nothing escapes: well-formed and NFC, and most of what is written. */
const PLAIN = /^[ !#-[\]-~]*$/

/** RFC 8785 section 3.2.2.2: JSON.stringify gives exactly its escapes; what it would repair is refused here. */
function writeString(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`
  if (!isText(text)) throw new AmanaError('WIRE_CANON', { reason: 'text' })
  return JSON.stringify(text)
}

/** Well-formed, and in NFC. */
function isText(text: string): boolean {
  return PLAIN.test(text) || (text.isWellFormed() && text.normalize('NFC') === text)
}

function writeInteger(value: number): string {
  if (!isInteger(value)) throw new AmanaError('WIRE_CANON', { reason: 'number' })
  return String(value)
}

function isInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0)
}

/** RFC 8785 section 3.2.3: members sort by their UTF-16 code units, as JavaScript compares strings. */
function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
