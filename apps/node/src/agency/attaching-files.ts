/**
 * Files that are attached to a draft: sealed while they are read, in the process of the one who sends them.
 *
 * @module
 * @spec docs/spec/10-attachments.md#for-people
 */
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { AmanaError, ATTACHING, type Attachment, type Draft, parseDraft } from '@amana/core'
import { z } from 'zod'
import { BlobFolder, sealNowhere } from '../blobs/blob-folder.ts'
import { systemRandom } from '../system.ts'

/** A file that is to be attached. */
export interface FileToAttach {
  readonly path: string
  readonly sizeBytes: number
}

const AttachedSchema = z.looseObject({ attachments: z.array(z.unknown()) })

const MEDIA: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.doc': 'application/msword',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.gif': 'image/gif',
  '.heic': 'image/heic',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.m4a': 'audio/mp4',
  '.mov': 'video/quicktime',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.txt': 'text/plain',
  '.webp': 'image/webp',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.zip': 'application/zip',
}

/** The files, before any is read. @throws CLI_FILE for what is not an ordinary file */
export async function filesToAttach(paths: readonly string[]): Promise<readonly FileToAttach[]> {
  return Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch((cause: unknown) => {
        throw new AmanaError('CLI_FILE', { path }, { cause })
      })
      if (!found.isFile()) throw new AmanaError('CLI_FILE', { path })
      return { path, sizeBytes: found.size }
    }),
  )
}

/** How files are sealed. */
export interface Attaching {
  /** The folder of the node. */
  readonly folder: string
  readonly read: (path: string) => AsyncIterable<Uint8Array>
  /** Keep nothing: only say what they would be. */
  readonly dryRun: boolean
}

/**
 * The draft with these files in the group of its kind that carries them.
 *
 * @throws CLI_ATTACHMENT_KIND; CLI_FILE, STORE_BLOB, WIRE_SIZE; WIRE_SCHEMA for a name that is none, or too many files
 */
export async function attachFiles(
  draft: Draft,
  files: readonly FileToAttach[],
  { dryRun, folder, read }: Attaching,
): Promise<Draft> {
  if (files.length === 0) return draft
  const group = ATTACHING[draft.kind]
  if (group === undefined) throw new AmanaError('CLI_ATTACHMENT_KIND', { kind: draft.kind })
  const blobs = new BlobFolder(folder)
  const attachments: Attachment[] = []
  for (const { path } of files) {
    const facts = await (dryRun
      ? sealNowhere(read(path), systemRandom)
      : blobs.seal(read(path), systemRandom))
    const name = basename(path).normalize('NFC')
    const media = MEDIA[extname(path).toLowerCase()] ?? 'application/octet-stream'
    attachments.push({ ...facts, media, name })
  }
  return parseDraft(withAttachments(draft, group, attachments))
}

function withAttachments(draft: Draft, group: string, attachments: readonly Attachment[]): object {
  const value = draft.groups[group]
  const before = typeof value === 'object' && value !== null ? value : {}
  const named = AttachedSchema.safeParse(before).data?.attachments ?? []
  const all = [...named, ...attachments]
  return { ...draft, groups: { ...draft.groups, [group]: { ...before, attachments: all } } }
}
