/**
 * Attachments for the people who use a node: how far they have come, and one of them as a file.
 *
 * @module
 * @spec docs/spec/10-attachments.md#for-people
 */
import {
  AmanaError,
  type Attachment,
  AttachmentOpener,
  parseStatement,
  plainLength,
  AttachmentsSchema,
} from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { acting, reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { type StatementRecord } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type AttachmentView, type WaitingAttachment } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import {
  attachmentRow,
  type Choice,
  choiceOf,
  chosenWrites,
  droppedWrite,
  naming,
  wantedFrom,
} from '../statements/attachment-rows.ts'
import { attachmentsIn, filesOf } from '../statements/statement-values.ts'
import { URGENCIES } from '../statements/urgency.ts'
import { logListed } from './listed.ts'
import { namesOf } from './opened.ts'
import { type RunningLinks } from './status-services.ts'
import { writeWhole } from './written-file.ts'

type AttachmentServices = Pick<
  NodeServices,
  'attachments' | 'chooseAttachment' | 'saveAttachment' | 'waitingAttachments'
>

/** The methods about attachments. */
export function createAttachmentServices(
  parts: NodeParts,
  links?: Pick<RunningLinks, 'attachmentsChanged'>,
): AttachmentServices {
  return {
    attachments: async ({ digest }) => {
      const record = await find(parts, digest)
      const views = numbered(record).map(async (one) => viewOf(parts, record, one))
      return { attachments: await Promise.all(views), digest: record.digest }
    },
    waitingAttachments: async (input) =>
      acting(parts, { act: 'list', method: 'waitingAttachments', input }, async (who) => {
        const attachments = await waitingOnes(parts, input.limit)
        const listed = { asked: input, what: 'messages', query: 'attachments' } as const
        await logListed(parts, { ...listed, who, count: attachments.length })
        return { attachments }
      }),
    chooseAttachment: async (input) => {
      const answer = await choose(parts, input)
      links?.attachmentsChanged()
      return answer
    },
    saveAttachment: async (input) =>
      acting(parts, { act: 'export', method: 'saveAttachment', input }, (who) =>
        save(parts, input, who),
      ),
  }
}

/** What an officer chooses from: nothing that is sealed for officers is opened. */
async function waitingOnes(parts: NodeParts, limit: number): Promise<readonly WaitingAttachment[]> {
  const { ledger, store, trust } = parts
  if (trust.inForce === undefined) return []
  const range = { limit, which: 'all' } as const
  const views: WaitingAttachment[] = []
  for (const { digest, statement } of await wantedFrom(store, trust.peer(), range)) {
    const record = await ledger.get(statement)
    const attachment = record && numbered(record).find((one) => one.digest === digest)
    const row = await attachmentRow(store, digest, statement)
    if (record === undefined || attachment === undefined || row === undefined) continue
    const { kind } = parseStatement(record.statement).content
    const urgency = URGENCIES[row.rank ?? 0] ?? 'urgent'
    views.push({ ...(await viewOf(parts, record, attachment)), message: statement, kind, urgency })
  }
  return views
}

/** @throws CLI_NO_MESSAGE, CLI_NO_ATTACHMENT; CLI_ATTACHMENT_SETTLED where it is not waited for; STORE_WRITE */
async function choose(
  parts: NodeParts,
  { attachment, choice, digest }: ServiceInput<'chooseAttachment'>,
): Promise<ServiceResults['chooseAttachment']> {
  const record = await find(parts, digest)
  const chosen = attachmentCalled(record, attachment)
  const row = await attachmentRow(parts.store, chosen.digest, record.digest)
  const one = row && { digest: chosen.digest, statement: record.digest, row }
  const before = one && (await choiceOf(parts.store, one))
  if (one === undefined || before === undefined) {
    const { number, state } = await viewOf(parts, record, chosen)
    throw new AmanaError('CLI_ATTACHMENT_SETTLED', { number, state })
  }
  const writes = chosenWrites(one, { before, choice })
  await parts.audit.commit({ events: [], writes: async () => ({ writes, events: [] }) })
  return { digest: record.digest, attachment: await viewOf(parts, record, chosen) }
}

interface Numbered {
  readonly digest: string
  readonly length: number
  readonly media: string
  readonly name?: string
  readonly number: number
}

/** By its number, or where it is open its name. @throws CLI_NO_ATTACHMENT */
function attachmentCalled(record: StatementRecord, called: string): Numbered {
  return calledIn(numbered(record), called).attachment
}

function calledIn<T extends { readonly name?: string }>(
  all: readonly T[],
  called: string,
): { readonly attachment: T; readonly number: number } {
  const at = all.findIndex(({ name }, index) => name === called || String(index + 1) === called)
  const attachment = all[at]
  if (attachment === undefined) throw new AmanaError('CLI_NO_ATTACHMENT', { name: called })
  return { attachment, number: at + 1 }
}

/** Once the groups are closed to the node, a file has its number and no name. */
function numbered(record: StatementRecord): readonly Numbered[] {
  const files = filesOf(record)
  const open = attachmentsIn(record)
  const named = open.length === files.length ? open : files
  return named.map((one, index) => ({ ...one, number: index + 1 }))
}

/**
 * The attachments with their keys: those of a body that is open to the node, else as the officer who reads it gives them.
 *
 * @throws CLI_SEALED when nobody does, WIRE_DIS when one of them is no file of this statement
 */
function openAttachments(
  record: StatementRecord,
  { opened }: ServiceInput<'saveAttachment'>,
): readonly Attachment[] {
  if (record.atRest === undefined) return attachmentsIn(record)
  if (opened === undefined) throw new AmanaError('CLI_SEALED', { digest: record.digest })
  const given = AttachmentsSchema.safeParse(opened).data ?? []
  const files = filesOf(record)
  const isWhole =
    given.length === files.length && given.every((one, at) => one.digest === files[at]?.digest)
  if (!isWhole) throw new AmanaError('WIRE_DIS', { reason: 'attachments' })
  return given
}

/** Nothing of a body: no name, which can be that of a person. */
async function viewOf(
  parts: NodeParts,
  record: StatementRecord,
  { digest, length, media, number }: Numbered,
): Promise<AttachmentView> {
  const { blobs, store } = parts
  const row = await attachmentRow(store, digest, record.digest)
  const cameBytes = Math.min(length, await blobs.cameBytes(digest))
  const choice = row && (await choiceOf(store, { digest, statement: record.digest, row }))
  const view = { digest, media, number, sizeBytes: plainLength(length), length, cameBytes }
  if (choice !== undefined) return { ...view, ...waitingView(parts, choice, length - cameBytes) }
  if (row?.state !== 'unfit') return { ...view, state: row?.state ?? 'dropped' }
  const code = row.code === undefined ? {} : { code: row.code }
  return { ...view, cameBytes: 0, state: row.state, ...code }
}

function waitingView(
  { config, traffic }: NodeParts,
  choice: Choice,
  restBytes: number,
): Pick<AttachmentView, 'isFirst' | 'isOverBudget' | 'secondsLeft' | 'state'> {
  const asks = config.node.attachments === 'ask' && choice === 'unasked'
  const state = choice === 'hold' ? 'held' : asks ? 'unasked' : 'waits'
  return {
    state,
    ...(choice === 'first' ? { isFirst: true as const } : {}),
    ...secondsLeft(restBytes, traffic.facts.bytesPerSecond),
    ...(state === 'waits' && traffic.isSpent ? { isOverBudget: true as const } : {}),
  }
}

function secondsLeft(
  bytes: number,
  bytesPerSecond: number | undefined,
): Pick<AttachmentView, 'secondsLeft'> {
  return bytesPerSecond === undefined ? {} : { secondsLeft: Math.ceil(bytes / bytesPerSecond) }
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
  const { attachment, number } = calledIn(openAttachments(record, asked), asked.attachment)
  const row = await attachmentRow(parts.store, attachment.digest, record.digest)
  if (row?.state !== 'whole') {
    const state = row?.state ?? 'dropped'
    throw new AmanaError('CLI_ATTACHMENT_WAITS', { number, state })
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
  for (const { digest } of filesOf(record)) {
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
