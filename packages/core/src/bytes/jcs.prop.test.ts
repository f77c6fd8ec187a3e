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
        if (value !== undefined) expect(canonicalize(value)).toBe(json)
      }),
    )
  })
})

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
