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
  spokenReferenceFault,
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

describe('what is wrong with a reference that was read aloud', () => {
  it('is nothing where it is one', () => {
    expect(spokenReferenceFault('ne anltp 21 7k3qx9m4 i')).toBeUndefined()
  })

  it.each(['', '7K3QX9M4', 'NE-ANLTP-21-7K3QX9M-I', `${REFERENCE}${' '.repeat(64)}`])(
    'is its form: %j',
    (spoken) => {
      expect(spokenReferenceFault(spoken)).toEqual({ what: 'form' })
    },
  )

  it('is a character that no reference has', () => {
    const fault = { what: 'symbol', place: 4, symbol: 'U' }
    expect(spokenReferenceFault('ne-anltp-21-7k3ux9m4-i')).toEqual(fault)
  })

  it('is one character, with what would fit in its place', () => {
    const fault = spokenReferenceFault('ne-anltp-21-7k3qx9n4-i')
    expect(fault).toMatchObject({ what: 'check', check: 'I' })
    const meant = { reference: REFERENCE, place: 7, said: 'N', meant: 'M' }
    const nearby = fault?.what === 'check' ? fault.nearby : []
    expect(nearby).toContainEqual(meant)
    expect(nearby.map(({ reference }) => reference).filter(isReference)).toHaveLength(nearby.length)
    expect(nearby.length).toBeLessThan(18)
  })

  it('is two neighbours exchanged, or the check character', () => {
    const turned = spokenReferenceFault('NE-ANLTP-21-7KQ3X9M4-I')
    expect(turned?.what === 'check' ? turned.nearby : []).toContainEqual({
      reference: REFERENCE,
      place: 3,
      said: 'Q',
      meant: '3',
    })
    const ending = spokenReferenceFault('NE-ANLTP-21-7K3QX9M4-K')
    expect(ending).toMatchObject({ what: 'check', expected: 'I' })
    expect(ending?.what === 'check' ? ending.nearby.at(-1) : undefined).toEqual({
      reference: REFERENCE,
      place: 9,
      said: 'K',
      meant: 'I',
    })
  })
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
