/**
 * The records of an evidence bundle: one canonical JSON object a line.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#records
 */
import { z } from 'zod'
import { CountSchema, LEAF_CLASSES, LogOriginSchema, PURPOSES } from '../audit/event-members.ts'
import { DigestSchema } from '../crypto/digest.ts'
import { GeneralJwsSchema } from '../crypto/jws.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'

/** 32 bytes in base64url. */
const HashSchema = DigestSchema
/** The longest leaf in base64url. */
export const LEAF_CHARS = Math.ceil((AUDIT_LIMITS.leafBytes * 4) / 3)
const LeafBytesSchema = z.string().min(1).max(LEAF_CHARS)
const SortedClasses = z
  .array(z.enum(LEAF_CLASSES))
  .min(1)
  .refine((classes) =>
    classes.every((name, index) => index === 0 || name > (classes[index - 1] ?? '')),
  )

const HeaderSchema = z
  .strictObject({
    classes: SortedClasses,
    created: CountSchema,
    log: LogOriginSchema,
    policy: DigestSchema,
    purpose: z.enum(PURPOSES),
    range: z.tuple([CountSchema, CountSchema]),
    record: z.literal('bundle'),
    size: z.int().positive(),
    v: z.literal(1),
  })
  .refine(({ range: [from, to], size }) => from <= to && to <= size)

const CheckpointSchema = z.strictObject({
  note: z.string().max(AUDIT_LIMITS.noteBytes),
  record: z.literal('checkpoint'),
})
const NodeSchema = z.strictObject({
  hash: HashSchema,
  index: CountSchema,
  level: z.int().min(1).max(52),
  record: z.literal('node'),
})
const HashRecordSchema = z.strictObject({
  hash: HashSchema,
  index: CountSchema,
  record: z.literal('hash'),
})
const LeafRecordSchema = z.strictObject({
  bytes: LeafBytesSchema,
  index: CountSchema,
  record: z.literal('leaf'),
})
const OpenSchema = z.strictObject({
  disclosure: z.string().min(1).max(AUDIT_LIMITS.leafBytes),
  index: CountSchema,
  record: z.literal('open'),
})
const JwsEvidenceSchema = z.strictObject({
  content: GeneralJwsSchema,
  digest: DigestSchema,
  kind: z.enum(['charter', 'dispatch', 'receipt', 'roster', 'statement']),
  record: z.literal('evidence'),
})
const TextEvidenceSchema = z.strictObject({
  content: z.string().min(1),
  digest: DigestSchema,
  kind: z.enum(['peer-note', 'presentation']),
  record: z.literal('evidence'),
})
const EndSchema = z.strictObject({
  checkpoints: CountSchema,
  evidence: CountSchema,
  hashes: CountSchema,
  leaves: CountSchema,
  nodes: CountSchema,
  opens: CountSchema,
  record: z.literal('end'),
  sha256: DigestSchema,
})

/** Any record. */
export const BundleRecordSchema = z.discriminatedUnion('record', [
  HeaderSchema,
  CheckpointSchema,
  NodeSchema,
  HashRecordSchema,
  LeafRecordSchema,
  OpenSchema,
  z.discriminatedUnion('kind', [JwsEvidenceSchema, TextEvidenceSchema]),
  EndSchema,
])

/** A record of the right form; bytes and hashes are base64url as they stand in the file. */
export type BundleRecord = z.output<typeof BundleRecordSchema>

/** The first record: which log, which part of it, for what. */
export type BundleHeader = z.output<typeof HeaderSchema>

/** A withheld leaf, a withheld subtree, a leaf, or what the leaf before committed to. */
export type TreeRecord =
  | z.output<typeof OpenSchema>
  | z.output<typeof NodeSchema>
  | z.output<typeof HashRecordSchema>
  | z.output<typeof LeafRecordSchema>

/** A signed object or a text that the log names by its digest. */
export type EvidenceRecord =
  | z.output<typeof JwsEvidenceSchema>
  | z.output<typeof TextEvidenceSchema>

/** How many records of each kind. */
export type BundleCounts = Omit<z.output<typeof EndSchema>, 'record' | 'sha256'>
