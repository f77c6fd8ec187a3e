/**
 * What ends soon, in the reader's language: the same lines in `amana node status` and `amana key list`.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#told-before-an-end
 */
import { type Expiry } from '@amana/core'
import { type Io } from './io.ts'
import { dayOf } from './texts.ts'

/** One line an end, the nearest first. */
export function expiryLines({ say }: Io, expiries: readonly Expiry[]): readonly string[] {
  return expiries.map(({ agency = '', expiresAt, id, level, what }) =>
    say('key.expiry', {
      level: say(`key.level.${level}`),
      what: say(`key.what.${what}`),
      id,
      agency,
      date: dayOf(expiresAt),
    }).replaceAll('  ', ' '),
  )
}
