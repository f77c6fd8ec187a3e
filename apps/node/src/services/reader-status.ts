/**
 * Whether what is received can be read when one officer is gone.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#too-few-readers
 */
import { groupNames, KINDS, mayReadGroup, type OfficerReader } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type ReaderStatus } from '../service-views.ts'

/** So many officers should read every group. */
const ENOUGH = 2

/** How many officers can read, and of which groups too few; nothing where every group has two readers. */
export async function readerStatus({
  atRest,
}: Pick<NodeParts, 'atRest'>): Promise<ReaderStatus | undefined> {
  const readers = await atRest.readers()
  if (readers.length === 0) return { officers: 0, thin: [] }
  const thin = Object.keys(KINDS).flatMap((kind) => thinGroups(readers, kind))
  return thin.length === 0 ? undefined : { officers: readers.length, thin }
}

/** Who signs a message reads it too, but nobody signs those of the other agency. */
function thinGroups(readers: readonly OfficerReader[], kind: string): ReaderStatus['thin'] {
  return groupNames(kind).flatMap((group) => {
    const asked = { group, kind, signers: [] }
    const count = readers.filter((reader) => mayReadGroup(reader, asked)).length
    return count < ENOUGH ? [{ group, kind, readers: count }] : []
  })
}
