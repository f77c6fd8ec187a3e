/**
 * `handover.manifest/1`: one end of the hand-over of a group. Who lets them go lists and counts them, and who takes them
 * counts again and names every difference; each person has her own file and her own receipt.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#handovermanifest1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  code,
  InstantSchema,
  LocalIdSchema,
  NoteSchema,
  OfficeIdSchema,
  PlaceCodeSchema,
} from './fields.ts'
import { ReferralReferenceSchema } from './referral-reference.ts'

const optional = z.exactOptional
const count = z.int().min(0).max(MESSAGE_LIMITS.manifestMembers)

const RoutingSchema = z.strictObject({
  manifest: LocalIdSchema,
  act: code('custodyAct'),
  occurredAt: InstantSchema,
  from: OfficeIdSchema,
  to: OfficeIdSchema,
})

/** One person on a list of a group. */
export const ManifestMemberSchema = z.strictObject({
  referral: ReferralReferenceSchema,
  condition: optional(code('custodyCondition')),
})

/** A person who is not where the list says. Who has no reference yet is told of in words, without a name. */
export const DiscrepancySchema = z.strictObject({
  kind: code('manifestDiscrepancy'),
  referral: optional(ReferralReferenceSchema),
  note: optional(NoteSchema),
})

const CustodySchema = z.strictObject({
  members: z
    .array(ManifestMemberSchema)
    .min(1)
    .max(MESSAGE_LIMITS.manifestMembers)
    .refine((members) => isOnce(members.map(({ referral }) => referral)), {
      error: 'nobody twice',
    }),
  discrepancies: optional(z.array(DiscrepancySchema).max(MESSAGE_LIMITS.discrepancies)),
  origin: PlaceCodeSchema,
  destination: PlaceCodeSchema,
})

const StatisticsSchema = z
  .strictObject({
    headcount: count,
    counts: z
      .array(z.strictObject({ gender: code('gender'), ageBand: code('ageBand'), count }))
      .max(MESSAGE_LIMITS.discrepancies)
      .refine((rows) => isOnce(rows.map(({ gender, ageBand }) => `${gender} ${ageBand}`)), {
        error: 'no row twice',
      }),
    /** How many need a doctor; a number only. */
    medicalAlerts: count,
  })
  .refine(
    ({ headcount, counts }) => headcount === counts.reduce((sum, row) => sum + row.count, 0),
    {
      error: 'the sum of the counts',
      path: ['headcount'],
    },
  )

/** The groups of `handover.manifest/1`. */
export const MANIFEST_GROUPS = {
  routing: RoutingSchema,
  custody: CustodySchema,
  travel: z.strictObject({ transport: code('transportMode') }),
  statistics: StatisticsSchema,
} as const

/** All groups of a manifest. */
export const ManifestSchema = z.object(MANIFEST_GROUPS)

/** One end of the hand-over of a group. */
export interface Manifest extends z.output<typeof ManifestSchema> {}

function isOnce(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}
