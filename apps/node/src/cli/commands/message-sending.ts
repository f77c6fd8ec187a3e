/**
 * `amana message send`: the officer's own key signs, here and not in the node.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#statement
 */
import { parseDraft } from '@amana/core'
import { sendDraft, unlockOfficer, type UnlockedOfficer } from '../../agency/signing.ts'
import { readJson } from '../files.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { withServices } from '../with-services.ts'

/** Options of the command. */
export interface SendOptions {
  readonly officer: string
  readonly approve?: string | undefined
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
  const { digest, queued } = await withServices(context, (services) =>
    sendDraft(services, draft, { author, approvers, desks: listOf(options.desk), dryRun }),
  )
  printAnswer(io, 'amana.cli.message-send/1', {
    json: { digest, queued },
    lines: [queued ? io.say('message.sent', { digest }) : io.say('message.dryRun')],
  })
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split(',').map((id) => id.trim())
}
