/**
 * `amana message validate`, `inspect` and `export`.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#inspecting
 */
import { basename, resolve } from 'node:path'
import { parseDraft } from '@amana/core'
import { inspect, renderInspect } from '@amana/verify'
import { type ServiceInput } from '../../services.ts'
import { readBytes, readJson, writeText } from '../files.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { withServices } from '../with-services.ts'

/** Checks a draft as it would be checked before it is signed. Needs no node. */
export async function messageValidate(context: CommandContext, file: string): Promise<void> {
  const { io } = context
  const { kind, to } = parseDraft(await readJson(file))
  printAnswer(io, 'amana.cli.message-validate/1', {
    json: { kind, to: to.agency },
    lines: [io.say('message.valid', { kind })],
  })
}

/** Takes any object apart. Needs no node and no key. */
export async function messageInspect(context: CommandContext, file: string): Promise<void> {
  const { io } = context
  const inspected = inspect(await readBytes(file), basename(file))
  const { what, members } = inspected
  printAnswer(io, 'amana.cli.message-inspect/1', {
    json: { what, members },
    lines: renderInspect(inspected, io.language).replace(/\n$/, '').split('\n'),
  })
}

/** Options of `message export`. */
export interface ExportOptions {
  readonly digest: string
  readonly disclose: string
  readonly purpose: ServiceInput<'presentation'>['purpose']
  readonly to: string
}

/** Writes a copy of a message that shows the fields named and no others. */
export async function messageExport(
  context: CommandContext,
  { digest, disclose, purpose, to }: ExportOptions,
): Promise<void> {
  const { io } = context
  const paths = disclose.split(',').map((path) => path.trim())
  const { presentation } = await withServices(context, (node) =>
    node.presentation({ digest, disclose: paths, purpose }),
  )
  const file = resolve(to)
  await writeText(file, presentation)
  printAnswer(io, 'amana.cli.message-export/1', {
    json: { file, disclosed: paths },
    lines: [io.say('message.exported', { file })],
  })
}
