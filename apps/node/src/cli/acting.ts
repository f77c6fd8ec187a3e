/**
 * Asking in an officer's name: his keystore is opened, and he signs for exactly what the node is asked.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#signed-acts
 */
import { askAs, type OfficerCall } from '../agency/asking.ts'
import { unlockOfficer, type UnlockedOfficer } from '../agency/signing.ts'
import { type NodeServices } from '../services.ts'
import { type CommandContext, requireFolder } from './options.ts'
import { withServices } from './with-services.ts'

/** Options of every command whose act is recorded. */
export interface AccountOptions {
  readonly officer?: string | undefined
  readonly reason?: string | undefined
}

/** The reason as the node takes it. */
export function reasonIn({ reason }: AccountOptions): { readonly reason?: string } {
  return reason === undefined ? {} : { reason: reason.normalize('NFC') }
}

/**
 * Calls a method, in the officer's name where one is given.
 *
 * @throws CLI_OFFICER, STORE_KEYSTORE, STORE_PASSPHRASE, and as `withServices`
 */
export async function ask<I extends object, T>(
  context: CommandContext,
  {
    call,
    officer: id,
    send,
  }: {
    readonly call: OfficerCall<I>
    readonly officer: string | undefined
    readonly send: (node: NodeServices, input: I) => Promise<T>
  },
): Promise<T> {
  return askFor(context, { call, officer: await unlockAsked(context, id), send })
}

/** The officer of an option, unlocked once for all that a command asks. @throws CLI_OFFICER, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function unlockAsked(
  context: CommandContext,
  id: string | undefined,
): Promise<UnlockedOfficer | undefined> {
  if (id === undefined) return undefined
  const folder = await requireFolder(context)
  return unlockOfficer(folder, id, await context.passphrases(`officer-${id}`))
}

/** Calls a method in the name of an officer who is unlocked, where there is one. @throws as `withServices` */
export async function askFor<I extends object, T>(
  context: CommandContext,
  {
    call,
    officer,
    send,
  }: {
    readonly call: OfficerCall<I>
    readonly officer: UnlockedOfficer | undefined
    readonly send: (node: NodeServices, input: I) => Promise<T>
  },
): Promise<T> {
  return withServices(context, async (node) =>
    send(node, officer === undefined ? call.input : await askAs(node, officer, call)),
  )
}
