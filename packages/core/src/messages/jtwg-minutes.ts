/**
 * `jtwg.minutes/1`: the minutes of a meeting of the Joint Technical Working Group, English and French in one signed
 * object. No person’s case is in them: `casesMentioned` has one value.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#jtwgminutes1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import { AttachmentsSchema } from './attachments.ts'
import {
  bilingual,
  code,
  DaySchema,
  InstantSchema,
  NameSchema,
  NoteSchema,
  OfficerIdSchema,
} from './fields.ts'

const SeatSchema = z.string().regex(/^[A-Z]{2}-[A-Z]+(-[A-Z]+)*-\d{2}$/)
const ActionIdSchema = z.string().regex(/^A-\d{2}$/)
const DecisionIdSchema = z.string().regex(/^D-\d{2}$/)
const items = <S extends z.ZodType>(schema: S): z.ZodArray<S> =>
  z.array(schema).max(MESSAGE_LIMITS.minutesItems)

const ItemSchema = z.strictObject({
  number: z.int().min(1).max(MESSAGE_LIMITS.minutesItems),
  title: bilingual(MESSAGE_LIMITS.nameChars),
  summary: bilingual(MESSAGE_LIMITS.noteChars),
  decisions: items(DecisionIdSchema),
  actions: items(ActionIdSchema),
})

const MinutesBodySchema = z.strictObject({
  meeting: z.strictObject({
    number: z.int().min(1).max(999),
    type: code('meetingType'),
    mode: code('meetingMode'),
    from: DaySchema,
    to: DaySchema,
    place: bilingual(MESSAGE_LIMITS.nameChars),
  }),
  /** By seat, never by name; a seat that is not listed is not recorded as present. */
  attendance: z
    .array(
      z.strictObject({
        seat: SeatSchema,
        present: code('yesNoUnknown'),
        representedBy: z.exactOptional(NameSchema),
      }),
    )
    .max(MESSAGE_LIMITS.attendance),
  items: items(ItemSchema).min(1),
  decisions: items(
    z.strictObject({
      id: DecisionIdSchema,
      text: bilingual(MESSAGE_LIMITS.noteChars),
      how: code('decisionMode'),
    }),
  ),
  actions: items(
    z.strictObject({
      id: ActionIdSchema,
      text: bilingual(MESSAGE_LIMITS.noteChars),
      owner: z.exactOptional(NameSchema),
      due: z.exactOptional(DaySchema),
    }),
  ),
  status: code('minutesStatus'),
  /** The end of the meeting and three days (terms of reference, section 4). */
  dueToChairs: DaySchema,
  sentToChairsAt: z.exactOptional(InstantSchema),
  circulatedAt: z.exactOptional(InstantSchema),
  objections: z.exactOptional(items(z.strictObject({ seat: SeatSchema, text: NoteSchema }))),
  adoptedAtMeeting: z.exactOptional(z.int().min(1).max(999)),
  /** The language in which they were drafted. */
  draftedIn: z.enum(['en', 'fr']),
  translationCheckedBy: z.exactOptional(OfficerIdSchema),
  casesMentioned: z.literal('none'),
  attachments: z.exactOptional(AttachmentsSchema),
})

/** The one group of `jtwg.minutes/1`: ids are unique, and what an item names is there. */
export const MinutesSchema = MinutesBodySchema.superRefine((minutes, context) => {
  for (const member of ['decisions', 'actions'] as const) {
    const ids = minutes[member].map(({ id }) => id)
    const named = minutes.items.flatMap((item): readonly string[] => item[member])
    if (new Set(ids).size !== ids.length || !sameSet(ids, named)) {
      context.addIssue({ code: 'custom', path: [member], message: 'each named by one item' })
    }
  }
})

/** The groups of `jtwg.minutes/1`. */
export const JTWG_MINUTES_GROUPS = { body: MinutesSchema } as const

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && new Set([...left, ...right]).size === left.length
}
