/**
 * `task.bed-query/1`: how many beds of which kind are needed, and the answer of a shelter. It names no person: who gets a
 * bed is linked after the acceptance, by `task.service/1`.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#tasks
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  code,
  codes,
  InstantSchema,
  listOf,
  NameSchema,
  OfficeIdSchema,
  SubdivisionSchema,
} from './fields.ts'

const optional = z.exactOptional
const count = z.int().min(0).max(MESSAGE_LIMITS.manifestMembers)
const days = z.int().min(1).max(MESSAGE_LIMITS.stayDays)

const RoutingSchema = z.strictObject({
  occurredAt: InstantSchema,
  act: code('taskAct'),
  status: code('requestStatus'),
  authority: OfficeIdSchema,
  urgency: code('urgency'),
  area: optional(SubdivisionSchema),
  neededFrom: optional(InstantSchema),
  neededUntil: optional(InstantSchema),
  /** A bed that is held is free again after it. */
  holdUntil: optional(InstantSchema),
})

const AvailableSchema = z
  .strictObject({
    category: code('bedCategory'),
    available: count,
    maximum: count,
    updatedAt: InstantSchema,
  })
  .refine(({ available, maximum }) => available <= maximum, {
    error: 'not more than there are',
    path: ['available'],
  })

/** Open or closed is told to the person before she consents. */
const PlacementSchema = z.strictObject({
  beds: optional(listOf(z.strictObject({ category: code('bedCategory'), count }))),
  available: optional(listOf(AvailableSchema)),
  regime: optional(code('shelterRegime')),
  maxStayDays: optional(days),
})

/** The groups of `task.bed-query/1`. */
export const BED_QUERY_GROUPS = {
  routing: RoutingSchema,
  placement: PlacementSchema,
  needs: z.strictObject({
    disability: optional(codes('disability')),
    /** Staff who are women, languages, step-free. */
    constraints: optional(listOf(NameSchema)),
  }),
} as const
