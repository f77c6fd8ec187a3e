/**
 * What every message of a referral says about itself: which referral, when it happened, and its place among the
 * messages of its sender, so that a gap is seen.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#place-in-a-referral
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { InstantSchema } from './fields.ts'
import { ReferralReferenceSchema } from './referral-reference.ts'

/** Members that open the `routing` or `body` group of each kind of a referral. */
export const REFERRAL_PLACE = {
  referral: ReferralReferenceSchema,
  /** When it happened; the machine’s only clock. When it was signed stands in the statement. */
  occurredAt: InstantSchema,
  /** 1, 2, 3 … for the statements of one agency in one referral. */
  sequence: z.int().min(1),
  /** The digest of the same agency’s statement before this one. */
  previous: z.exactOptional(DigestSchema),
}

/** The place of a message in its referral. */
export const ReferralPlaceSchema = z.object(REFERRAL_PLACE)

/** The place of a message in its referral. */
export interface ReferralPlace extends z.output<typeof ReferralPlaceSchema> {}
