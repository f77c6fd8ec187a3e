/**
 * A process that commits to a log until it is killed or its disk is full, and says which commits were acknowledged.
 * `node store-child.ts FOLDER FIRST`: a line a commit, `ack <number>` or `refused <number> <code>`.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { isAnyAmanaError } from '@amana/core'
import { openStoredLog, rowsOf, sentEvent } from './store-fixture.ts'

const [folder = '', first = '0'] = process.argv.slice(2)
/** Commits under way at once: so that batches of several are killed, too. */
const CALLERS = 5
let number = Number(first)
let full = false
// Without a listener the signal of a full file ends the process before the write can fail.
process.on('SIGXFSZ', () => undefined)

const { writer } = await openStoredLog(folder)

async function commitUntilFull(): Promise<void> {
  while (!full) {
    number += 1
    const mine = number
    try {
      const writes = () => Promise.resolve({ writes: rowsOf(mine), events: [] })
      await writer.commit({ events: [sentEvent(String(mine))], writes })
      process.stdout.write(`ack ${String(mine)}\n`)
    } catch (error) {
      full = true
      const code = isAnyAmanaError(error) ? error.code : 'not ours'
      process.stdout.write(`refused ${String(mine)} ${code}\n`)
    }
  }
}

await Promise.all(Array.from({ length: CALLERS }, () => commitUntilFull()))
