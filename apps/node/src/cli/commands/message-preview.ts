/**
 * `amana message preview`: what a reader will see of a draft, before anybody signs it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#preview
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import {
  AmanaError,
  DESK_ROLES,
  type DeskRole,
  type Draft,
  kindDefinition,
  parseDraft,
  parseMessage,
  type Preview,
  previewFor,
  READER_PRESETS,
  type ReadingDesk,
} from '@amana/core'
import { lookOver, lookOverAlone, type ShownFinding } from '../../agency/looking-over.ts'
import { unlockAsked } from '../acting.ts'
import { readJson } from '../files.ts'
import { findingLines, findingsJson } from '../finding-lines.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'
import { valueLines } from './message-reading.ts'

interface PreviewOptions {
  readonly to?: string | undefined
  readonly role?: string | undefined
  /** Who reads her file, for the names in it. */
  readonly officer?: string | undefined
}

/** A reader by the name that the asker knows. */
interface Reader {
  readonly name: string
  readonly desk: ReadingDesk
}

const PRESETS: ReadonlyMap<string, DeskRole> = new Map(Object.entries(READER_PRESETS))

/** `amana message preview`. */
export function previewCommand(shell: Shell): CommandUnknownOpts {
  const { say } = shell
  const roles = [...PRESETS.keys(), ...DESK_ROLES]
  return leafCommand(shell, 'preview', 'messagePreview')
    .argument('<file>')
    .option('--to <desk>', say('help.option.previewTo'))
    .option('--officer <id>', say('help.option.previewOfficer'))
    .addOption(new Option('--role <role>', say('help.option.previewRole')).choices(roles))
    .action((file, options) => messagePreview(contextOf(shell, options), file, options))
}

async function messagePreview(
  context: CommandContext,
  file: string,
  options: PreviewOptions,
): Promise<void> {
  const { io } = context
  const draft = parseDraft(await readJson(file))
  const { groups, kind, to } = draft
  const message = parseMessage(kind, groups)
  const readers = await readersOf(context, { agency: to.agency, kind, options })
  const shown = readers.map(({ desk, name }) => ({ name, ...previewFor(message, desk) }))
  const findings = await foundIn(context, { draft, options })
  const isOne = options.to !== undefined || options.role !== undefined
  printAnswer(io, 'amana.cli.message-preview/1', {
    json: {
      kind,
      readers: shown.map(({ locked, name, sees, withheld }) => ({
        name,
        locked,
        withheld,
        sees: isOne ? sees : Object.keys(sees),
      })),
      findings: findingsJson(findings),
    },
    lines: [
      ...shown.flatMap((one) => [
        ...previewLines(io, one.name, one),
        ...(isOne ? contentLines(io, one) : []),
      ]),
      ...findingLines(io, findings),
    ],
  })
}

interface Asked {
  readonly agency: string
  readonly kind: string
  readonly options: PreviewOptions
}

/** What in its texts may tell who she is; of a draft that names her without a node, else by what the officer reads. */
async function foundIn(
  context: CommandContext,
  { draft, options }: { readonly draft: Draft; readonly options: PreviewOptions },
): Promise<readonly ShownFinding[]> {
  const desks = options.to === undefined ? [] : [options.to]
  const officer = await unlockAsked(context, options.officer)
  if (desks.length === 0 && officer === undefined) return lookOverAlone(draft)
  return withServices(context, (node) => lookOver(node, { desks, draft, officer }))
}

/** The desk that is named, the role that is named, or the desk of the kind and the presets. @throws CLI_OPTION */
async function readersOf(context: CommandContext, asked: Asked): Promise<readonly Reader[]> {
  const { role, to } = asked.options
  const known = PRESETS.get(role ?? '') ?? DESK_ROLES.find((one) => one === role)
  if (to !== undefined) return [await listedDesk(context, asked.agency, { id: to, role: known })]
  if (role !== undefined && known !== undefined) return [partner(role, known)]
  const { desk } = kindDefinition(asked.kind)
  const own = { name: desk, desk: { external: false, id: desk, roles: [] } }
  return [own, ...[...PRESETS].map(([name, one]) => partner(name, one))]
}

/** A desk as the newest roster of its agency lists it; with a role, as a reader of that role there. */
async function listedDesk(
  context: CommandContext,
  agency: string,
  { id, role }: { readonly id: string; readonly role: DeskRole | undefined },
): Promise<Reader> {
  const rosters = await withServices(context, (node) => node.rosters({}))
  const desks = rosters.find((roster) => roster.agency === agency)?.desks ?? []
  const found = desks.find((desk) => desk.id === id)
  if (found === undefined) throw new AmanaError('CLI_OPTION', { option: '--to' })
  if (role !== undefined) return { name: id, desk: { external: true, id, roles: [role] } }
  return { name: id, desk: { external: found.external, id, roles: [...found.roles] } }
}

function partner(name: string, role: DeskRole): Reader {
  return { name, desk: { external: true, id: name, roles: [role] } }
}

function previewLines({ say }: Io, name: string, preview: Preview): readonly string[] {
  if (preview.locked) return [say('message.preview.locked', { name })]
  const groups = Object.keys(preview.sees).join(', ')
  const withheld = preview.withheld.join(', ')
  return [
    groups === ''
      ? say('message.preview.nothing', { name })
      : say('message.preview.sees', { groups, name }),
    ...(groups === '' || withheld === ''
      ? []
      : [say('message.preview.withheld', { groups: withheld })]),
  ]
}

function contentLines({ language, say }: Io, { sees }: Preview): readonly string[] {
  return Object.entries(sees).flatMap(([name, value]) => [
    say('message.group', { name }),
    ...valueLines(value, name, language).map((line) => `  ${line}`),
  ])
}
