/**
 * What a test asks of the process that reads hostile inputs, and what that answers.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { z } from 'zod'
import { INPUT_KINDS } from './hostile-inputs.ts'

/** A job. */
export const JobSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('open'), setup: z.unknown() }),
  z.strictObject({
    type: z.literal('try'),
    reader: z.string(),
    inputs: z.enum(INPUT_KINDS),
    runs: z.int().min(1),
    seed: z.exactOptional(z.int()),
  }),
  z.strictObject({ type: z.literal('worst'), name: z.string() }),
])
/** A job. */
export type Job = z.output<typeof JobSchema>

const NamesSchema = z.strictObject({ readers: z.array(z.string()), worst: z.array(z.string()) })
/** The names of a table's readers and of its worst inputs. */
export type Names = z.output<typeof NamesSchema>

/** An answer. */
export const JobAnswerSchema = z.union([
  NamesSchema,
  /** Empty where all went well. */
  z.strictObject({ report: z.string() }),
  /** The code of the refusal, empty where it was read; and by how much the process grew at its highest. */
  z.strictObject({ code: z.string(), grownBytes: z.number() }),
])
/** An answer. */
export type JobAnswer = z.output<typeof JobAnswerSchema>
