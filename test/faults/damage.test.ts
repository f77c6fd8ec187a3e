import { randomInt } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAnyAmanaError } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { type Fault, faultsOver, strike } from '../support/damage.ts'
import { ranFaults } from '../support/fault-tally.ts'
import {
  beginStoredLog,
  openStoredLog,
  rowsOf,
  sentEvent,
  temporaryFolder,
} from '../support/store-fixture.ts'
import { examineStore } from '../support/whole-store.ts'

const COMMITS = 120
/** Openings while the store is filled: each moves what the journal holds into a table. */
const OPENINGS = 3
const FAULTS = 630
const REFUSALS = new Set([
  'STORE_DAMAGED',
  'STORE_GUARD',
  'STORE_HOLE',
  'STORE_OPEN',
  'STORE_ROLLBACK',
])

/** A store whose rows lie in a table and in a journal, and every one of whose commits was acknowledged. */
async function fillStore(folder: string): Promise<readonly number[]> {
  await (await beginStoredLog(folder))[Symbol.asyncDispose]()
  const numbers = Array.from({ length: COMMITS }, (_, index) => index + 1)
  for (let opening = 0; opening < OPENINGS; opening += 1) {
    await using log = await openStoredLog(folder)
    for (const number of numbers.filter((each) => each % OPENINGS === opening)) {
      const writes = () => Promise.resolve({ writes: rowsOf(number), events: [] })
      await log.writer.commit({ events: [sentEvent(String(number))], writes })
    }
    await log.writer.seal(16)
  }
  return numbers
}

/** The code of the refusal, `whole` where everything is there, or what went wrong unseen. */
async function verdictOf(folder: string, acknowledged: readonly number[]): Promise<string> {
  try {
    const { lost } = await examineStore(folder, acknowledged)
    return lost.length === 0 ? 'whole' : `lost ${lost.join(' ')}`
  } catch (error) {
    return isAnyAmanaError(error) ? error.code : String(error)
  }
}

describe('a store whose files a disk has damaged', () => {
  it(`is whole or refused after each of ${String(FAULTS)} faults: cut ends, turned bits, zeroed blocks`, async () => {
    await using folder = await temporaryFolder()
    const sound = join(folder.path, 'sound')
    const acknowledged = await fillStore(sound)
    const seed = randomInt(2 ** 31)
    const verdicts = new Map<Fault, string>()
    // LevelDB's own diary holds no data
    const faults = await faultsOver(sound, { count: FAULTS, seed, without: /LOG/ })
    for (const [turn, fault] of faults.entries()) {
      const copy = join(folder.path, String(turn))
      if (!(await strike(sound, copy, fault))) continue
      verdicts.set(fault, await verdictOf(copy, acknowledged))
      await rm(copy, { recursive: true })
    }
    const unseen = [...verdicts].filter(([, said]) => said !== 'whole' && !REFUSALS.has(said))
    expect({ seed, unseen }).toEqual({ seed, unseen: [] })
    const whole = [...verdicts].filter(([, said]) => said === 'whole').map(([{ file }]) => file)
    expect(new Set(whole)).toEqual(new Set([join('guard', 'checkpoints.log')]))
    expect(verdicts.size).toBeGreaterThan(600)
    ranFaults('damaged stores', { faults: verdicts.size })
  })
})
