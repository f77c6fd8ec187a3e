/**
 * Passphrases that nobody has to think up: eight groups of letters and digits, 160 bits.
 *
 * @module
 * @spec docs/spec/01-bytes.md#keystores
 */
import { type Random } from '@amana/core'

/** RFC 4648 base32 in lower case: no 0, 1, 8 or 9, so that nothing is misread on paper. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567'
const GROUPS = 8
const GROUP_LETTERS = 4

/** A passphrase of 160 bits, as in `k3xq-mzt7-…`. */
export function makePassphrase(random: Random): string {
  const letters = [...random(GROUPS * GROUP_LETTERS)].map(
    (byte) => LETTERS[byte % LETTERS.length] ?? '',
  )
  return Array.from({ length: GROUPS }, (_, group) =>
    letters.slice(group * GROUP_LETTERS, (group + 1) * GROUP_LETTERS).join(''),
  ).join('-')
}
