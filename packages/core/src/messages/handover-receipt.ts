/**
 * `handover.receipt/1`: one half of a change of custody. Who lets the person go signs a `release`; who takes her signs a
 * `receipt` that agrees with it. Together they move custody; the receipt of a cross-border leg is the hand-over.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#handoverreceipt1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  code,
  LocalIdSchema,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
  PlaceCodeSchema,
  ReferenceTextSchema,
} from './fields.ts'
import { REFERRAL_PLACE } from './referral-place.ts'

const CustodianSchema = z.strictObject({
  organisation: OfficeIdSchema,
  type: code('custodianType'),
})

/** The one group of `handover.receipt/1`. Who signs for the side named by `act` is the statement’s author. */
export const HandoverReceiptSchema = z.strictObject({
  ...REFERRAL_PLACE,
  act: code('custodyAct'),
  leg: LocalIdSchema,
  legType: code('legType'),
  from: CustodianSchema,
  to: CustodianSchema,
  place: PlaceCodeSchema,
  condition: code('custodyCondition'),
  transport: z.exactOptional(code('transportMode')),
  carrier: z.exactOptional(ReferenceTextSchema),
  /** Whether the one who takes the person made sure that it is she. */
  identityChecked: z.exactOptional(code('yesNo')),
  documents: z.exactOptional(z.array(NameSchema).max(MESSAGE_LIMITS.listItems)),
  belongings: z.exactOptional(
    z
      .array(z.strictObject({ item: NameSchema, quantity: z.int().min(1).max(1000) }))
      .max(MESSAGE_LIMITS.listItems),
  ),
  /** What the person says at this moment. */
  personStatement: z.exactOptional(NoteSchema),
  reservations: z.exactOptional(NoteSchema),
})

/** One half of a change of custody. */
export interface HandoverReceipt extends z.output<typeof HandoverReceiptSchema> {}

/** The groups of `handover.receipt/1`. */
export const HANDOVER_RECEIPT_GROUPS = { body: HandoverReceiptSchema } as const
