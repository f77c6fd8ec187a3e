import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAnyAmanaError } from '../errors.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type JwsExpectation, parseJws } from './jws.ts'

const expected: JwsExpectation = {
  typ: 'amana-test+jws',
  maxPayloadBytes: 100,
  maxSignatures: 3,
  acts: true,
}
const anything = fc.anything({ withNullPrototype: true, withBigInt: true, maxDepth: 4 })
const encoded = fc
  .oneof(fc.json({ maxDepth: 2 }), fc.string())
  .map((text) => encodeBase64url(encodeUtf8(text)))
const header = fc
  .record(
    {
      act: fc.constantFrom('author', 'approve', 'x'),
      alg: fc.constantFrom('Ed25519', 'none', 'ML-DSA-65'),
      kid: fc.constantFrom('A'.repeat(43), 'x'),
      typ: fc.constantFrom(expected.typ, 'x'),
      crit: fc.constant([]),
    },
    { requiredKeys: ['act', 'alg', 'kid', 'typ'] },
  )
  .map((value) => encodeBase64url(encodeUtf8(JSON.stringify(value))))
const entry = fc.record({
  protected: fc.oneof(encoded, fc.string(), header),
  signature: fc.oneof(encoded, fc.constant('AA')),
})
const shaped = fc.record({
  payload: fc.oneof(encoded, fc.string()),
  signatures: fc.array(entry, { maxLength: 4 }),
})

describe('a signed object', () => {
  it.each([
    ['anything', anything],
    ['anything of its shape', shaped],
  ])('is read from %s, or refused with an error of the table', (_name, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (value: unknown) => {
        try {
          const { jws, signatures } = parseJws(value, expected)
          expect(signatures).toHaveLength(jws.signatures.length)
          expect(jws).toEqual(value)
        } catch (error) {
          expect(isAnyAmanaError(error)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})
