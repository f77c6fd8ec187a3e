/**
 * `rights.erasure/1`: that groups are to be erased, or the signed word of a node that its keys to them are destroyed. It
 * proves what the node says, not what its disks hold.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#rightserasure1
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  code,
  DaySchema,
  InstantSchema,
  listOf,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
} from './fields.ts'
import { ReferralReferenceSchema } from './referral-reference.ts'

const TARGETS = z
  .array(
    z.strictObject({
      statement: DigestSchema,
      groups: z.array(NameSchema).min(1).max(MESSAGE_LIMITS.listItems),
    }),
  )
  .min(1)
  .max(MESSAGE_LIMITS.listItems)

/** A hold of a court or a prosecutor keeps what it names, and is itself told. */
const HOLDS = listOf(z.strictObject({ by: OfficeIdSchema, reason: NoteSchema, until: DaySchema }))

const RightsSchema = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('request'),
    basis: code('erasureBasis'),
    action: code('retentionAction'),
    targets: TARGETS,
  }),
  z.strictObject({
    act: z.literal('attestation'),
    basis: code('erasureBasis'),
    action: code('retentionAction'),
    targets: TARGETS,
    executedAt: InstantSchema,
    /** The leaf of the erasure in the log of who attests. */
    proof: DigestSchema,
    /** What was kept, and why. */
    holds: z.exactOptional(HOLDS),
  }),
])

/** The groups of `rights.erasure/1`. */
export const ERASURE_GROUPS = {
  routing: z.strictObject({ referral: ReferralReferenceSchema, occurredAt: InstantSchema }),
  rights: RightsSchema,
} as const
