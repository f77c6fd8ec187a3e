/**
 * The sealed files of attachments that no statement needs any more.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#erasure
 */
import { type NodeParts } from '../node-parts.ts'
import { type StoreWrite } from '../ports.ts'
import { allRecords, deleteRecord, RECORDS, type StatementRecord } from '../records.ts'
import { droppedWrite, naming } from '../statements/attachment-rows.ts'
import { filesOf } from '../statements/statement-values.ts'

/** What goes with the groups that named files. */
export interface ErasedFiles {
  /** Of the rows of the files, and of those still to be fetched. */
  readonly writes: readonly StoreWrite[]
  /** Digests of the files that nothing else names. */
  readonly unnamed: readonly string[]
}

/** The files that some groups of a statement name. @throws STORE_DAMAGED */
export async function erasedFiles(
  { ledger, store }: Pick<NodeParts, 'ledger' | 'store'>,
  record: StatementRecord,
  groups: readonly string[],
): Promise<ErasedFiles> {
  const files = filesIn(record, groups)
  const wanted = files.length === 0 ? [] : await allRecords(store, RECORDS.wanted, {})
  const own = wanted.filter(
    ({ value }) => value.statement === record.digest && files.includes(value.digest),
  )
  const unnamed: string[] = []
  for (const digest of files) {
    const named = await naming(store, digest)
    const others = named.filter(({ statement }) => statement !== record.digest)
    const standing = await Promise.all(others.map(({ statement }) => ledger.get(statement)))
    const isKept = standing.some((one) => one !== undefined && one.withdrawal === undefined)
    if (!isKept) unnamed.push(digest)
  }
  return {
    writes: [
      ...files.map((digest) => droppedWrite(digest, record.digest)),
      ...own.map(({ key }) => deleteRecord(RECORDS.wanted, key)),
    ],
    unnamed,
  }
}

function filesIn(record: StatementRecord, groups: readonly string[]): readonly string[] {
  return filesOf(record)
    .filter(({ group }) => groups.includes(group))
    .map(({ digest }) => digest)
}
