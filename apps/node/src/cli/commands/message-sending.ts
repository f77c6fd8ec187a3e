/**
 * `amana message send`: the officer's own key signs, here and not in the node.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#statement
 */
import { AmanaError, type Draft, parseDraft, sealedLength } from '@amana/core'
import { attachFiles, type FileToAttach, filesToAttach } from '../../agency/attaching-files.ts'
import { lookOver } from '../../agency/looking-over.ts'
import {
  type Sending,
  sendDraft,
  unlockOfficer,
  type UnlockedOfficer,
} from '../../agency/signing.ts'
import { freeBytes, readJson, readPieces } from '../files.ts'
import { findingLines } from '../finding-lines.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { durationOf, sizeOf } from '../texts.ts'
import { withServices } from '../with-services.ts'

/** 64 kbit/s, in bytes a second. */
const SLOW_LINE = 8000

/** A line of progress for so much of a file. */
const PROGRESS_BYTES = 64 * 1024 * 1024

/** Options of the command. */
export interface SendOptions {
  readonly officer: string
  readonly approve?: string | undefined
  /** Files that go with it. */
  readonly attach?: readonly string[] | undefined
  /** Why what was found in its texts goes all the same. */
  readonly acceptFindings?: string | undefined
  /** Further desks, parted by commas. */
  readonly desk?: string | undefined
  readonly dryRun?: true | undefined
}

/** Signs the draft in `file` and queues it. */
export async function messageSend(
  context: CommandContext,
  file: string,
  options: SendOptions,
): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const draft = parseDraft(await readJson(file))
  const unlock = async (id: string): Promise<UnlockedOfficer> =>
    unlockOfficer(folder, id, await context.passphrases(`officer-${id}`))
  const author = await unlock(options.officer)
  const approvers: UnlockedOfficer[] = []
  for (const id of listOf(options.approve)) approvers.push(await unlock(id))
  const dryRun = options.dryRun === true
  const files = await filesToAttach(options.attach ?? [])
  const expected = await expectedLines(context, files)
  if (!dryRun) for (const line of expected) io.talk(line)
  const desks = listOf(options.desk)
  const accepted = await acceptedFindings(context, { author, desks, draft, options })
  const sealed = progressOf(io)
  const attaching = { dryRun, folder, read: readPieces, freeBytes, sealed }
  const whole = await attachFiles(draft, files, attaching)
  const { digest, queued } = await withServices(context, (services) =>
    sendDraft(services, whole, { accepted, author, approvers, desks, dryRun }),
  )
  printAnswer(io, 'amana.cli.message-send/1', {
    json: { digest, queued },
    lines: queued ? [io.say('message.sent', { digest })] : [...expected, io.say('message.dryRun')],
  })
}

interface LookedOver {
  readonly author: UnlockedOfficer
  readonly desks: readonly string[]
  readonly draft: Draft
  readonly options: SendOptions
}

/**
 * Shows what in the texts may tell who she is; nothing goes before the officer says why it may.
 *
 * @throws REFERRAL_FINDINGS when he does not
 */
async function acceptedFindings(
  context: CommandContext,
  { author: officer, desks, draft, options }: LookedOver,
): Promise<Sending['accepted']> {
  const { io } = context
  const findings = await withServices(context, (node) => lookOver(node, { desks, draft, officer }))
  const [first] = findings
  if (first === undefined) return undefined
  for (const line of findingLines(io, findings)) io.talk(line)
  const reason = options.acceptFindings?.normalize('NFC').trim() ?? ''
  if (reason !== '') return { count: findings.length, reason }
  throw new AmanaError('REFERRAL_FINDINGS', { count: findings.length, path: first.path })
}

/** How large each file is, and how long it will take on this line: at the speed measured last, or on a slow one. */
async function expectedLines(
  context: CommandContext,
  files: readonly FileToAttach[],
): Promise<readonly string[]> {
  if (files.length === 0) return []
  const { io } = context
  const { line } = await withServices(context, (node) => node.status({}))
  const measured = line.bytesPerSecond
  return files.map(({ path, sizeBytes }) =>
    io.say(measured === undefined ? 'message.attach.slow' : 'message.attach.measured', {
      file: path,
      size: sizeOf(io, sizeBytes),
      time: durationOf(io, Math.ceil(sealedLength(sizeBytes) / (measured ?? SLOW_LINE))),
    }),
  )
}

/** How far a large file is: a line for a person, or one of JSON. */
function progressOf(io: Io): (file: FileToAttach, doneBytes: number) => void {
  let told = 0
  return ({ path, sizeBytes }, doneBytes) => {
    const step = Math.floor(doneBytes / PROGRESS_BYTES)
    if (step === told) return
    told = step
    if (step === 0) return
    if (io.json) {
      const schema = 'amana.cli.progress/1'
      io.talk(JSON.stringify({ schema, file: path, doneBytes, sizeBytes }))
    } else if (io.interactive) {
      const [done, size] = [sizeOf(io, doneBytes), sizeOf(io, sizeBytes)]
      io.talk(io.say('message.attach.progress', { file: path, done, size }))
    }
  }
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((id) => id.trim())
}
