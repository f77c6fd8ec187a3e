import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ranFaults } from '../support/fault-tally.ts'
import { beginStoredLog, openStoredLog, temporaryFolder } from '../support/store-fixture.ts'
import { examineStore } from '../support/whole-store.ts'

const CHILD = fileURLToPath(new URL('../support/store-child.ts', import.meta.url))
const NODE = [
  process.execPath,
  '--conditions=@amana/source',
  '--disable-warning=ExperimentalWarning',
  CHILD,
]
const ROUNDS = 5

interface Run {
  readonly acknowledged: readonly number[]
  readonly refused: readonly string[]
}

/** Runs the child, and kills it without warning after so many bytes of its answers, where a number is given. */
async function runChild(command: readonly string[], killAfterBytes = Infinity): Promise<Run> {
  const [program = '', ...words] = command
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    if (text.length >= killAfterBytes) child.kill('SIGKILL')
  }
  await ended
  const lines = text.split('\n').slice(0, -1)
  const acks = lines.filter((line) => line.startsWith('ack '))
  return {
    acknowledged: acks.map((line) => Number(line.slice(4))),
    refused: lines.flatMap(
      (line) => /^refused \d+ (?<code>.*)$/.exec(line)?.groups?.['code'] ?? [],
    ),
  }
}

/** Everything acknowledged is there, every commit is there whole or not at all, and the log is sound. */
async function assertWhole(folder: string, acknowledged: ReadonlySet<number>): Promise<number> {
  const { lost, commits, leaves, newest } = await examineStore(folder, acknowledged)
  expect(lost).toEqual([])
  expect(leaves).toBe(commits + 1)
  return newest
}

describe('the store under faults', () => {
  it('keeps every acknowledged commit, and none by half, when its process is killed', async () => {
    await using folder = await temporaryFolder()
    await (await beginStoredLog(folder.path))[Symbol.asyncDispose]()
    const acknowledged = new Set<number>()
    let newest = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const run = await runChild([...NODE, folder.path, String(newest)], randomInt(2000))
      for (const number of run.acknowledged) acknowledged.add(number)
      newest = await assertWhole(folder.path, acknowledged)
    }
    expect(acknowledged.size).toBeGreaterThan(ROUNDS)
    ranFaults('stores', { faults: ROUNDS })
  })

  it.skipIf(process.platform === 'win32')(
    'refuses everybody when the disk is full, and has lost nothing that it acknowledged',
    async () => {
      await using folder = await temporaryFolder()
      await (await beginStoredLog(folder.path))[Symbol.asyncDispose]()
      const limited = ['sh', '-c', 'ulimit -f 512 && exec "$@"', 'sh', ...NODE, folder.path, '0']
      const { acknowledged, refused } = await runChild(limited)
      expect(acknowledged.length).toBeGreaterThan(10)
      expect(refused.length).toBeGreaterThan(1)
      expect(new Set(refused)).toEqual(new Set(['STORE_WRITE']))
      await assertWhole(folder.path, new Set(acknowledged))
      await using log = await openStoredLog(folder.path)
      await log.writer.seal(16)
    },
  )
})
