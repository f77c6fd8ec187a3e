/**
 * The check character of a reference against the standard’s own definition, and against what people mishear.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reference
 */
import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import {
  makeReferralReference,
  readSpokenReference,
  referenceCheckCharacter,
  ReferralReferenceSchema,
} from './referral-reference.ts'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const PREFIX = 'NE-ANLTP-21-'
const REFERENCE = 'NE-ANLTP-21-7K3QX9M4-I'
const isReference = (text: string): boolean => ReferralReferenceSchema.safeParse(text).success
const withSymbols = (symbols: string): string => `${PREFIX}${symbols}-I`
const places = Array.from('7K3QX9M4', (symbol, place) => ({ symbol, place }))

describe('a reference', () => {
  it('is one with its check character, and with no other', () => {
    const fitting = Array.from(ALPHABET).filter((check) =>
      isReference(`${PREFIX}7K3QX9M4-${check}`),
    )
    expect(fitting).toEqual(['I'])
  })

  it.each(places)('finds any other symbol at place $place', ({ place }) => {
    const others = Array.from(SYMBOLS).map(
      (other) => '7K3QX9M4'.slice(0, place) + other + '7K3QX9M4'.slice(place + 1),
    )
    expect(others.filter((symbols) => isReference(withSymbols(symbols)))).toEqual(['7K3QX9M4'])
  })

  it.each(places.slice(1))('finds two symbols exchanged at place $place', ({ place }) => {
    const [text, left, right] = ['7K3QX9M4', place - 1, place]
    const exchanged =
      text.slice(0, left) + text.charAt(right) + text.charAt(left) + text.slice(right + 1)
    expect(isReference(withSymbols(exchanged))).toBe(false)
  })

  it.each(['7K3QX9M4', '00000000', 'ZZZZZZZZ', '0A1B2C3D', 'TESTTEST'])(
    'has the character of ISO 7064 MOD 37,36 for %s',
    (symbols) => {
      expect(isValidByStandard(symbols + referenceCheckCharacter(symbols))).toBe(true)
    },
  )

  it('has the character of the standard’s own example', () => {
    expect(referenceCheckCharacter('A12425GABC1234002')).toBe('M')
  })

  it.each([
    'ne-anltp-21-7k3qx9m4-i',
    'NE-ANLTP-2021-7K3QX9M4-I',
    'NE-A-21-7K3QX9M4-I',
    'NE-ANLTPANLT-21-7K3QX9M4-I',
    'NE-ANLTP-21-7K3QX9M-I',
    'NE-ANLTP-21-7K3QX9M4I',
    'NE-ANLTP-21-7K3QX9MI-4',
    ' NE-ANLTP-21-7K3QX9M4-I',
    'NE-ANLTP-21-7K3QX9M4-I\n',
    'NE-ANLTP-21-7K3QX9M4-i',
  ])('has one spelling, not %j', (text) => {
    expect(isReference(text)).toBe(false)
    expect(isReference(REFERENCE)).toBe(true)
  })

  it.each(['I', 'L', 'O', 'U'])(
    'has no %s among its symbols, which sounds or looks like another',
    (symbol) => {
      const symbols = `7K3QX9M${symbol}`
      expect(isReference(`${PREFIX}${symbols}-${referenceCheckCharacter(symbols)}`)).toBe(false)
    },
  )
})

describe('a new reference', () => {
  it('is one, and ends in no character that looks like another', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (stream) => {
        const random = (length: number): Uint8Array => Uint8Array.from(stream.take(length))
        const made = makeReferralReference({ country: 'NE', agency: 'ANLTP', year: '26' }, random)
        expect(isReference(made)).toBe(true)
        expect(made.slice(12)).not.toMatch(/[ILOU]/)
      }),
    )
  })

  it('is drawn again where its check character would be one', () => {
    const drawn = [
      Uint8Array.from('7K3QX9M4', (symbol) => SYMBOLS.indexOf(symbol)),
      new Uint8Array(8),
    ]
    const made = makeReferralReference(
      { country: 'NE', agency: 'ANLTP', year: '21' },
      () => drawn.shift() ?? expect.fail(),
    )
    expect(made).toMatch(/^NE-ANLTP-21-00000000-/)
  })
})

describe('a reference that was read aloud', () => {
  it.each([
    'ne-anltp-21-7k3qx9m4-i',
    'NE ANLTP 21 7K3Q X9M4 I',
    'N E / A N L T P / 2 1 / 7 K 3 Q X 9 M 4 / I',
    'NEANLTP217K3QX9M4I',
  ])('may be %j', (spoken) => {
    expect(readSpokenReference(spoken)).toBe(REFERENCE)
  })

  it('takes a letter for the digit that it looks like', () => {
    const reference = `${PREFIX}01A0B1C0-${referenceCheckCharacter('01A0B1C0')}`
    expect(readSpokenReference(reference.replace('01A0B1C0', 'OIAOBLCO'))).toBe(reference)
  })

  it.each(['7K3QX9M4', '7K3QX9N4', 'NE-ANLTP-21-7K3QX9M5-I', '', `${REFERENCE} ${' '.repeat(64)}`])(
    'is none: %j',
    (spoken) => {
      expect(readSpokenReference(spoken)).toBeUndefined()
    },
  )
})

/** ISO/IEC 7064, hybrid system MOD 37,36: the recursive check of the whole text ends in 1. */
function isValidByStandard(text: string): boolean {
  const [last = '', ...before] = Array.from(text).toReversed()
  const product = before.toReversed().reduce((carried, character) => {
    const sum = (carried + ALPHABET.indexOf(character)) % 36
    return ((sum === 0 ? 36 : sum) * 2) % 37
  }, 36)
  return (product + ALPHABET.indexOf(last)) % 36 === 1
}
