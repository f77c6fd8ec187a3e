/**
 * Attachments for the people who use a node: how far they have come, and one of them as a file.
 *
 * @module
 * @spec docs/spec/10-attachments.md#for-people
 */
import { AmanaError, type Attachment, AttachmentOpener, plainLength } from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { acting, reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { type StatementRecord } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type AttachmentView } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { attachmentRow, droppedWrite, naming } from '../statements/attachment-rows.ts'
import { attachmentsIn } from '../statements/statement-values.ts'
import { namesOf } from './opened.ts'
import { writeWhole } from './written-file.ts'

/** The methods about attachments. */
export function createAttachmentServices(
  parts: NodeParts,
): Pick<NodeServices, 'attachments' | 'saveAttachment'> {
  return {
    attachments: async ({ digest }) => {
      const record = await find(parts, digest)
      const views = attachmentsIn(record).map(async (one, index) =>
        viewOf(parts, record, { ...one, number: index + 1 }),
      )
      return { attachments: await Promise.all(views), digest: record.digest }
    },
    saveAttachment: async (input) =>
      acting(parts, { act: 'export', method: 'saveAttachment', input }, (who) =>
        save(parts, input, who),
      ),
  }
}

/** Nothing of a body: no name, which can be that of a person. */
async function viewOf(
  { blobs, store, traffic }: NodeParts,
  record: StatementRecord,
  { digest, length, media, number }: Attachment & { readonly number: number },
): Promise<AttachmentView> {
  const row = await attachmentRow(store, digest, record.digest)
  const cameBytes = Math.min(length, await blobs.cameBytes(digest))
  const { bytesPerSecond } = traffic.facts
  const state = row?.state ?? 'dropped'
  const isWaiting = state === 'waits'
  return {
    digest,
    media,
    number,
    sizeBytes: plainLength(length),
    length,
    state,
    cameBytes: state === 'unfit' ? 0 : cameBytes,
    ...(row?.code === undefined ? {} : { code: row.code }),
    ...(isWaiting && bytesPerSecond !== undefined
      ? { secondsLeft: Math.ceil((length - cameBytes) / bytesPerSecond) }
      : {}),
    ...(isWaiting && traffic.isSpent ? { isOverBudget: true as const } : {}),
  }
}

/**
 * The whole file is read and fits before the leaf is written, and the leaf is durable before a byte of it is in the clear.
 *
 * @throws CLI_NO_MESSAGE, CLI_NO_ATTACHMENT, CLI_ATTACHMENT_WAITS; STORE_BLOB, CLI_FILE; as `AttachmentOpener`
 */
async function save(
  parts: NodeParts,
  asked: ServiceInput<'saveAttachment'>,
  who: Actor,
): Promise<ServiceResults['saveAttachment']> {
  const record = await find(parts, asked.digest)
  const all = attachmentsIn(record)
  const index = all.findIndex(
    ({ name }, at) => name === asked.attachment || String(at + 1) === asked.attachment,
  )
  const attachment = all[index]
  if (attachment === undefined) {
    throw new AmanaError('CLI_NO_ATTACHMENT', { name: asked.attachment })
  }
  const row = await attachmentRow(parts.store, attachment.digest, record.digest)
  if (row?.state !== 'whole') {
    const state = row?.state ?? 'dropped'
    throw new AmanaError('CLI_ATTACHMENT_WAITS', { number: index + 1, state })
  }
  await openWhole(parts, attachment, () => Promise.resolve())
  const data = {
    ...namesOf(record),
    digest: attachment.plaintext,
    format: 'attachment',
    purpose: asked.purpose,
  }
  await recordAct(parts, { who, leaves: [{ event: 'a.export', data }], fields: reasonOf(asked) })
  return writeWhole(asked.to, async (file) => {
    await openWhole(parts, attachment, (bytes) => file.write(bytes))
    await file.finish()
    const { digest } = record
    return { file: asked.to, digest, sizeBytes: plainLength(attachment.length) }
  })
}

async function openWhole(
  { blobs }: NodeParts,
  attachment: Attachment,
  take: (plaintext: Uint8Array) => Promise<void>,
): Promise<void> {
  const opener = new AttachmentOpener(attachment)
  for await (const bytes of blobs.read(attachment.digest)) {
    for (const { plaintext } of opener.push(bytes)) await take(plaintext)
  }
  opener.end()
}

/** What was attached is here, whole, before the statement that names it is queued. @throws STORE_BLOB */
export async function assertAttached({ blobs }: NodeParts, record: StatementRecord): Promise<void> {
  for (const { digest, length } of attachmentsIn(record)) await blobs.assertWhole(digest, length)
}

/** Drops sealed files of a statement that was taken back, but for those that another one names. */
export async function dropAttachments(
  { audit, blobs, ledger, store }: NodeParts,
  record: StatementRecord,
): Promise<void> {
  for (const { digest } of attachmentsIn(record)) {
    const named = await naming(store, digest)
    const others = named.filter(({ statement }) => statement !== record.digest)
    const standing = await Promise.all(others.map(({ statement }) => ledger.get(statement)))
    const isKept = standing.some((one) => one !== undefined && one.withdrawal === undefined)
    const writes = [droppedWrite(digest, record.digest)]
    await audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
    if (!isKept) await blobs.drop(digest)
  }
}

async function find({ ledger }: NodeParts, digest: string): Promise<StatementRecord> {
  const record = await ledger.find(digest)
  if (record === undefined) throw new AmanaError('CLI_NO_MESSAGE', { digest })
  return record
}
