/**
 * The reference of a referral: a pseudonym that can be read over a telephone, with a check character.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reference
 */
import { z } from 'zod'

const FORM = /^[A-Z]{2}-[A-Z]{2,8}-\d{2}-([0-9A-HJKMNP-TV-Z]{8})-([0-9A-Z])$/
const CHECK_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** A referral’s reference, `NE-ANLTP-21-7K3QX9M4-<check>`: country, agency, year, 8 random symbols, check character. */
export const ReferralReferenceSchema = z
  .string()
  .regex(FORM)
  .refine(hasRightCheck, { error: 'the check character' })

/** The check character of 8 symbols, ISO/IEC 7064 MOD 37,36: finds any one wrong symbol and any two exchanged. */
export function referenceCheckCharacter(symbols: string): string {
  let product = 36
  for (const symbol of symbols) {
    const sum = (product + CHECK_ALPHABET.indexOf(symbol)) % 36
    product = ((sum === 0 ? 36 : sum) * 2) % 37
  }
  return CHECK_ALPHABET.charAt((37 - product) % 36)
}

/** What is mistaken for another symbol; no symbol of a reference is one of them. */
const LOOK_ALIKES: Readonly<Record<string, string>> = { I: '1', L: '1', O: '0' }
const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const SYMBOL_COUNT = 8

/** The beginning of a reference: country, agency and the two digits of the year. */
export interface ReferencePrefix {
  readonly country: string
  readonly agency: string
  readonly year: string
}

/** A new reference; it is drawn again until its check character is none that looks or sounds like another. */
export function makeReferralReference(
  { country, agency, year }: ReferencePrefix,
  random: (byteLength: number) => Uint8Array,
): string {
  for (;;) {
    const drawn = Array.from(random(SYMBOL_COUNT), (byte) => SYMBOLS.charAt(byte % SYMBOLS.length))
    const symbols = drawn.join('')
    const check = referenceCheckCharacter(symbols)
    if (SYMBOLS.includes(check)) return `${country}-${agency}-${year}-${symbols}-${check}`
  }
}

/**
 * The reference that somebody meant who read it aloud or typed it: any case, with or without signs between its parts, and
 * look-alikes for the symbols that they are taken for. Nothing where the check character does not fit.
 */
export function readSpokenReference(spoken: string): string | undefined {
  if (spoken.length > SPOKEN_CHARS) return undefined
  const letters = spoken.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  const found = /^([A-Z]{2})([A-Z]{2,8})(\d{2})([A-Z0-9]{8})([A-Z0-9])$/.exec(letters)
  const [, country = '', agency = '', year = '', said = '', check = ''] = found ?? []
  const symbols = said.replaceAll(/[ILO]/g, (letter) => LOOK_ALIKES[letter] ?? letter)
  const candidates = [check, LOOK_ALIKES[check] ?? check].map(
    (last) => `${country}-${agency}-${year}-${symbols}-${last}`,
  )
  return candidates.find((candidate) => ReferralReferenceSchema.safeParse(candidate).success)
}

/** A reference is 19 to 25 characters; said with spaces between all of them it is twice as long. */
const SPOKEN_CHARS = 64

function hasRightCheck(reference: string): boolean {
  const [, symbols = '', check] = FORM.exec(reference) ?? []
  return referenceCheckCharacter(symbols) === check
}
