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

function hasRightCheck(reference: string): boolean {
  const [, symbols = '', check] = FORM.exec(reference) ?? []
  return referenceCheckCharacter(symbols) === check
}
