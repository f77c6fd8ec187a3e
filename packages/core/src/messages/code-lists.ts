/**
 * The closed code lists of the message kinds: codes only, the words are in the vocabulary package. A code once released
 * keeps its meaning; a new code is a new version of every kind that uses the list.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#words
 */
import { CARE_CODES } from './care-codes.ts'
import { EXCHANGE_CODES } from './exchange-codes.ts'
import { INTELLIGENCE_CODES } from './intelligence-codes.ts'
import { REFERRAL_CODES } from './referral-codes.ts'

/** Codes by list. */
export const CODE_LISTS = {
  ...REFERRAL_CODES,
  ...INTELLIGENCE_CODES,
  ...CARE_CODES,
  ...EXCHANGE_CODES,
} as const

/** Name of a code list. */
export type CodeListName = keyof typeof CODE_LISTS

/** A code of a list. */
export type CodeOf<L extends CodeListName> = (typeof CODE_LISTS)[L][number]
