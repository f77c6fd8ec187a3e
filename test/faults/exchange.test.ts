import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAnyAmanaError, parseDraft } from '@amana/core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { sendDraft, type UnlockedOfficer } from '../../apps/node/src/agency/signing.ts'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { type DiskAgency, makeAgencies, meet, of, unlocked } from '../support/agency-on-disk.ts'
import { type RunningProgram, startAmana } from '../support/amana-program.ts'
import { assertArrived, assertLogsAgree } from '../support/both-sides.ts'
import { ranFaults } from '../support/fault-tally.ts'
import { readJson } from '../support/repository.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly kills: number
  }
}

const KILLS = inject('kills')
const MS_A_KILL = 20_000
const MOST_ACKNOWLEDGED = 12
const SETTLE_MS = 120_000
/** What a call may get while its node ends. */
const WHILE_ENDING: ReadonlySet<string> = new Set(['CLI_NOT_RUNNING', 'CLI_SOCKET', 'STORE_WRITE'])

interface Side {
  readonly agency: DiskAgency
  readonly peer: string
  readonly officer: UnlockedOfficer
  readonly services: NodeServices
  readonly acknowledged: Set<string>
  node: RunningProgram
}

let root: string
let sides: readonly Side[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-kill-'))
  const agencies = await makeAgencies(root)
  await meet(root, agencies)
  const { abuja, niamey } = agencies
  sides = await Promise.all([
    sideOf(abuja, niamey.id, 'secretary-abuja'),
    sideOf(niamey, abuja.id, 'secretary-niamey'),
  ])
}, 600_000)

afterAll(async () => {
  for (const { node } of sides) node.signal('SIGKILL')
  await Promise.all(sides.map(({ node }) => node.ended))
  await rm(root, { recursive: true, force: true })
})

describe('a node whose disk takes nothing more', () => {
  it('ends and says why; started again it has all that was acknowledged', async () => {
    const [side, other] = sides
    if (side === undefined || other === undefined) return
    side.node.signal('SIGTERM')
    await side.node.ended
    side.node = await started(side.agency, 'ulimit -f 1024; exec "$@"')
    const over = new AbortController()
    const writers = Array.from({ length: 8 }, () => write(side, over.signal))
    const { status, stderr } = await side.node.ended
    expect(stderr).toMatch(/^amana: .*\[STORE_WRITE\]$/m)
    expect(status).toBe(8)
    over.abort()
    side.node = await started(side.agency)
    await Promise.all(writers)
    await side.services.auditVerify({})
    expect(await side.services.waitDelivered({ timeoutMs: SETTLE_MS })).toEqual({ queued: 0 })
    await assertArrived(side, other)
  })
})

describe(
  'two nodes that are killed at random moments',
  { timeout: 240_000 + KILLS * MS_A_KILL },
  () => {
    it('lose nothing that was acknowledged, deliver nothing twice, and keep logs that agree', async () => {
      const over = new AbortController()
      const writers = sides.map((side) => write(side, over.signal))
      for (let kill = 0; kill < KILLS; kill += 1) {
        const victim = sides[randomInt(sides.length)]
        if (victim === undefined) continue
        await acknowledgedMore(victim, randomInt(1, MOST_ACKNOWLEDGED))
        victim.node.signal('SIGKILL')
        await victim.node.ended
        victim.node = await started(victim.agency)
      }
      over.abort()
      await Promise.all(writers)
      for (const { services } of sides) {
        expect(await services.waitDelivered({ timeoutMs: SETTLE_MS })).toEqual({ queued: 0 })
      }
      for (const from of sides) {
        for (const to of sides) if (to !== from) await assertArrived(from, to)
      }
      await assertLogsAgree(root, sides)
      ranFaults('two nodes', { faults: KILLS + 1 })
    })
  },
)

async function sideOf(agency: DiskAgency, peer: string, officer: string): Promise<Side> {
  return {
    agency,
    peer,
    officer: await unlocked(agency, officer),
    services: createControlClient(join(agency.folder, 'control.sock')),
    acknowledged: new Set(),
    node: await started(agency),
  }
}

async function started(agency: DiskAgency, shell?: string): Promise<RunningProgram> {
  const node = startAmana(['node', 'run', '--json', ...of(agency)], { shell })
  await node.said('listening')
  return node
}

/** Hands in one message after another; while its node is dead, the next attempt follows when it answers again. */
async function write(side: Side, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    try {
      const sent = await sendDraft(side.services, draftTo(side.peer), {
        author: side.officer,
        approvers: [],
      })
      side.acknowledged.add(sent.digest)
    } catch (error) {
      if (!isAnyAmanaError(error) || !WHILE_ENDING.has(error.code)) throw error
      await side.node.said('listening').catch(() => undefined)
    }
  }
}

async function acknowledgedMore({ acknowledged }: Side, count: number): Promise<void> {
  const goal = acknowledged.size + count
  while (acknowledged.size < goal) await new Promise((resolve) => setImmediate(resolve))
}

function draftTo(agency: string): ReturnType<typeof parseDraft> {
  return { ...parseDraft(readJson('examples/agadez/minutes.json')), to: { agency } }
}
