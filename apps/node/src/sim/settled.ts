/**
 * Whether everything is where it belongs: nothing waits, no file is to be fetched, and what was logged of the exchange is cosigned.
 *
 * @module
 * @spec docs/spec/12-simulation.md#oracle
 */
import { parseLeaf } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { wantedFrom } from '../statements/attachment-rows.ts'
import { type SimNode } from './sim-node.ts'

/** Of all machines. */
export async function isSettled(machines: readonly SimNode[]): Promise<boolean> {
  for (const { parts } of machines) {
    if (parts === undefined || !(await isQuiet(parts))) return false
  }
  return true
}

async function isQuiet(parts: NodeParts): Promise<boolean> {
  const { audit, outbox, store, trust, witness } = parts
  if ((await outbox.pending(trust.peer())) > 0) return false
  if ((await wantedFrom(store, trust.peer(), { limit: 1, which: 'all' })).length > 0) return false
  const { size } = await witness.newest()
  const beyond = await audit.leaves(size, audit.head().size)
  return size > 0 && beyond.every((leaf) => parseLeaf(leaf).event.startsWith('w.'))
}
