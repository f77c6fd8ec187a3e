/**
 * What a revocation does to a statement that was signed before anyone knew of it.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#revocation
 */
import { type Revocation } from './roster.ts'

/** Proof from outside the signer's agency that the signature existed. */
export interface Cover {
  /** Seconds since 1970 of the receipt or cosigned checkpoint that covers the signature's digest. */
  readonly coveredAt: number
  /** Seconds since 1970 at which the receiver first saw the roster that revokes. */
  readonly firstSeenAt: number
}

/**
 * `stands`: covered before anyone could know. `disputed`: covered, but `since` reaches back before the cover; the
 * statement stands and a report says so. `void`: nothing proves that it is older than the revocation.
 */
export function judgeRevocation(
  { since }: Pick<Revocation, 'since'>,
  cover: Cover | undefined,
): 'stands' | 'disputed' | 'void' {
  if (cover === undefined || cover.coveredAt >= cover.firstSeenAt) return 'void'
  return since < cover.coveredAt ? 'disputed' : 'stands'
}
