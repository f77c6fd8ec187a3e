/**
 * `amana key list` and `amana key show`: every key of the agency, and never a private half.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { join } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { ROOTS_FOLDER } from '../../agency/create-agency.ts'
import { type KeyView } from '../../service-views.ts'
import { keystorePath, officerKeystorePath } from '../../vault/keystore-file.ts'
import { expiryLines } from '../expiries.ts'
import { exists } from '../files.ts'
import { findKey } from '../find-key.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { dayOf, shortId } from '../texts.ts'
import { withServices } from '../with-services.ts'
import { keyRecoveryCommands } from './key-recovery.ts'
import { keyRevokeCommand } from './key-revoke.ts'
import { keyRotateCommand } from './key-rotate.ts'

/** The commands of the group `key`. */
export function keyCommands(shell: Shell): CommandUnknownOpts {
  const list = leafCommand(shell, 'list', 'keyList').action((options) =>
    keyList(contextOf(shell, options)),
  )
  const show = leafCommand(shell, 'show', 'keyShow')
    .argument('<kid>')
    .action((kid, options) => keyShow(contextOf(shell, options), kid))
  return groupCommand(shell, { name: 'key', helpKey: 'key' }, [
    list,
    show,
    keyRotateCommand(shell),
    keyRevokeCommand(shell),
    keyRecoveryCommands(shell),
  ])
}

async function keyList(context: CommandContext): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const { agency, keys, expiries } = await withServices(context, async (services) => ({
    ...(await services.keys({})),
    expiries: (await services.status({})).expiries,
  }))
  const placed = await Promise.all(
    keys.map(async (key) => ({ ...key, place: await placeOf(folder, key) })),
  )
  printAnswer(io, 'amana.cli.key-list/1', {
    json: { agency, keys: placed.map((key) => withAlgorithm(key)), expiries },
    lines: [
      ...placed.map((key) => keyLine(io, key)),
      ...expiryLines(io, expiries),
      io.say('key.next'),
    ],
  })
}

/** Its algorithm in place of the whole key; of a desk it says the suite. */
function withAlgorithm({ jwk, ...key }: PlacedKey): Omit<PlacedKey, 'jwk'> {
  return jwk === undefined ? key : { ...key, algorithm: jwk.alg }
}

async function keyShow(context: CommandContext, kid: string): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const { key, signed } = await withServices(context, async (services) => {
    const found = await findKey(services, kid)
    return { key: found, signed: await services.signedBy({ keyId: found.keyId }) }
  })
  const placed = { ...key, place: await placeOf(folder, key) }
  printAnswer(io, 'amana.cli.key-show/1', {
    json: { key: placed, signed },
    lines: [
      keyLine(io, placed),
      `  ${io.say('key.id', { id: key.keyId })}`,
      ...(key.secondKeyId === undefined ? [] : [`  ${io.say('key.id', { id: key.secondKeyId })}`]),
      ...(key.rosters.length === 0
        ? []
        : [`  ${io.say('key.rosters', { versions: key.rosters.join(', ') })}`]),
      ...revokedLines(io, key),
      ...(key.use === 'officer' ? [`  ${io.say('key.signed', signed)}`] : []),
    ],
  })
}

function revokedLines({ say }: Io, { revoked }: KeyView): readonly string[] {
  if (revoked === undefined) return []
  const { reason, since } = revoked
  const text = say('key.revokedSince', { reason: say(`key.reason.${reason}`), date: dayOf(since) })
  return [`  ${text}`]
}

/** A key, and the file of its private half from the node's folder; nothing where it is not there. */
interface PlacedKey extends KeyView {
  readonly place: string | undefined
  readonly algorithm?: string
}

async function placeOf(folder: string, key: KeyView): Promise<string | undefined> {
  const path = fileOf('', key)
  if (path === undefined) return undefined
  return (await exists(join(folder, path))) ? path : undefined
}

/** Where the private half lies by the rules of the folder. */
function fileOf(folder: string, { holder, isHere, state, use }: KeyView): string | undefined {
  if (isHere) return keystorePath(folder, 'node')
  if (use === 'roster') return keystorePath(folder, holder)
  if (use === 'root' || use === 'recovery') return keystorePath(join(folder, ROOTS_FOLDER), holder)
  const isOfficers = use === 'officer' && state === 'current'
  return isOfficers ? officerKeystorePath(folder, holder) : undefined
}

function keyLine({ say }: Io, key: PlacedKey): string {
  const { from, holder, jwk, keyId, level, place, state, until, use } = key
  const span =
    from === undefined || until === undefined
      ? say('key.noSpan')
      : say('key.span', { from: dayOf(from), until: dayOf(until) })
  const parts = [
    shortId(keyId),
    say(`key.use.${use}`),
    holder,
    ...(use === 'desk' && jwk !== undefined ? [jwk.alg] : []),
    span,
    say(`key.state.${state}`),
    place ?? say('key.notHere'),
    ...(level === undefined ? [] : [say(`key.level.${level}`)]),
  ]
  return parts.join('  ')
}
