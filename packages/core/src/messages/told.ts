/**
 * `referral.told/1`: an act that an officer of the other agency told by telephone, as who heard it wrote it down. It moves
 * nothing; the signed act that follows confirms it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referraltold1
 */
import { z } from 'zod'
import {
  code,
  InstantSchema,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
  OfficerIdSchema,
} from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

/** The one group of `referral.told/1`; who heard it is the author. */
export const ToldSchema = z.strictObject({
  ...REFERRAL_PLACE,
  act: code('referralEvent'),
  /** The agency whose act it is. */
  agency: OfficeIdSchema,
  officer: z.exactOptional(OfficerIdSchema),
  /** Who called, as she gave her name, where she is no officer of a roster. */
  caller: z.exactOptional(NameSchema),
  actAt: InstantSchema,
  channel: code('toldBy'),
  /** Whether the reference was read back, with its check character. */
  readBack: code('yesNo'),
  note: z.exactOptional(NoteSchema),
})

/** An act that was told. */
export interface Told extends z.output<typeof ToldSchema> {}

/** The groups of `referral.told/1`. */
export const TOLD_GROUPS = { body: ToldSchema } as const
