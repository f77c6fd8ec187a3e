/**
 * When a charter, roster or invite may be relied on.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#time
 */
import { AmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'

/** A signed document with a beginning and an end. */
export interface Dated {
  readonly exp: number
  readonly iat: number
}

/**
 * @throws TRUST_EXPIRED when it ends before it begins, or later than its kind of document may
 */
export function assertSpan(document: string, dated: Dated, validForSeconds: number): void {
  const bound = dated.iat + validForSeconds
  if (dated.exp > dated.iat && dated.exp <= bound) return
  throw new AmanaError('TRUST_EXPIRED', { document, exp: dated.exp, bound })
}

/**
 * @throws WIRE_TIME_FUTURE when it was issued later than an honest clock could say
 * @throws TRUST_EXPIRED when it has ended
 */
export function assertCurrent(document: string, dated: Dated, now: number): void {
  assertIssued(dated, now)
  if (dated.exp <= now) {
    throw new AmanaError('TRUST_EXPIRED', { document, exp: dated.exp, bound: now })
  }
}

/**
 * @throws WIRE_TIME_FUTURE when it was issued later than an honest clock could say
 */
export function assertIssued({ iat }: Pick<Dated, 'iat'>, now: number): void {
  if (iat > now + TRUST_LIMITS.skewSeconds) throw new AmanaError('WIRE_TIME_FUTURE', { at: iat })
}
