/**
 * Two officers who agree: both keystores are opened, each with its own passphrase.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#who-erases
 */
import { AmanaError, type Draft } from '@amana/core'
import { type TwoOfficers } from '../agency/erasing.ts'
import { sendDraft, type UnlockedOfficer } from '../agency/signing.ts'
import { type NodeServices } from '../services.ts'
import { unlockAsked } from './acting.ts'
import { type CommandContext } from './options.ts'

/** Options of a command that two officers sign. */
export interface TwoOptions {
  readonly approve?: string | undefined
  readonly officer?: string | undefined
}

/** The officer who signs, unlocked. @throws CLI_OPTION, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function unlockOne(
  context: CommandContext,
  id: string | undefined,
): Promise<UnlockedOfficer> {
  const officer = await unlockAsked(context, id)
  if (officer === undefined) throw new AmanaError('CLI_OPTION', { option: '--officer' })
  return officer
}

/** Both officers, unlocked. @throws CLI_OPTION, RIGHTS_SECOND; STORE_KEYSTORE, STORE_PASSPHRASE */
export async function unlockTwo(
  context: CommandContext,
  { approve, officer }: TwoOptions,
): Promise<TwoOfficers> {
  const first = await unlockOne(context, officer)
  const second = approve === officer ? undefined : await unlockAsked(context, approve)
  if (second === undefined) throw new AmanaError('RIGHTS_SECOND', { option: '--approve' })
  return { first, second }
}

/** Signs a draft by its author and approver and queues it; its digest. @throws as `sendDraft` */
export async function sendBy(
  services: NodeServices,
  draft: Draft,
  officers: { readonly first: UnlockedOfficer; readonly second?: UnlockedOfficer | undefined },
): Promise<string> {
  const { first: author, second } = officers
  const approvers = second === undefined ? [] : [second]
  return (await sendDraft(services, draft, { author, approvers })).digest
}
