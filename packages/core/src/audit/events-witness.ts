/**
 * What leaves of class w record: cosignatures given and got, seals, and what says how far the log can be trusted.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#class-w-witness
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { CodeSchema, CountSchema, LogOriginSchema, WitnessNameSchema } from './event-members.ts'

/** By how many seconds a clock was off: the one nearest to 0 that is not below in size; negative is behind. */
export const CLOCK_BUCKETS = [-86_400, -3600, -300, -30, 30, 300, 3600, 86_400] as const

const Head = z.tuple([z.int().min(-1), z.int().min(-1)])

/** Members of `data`, by event. */
export const WITNESS_DATA = {
  'w.anchor': z.strictObject({
    digest: DigestSchema,
    kind: z.enum(['minutes', 'tsa', 'witness']),
    ref: z.exactOptional(DigestSchema),
  }),
  'w.clock': z.strictObject({
    offset: z.literal(CLOCK_BUCKETS),
    source: z.enum(['own', 'peer']),
  }),
  'w.conflict': z.strictObject({
    evidence: DigestSchema,
    kind: z.enum(['fork', 'unproven']),
    log: LogOriginSchema,
  }),
  'w.cosigned': z.strictObject({
    by: WitnessNameSchema,
    note: DigestSchema,
    size: z.int().positive(),
    time: CountSchema,
  }),
  'w.pad': z.strictObject({}),
  'w.refused': z.strictObject({ code: CodeSchema }),
  'w.scrub': z.strictObject({ from: CountSchema, ok: z.boolean(), to: z.int().positive() }),
  'w.seal': z.strictObject({ heads: z.strictObject({ a: Head, g: Head, w: Head, x: Head }) }),
  'w.witness': z.strictObject({
    log: LogOriginSchema,
    note: DigestSchema,
    root: DigestSchema,
    size: z.int().positive(),
    time: CountSchema,
  }),
} as const
