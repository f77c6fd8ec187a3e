/**
 * A process that commits to a log until it is killed, its disk is full, or a number of commits is done, and says which
 * were acknowledged. `node store-child.ts FOLDER FIRST [LAST]`: a line a commit, `ack <number>` or `refused <number> <code>`.
 * With `LAST` it says `ready <process id>` first, opens the store at the first byte of its input, and closes it at the end.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import { once } from 'node:events'
import { isAnyAmanaError } from '@amana/core'
import { openStoredLog, rowsOf, sentEvent } from './store-fixture.ts'

const [folder = '', first = '0', last = 'Infinity'] = process.argv.slice(2)
/** Commits under way at once: so that batches of several are killed, too. */
const CALLERS = 5
let number = Number(first)
let full = false
// Without a listener the signal of a full file ends the process before the write can fail.
process.on('SIGXFSZ', () => undefined)

if (last !== 'Infinity') {
  process.stdout.write(`ready ${String(process.pid)}\n`)
  await once(process.stdin, 'data')
}
const log = await openStoredLog(folder)

async function commitUntilFull(): Promise<void> {
  while (!full && number < Number(last)) {
    number += 1
    const mine = number
    try {
      const writes = () => Promise.resolve({ writes: rowsOf(mine), events: [] })
      await log.writer.commit({ events: [sentEvent(String(mine))], writes })
      process.stdout.write(`ack ${String(mine)}\n`)
    } catch (error) {
      full = true
      const code = isAnyAmanaError(error) ? error.code : 'not ours'
      process.stdout.write(`refused ${String(mine)} ${code}\n`)
    }
  }
}

await Promise.all(Array.from({ length: CALLERS }, () => commitUntilFull()))
if (!full) await log[Symbol.asyncDispose]()
process.stdin.destroy()
