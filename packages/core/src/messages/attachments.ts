/**
 * Attachments as a body names them: the key and the digests of a sealed file, and how to show it.
 *
 * @module
 * @spec docs/spec/10-attachments.md#in-the-body
 */
import { z } from 'zod'
import { isSealedLength, SEALED_BYTES_MAX } from '../attachment/chunks.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { DigestSchema } from '../crypto/digest.ts'
import { ATTACHMENT_LIMITS } from '../limits/attachment.ts'
import { text } from './fields.ts'

/** A registered media type without parameters: `image/jpeg`. */
const MEDIA = /^[a-z]+\/[a-z0-9]+(?:[.+-][a-z0-9]+)*$/
/** What a file system takes for something else than a name. */
const PATH_CHARACTERS = /[/\\:*?"<>|\n]/
const DEVICE = /^(?:aux|con|nul|prn|com\d|lpt\d)(?:\.|$)/i

/** The name of a file: no folder, no device, nothing hidden, no space or point at its ends. */
export const FileNameSchema = text(ATTACHMENT_LIMITS.nameBytes).refine(isFileName, {
  error: 'a name of a file, without a folder',
})

/** One attachment, exactly these members. */
export const AttachmentSchema = z.strictObject({
  digest: DigestSchema,
  key: z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/),
  length: z.int().min(1).max(SEALED_BYTES_MAX).refine(isSealedLength, { error: 'a sealed length' }),
  media: z.string().max(ATTACHMENT_LIMITS.mediaChars).regex(MEDIA),
  name: FileNameSchema,
  plaintext: DigestSchema,
})

/** One attachment as its statement names it. */
export interface Attachment extends z.output<typeof AttachmentSchema> {}

/** The attachments of a group: each file once, each name once, however its letters are written. */
export const AttachmentsSchema = z
  .array(AttachmentSchema)
  .min(1)
  .max(ATTACHMENT_LIMITS.perStatement)
  .refine(
    (all) =>
      areDifferent(all.map(({ digest }) => digest)) &&
      areDifferent(all.map(({ name }) => name.toLowerCase())),
    { error: 'each file and each name once' },
  )

/** The group to which a sender’s program adds files, by kind; other kinds carry none. */
export const ATTACHING: Readonly<Record<string, string>> = {
  'intel.report/1': 'body',
  'jtwg.minutes/1': 'body',
  'referral.stranded-migrant/1': 'identity',
  'task.clearance/1': 'travel',
  'task.travel-document/1': 'travel',
  'victim.referral/1': 'identity',
  'victim.referral/2': 'identity',
}

const AttachingSchema = z.looseObject({ attachments: AttachmentsSchema })

/** The attachments of opened groups, in the order of the groups’ names. */
export function attachmentsOf(groups: Readonly<Record<string, unknown>>): readonly Attachment[] {
  return Object.keys(groups)
    .toSorted()
    .flatMap((name) => AttachingSchema.safeParse(groups[name]).data?.attachments ?? [])
}

function isFileName(name: string): boolean {
  return (
    encodeUtf8(name).byteLength <= ATTACHMENT_LIMITS.nameBytes &&
    !PATH_CHARACTERS.test(name) &&
    !DEVICE.test(name) &&
    !/^[.\s]|[.\s]$/.test(name)
  )
}

function areDifferent(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length
}
