/**
 * `amana peer invite`, `import` and `list`.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#invite
 */
import { basename, resolve } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, type GeneralJws } from '@amana/core'
import { inspect } from '@amana/verify'
import { makeInvite } from '../../agency/pairing.ts'
import { type CharterProgress } from '../../service-views.ts'
import { type NodeServices } from '../../services.ts'
import { readBytes, readJws, writeJws } from '../files.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { unlockRosterKey } from '../roster-key.ts'
import { contextOf, leafCommand, type Shell } from '../shell.ts'
import { withServices } from '../with-services.ts'

/** `amana peer invite`. */
export function peerInviteCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'invite', 'peerInvite')
    .option('--to <file>', shell.say('help.option.to'))
    .action((options) => peerInvite(contextOf(shell, options), options.to))
}

/** `amana peer import`. */
export function peerImportCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'import', 'peerImport')
    .argument('<file>')
    .action((file, options) => peerImport(contextOf(shell, options), file))
}

/** `amana peer list`. */
export function peerListCommand(shell: Shell): CommandUnknownOpts {
  return leafCommand(shell, 'list', 'peerList').action((options) =>
    peerList(contextOf(shell, options)),
  )
}

async function peerInvite(context: CommandContext, to: string | undefined): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const rosterKey = await unlockRosterKey(context, folder)
  const { agency, invite } = await withServices(context, async (services) => ({
    agency: (await services.status({})).agency,
    invite: await makeInvite(services, rosterKey),
  }))
  const file = resolve(to ?? `invite-${agency}.json`)
  await writeJws(file, invite)
  printAnswer(io, 'amana.cli.peer-invite/1', {
    json: { agency, file },
    lines: [io.say('peer.invite.done', { file }), io.say('peer.invite.next')],
  })
}

interface Imported {
  readonly json: Readonly<Record<string, unknown>>
  readonly line: string
}

async function peerImport(context: CommandContext, file: string): Promise<void> {
  const { io } = context
  await requireFolder(context)
  const what = kindOf(await readBytes(file), file)
  const jws = await readJws(file)
  const imported = await withServices(context, (services) => importAs(what, jws, { services, io }))
  printAnswer(io, 'amana.cli.peer-import/1', { json: imported.json, lines: [imported.line] })
}

type Importable = 'invite' | 'charter' | 'roster'

function kindOf(bytes: Uint8Array, file: string): Importable {
  try {
    const { what } = inspect(bytes, basename(file))
    if (what === 'invite' || what === 'charter' || what === 'roster') return what
  } catch (cause) {
    throw new AmanaError('CLI_NOT_AMANA', { path: file }, { cause })
  }
  throw new AmanaError('CLI_NOT_AMANA', { path: file })
}

async function importAs(
  what: Importable,
  jws: GeneralJws,
  { services, io }: { readonly services: NodeServices; readonly io: Io },
): Promise<Imported> {
  if (what === 'invite') {
    const { agency, name, expiresAt } = await services.importInvite({ invite: { ...jws } })
    const line = io.say('peer.import.invite', { agency, name })
    return { json: { what, agency, name, expiresAt }, line }
  }
  if (what === 'charter') {
    const { inForce, progress } = await services.confirmCharter({ charter: { ...jws } })
    return { json: { what, inForce, progress }, line: charterLine(io, progress) }
  }
  const { agency, version } = await services.adoptRoster({ roster: { ...jws } })
  const line = io.say('peer.import.roster', { agency, version })
  return { json: { what, agency, version }, line }
}

function charterLine(io: Io, progress: CharterProgress): string {
  if (progress === 'in-force') return io.say('peer.import.charter-inForce')
  if (progress === 'waiting') return io.say('peer.import.charter-waiting')
  return io.say(`peer.renew.progress.${progress}`)
}

async function peerList(context: CommandContext): Promise<void> {
  const { io } = context
  const { peers } = await withServices(context, (services) => services.status({}))
  const lines = peers.map(({ agency, link, queued, state }) =>
    io.say('node.peer', {
      agency,
      state: io.say(`peer.state.${state}`),
      link: io.say(`peer.link.${link}`),
      queued,
    }),
  )
  printAnswer(io, 'amana.cli.peer-list/1', {
    json: { peers },
    lines: lines.length === 0 ? [io.say('peer.none')] : lines,
  })
}
