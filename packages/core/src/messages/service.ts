/**
 * `task.service/1` and `task.assistance/1`: a service that is asked for one person, and emergency assistance that somebody
 * pays. Both go the way of every task: a request, and answers that relate to it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#tasks
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import {
  code,
  DaySchema,
  InstantSchema,
  listOf,
  NameSchema,
  NoteSchema,
  OfficeIdSchema,
  ReferenceTextSchema,
} from './fields.ts'
import { ItinerarySchema, TASK_ROUTING } from './tasks.ts'

const optional = z.exactOptional

/** Money in minor units: 1,500.00 is 150000. */
const MoneySchema = z.strictObject({
  amount: z.int().min(1).max(MESSAGE_LIMITS.minorUnits),
  currency: z.string().regex(/^[A-Z]{3}$/),
})

const ServiceRoutingSchema = z
  .strictObject({
    ...TASK_ROUTING,
    service: code('serviceType'),
    neededFrom: optional(InstantSchema),
    neededUntil: optional(InstantSchema),
    /** What is held is free again after it. */
    holdUntil: optional(InstantSchema),
    declineReason: optional(code('declineReason')),
    /** Who could help instead. */
    alternative: optional(OfficeIdSchema),
    fulfilledAt: optional(InstantSchema),
  })
  .refine(({ status, declineReason }) => status !== 'rejected' || declineReason !== undefined, {
    error: 'a reason for the refusal',
    path: ['declineReason'],
  })
  .refine(({ status, fulfilledAt }) => status !== 'fulfilled' || fulfilledAt !== undefined, {
    error: 'when it was done',
    path: ['fulfilledAt'],
  })

/** The groups of `task.service/1`. */
export const SERVICE_GROUPS = {
  routing: ServiceRoutingSchema,
  needs: z.strictObject({
    constraints: optional(listOf(NameSchema)),
    detail: optional(NoteSchema),
    /** Whether she herself says that she received it. */
    personFeedback: optional(code('yesNoUnknown')),
  }),
  placement: z.strictObject({
    bed: optional(code('bedCategory')),
    regime: optional(code('shelterRegime')),
    maxStayDays: optional(z.int().min(1).max(MESSAGE_LIMITS.stayDays)),
  }),
  coordination: z.strictObject({ costEstimate: optional(MoneySchema) }),
} as const

/** The groups of `task.assistance/1`. Two officers beside the author approve it. */
export const ASSISTANCE_GROUPS = {
  routing: z.strictObject({ ...TASK_ROUTING, service: code('serviceType') }),
  travel: z.strictObject({ itinerary: optional(ItinerarySchema) }),
  coordination: z.strictObject({
    budgetLine: ReferenceTextSchema,
    money: MoneySchema,
    justification: NoteSchema,
    receipt: optional(ReferenceTextSchema),
    paidOn: optional(DaySchema),
  }),
} as const
