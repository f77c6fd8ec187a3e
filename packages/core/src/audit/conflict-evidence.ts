/**
 * Two signed heads of one log that cannot be of one history, as a file that stands alone. Form only: whose signatures
 * these are is for the verifier.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#conflict-evidence
 */
import { z } from 'zod'
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical, parseCanonical } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { CountSchema, LogOriginSchema } from './event-members.ts'

const NoteSchema = z.string().min(1).max(AUDIT_LIMITS.noteBytes)

const ConflictEvidenceSchema = z.strictObject({
  /** `fork`: one size, two roots. `unproven`: no proof leads from the first head to the second. */
  conflict: z.enum(['fork', 'unproven']),
  /** Seconds since 1970, by the witness's clock. */
  created: CountSchema,
  log: LogOriginSchema,
  /** What the witness had cosigned last, where it had; then the head that it refused. */
  notes: z.array(NoteSchema).min(1).max(2),
  record: z.literal('conflict'),
  v: z.literal(1),
  /** The agency whose node refused. */
  witness: z
    .string()
    .max(64)
    .regex(/^[a-z]{2}\.[a-z0-9]+(?:-[a-z0-9]+)*$/),
})

/** Why a witness stopped cosigning a log. Nothing of it is verified. */
export type ConflictEvidence = z.output<typeof ConflictEvidenceSchema>

/** The file's bytes: one canonical line. Its digest stands in the `w.conflict` leaf. */
export function encodeConflictEvidence(evidence: ConflictEvidence): Uint8Array {
  return concatBytes(encodeCanonical(evidence), encodeUtf8('\n'))
}

/**
 * Reads such a file strictly.
 *
 * @throws AUDIT_CONFLICT_FORM when it is not one canonical line of exactly these members
 */
export function parseConflictEvidence(bytes: Uint8Array): ConflictEvidence {
  try {
    if (bytes.at(-1) !== NEWLINE) throw new AmanaError('AUDIT_CONFLICT_FORM', {})
    const json = parseCanonical(bytes.subarray(0, -1), AUDIT_LIMITS.conflictBytes)
    return ConflictEvidenceSchema.parse(json)
  } catch (cause) {
    throw new AmanaError('AUDIT_CONFLICT_FORM', {}, { cause })
  }
}

const NEWLINE = 10
