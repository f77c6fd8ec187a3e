/**
 * A hand-over file in parts that each fit into a QR code. Each part says of which set it is, which one, of how many, and
 * what it is checked by, so that order, doubles and strangers’ codes do no harm.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#parts
 */
import { base32nopad } from '@scure/base'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { sha256 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'

const SHORT_DIGEST_BYTES = 10
/** 400 bytes: with what stands before it, a code of at most 77 modules at the lowest correction, for 80 columns. */
const PART_CHARS = 640
const PART =
  /^AMANA:H1:([A-Z2-7]{16}):([1-9][0-9]?)\/([1-9][0-9]?):([A-Z2-7]{16}):([A-Z2-7]{1,640})$/

interface Part {
  readonly set: string
  readonly number: number
  readonly count: number
  readonly data: string
}

/** The parts of a file of at most 32 KiB, in order. @throws HANDOVER_FORM when it is longer */
export function splitHandOver(bytes: Uint8Array): readonly string[] {
  if (bytes.byteLength > WIRE_LIMITS.handOverBytes) {
    throw new AmanaError('HANDOVER_FORM', { path: 'size' })
  }
  const set = setOf(bytes)
  const text = base32nopad.encode(bytes)
  const count = Math.ceil(text.length / PART_CHARS)
  return Array.from({ length: count }, (_none, index) => {
    const data = text.slice(index * PART_CHARS, (index + 1) * PART_CHARS)
    return formatPart({ set, number: index + 1, count, data })
  })
}

/**
 * The file of which these are the parts, in any order; a part that comes twice counts once.
 *
 * @throws HANDOVER_PART with the place among `texts` of the first that does not fit, and why
 * @throws HANDOVER_PARTS_MISSING with the numbers of those that are not there
 */
export function joinHandOver(texts: readonly string[]): Uint8Array {
  const parts = new Map<number, Part>()
  for (const [index, text] of texts.entries()) {
    const part = readPart(text, index + 1)
    const [first = part] = parts.values()
    const known = parts.get(part.number)
    if (part.set !== first.set || part.count !== first.count) throw unfit(index + 1, 'other_set')
    if (known !== undefined && known.data !== part.data) throw unfit(index + 1, 'differs')
    parts.set(part.number, part)
  }
  return joined(parts)
}

function joined(parts: ReadonlyMap<number, Part>): Uint8Array {
  const [{ count, set } = { count: 1, set: '' }] = parts.values()
  const numbers = Array.from({ length: count }, (_none, index) => index + 1)
  const missing = numbers.filter((number) => !parts.has(number))
  if (missing.length > 0) throw new AmanaError('HANDOVER_PARTS_MISSING', { count, missing })
  const bytes = decoded(numbers.map((number) => parts.get(number)?.data ?? '').join(''))
  if (bytes === undefined || setOf(bytes) !== set) throw unfit(count, 'set')
  return bytes
}

/** @throws HANDOVER_PART */
function readPart(text: string, place: number): Part {
  const [, set = '', number = '', count = '', check = '', data = ''] =
    PART.exec(text.trim().toUpperCase()) ?? []
  const part = { set, number: Number(number), count: Number(count), data }
  if (part.number < 1 || part.number > part.count) throw unfit(place, 'form')
  if (checkOf(part) !== check) throw unfit(place, 'damaged')
  return part
}

function formatPart(part: Part): string {
  const { count, data, number, set } = part
  return `AMANA:H1:${set}:${String(number)}/${String(count)}:${checkOf(part)}:${data}`
}

function setOf(bytes: Uint8Array): string {
  return shortDigest('amana/1/hand-over', bytes)
}

function checkOf({ count, data, number, set }: Part): string {
  const text = `${set}:${String(number)}/${String(count)}:${data}`
  return shortDigest('amana/1/hand-over-part', encodeUtf8(text))
}

function shortDigest(label: string, bytes: Uint8Array): string {
  const whole = sha256(concatBytes(encodeUtf8(label), new Uint8Array(1), bytes))
  return base32nopad.encode(whole.subarray(0, SHORT_DIGEST_BYTES))
}

function decoded(text: string): Uint8Array | undefined {
  try {
    const bytes = base32nopad.decode(text)
    return base32nopad.encode(bytes) === text ? bytes : undefined
  } catch {
    return undefined
  }
}

function unfit(place: number, reason: string): AmanaError {
  return new AmanaError('HANDOVER_PART', { place, reason })
}
