import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ranFaults } from '../support/fault-tally.ts'
import { beginStoredLog, temporaryFolder } from '../support/store-fixture.ts'
import { canTrace, runUntil } from '../support/traced-child.ts'
import { examineStore } from '../support/whole-store.ts'

const CHILD = fileURLToPath(new URL('../support/store-child.ts', import.meta.url))
const NODE_OPTIONS = ['--conditions=@amana/source', '--disable-warning=ExperimentalWarning']
const COMMITS = 12
/** What opening, committing and closing ask of the system for the files of the store and of the guard. */
const CALLS = ['openat', 'mkdir', 'write', 'fdatasync', 'fsync', 'rename', 'unlink', 'close']
/** A run makes fewer calls of one name. */
const MOST_CALLS = 200

/** Kills a process before the first, the second … call of that name, until one ends by itself. Gives the number of kills. */
async function killAtEvery(call: string, sound: string): Promise<number> {
  for (let count = 1; count < MOST_CALLS; count += 1) {
    const folder = `${sound}-${call}-${String(count)}`
    await cp(sound, folder, { recursive: true })
    const words = [...NODE_OPTIONS, CHILD, folder, '0', String(COMMITS)]
    const { output, killed } = await runUntil(words, { call, count })
    const acknowledged = [...output.matchAll(/^ack (\d+)$/gm)].map(([, number]) => Number(number))
    const { lost, commits, leaves } = await examineStore(folder, acknowledged)
    const point = `${call} ${String(count)}`
    expect({ point, lost, leaves }).toEqual({ point, lost: [], leaves: commits + 1 })
    if (!killed) {
      expect(acknowledged).toHaveLength(COMMITS)
      return count - 1
    }
    await rm(folder, { recursive: true })
  }
  throw new Error(`${call} has no end`)
}

describe.skipIf(!canTrace())('a store whose process ends between two system calls', () => {
  it.for(CALLS)(
    'keeps what it acknowledged, and nothing by half: before every %s',
    async (call) => {
      await using folder = await temporaryFolder()
      const sound = join(folder.path, 'sound')
      await (await beginStoredLog(sound))[Symbol.asyncDispose]()
      const kills = await killAtEvery(call, sound)
      expect(kills).toBeGreaterThan(0)
      ranFaults(`before ${call}`, { faults: kills })
    },
  )
})
