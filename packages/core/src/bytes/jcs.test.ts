import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import {
  canonicalize,
  encodeCanonical,
  type Json,
  nestsWithin,
  parseCanonical,
  parseCanonicalText,
  textNestsWithin,
} from './jcs.ts'
import { encodeUtf8 } from './utf8.ts'

const { accepted, refused } = readVectors(
  'bytes/canonical-json.json',
  z.object({
    accepted: z.array(z.object({ name: z.string(), text: z.string() })),
    refused: z.array(
      z.object({
        name: z.string(),
        code: z.enum(['WIRE_CANON', 'WIRE_JSON', 'WIRE_UTF8']),
        reason: z.string().optional(),
        text: z.string().optional(),
        hex: Hex.optional(),
        repeat: z.object({ text: z.string(), times: z.number() }).optional(),
      }),
    ),
  }),
)
const LIMIT = 1_000_000

describe('canonical JSON', () => {
  it.each(accepted)('reads and writes $name', ({ text }) => {
    const value = parseCanonical(encodeUtf8(text), LIMIT)
    expect(canonicalize(value)).toBe(text)
    expect(hexOf(encodeCanonical(value))).toBe(hexOf(encodeUtf8(text)))
  })

  it.each(refused)('refuses $name: $code', async ({ code, reason, text, hex, repeat }) => {
    const bytes = hex ?? encodeUtf8(repeat === undefined ? (text ?? '') : timesOf(repeat))
    const refusal = await refusalOf(() => parseCanonical(bytes, LIMIT))
    expect(refusal?.code).toBe(code)
    expect(refusal?.details['reason']).toBe(reason)
  })

  it('gives the values that were written', () => {
    const value = parseCanonicalText('{"a":[true,null,-7],"b":{"c":"é"}}')
    expect(value).toEqual({ a: [true, null, -7], b: { c: 'é' } })
  })
})

describe('size', () => {
  const bytes = encodeUtf8('{"a":1}')

  it('at the limit is read', () => {
    expect(parseCanonical(bytes, bytes.length)).toEqual({ a: 1 })
  })

  it('above the limit is refused before anything is parsed', () => {
    const refusal = { code: 'WIRE_SIZE', details: { sizeBytes: 7, limitBytes: 6 } }
    expect(() => parseCanonical(bytes, 6)).toThrow(expect.objectContaining(refusal))
    const broken = Uint8Array.of(0xff, 0xff)
    expect(() => parseCanonical(broken, 1)).toThrow(expect.objectContaining({ code: 'WIRE_SIZE' }))
  })
})

describe('writing', () => {
  it('sorts by UTF-16 code unit, whatever the order of insertion', () => {
    expect(canonicalize({ b: 1, a: 2, B: 3, '10': 4, '9': 5 })).toBe(
      '{"10":4,"9":5,"B":3,"a":2,"b":1}',
    )
  })

  it.each([
    ['a float', 0.5, 'number'],
    ['minus zero', -0, 'number'],
    ['2 to the 53rd', 2 ** 53, 'number'],
    ['NaN', NaN, 'number'],
    ['a lone surrogate', '\uD800', 'text'],
    ['a decomposed letter', 'e\u0301', 'text'],
    ['a member named __proto__', { ['__proto__']: 1 }, 'member'],
    ['thirteen levels', nested(13), 'depth'],
  ])('refuses %s', (_name, value, reason) => {
    expect(() => canonicalize(value)).toThrow(
      expect.objectContaining({ code: 'WIRE_CANON', details: { reason } }),
    )
  })

  it('refuses a member without a value', () => {
    const value: { [member: string]: string } = { a: '' }
    const less = new Proxy(value, { get: () => undefined })
    expect(() => canonicalize(less)).toThrow(
      expect.objectContaining({ code: 'WIRE_CANON', details: { reason: 'member' } }),
    )
  })

  it('calls no method of what it writes', () => {
    expect(canonicalize({ toJSON: 'x', valueOf: 'y' })).toBe('{"toJSON":"x","valueOf":"y"}')
  })
})

describe('the depth of a value', () => {
  it.each([
    ['a text', 'a', 0],
    ['nothing', null, 0],
    ['an empty array', [], 1],
    ['members', { a: { b: [] }, c: 0 }, 3],
  ])('of %s is counted', (_name, value, levels) => {
    expect(nestsWithin(value, levels)).toBe(true)
    if (levels > 0) expect(nestsWithin(value, levels - 1)).toBe(false)
  })

  it.each([
    ['brackets', '[{"a":[]}]', 3],
    ['brackets in strings', String.raw`["[[[\"[[\\"]`, 1],
    ['what closes more than it opened', ']]][', 0],
    ['what never closes', '[[[[', 4],
  ])('of a text is counted by its open brackets: %s', (_name, text, levels) => {
    expect(textNestsWithin(text, levels)).toBe(true)
    if (levels > 0) expect(textNestsWithin(text, levels - 1)).toBe(false)
  })

  it('is asked of any value without going deeper than the answer needs', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    expect(nestsWithin(deep, 12)).toBe(false)
  })
})

function nested(levels: number): Json {
  return levels === 0 ? 0 : [nested(levels - 1)]
}

function timesOf({ text, times }: { readonly text: string; readonly times: number }): string {
  return text.repeat(times)
}
