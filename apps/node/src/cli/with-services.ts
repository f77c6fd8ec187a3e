/**
 * Reaches the node's services: through the control socket of the running node, else by opening its folder.
 *
 * @module
 * @spec docs/spec/08-exchange.md#control-socket
 */
import { join } from 'node:path'
import { isAmanaError } from '@amana/core'
import { createControlClient } from '../http/control-client.ts'
import { openNode } from '../node.ts'
import { type NodeServices } from '../services.ts'
import { requireFolder, type CommandContext } from './options.ts'

/**
 * Calls `use` with the services of the node in the context's folder.
 *
 * @throws CLI_NO_FOLDER, STORE_PASSPHRASE, STORE_LOCKED, and what `use` throws
 */
export async function withServices<T>(
  context: CommandContext,
  use: (services: NodeServices) => Promise<T>,
): Promise<T> {
  const folder = await requireFolder(context)
  const running = createControlClient(join(folder, 'control.sock'))
  if (await answers(running)) return use(running)
  const passphrase = await context.passphrases('node')
  await using node = await openNode({ folder, passphrase })
  return await use(node.services)
}

async function answers(services: NodeServices): Promise<boolean> {
  try {
    await services.status({})
    return true
  } catch (error) {
    if (isAmanaError(error, 'CLI_NOT_RUNNING')) return false
    throw error
  }
}
