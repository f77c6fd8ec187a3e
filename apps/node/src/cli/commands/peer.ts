/**
 * `amana peer …`: how two agencies meet. Everything goes by files; the telephone call makes it safe.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { groupCommand, type Shell } from '../shell.ts'
import {
  peerCompareCommand,
  peerConfirmCommand,
  peerRejectCommand,
  peerResumeCommand,
} from './peer-confirm.ts'
import { peerImportCommand, peerInviteCommand, peerListCommand } from './peer-files.ts'
import { peerExportQueueCommand, peerImportQueueCommand } from './peer-queue.ts'
import { peerRenewCommands } from './peer-renew.ts'

/** The commands of the group `peer`. */
export function peerCommands(shell: Shell): CommandUnknownOpts {
  return groupCommand(shell, { name: 'peer', helpKey: 'peer' }, [
    peerInviteCommand(shell),
    peerImportCommand(shell),
    peerCompareCommand(shell),
    peerConfirmCommand(shell),
    peerRejectCommand(shell),
    peerResumeCommand(shell),
    peerListCommand(shell),
    peerExportQueueCommand(shell),
    peerImportQueueCommand(shell),
    peerRenewCommands(shell),
  ])
}
