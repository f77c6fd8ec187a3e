/**
 * `amana request export`: everything about herself that an officer reads, as a file for the person who asked.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#what-she-is-given
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, digest as digestOf, encodeUtf8 } from '@amana/core'
import { givenOf, type GivenMessage } from '../../agency/subject-export.ts'
import { askFor } from '../acting.ts'
import { writeText } from '../files.ts'
import { printAnswer } from '../io.ts'
import { findRequest, openAs, openReferralAs } from '../opening.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { unlockOne } from '../two-officers.ts'

/** Kinds of requests that she is given a file for. */
const GIVEN_FOR: readonly string[] = ['access', 'disclosure_list', 'portability']

/** `amana request export`. */
export function exportCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  return leafCommand(shell, 'export', 'requestExport')
    .argument('<request>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .requiredOption('--to <file>', say('help.option.to'))
    .action((request, options) => requestExport(contextOf(shell, options), request, options))
}

/**
 * Opens every message of the referral and writes what she is given; the leaf of the file is durable before it is written.
 *
 * @throws RIGHTS_IDENTITY when her code word was not checked, or she asked for something else
 */
async function requestExport(
  context: CommandContext,
  asked: string,
  { officer: id, to }: { readonly officer: string; readonly to: string },
): Promise<void> {
  const { io } = context
  const { codeWordChecked, digest, referral, type } = await findRequest(context, asked)
  if (codeWordChecked !== 'yes' || !GIVEN_FOR.includes(type)) {
    throw new AmanaError('RIGHTS_IDENTITY', { digest, type })
  }
  const officer = await unlockOne(context, id)
  const { steps } = await openReferralAs(context, { officer, reference: referral })
  const messages: GivenMessage[] = []
  for (const statement of new Set(steps.map((step) => step.statement))) {
    messages.push(givenOf(await openAs(context, { digest: statement, officer })))
    io.talk(io.say('rights:request.reading', { count: messages.length, total: steps.length }))
  }
  const file = { schema: 'amana.subject-export/1', request: digest, referral, messages }
  const text = `${JSON.stringify(file, undefined, 2)}\n`
  const input = { digest: digestOf(encodeUtf8(text)), purpose: 'data-subject' } as const
  await askFor(context, {
    call: { act: 'copy', method: 'copied', input },
    officer,
    send: (node, signed) => node.copied(signed),
  })
  await writeText(to, text)
  printAnswer(io, 'amana.cli.request-export/1', {
    json: { digest: input.digest, file: to, messages: messages.length },
    lines: [io.say('rights:request.exported', { count: messages.length, file: to })],
  })
}
