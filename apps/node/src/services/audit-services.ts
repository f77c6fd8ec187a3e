/**
 * The audit log for the people who use a node: export for an auditor, check the own store.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#export
 */
import { join } from 'node:path'
import {
  AmanaError,
  type BundleHeader,
  type Digest,
  DigestSchema,
  digest,
  encodeBase64url,
  encodeUtf8,
  exportTiles,
  LEAF_CLASSES,
  type LeafClass,
  parseCanonical,
  policySafetyNumber,
  treeRecords,
  writeBundle,
} from '@amana/core'
import { z } from 'zod'
import { type Actor } from '../access/officers.ts'
import { acting, type Asked, reasonOf, recordAct } from '../access/recorded.ts'
import { createNodeReader } from '../audit/log-rows.ts'
import { type NodeParts } from '../node-parts.ts'
import { allRecords, RECORDS } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { evidenceFor } from './evidence.ts'
import { logAt, type ReadLog } from './read-log.ts'
import { type CosignedHead } from '../witness/witness.ts'
import { writeWhole } from './written-file.ts'

type AuditServices = Pick<
  NodeServices,
  'exportBundle' | 'exportTiles' | 'exportPolicy' | 'auditVerify'
>

/** Who opened what inside an agency is not for the other agency: class a stays. */
const SHOWN_CLASSES: readonly LeafClass[] = ['g', 'w', 'x']
const EndSchema = z.looseObject({ sha256: DigestSchema })

/** The methods about the audit log. */
export function createAuditServices(parts: NodeParts): AuditServices {
  return {
    exportBundle: (input) =>
      acting(parts, { act: 'export', method: 'exportBundle', input }, (who) =>
        exportBundleTo(parts, input, who),
      ),
    exportTiles: (input) =>
      acting(parts, { act: 'export', method: 'exportTiles', input }, (who) =>
        exportTilesTo(parts, input, who),
      ),
    exportPolicy: async ({ epoch, to }) => {
      const log = await logAt(parts, epoch)
      const text = await log.policyText()
      const path = join(to, `policy${log.fileMark}.txt`)
      await writeWhole(path, async (file) => {
        await file.write(encodeUtf8(text))
        await file.finish()
      })
      return { file: path, digits: policySafetyNumber(text) }
    },
    auditVerify: async ({ epoch }) => {
      const log = await logAt(parts, epoch)
      const { size, root } = await log.verify()
      const newest = await log.newest()
      return { size, root: encodeBase64url(root), cosignedSize: newest.size }
    },
  }
}

/** The log up to the newest head that the other agency cosigned. @throws TRUST_NO_CHARTER, AUDIT_NOT_WITNESSED, CLI_FILE */
async function exportBundleTo(
  parts: NodeParts,
  asked: ServiceInput<'exportBundle'>,
  who: Actor,
): Promise<ServiceResults['exportBundle']> {
  const log = await logAt(parts, asked.epoch)
  const { size } = await newestOf(log)
  const classes = shownClasses(asked)
  const { disclosures } = log
  const bundle = await bundleOf(parts, {
    classes,
    size,
    log,
    ...(asked.disclose === true ? { disclosures: (index) => disclosures.of(index) } : {}),
  })
  const file = join(asked.to, `${parts.agency}${log.fileMark}.bundle.jsonl`)
  return writeWhole(file, async (pending) => {
    let sizeBytes = 0
    let last = new Uint8Array()
    for await (const line of bundle) {
      await pending.write(line)
      sizeBytes += line.byteLength
      last = new Uint8Array(line)
    }
    const bundleDigest = endDigest(last)
    await logExport(parts, { asked, who, bundle: bundleDigest, classes, format: 'bundle', size })
    await pending.finish()
    return { file, leaves: size, sizeBytes }
  })
}

/** What of a log a bundle shows. */
interface Shown {
  readonly classes: readonly LeafClass[]
  /** Leaves from the first one on; the peer cosigned a head of this size. */
  readonly size: number
  /** The one that is written where nothing is said. */
  readonly log?: ReadLog
  readonly disclosures?: NodeParts['disclosures']['of']
}

/** The lines of an evidence bundle, made while they are read. @throws TRUST_NO_CHARTER */
export async function bundleOf(
  parts: NodeParts,
  { classes, disclosures, log: named, size }: Shown,
): Promise<ReturnType<typeof writeBundle>> {
  const log = named ?? (await logAt(parts, undefined))
  const header = await headerOf(log, { classes, created: parts.clock.now(), size })
  const tree = treeRecords({
    ...header,
    readNode: createNodeReader(log.store),
    readLeaves: (from, until) => log.audit.leaves(from, until),
    ...(disclosures === undefined ? {} : { readDisclosures: disclosures }),
  })
  const notes = await notesUpTo(log, size)
  const evidence = evidenceFor({ ...parts, audit: log.audit }, size)
  return writeBundle({ header, notes, tree, evidence })
}

async function headerOf(
  log: ReadLog,
  { classes, created, size }: HeaderFacts,
): Promise<BundleHeader> {
  return {
    classes: [...classes],
    created,
    log: log.origin,
    policy: digest(await log.policyText()),
    purpose: 'audit',
    range: [0, size],
    record: 'bundle',
    size,
    v: 1,
  }
}

interface HeaderFacts {
  readonly classes: readonly LeafClass[]
  readonly created: number
  readonly size: number
}

async function exportTilesTo(
  parts: NodeParts,
  asked: ServiceInput<'exportTiles'>,
  who: Actor,
): Promise<ServiceResults['exportTiles']> {
  const { to } = asked
  const log = await logAt(parts, asked.epoch)
  const { size, note } = await newestOf(log)
  const bundle = digest(note)
  await logExport(parts, { asked, who, bundle, classes: LEAF_CLASSES, format: 'tiles', size })
  const source = {
    size,
    note,
    readNode: createNodeReader(log.store),
    readLeaves: (from: number, until: number) => log.audit.leaves(from, until),
  }
  for await (const { path, bytes } of exportTiles(source)) {
    await writeWhole(join(to, path), async (file) => {
      await file.write(bytes)
      await file.finish()
    })
  }
  return { folder: to, size }
}

interface Exported {
  readonly asked: Asked
  readonly who: Actor
  readonly bundle: Digest
  readonly classes: readonly LeafClass[]
  readonly format: 'bundle' | 'tiles'
  readonly size: number
}

/** The auditor is logged too, before the file can be seen. */
async function logExport(
  parts: NodeParts,
  { asked, bundle, classes, format, size, who }: Exported,
): Promise<void> {
  const data = { bundle, classes: [...classes], format, purpose: 'audit', range: [0, size] }
  await recordAct(parts, {
    who,
    leaves: [{ event: 'a.audit-export', data }],
    fields: reasonOf(asked),
  })
}

/** Class w always: seals and cosignatures are in it. */
function shownClasses({
  classes = [...SHOWN_CLASSES],
}: ServiceInput<'exportBundle'>): readonly LeafClass[] {
  return LEAF_CLASSES.filter((one) => one === 'w' || classes.includes(one))
}

async function newestOf(log: ReadLog): Promise<CosignedHead> {
  const newest = await log.newest()
  if (newest.size > 0) return newest
  const { size } = log.audit.head()
  throw new AmanaError('AUDIT_NOT_WITNESSED', { size, witnesses: 0, quorum: 1 })
}

async function notesUpTo({ store }: ReadLog, size: number): Promise<readonly string[]> {
  const rows = await allRecords(store, RECORDS.note, {})
  return rows.filter(({ key }) => Number(key.split('/')[0]) <= size).map(({ value }) => value.note)
}

/** The digest that the last record says. */
function endDigest(line: Uint8Array): Digest {
  return EndSchema.parse(parseCanonical(line.subarray(0, -1), line.byteLength)).sha256
}
