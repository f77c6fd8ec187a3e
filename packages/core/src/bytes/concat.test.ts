import { describe, expect, it } from 'vitest'
import { hexOf } from '../../../../test/support/vectors.ts'
import { concatBytes, encodeUint64, equalBytes } from './concat.ts'

describe('joining', () => {
  it('puts parts one after the other, empty ones too', () => {
    const parts = [Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)]
    expect(concatBytes(...parts)).toEqual(Uint8Array.of(1, 2, 3))
    expect(concatBytes()).toEqual(new Uint8Array())
  })

  it('gives memory of its own', () => {
    const part = Uint8Array.of(1)
    const joined = concatBytes(part)
    part[0] = 9
    expect(joined).toEqual(Uint8Array.of(1))
  })
})

describe('comparing', () => {
  it.each([
    [[], [], true],
    [[1, 2], [1, 2], true],
    [[1, 2], [1, 3], false],
    [[1, 2], [1], false],
    [[1], [1, 2], false],
  ])('%j and %j: %s', (a, b, equal) => {
    expect(equalBytes(Uint8Array.from(a), Uint8Array.from(b))).toBe(equal)
  })
})

describe('a number as eight bytes', () => {
  it.each([
    [0, '0000000000000000'],
    [1, '0000000000000001'],
    [1_795_514_400, '000000006b056020'],
    [Number.MAX_SAFE_INTEGER, '001fffffffffffff'],
    [2n ** 64n - 1n, 'ffffffffffffffff'],
  ])('%s is %s', (value, hex) => {
    expect(hexOf(encodeUint64(value))).toBe(hex)
  })
})
