import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAnyAmanaError } from '../errors.ts'
import { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from './base64.ts'

describe.each([
  ['base64url', encodeBase64url, decodeBase64url],
  ['base64', encodeBase64, decodeBase64],
] as const)('%s', (encoding, encode, decode) => {
  it('reads back what it wrote, and writes as another program does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = encode(bytes)
        expect(text).toBe(Buffer.from(bytes).toString(encoding))
        expect(Buffer.from(decode(text))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('has one text for one value: whatever is read is written again alike', () => {
    const letters = fc.constantFrom('A', 'B', 'Z', '_', '-', '+', '/', '=', '9', ' ')
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 12 }), (text) => {
        try {
          expect(encode(decode(text))).toBe(text)
        } catch (error) {
          if (!isAnyAmanaError(error)) throw error
          expect(error.code).toBe('WIRE_B64')
        }
      }),
    )
  })
})
