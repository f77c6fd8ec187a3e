import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Hex, hexOf, readVectors } from '../../../../test/support/vectors.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import {
  constantTimeEqual,
  digest,
  DigestSchema,
  hkdfSha256,
  hmacSha256,
  sha256,
  sha512,
} from './digest.ts'

const hkdf = readVectors(
  'crypto/hkdf-sha256.json',
  z.object({
    tests: z.array(
      z.object({
        tcId: z.number(),
        comment: z.string(),
        ikm: Hex,
        salt: Hex,
        info: Hex,
        size: z.number(),
        okm: z.string(),
      }),
    ),
  }),
)

describe('a digest', () => {
  const ABC = 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'

  it('is SHA-256 in base64url, of bytes or of a text’s UTF-8', () => {
    expect(digest('abc')).toBe(ABC)
    expect(digest(encodeUtf8('abc'))).toBe(ABC)
    expect(digest('é')).toBe(digest(Uint8Array.of(0xc3, 0xa9)))
  })

  it.each([
    ['one character less', ABC.slice(0, -1)],
    ['one character more', `${ABC}A`],
    ['padding', `${ABC}=`],
    ['another alphabet', ABC.replace('-', '+')],
    ['trailing bits', `${ABC.slice(0, -1)}1`],
    ['a newline', `${ABC}\n`],
  ])('is not one with %s', (_name, text) => {
    expect(DigestSchema.safeParse(ABC).success).toBe(true)
    expect(DigestSchema.safeParse(text).success).toBe(false)
  })
})

describe('hashes by name', () => {
  it('are the hashes that they are named after', () => {
    expect(hexOf(sha256(encodeUtf8('abc')))).toMatch(/^ba7816bf.{56}$/)
    expect(hexOf(sha512(encodeUtf8('abc')))).toMatch(/^ddaf35a1.{120}$/)
    const key = encodeUtf8('Jefe')
    const data = encodeUtf8('what do ya want for nothing?')
    expect(hexOf(hmacSha256(key, data))).toBe(
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })
})

describe('HKDF-SHA-256', () => {
  it.each(hkdf.tests)('case $tcId $comment', ({ ikm, salt, info, size, okm }) => {
    expect(hexOf(hkdfSha256(ikm, { salt, info }, size))).toBe(okm)
  })
})

describe('comparing secrets', () => {
  it.each([
    [[], [], true],
    [[1, 2, 3], [1, 2, 3], true],
    [[1, 2, 3], [0, 2, 3], false],
    [[1, 2, 3], [1, 2, 4], false],
    [[1, 2, 3], [1, 2], false],
    [[1, 2], [1, 2, 3], false],
    [[0x80], [0], false],
  ])('%j and %j: %s', (a, b, equal) => {
    expect(constantTimeEqual(Uint8Array.from(a), Uint8Array.from(b))).toBe(equal)
  })
})
