import canonicalizeElsewhere from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAnyAmanaError } from '../errors.ts'
import { canonicalize, encodeCanonical, type Json, parseCanonical } from './jcs.ts'
import { encodeUtf8 } from './utf8.ts'

const LIMIT = 1_000_000

const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((value) => value.normalize('NFC'))
const name = fc
  .oneof(text, fc.constantFrom('constructor', 'toString', 'valueOf', '10', '9', '\uFB01', '😀'))
  .filter((value) => value !== '__proto__')

/** Values of the restricted profile, at most 12 levels deep. */
const { value: profile } = fc.letrec<{ value: Json; list: Json; members: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 11, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, false, 0),
    fc.maxSafeInteger(),
    text,
    tie('list'),
    tie('members'),
  ),
  list: fc.array(tie('value'), { maxLength: 5 }),
  members: fc.dictionary(name, tie('value'), { maxKeys: 5 }),
}))

describe('canonical JSON', () => {
  it('reads back every value of the profile, and writes it again alike', () => {
    fc.assert(
      fc.property(profile, (value) => {
        const bytes = encodeCanonical(value)
        const read = parseCanonical(bytes, LIMIT)
        expect(read).toEqual(value)
        expect(encodeCanonical(read)).toEqual(bytes)
      }),
    )
  })

  it('is what an independent implementation of RFC 8785 writes', () => {
    fc.assert(
      fc.property(profile, (value) => {
        expect(canonicalize(value)).toBe(canonicalizeElsewhere(value))
      }),
    )
  })

  it('refuses what it wrote with one byte more, less or other, or reads another value', () => {
    const edit = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom(-1, 0, 1))
    fc.assert(
      fc.property(profile, edit, (value, [place, mask, kind]) => {
        const bytes = encodeCanonical(value)
        const at = place % bytes.length
        const changed = [...bytes.subarray(0, at), ...changedAt(bytes[at] ?? 0, mask, kind)]
        const read = parsed(Uint8Array.from([...changed, ...bytes.subarray(at + 1)]))
        if (read !== undefined) expect(canonicalize(read)).not.toBe(canonicalize(value))
      }),
    )
  })

  it('writes a number as the independent implementation does, or refuses what is no exact integer', () => {
    const edges = fc.oneof(near(2 ** 53), near(-(2 ** 53)), fc.constantFrom(-0, 0, NaN, 1e21, 0.1))
    const numbers = fc.oneof(fc.double(), fc.maxSafeInteger(), edges)
    fc.assert(
      fc.property(numbers, (number) => {
        const isExact = Number.isSafeInteger(number) && !Object.is(number, -0)
        expect(written(number)).toBe(isExact ? canonicalizeElsewhere(number) : undefined)
        const read = parsed(encodeUtf8(JSON.stringify(number)))
        expect(read).toBe(isExact ? number : readAs(number))
      }),
      { numRuns: 500 },
    )
  })

  it('writes any text as the independent implementation does, or refuses what is not well formed in NFC', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const isPlain = value.isWellFormed() && value.normalize('NFC') === value
        const expected = isPlain ? canonicalizeElsewhere(value) : undefined
        expect(written(value)).toBe(expected)
        expect(written({ [value]: 0 })).toBe(isPlain ? `{${String(expected)}:0}` : undefined)
      }),
      { numRuns: 500 },
    )
  })

  it('sorts members by their UTF-16 code units, where code points and UTF-8 sort otherwise', () => {
    const high = fc.constantFrom(
      '\uE000',
      '\uFB01',
      '\uFFFD',
      '\u{10000}',
      '😀',
      '\u{10FFFF}',
      'z',
      '',
    )
    const names = fc.uniqueArray(fc.string({ unit: high, maxLength: 3 }), { maxLength: 6 })
    fc.assert(
      fc.property(names, (found) => {
        const value = Object.fromEntries(found.map((key) => [key, 0]))
        const sorted = found.toSorted((a, b) => Buffer.compare(utf16(a), utf16(b)))
        const expected = `{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`
        expect(written(value)).toBe(expected)
        expect(canonicalizeElsewhere(value)).toBe(expected)
      }),
    )
  })

  it('reads and writes up to 12 levels of arrays and objects, in any order', () => {
    const levels = fc.array(fc.boolean(), { minLength: 1, maxLength: 16, size: 'max' })
    fc.assert(
      fc.property(levels, text, (nesting, leaf) => {
        const value = nesting.reduce<Json>(
          (inside, isList) => (isList ? [inside] : { a: inside }),
          leaf,
        )
        const expected = nesting.length <= 12 ? canonicalizeElsewhere(value) : undefined
        expect(written(value)).toBe(expected)
        const read = parsed(encodeUtf8(JSON.stringify(value)))
        expect(read).toEqual(nesting.length <= 12 ? value : undefined)
      }),
    )
  })

  it('refuses every other spelling of what it would write: order, space, escapes, members twice', () => {
    const member = fc.tuple(name, fc.constantFrom<Json>(0, 'é', [], { a: 1 }))
    const members = fc.uniqueArray(member, { selector: ([key]) => key, minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(members, fc.nat(), (entries, place) => {
        const honest = canonicalize(Object.fromEntries(entries))
        const spelled = entries.map(
          ([key, value]) => `${JSON.stringify(key)}:${canonicalize(value)}`,
        )
        const [first = ''] = spelled
        const others = [
          `{${spelled.toSorted().toReversed().join(',')}}`,
          `{${[first, ...spelled].join(',')}}`,
          honest.replaceAll(':', ': '),
          `${honest}\n`,
          escapedAt(honest, place),
        ]
        for (const other of others) {
          if (other !== honest) expect(parsed(encodeUtf8(other))).toBeUndefined()
        }
      }),
    )
  })

  it('gives a value or an error of the table for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const value = parsed(bytes)
        if (value !== undefined) expect(encodeCanonical(value)).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it('gives a value or an error of the table for any text that looks like JSON', () => {
    const pieces = ['{', '}', '[', ']', ',', ':', '"', '\\', 'a', '\\u0061', '0', '-', '1e', '.5']
    const piece = fc.constantFrom(...pieces, 'null', ' ', '\n', '\uD800', '"a":')
    fc.assert(
      fc.property(fc.string({ unit: piece, maxLength: 24 }), (json) => {
        const value = parsed(encodeUtf8(json))
        if (value !== undefined) expect(encodeCanonical(value)).toEqual(encodeUtf8(json))
      }),
    )
  })
})

/** Doubles around a number. */
function near(number: number): fc.Arbitrary<number> {
  return fc.integer({ min: -3, max: 3 }).map((distance) => number + distance)
}

/** Any code units, halves of pairs and combining marks among them. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0, max: 0x7f }),
      fc.constantFrom(0x65, 0x301, 0xe9, 0x212b, 0xd83d, 0xde00, 0x2028, 0xfeff),
    ),
    { maxLength: 8 },
  )
  .map((units) => String.fromCharCode(...units))

/** What `JSON.stringify` left of a number that is no exact integer: 0.5 is refused, -0 became 0, NaN became null. */
function readAs(number: number): 0 | null | undefined {
  if (number === 0) return 0
  return Number.isFinite(number) ? undefined : null
}

function utf16(value: string): Buffer {
  return Buffer.from(value, 'utf16le').swap16()
}

/** The text with one of its letters written as an escape. */
function escapedAt(json: string, place: number): string {
  const letters = [...json.matchAll(/[a-z0-9](?=[^"]*":)/g)].map(({ index }) => index)
  const at = letters[place % letters.length] ?? 0
  const escape = String.raw`\u${json.charCodeAt(at).toString(16).padStart(4, '0')}`
  return letters.length === 0 || json.includes('\\')
    ? json
    : json.slice(0, at) + escape + json.slice(at + 1)
}

function written(value: Json): string | undefined {
  try {
    return canonicalize(value)
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return undefined
  }
}

function changedAt(byte: number, mask: number, kind: number): readonly number[] {
  if (kind === 0) return [byte ^ mask]
  return kind < 0 ? [] : [byte, mask]
}

function parsed(bytes: Uint8Array): Json | undefined {
  try {
    return parseCanonical(bytes, LIMIT)
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return undefined
  }
}
