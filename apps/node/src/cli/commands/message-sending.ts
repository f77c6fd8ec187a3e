/**
 * `amana message send`: the officer's own key signs, here and not in the node.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#statement
 */
import { parseDraft, sealedLength } from '@amana/core'
import { attachFiles, type FileToAttach, filesToAttach } from '../../agency/attaching-files.ts'
import { sendDraft, unlockOfficer, type UnlockedOfficer } from '../../agency/signing.ts'
import { readJson, readPieces } from '../files.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { durationOf, sizeOf } from '../texts.ts'
import { withServices } from '../with-services.ts'

/** 64 kbit/s, in bytes a second. */
const SLOW_LINE = 8000

/** Options of the command. */
export interface SendOptions {
  readonly officer: string
  readonly approve?: string | undefined
  /** Files that go with it. */
  readonly attach?: readonly string[] | undefined
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
  const attaching = { dryRun, folder, read: readPieces }
  const whole = await attachFiles(draft, files, attaching)
  const { digest, queued } = await withServices(context, (services) =>
    sendDraft(services, whole, { author, approvers, desks: listOf(options.desk), dryRun }),
  )
  printAnswer(io, 'amana.cli.message-send/1', {
    json: { digest, queued },
    lines: queued ? [io.say('message.sent', { digest })] : [...expected, io.say('message.dryRun')],
  })
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

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((id) => id.trim())
}
