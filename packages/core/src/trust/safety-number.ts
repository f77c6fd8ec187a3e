/**
 * Safety numbers: digits that two people read to each other before they trust what the numbers stand for.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#safety-number
 */
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { sha512 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { type Charter } from './charter.ts'

/** What the digits are of. */
export type DigitsLabel = 'anchor' | 'charter' | 'policy'

/** Makes a search for a charter with the same digits 5,200 times as dear. */
const ROUNDS = 5_200
const GROUPS = 12
const INVITE_GROUPS = 4
const GROUP_BYTES = 5
const ZERO = Uint8Array.of(0)

/** 60 digits in 12 groups of five, parted by spaces. */
export function safetyNumber(label: DigitsLabel, bytes: Uint8Array): string {
  const message = concatBytes(encodeUtf8('amana/1/digits'), ZERO, encodeUtf8(label), ZERO, bytes)
  const chained = concatBytes(sha512(message), message)
  for (let round = 0; round < ROUNDS; round += 1) chained.set(sha512(chained))
  return digitGroups(chained, GROUPS)
}

/** The safety number of a charter's payload, which both sides derived for themselves. */
export function charterSafetyNumber(charter: Charter): string {
  return safetyNumber('charter', encodeCanonical(charter))
}

/** The safety number of a policy file, as an agency reads it to an auditor. */
export function policySafetyNumber(policyText: string): string {
  return safetyNumber('policy', encodeUtf8(policyText))
}

/** 20 digits that tell one invite from another; they find the invite that is out of date and prove nothing. */
export function inviteDigits(invite: { readonly jws: { readonly payload: string } }): string {
  return digitGroups(
    sha512(encodeUtf8(`amana/1/digits\0invite\0${invite.jws.payload}`)),
    INVITE_GROUPS,
  )
}

/**
 * Compares digits that someone heard and typed. Whatever stands between digits is ignored.
 *
 * @throws TRUST_SAFETY_NUMBER when they differ in any digit
 */
export function assertSafetyNumber(typed: string, expected: string): void {
  const digits = typed.replaceAll(/[^0-9]/g, '')
  if (digits !== expected.replaceAll(' ', '')) {
    throw new AmanaError('TRUST_SAFETY_NUMBER', { digits: digits.length })
  }
}

function digitGroups(hash: Uint8Array, count: number): string {
  return Array.from({ length: count }, (_, index) => {
    const bytes = hash.subarray(index * GROUP_BYTES, (index + 1) * GROUP_BYTES)
    const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    return String(value % 100_000).padStart(5, '0')
  }).join(' ')
}
