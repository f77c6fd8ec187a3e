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
  const parts = partsOf(spoken)
  if (parts === undefined) return undefined
  const { check, prefix, symbols } = parts
  const candidates = [check, LOOK_ALIKES[check] ?? check].map(
    (last) => `${prefix}-${symbols}-${last}`,
  )
  return candidates.find((candidate) => ReferralReferenceSchema.safeParse(candidate).success)
}

/** What is wrong with a reference that somebody read aloud or typed. */
export type ReferenceFault =
  /** It has other parts than a reference. */
  | { readonly what: 'form' }
  /** A character that no reference has, at that place among the eight symbols, from 1. */
  | { readonly what: 'symbol'; readonly place: number; readonly symbol: string }
  /** One character is wrong, or more: which check character would belong to the symbols, and what else may be meant. */
  | {
      readonly what: 'check'
      readonly check: string
      readonly expected: string
      readonly nearby: readonly NearbyReference[]
    }

/** A reference that differs from what was said in one character, or in two neighbours that are exchanged. */
export interface NearbyReference {
  readonly reference: string
  /** Place of the first character that differs, from 1; 9 is the check character. */
  readonly place: number
  readonly said: string
  readonly meant: string
}

/** What is wrong with `spoken`; nothing where it is a reference. */
export function spokenReferenceFault(spoken: string): ReferenceFault | undefined {
  if (readSpokenReference(spoken) !== undefined) return undefined
  const parts = partsOf(spoken)
  if (parts === undefined) return { what: 'form' }
  const { check, prefix, symbols } = parts
  const strange = Array.from(symbols).findIndex((symbol) => !SYMBOLS.includes(symbol))
  if (strange >= 0) return { what: 'symbol', place: strange + 1, symbol: symbols.charAt(strange) }
  const expected = referenceCheckCharacter(symbols)
  const others = [...replaced(symbols), ...exchanged(symbols)]
    .filter((other) => referenceCheckCharacter(other) === check)
    .map((other) => `${other}${check}`)
  const said = `${symbols}${check}`
  const nearby = [...others, `${symbols}${expected}`].map((meant) => nearbyOf(prefix, said, meant))
  return { what: 'check', check, expected, nearby }
}

interface SpokenParts {
  readonly prefix: string
  readonly symbols: string
  readonly check: string
}

function partsOf(spoken: string): SpokenParts | undefined {
  if (spoken.length > SPOKEN_CHARS) return undefined
  const letters = spoken.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  const found = /^([A-Z]{2})([A-Z]{2,8})(\d{2})([A-Z0-9]{8})([A-Z0-9])$/.exec(letters)
  if (found === null) return undefined
  const [, country = '', agency = '', year = '', said = '', check = ''] = found
  const symbols = said.replaceAll(/[ILO]/g, (letter) => LOOK_ALIKES[letter] ?? letter)
  return { prefix: `${country}-${agency}-${year}`, symbols, check }
}

function replaced(symbols: string): readonly string[] {
  return Array.from(symbols).flatMap((_symbol, at) =>
    Array.from(SYMBOLS, (other) => symbols.slice(0, at) + other + symbols.slice(at + 1)),
  )
}

function exchanged(symbols: string): readonly string[] {
  return Array.from(
    symbols.slice(1),
    (right, at) => symbols.slice(0, at) + right + symbols.charAt(at) + symbols.slice(at + 2),
  )
}

function nearbyOf(prefix: string, said: string, meant: string): NearbyReference {
  const at = Array.from(said).findIndex((symbol, index) => symbol !== meant.charAt(index))
  return {
    reference: `${prefix}-${meant.slice(0, SYMBOL_COUNT)}-${meant.slice(SYMBOL_COUNT)}`,
    place: at + 1,
    said: said.charAt(at),
    meant: meant.charAt(at),
  }
}

/** A reference is 19 to 25 characters; said with spaces between all of them it is twice as long. */
const SPOKEN_CHARS = 64

function hasRightCheck(reference: string): boolean {
  const [, symbols = '', check] = FORM.exec(reference) ?? []
  return referenceCheckCharacter(symbols) === check
}
