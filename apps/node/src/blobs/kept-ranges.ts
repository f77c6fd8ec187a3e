/**
 * Ranges that carriers brought, put together: what stands behind what has come is added to it, and the rest is known as
 * gaps.
 *
 * @module
 * @spec docs/spec/10-attachments.md#ranges
 */
import {
  type AttachmentOpener,
  type AttachmentRange,
  concatBytes,
  isAnyAmanaError,
  MOST_GAPS,
  rangeCount,
  rangeSpan,
} from '@amana/core'
import { type Blobs, type ComingFile } from './blob-folder.ts'

/** A file that is coming, as far as its chunks fit. */
export interface Coming {
  readonly digest: string
  readonly length: number
  readonly file: ComingFile
  readonly opener: AttachmentOpener
}

/**
 * Adds the ranges that are kept behind what has come, as long as there is no gap, and forgets them. One whose bytes do not
 * fit any more is forgotten too.
 *
 * @returns where the next range that is kept begins, in bytes; the length where none is
 * @throws STORE_BLOB
 */
export async function absorb(folder: Blobs, coming: Coming): Promise<number> {
  const { digest, length, opener } = coming
  for (const index of await folder.ranges(digest)) {
    const { offset, length: bytes } = keptSpan(length, index)
    const from = opener.restart()
    if (offset > from) return offset
    if (from < offset + bytes) await add(folder, coming, { at: from - offset, index })
    await folder.dropRange(digest, index)
  }
  return length
}

async function add(
  folder: Blobs,
  { digest, file, opener }: Coming,
  { at, index }: { readonly at: number; readonly index: number },
): Promise<void> {
  const kept = await folder.range(digest, index)
  if (kept === undefined) return
  try {
    for (const { sealed } of opener.push(kept.subarray(at))) await file.append(sealed)
  } catch (error) {
    if (!isAnyAmanaError(error) || error.code.startsWith('STORE_')) throw error
  }
}

/** Keeps a range; the first one with the salt before it. @throws STORE_BLOB */
export async function keepRange(folder: Blobs, range: AttachmentRange): Promise<void> {
  const { bytes, digest, index, salt } = range
  await folder.keepRange(digest, index, index === 0 ? concatBytes(salt, bytes) : bytes)
}

/** Where a range that is kept stands: the first one begins with the salt. */
function keptSpan(length: number, index: number): ReturnType<typeof rangeSpan> {
  const span = rangeSpan(length, index)
  return index > 0 ? span : { offset: 0, length: span.offset + span.length }
}

/** Which ranges lack, as [first, first after] pairs; the last gap takes in what would be too many. */
export async function gapsOf(
  folder: Blobs,
  digest: string,
  length: number,
): Promise<[number, number][]> {
  const kept = new Set(await folder.ranges(digest))
  const came = await folder.cameBytes(digest)
  const gaps: [number, number][] = []
  for (let index = 0; index < rangeCount(length); index += 1) {
    const span = rangeSpan(length, index)
    if (kept.has(index) || came >= span.offset + span.length) continue
    const last = gaps.at(-1)
    if (last !== undefined && (last[1] === index || gaps.length === MOST_GAPS)) last[1] = index + 1
    else gaps.push([index, index + 1])
  }
  return gaps
}
