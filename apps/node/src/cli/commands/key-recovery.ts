/**
 * `amana key recovery verify`: the recovery keystores open, and are those of the charter. Nothing changes.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError } from '@amana/core'
import { ROOTS_FOLDER } from '../../agency/create-agency.ts'
import { readRootPair } from '../../agency/pairing.ts'
import { type KeyView } from '../../service-views.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext, requireFolder } from '../options.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { shortId } from '../texts.ts'
import { withServices } from '../with-services.ts'

const KEYSTORE = '.keystore.json'

/** The commands of the group `key recovery`. */
export function keyRecoveryCommands(shell: Shell): CommandUnknownOpts {
  const verify = leafCommand(shell, 'verify', 'keyRecoveryVerify')
    .argument('[keystores...]')
    .action((files, options) => recoveryVerify(contextOf(shell, options), files))
  return groupCommand(shell, { name: 'recovery', helpKey: 'keyRecovery' }, [verify])
}

/** The files that were named, or those that lie in the node's folder. */
async function recoveryVerify(context: CommandContext, named: readonly string[]): Promise<void> {
  const { io } = context
  const folder = await requireFolder(context)
  const files = named.length > 0 ? named : await recoveryFiles(join(folder, ROOTS_FOLDER))
  const { keys } = await withServices(context, (services) => services.keys({}))
  const listed = keys.filter(({ use }) => use === 'recovery')
  const verified = []
  for (const file of files) verified.push(await verifyOne(context, file, listed))
  printAnswer(io, 'amana.cli.key-recovery-verify/1', {
    json: { verified, listed: listed.length },
    lines: [
      ...verified.map(({ keyId, keystore }) =>
        io.say('key.recovery.fits', { keystore, key: shortId(keyId) }),
      ),
      io.say('key.recovery.count', { count: verified.length, all: listed.length }),
    ],
  })
}

/** @throws CLI_OPTION when none lies there */
async function recoveryFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  const files = names.filter((name) => name.startsWith('recovery-') && name.endsWith(KEYSTORE))
  if (files.length === 0) throw new AmanaError('CLI_OPTION', { option: '<keystores>' })
  return files.toSorted().map((name) => join(folder, name))
}

/** Both halves of the pair are those of one entry. @throws STORE_PASSPHRASE, STORE_FILE, STORE_KEYSTORE, TRUST_RECOVERY */
async function verifyOne(
  { passphrases }: CommandContext,
  file: string,
  listed: readonly KeyView[],
): Promise<{ readonly keystore: string; readonly keyId: string }> {
  const keystore = basename(file, KEYSTORE)
  const { ed, pq } = await readRootPair(file, await passphrases(keystore))
  const isListed = listed.some(
    ({ keyId, secondKeyId }) => keyId === ed.keyId && secondKeyId === pq.keyId,
  )
  if (!isListed) throw new AmanaError('TRUST_RECOVERY', { keystore })
  return { keystore, keyId: ed.keyId }
}
