/**
 * `rights.correction/1`: a correction is a proposal until the owner of the data accepts it; then every recipient says that
 * it is applied. The old value stays sealed in the history, marked.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#rightscorrection1
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { code, InstantSchema, NameSchema, NoteSchema, ReferenceTextSchema } from './fields.ts'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import { ReferralReferenceSchema } from './referral-reference.ts'

const TargetSchema = z.strictObject({
  statement: DigestSchema,
  /** A group of the statement, and the member in it. */
  group: NameSchema,
  member: ReferenceTextSchema,
  /** What should stand there. */
  newValue: NoteSchema,
})

/** The groups of `rights.correction/1`. */
export const CORRECTION_GROUPS = {
  routing: z.strictObject({
    referral: ReferralReferenceSchema,
    act: code('correctionAct'),
    occurredAt: InstantSchema,
  }),
  rights: z.strictObject({
    targets: z.array(TargetSchema).min(1).max(MESSAGE_LIMITS.listItems),
    reason: NoteSchema,
  }),
} as const
