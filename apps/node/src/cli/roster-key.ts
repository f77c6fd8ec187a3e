/**
 * The roster key for a command: the keystore whose key the charter in force names.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#a-new-roster-key
 */
import { type PrivateKey } from '@amana/core'
import { closedRosterKeystores } from '../agency/log-epoch.ts'
import { loadRosterKey, type RosterKeystores, rosterKeystores } from '../agency/rosters.ts'
import { type NodeOptions } from '../node-parts.ts'
import { FIRST_ROSTER_KEYSTORE, keystorePath } from '../vault/keystore-file.ts'
import { exists } from './files.ts'
import { type CommandContext } from './options.ts'
import { withServices } from './with-services.ts'

/**
 * Opens it, and says so where a charter waits that begins another chain of rosters: what is signed now is not in that one.
 *
 * @throws STORE_FILE, STORE_KEYSTORE, STORE_PASSPHRASE, CLI_PASSPHRASE
 */
export async function unlockRosterKey(
  context: CommandContext,
  folder: string,
): Promise<PrivateKey<'Ed25519'>> {
  return unlockOne(context, folder, await withServices(context, rosterKeystores))
}

/** The same on a folder whose log may not open. @throws as `unlockRosterKey`, STORE_LOCKED while a node runs */
export async function unlockClosedRosterKey(
  context: CommandContext,
  node: NodeOptions,
): Promise<PrivateKey<'Ed25519'>> {
  return unlockOne(context, node.folder, await closedRosterKeystores(node))
}

async function unlockOne(
  { io, passphrases }: CommandContext,
  folder: string,
  { inForce, isChanging }: RosterKeystores,
): Promise<PrivateKey<'Ed25519'>> {
  if (isChanging) io.talk(io.say('roster.changing'))
  const there = await Promise.all(inForce.map((name) => exists(keystorePath(folder, name))))
  const name = inForce[Math.max(0, there.indexOf(true))] ?? FIRST_ROSTER_KEYSTORE
  return loadRosterKey(folder, await passphrases(name), name)
}
