import { randomInt } from 'node:crypto'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAnyAmanaError, parseDraft } from '@amana/core'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { attachFiles, filesToAttach } from '../../apps/node/src/agency/attaching-files.ts'
import { sendDraft, type UnlockedOfficer } from '../../apps/node/src/agency/signing.ts'
import { freeBytes, readPieces } from '../../apps/node/src/cli/files.ts'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { Chance } from '../../apps/node/src/sim/chance.ts'
import {
  answerOf,
  type DiskAgency,
  makeAgencies,
  meet,
  of,
  unlocked,
} from '../support/agency-on-disk.ts'
import { type RunningProgram, startAmana } from '../support/amana-program.ts'
import { assertArrived, assertLogsAgree } from '../support/both-sides.ts'
import { ranFaults } from '../support/fault-tally.ts'
import { readJson } from '../support/repository.ts'
import { openHosts, type ShapedHosts, whyNoHosts } from '../support/shaped-hosts.ts'

/** Each takes as long as two on loopback. */
const KILLS = Math.ceil(inject('kills') / 2)
const MS_A_KILL = 30_000
const SETTLE_MS = 240_000
const SETUP_MS = 600_000
/** Packets between two faults, at the most. */
const MOST_PACKETS = 25
const FILE_BYTES = 6000
/** What a call may get while its node ends. */
const WHILE_ENDING: ReadonlySet<string> = new Set(['CLI_NOT_RUNNING', 'CLI_SOCKET', 'STORE_WRITE'])
const MISSING = whyNoHosts()
if (MISSING !== undefined) process.stdout.write(`three hosts: skipped, ${MISSING}\n`)

const MadeSchema = z.looseObject({ peerId: z.string() })
const StatusSchema = z.looseObject({ status: z.looseObject({ peerId: z.string() }) })

interface Machine {
  readonly words: readonly string[]
  readonly shell: string
  node: RunningProgram
}

interface Side extends Machine {
  readonly agency: DiskAgency
  readonly peer: string
  readonly officer: UnlockedOfficer
  readonly services: NodeServices
  readonly acknowledged: Set<string>
}

function addressOf(host: number): string {
  return `/ip4/10.77.0.${String(host)}/tcp/4180`
}

describe.skipIf(MISSING !== undefined)(
  'two agencies and a mailbox on three hosts, at 64 kbit/s, 600 ms and 5 % loss',
  () => {
    const seed = randomInt(2 ** 31)
    let root = ''
    let hosts: ShapedHosts
    let sides: readonly Side[] = []
    let machines: readonly Machine[] = []

    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'amana-hosts-'))
      const listen = { niamey: addressOf(1), abuja: addressOf(2) }
      const agencies = await makeAgencies(root, { listen })
      await meet(root, agencies)
      hosts = await openHosts(root, {
        bitsPerSecond: 64_000,
        delayMs: 300,
        lostOfThousand: 50,
        seed,
      })
      const { abuja, niamey } = agencies
      const mailbox = await mailboxFor([niamey, abuja])
      const keeper = await started(['mailbox', 'run', ...of(mailbox)], hosts.shellOf(3))
      sides = await Promise.all([
        sideOf(niamey, { peer: abuja.id, officer: 'secretary-niamey', shell: hosts.shellOf(1) }),
        sideOf(abuja, { peer: niamey.id, officer: 'secretary-abuja', shell: hosts.shellOf(2) }),
      ])
      machines = [...sides, keeper]
    }, SETUP_MS)

    afterAll(async () => {
      for (const { node } of machines) node.signal('SIGKILL')
      await Promise.all(machines.map(({ node }) => node.ended))
      await hosts[Symbol.asyncDispose]()
      await rm(root, { recursive: true, force: true })
    })

    async function mailboxFor(agencies: readonly DiskAgency[]): Promise<DiskAgency> {
      const folder = join(root, 'mailbox')
      const mailbox = { id: 'mailbox', folder, passphrases: `${folder}-passphrases` }
      const peers = agencies.map(async (agency) => {
        const { status } = StatusSchema.parse(await answerOf(agency, ['node', 'status']))
        return `${agency.id}=${status.peerId}`
      })
      const listen = ['--listen', addressOf(3), '--make-passphrases', '--peer']
      const init = ['mailbox', 'init', ...listen, ...(await Promise.all(peers))]
      const { peerId } = MadeSchema.parse(await answerOf(mailbox, init))
      const settings = `\n[mailbox]\npeerId = "${peerId}"\naddresses = ["${addressOf(3)}"]\nafterSeconds = 0\neverySeconds = 3\n`
      for (const { folder: own } of agencies) await appendFile(join(own, 'amana.toml'), settings)
      return mailbox
    }

    it(
      `lose nothing that was acknowledged, deliver nothing twice, and keep logs that agree, whichever is killed when (seed ${String(seed)})`,
      async () => {
        const chance = new Chance(`three hosts ${String(seed)}`)
        await Promise.all(sides.map((side) => handInFile(root, side)))
        for (let kill = 0; kill < KILLS; kill += 1) {
          if (chance.happens(0.5)) hosts.cut()
          else hosts.join()
          const handing = sides.map((side) => handIn(side, draftTo(side.peer)))
          await hosts.after(chance.between(1, MOST_PACKETS))
          const victim = chance.pick(machines)
          victim.node.signal('SIGKILL')
          await victim.node.ended
          victim.node = (await started(victim.words, victim.shell)).node
          await Promise.all(handing)
        }
        hosts.join()
        for (const { services } of sides) {
          expect(await services.waitDelivered({ timeoutMs: SETTLE_MS })).toEqual({ queued: 0 })
        }
        for (const from of sides) {
          for (const to of sides) {
            if (to === from) continue
            await assertArrived(from, to)
            await assertFilesArrive(from, to)
          }
        }
        await assertLogsAgree(root, sides)
        ranFaults(`three hosts, seed ${String(seed)}`, { faults: KILLS })
      },
      SETTLE_MS * 2 + KILLS * MS_A_KILL,
    )

    /** The first message of each side has a file; how far it has come is looked at whenever some packets have passed. */
    async function assertFilesArrive(from: Side, to: Side): Promise<void> {
      const [digest = ''] = from.acknowledged
      for (;;) {
        const { attachments } = await to.services.attachments({ digest })
        if (attachments.every(({ state }) => state === 'whole')) break
        await hosts.after(MOST_PACKETS)
      }
    }
  },
)

async function started(words: readonly string[], shell: string): Promise<Machine> {
  const node = startAmana([...words, '--json'], { shell })
  await node.said('listening')
  return { words, shell, node }
}

async function sideOf(
  agency: DiskAgency,
  {
    officer,
    peer,
    shell,
  }: { readonly officer: string; readonly peer: string; readonly shell: string },
): Promise<Side> {
  return {
    ...(await started(['node', 'run', ...of(agency)], shell)),
    agency,
    peer,
    officer: await unlocked(agency, officer),
    services: createControlClient(join(agency.folder, 'control.sock')),
    acknowledged: new Set(),
  }
}

async function handInFile(root: string, side: Side): Promise<void> {
  const path = join(root, `${side.agency.id}.bin`)
  await writeFile(path, new Uint8Array(FILE_BYTES).fill(7))
  const { folder } = side.agency
  const attaching = { dryRun: false, folder, freeBytes, read: readPieces }
  await handIn(side, await attachFiles(draftTo(side.peer), await filesToAttach([path]), attaching))
}

/** Until a node has acknowledged it: what was handed in to one that was killed is handed in again, as another message. */
async function handIn(side: Side, draft: ReturnType<typeof draftTo>): Promise<void> {
  for (;;) {
    try {
      const signers = { author: side.officer, approvers: [] }
      side.acknowledged.add((await sendDraft(side.services, draft, signers)).digest)
      return
    } catch (error) {
      if (!isAnyAmanaError(error) || !WHILE_ENDING.has(error.code)) throw error
      await side.node.said('listening').catch(() => undefined)
    }
  }
}

function draftTo(agency: string): ReturnType<typeof parseDraft> {
  return { ...parseDraft(readJson('examples/agadez/minutes.json')), to: { agency } }
}
