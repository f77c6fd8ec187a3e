import { describe, expect, it } from 'vitest'
import { hexOf } from '../../../../test/support/vectors.ts'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

describe('UTF-8', () => {
  it.each([
    ['', ''],
    ['Maïna', '4d61c3af6e61'],
    ['ƙ – 😀', 'c69920e2809320f09f9880'],
  ])('of “%s” is one sequence of bytes, both ways', (text, hex) => {
    expect(hexOf(encodeUtf8(text))).toBe(hex)
    expect(decodeUtf8(Buffer.from(hex, 'hex'))).toBe(text)
  })

  it('keeps a byte order mark as a character, for the layer above to refuse', () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b))).toBe('\uFEFF{')
  })

  it.each([
    ['a byte that is never UTF-8', [0xff]],
    ['a lone continuation byte', [0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['a sequence that ends early', [0xe2, 0x82]],
  ])('refuses %s and says how long the input is', (_name, bytes) => {
    expect(() => decodeUtf8(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'WIRE_UTF8', details: { sizeBytes: bytes.length } }),
    )
  })
})
