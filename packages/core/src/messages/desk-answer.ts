/**
 * `desk.answer/1`: what an officer of a partner desk says of a statement that her desk was sent. The desk has no node that
 * could say it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#deskanswer1
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { LocalIdSchema } from '../trust/identifiers.ts'

const PLACE = {
  desk: LocalIdSchema,
  /** The dispatch in which the desk was sent it. */
  dispatch: DigestSchema,
}

/** The one group of `desk.answer/1`; which statement it answers stands in `relates`. */
export const DeskAnswerSchema = z.discriminatedUnion('result', [
  z.strictObject({ ...PLACE, groups: DigestSchema, result: z.literal('opened') }),
  z.strictObject({
    ...PLACE,
    refusal: z.enum(['content', 'malformed', 'order', 'policy', 'size', 'trust']),
    result: z.literal('refused'),
  }),
])

/** What an officer of a partner desk says of a statement. */
export type DeskAnswer = z.output<typeof DeskAnswerSchema>

/** The groups of `desk.answer/1`. */
export const DESK_ANSWER_GROUPS = { body: DeskAnswerSchema } as const
