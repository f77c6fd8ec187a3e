/**
 * The records of a message file: what one statement says of itself, and who held which key, without a log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#message-file
 */
import { z } from 'zod'
import { CountSchema, PURPOSES } from '../audit/event-members.ts'
import { DigestSchema } from '../crypto/digest.ts'
import { GeneralJwsSchema } from '../crypto/jws.ts'

/** Kinds of evidence, in the order in which they stand. */
export const MESSAGE_EVIDENCE = [
  'charter',
  'roster',
  'dispatch',
  'statement',
  'receipt',
  'presentation',
  'disclosure',
] as const

const HeaderSchema = z.strictObject({
  created: CountSchema,
  policy: DigestSchema,
  purpose: z.enum(PURPOSES),
  record: z.literal('message'),
  statement: DigestSchema,
  v: z.literal(1),
})
const SignedEvidenceSchema = z.strictObject({
  content: GeneralJwsSchema,
  digest: DigestSchema,
  kind: z.enum(['charter', 'disclosure', 'dispatch', 'receipt', 'roster', 'statement']),
  record: z.literal('evidence'),
})
const PresentationEvidenceSchema = z.strictObject({
  content: z.string().min(1),
  digest: DigestSchema,
  kind: z.literal('presentation'),
  record: z.literal('evidence'),
})
const EndSchema = z.strictObject({
  evidence: CountSchema,
  record: z.literal('end'),
  sha256: DigestSchema,
})

/** Any record. */
export const MessageRecordSchema = z.discriminatedUnion('record', [
  HeaderSchema,
  z.discriminatedUnion('kind', [SignedEvidenceSchema, PresentationEvidenceSchema]),
  EndSchema,
])

/** A record of the right form. */
export type MessageRecord = z.output<typeof MessageRecordSchema>

/** The first record: of which statement, for what. */
export type MessageHeader = z.output<typeof HeaderSchema>

/** A signed object, or a presentation. */
export type MessageEvidence =
  | z.output<typeof SignedEvidenceSchema>
  | z.output<typeof PresentationEvidenceSchema>
