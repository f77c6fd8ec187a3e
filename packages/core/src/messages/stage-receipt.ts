/**
 * `receipt.read/1` and `receipt.acted/1`: what an officer says of a message after her node has said that it opened it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#receiptread1-and-receiptacted1
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { code } from './fields.ts'

/** The one group of `receipt.read/1`; which message was read stands in `relates`. */
export const ReadReceiptSchema = z.strictObject({
  /** The dispatch in which the message took its place. */
  dispatch: DigestSchema,
})

/** The one group of `receipt.acted/1`. */
export const ActedReceiptSchema = z.strictObject({
  ...ReadReceiptSchema.shape,
  note: z.exactOptional(code('actedNote')),
})

/** The groups of `receipt.read/1`. */
export const READ_RECEIPT_GROUPS = { body: ReadReceiptSchema } as const
/** The groups of `receipt.acted/1`. */
export const ACTED_RECEIPT_GROUPS = { body: ActedReceiptSchema } as const
