/**
 * Files that are attached to a draft: sealed while they are read, in the process of the one who sends them.
 *
 * @module
 * @spec docs/spec/10-attachments.md#for-people
 */
import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import {
  AmanaError,
  ATTACHING,
  ATTACHMENT_LIMITS,
  type Attachment,
  type Draft,
  parseDraft,
  plainLength,
  type SealedFacts,
  sealedLength,
} from '@amana/core'
import { z } from 'zod'
import { BlobFolder, sealNowhere } from '../blobs/blob-folder.ts'
import { systemRandom } from '../system.ts'

/** A file that is to be attached. */
export interface FileToAttach {
  readonly path: string
  readonly sizeBytes: number
  /** Milliseconds since 1970 at which it was last written. */
  readonly changedAtMs: number
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

/** The files, before any is read. @throws CLI_FILE for what is not an ordinary file; WIRE_SIZE above 2 GiB */
export async function filesToAttach(paths: readonly string[]): Promise<readonly FileToAttach[]> {
  return Promise.all(paths.map(fileAt))
}

async function fileAt(path: string): Promise<FileToAttach> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new AmanaError('CLI_FILE', { path }, { cause })
  })
  if (!found.isFile()) throw new AmanaError('CLI_FILE', { path })
  const { mtimeMs: changedAtMs, size: sizeBytes } = found
  const limitBytes = ATTACHMENT_LIMITS.plaintextBytes
  if (sizeBytes > limitBytes) throw new AmanaError('WIRE_SIZE', { sizeBytes, limitBytes })
  return { path, sizeBytes, changedAtMs }
}

/** How files are sealed. */
export interface Attaching {
  /** The folder of the node. */
  readonly folder: string
  readonly read: (path: string) => AsyncIterable<Uint8Array>
  /** Bytes that are free where a folder lies. */
  readonly freeBytes: (folder: string) => Promise<number>
  /** Told how far it is, whenever more has been read. */
  readonly sealed?: (file: FileToAttach, doneBytes: number) => void
  /** Keep nothing: only say what they would be. */
  readonly dryRun: boolean
}

/**
 * The draft with these files in the group of its kind that carries them.
 *
 * @throws CLI_ATTACHMENT_KIND; STORE_ROOM before anything is read; CLI_FILE, CLI_FILE_CHANGED, STORE_BLOB, STORE_ROOM,
 * WIRE_SIZE; WIRE_SCHEMA for a name that is none, or too many files
 */
export async function attachFiles(
  draft: Draft,
  files: readonly FileToAttach[],
  attaching: Attaching,
): Promise<Draft> {
  if (files.length === 0) return draft
  const group = ATTACHING[draft.kind]
  if (group === undefined) throw new AmanaError('CLI_ATTACHMENT_KIND', { kind: draft.kind })
  if (!attaching.dryRun) await assertRoom(files, attaching)
  const attachments: Attachment[] = []
  for (const file of files) {
    const facts = await sealOne(file, attaching)
    const name = basename(file.path).normalize('NFC')
    const media = MEDIA[extname(file.path).toLowerCase()] ?? 'application/octet-stream'
    attachments.push({ ...facts, media, name })
  }
  return parseDraft(withAttachments(draft, group, attachments))
}

async function assertRoom(
  files: readonly FileToAttach[],
  { folder, freeBytes }: Attaching,
): Promise<void> {
  const needed = files.reduce((sum, { sizeBytes }) => sum + sealedLength(sizeBytes), 0)
  if ((await freeBytes(folder)) < needed) throw new AmanaError('STORE_ROOM', { bytes: needed })
}

/** What was written to while it was read is no file that anybody had: nothing of it is kept. @throws CLI_FILE_CHANGED */
async function sealOne(file: FileToAttach, attaching: Attaching): Promise<SealedFacts> {
  const { dryRun, folder } = attaching
  const blobs = new BlobFolder(folder)
  const read = told(file, attaching)
  const facts = await (dryRun ? sealNowhere(read, systemRandom) : blobs.seal(read, systemRandom))
  const { changedAtMs } = await fileAt(file.path)
  if (changedAtMs === file.changedAtMs && plainLength(facts.length) === file.sizeBytes) return facts
  await blobs.drop(facts.digest)
  throw new AmanaError('CLI_FILE_CHANGED', { path: file.path })
}

/** @yields the bytes of the file, told of */
async function* told(file: FileToAttach, { read, sealed }: Attaching): AsyncGenerator<Uint8Array> {
  let doneBytes = 0
  for await (const bytes of read(file.path)) {
    yield bytes
    doneBytes += bytes.byteLength
    sealed?.(file, doneBytes)
  }
}

function withAttachments(draft: Draft, group: string, attachments: readonly Attachment[]): object {
  const value = draft.groups[group]
  const before = typeof value === 'object' && value !== null ? value : {}
  const named = AttachedSchema.safeParse(before).data?.attachments ?? []
  const all = [...named, ...attachments]
  return { ...draft, groups: { ...draft.groups, [group]: { ...before, attachments: all } } }
}
