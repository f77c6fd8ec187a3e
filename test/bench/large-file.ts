/**
 * `pnpm bench --large`: the largest file that may be attached, between two nodes in processes of their own, and the memory
 * of the three processes that have to do with it.
 *
 * @module
 * @spec docs/spec/10-attachments.md#for-people
 */
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ATTACHMENT_LIMITS } from '@amana/core'
import { z } from 'zod'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { type RunningProgram, startAmana } from '../support/amana-program.ts'
import { BODIES } from '../support/message-bodies.ts'
import { type Figure, type Section } from './figures.ts'
import { spreadOf } from './statistics.ts'

const PATIENCE_MS = 3_000_000
const LOOK_MS = 500
const KIB = 1024
const SentSchema = z.looseObject({ digest: z.string() })

/** Sends one file of 2 GiB over loopback. */
export async function measureLargeFile(): Promise<Section> {
  const root = await mkdtemp(join(tmpdir(), 'amana-bench-large-'))
  const nodes: RunningProgram[] = []
  try {
    const agencies = await makeAgencies(root)
    await meet(root, agencies)
    const { abuja, niamey } = agencies
    for (const agency of [abuja, niamey]) {
      const node = startAmana(['node', 'run', '--json', ...of(agency)])
      nodes.push(node)
      await node.said('listening')
    }
    return await measure(root, agencies, nodes)
  } finally {
    for (const node of nodes) node.signal('SIGKILL')
    await Promise.all(nodes.map(({ ended }) => ended))
    await rm(root, { recursive: true, force: true })
  }
}

async function measure(
  root: string,
  { abuja, niamey }: Awaited<ReturnType<typeof makeAgencies>>,
  nodes: readonly RunningProgram[],
): Promise<Section> {
  const idle = await Promise.all(nodes.map(({ pid }) => mostMemory(pid)))
  const words = ['message', 'send', await draftWithFile(root), ...SIGNERS, '--attach']
  const since = performance.now()
  const sending = startAmana([...words, join(root, 'film.mp4'), ...of(abuja), '--json'])
  const program = await mostUntilEnd(sending)
  const sealedMs = performance.now() - since
  const { digest } = SentSchema.parse(JSON.parse((await sending.ended).stdout))
  const receiver = createControlClient(join(niamey.folder, 'control.sock'))
  await until(async () => (await receiver.attachments({ digest })).attachments[0]?.state)
  const wholeMs = performance.now() - since - sealedMs
  const most = await Promise.all(nodes.map(({ pid }) => mostMemory(pid)))
  return {
    title: 'A file of 2 GiB over loopback',
    figures: [
      ...['sender’s node', 'receiver’s node'].map((name, at) =>
        bytesOf(`most memory of the ${name}, above idle`, (most[at] ?? 0) - (idle[at] ?? 0)),
      ),
      ...['sender’s node', 'receiver’s node'].map((name, at) =>
        bytesOf(`most memory of the ${name}`, most[at] ?? 0),
      ),
      bytesOf('most memory of the command that seals', program),
      { name: 'sealing, reading again, queueing', unit: 'ms', ...spreadOf([sealedMs]) },
      { name: 'fetching and checking', unit: 'ms', ...spreadOf([wholeMs]) },
    ],
    notes: ['Memory at its highest (VmHWM): the derivation of the keys at the start is in it.'],
  }
}

const SIGNERS = ['--officer', 'analyst-abuja', '--approve', 'supervisor-abuja']

function bytesOf(name: string, kib: number): Figure {
  return { name, unit: 'bytes', ...spreadOf([kib * KIB]) }
}

async function draftWithFile(root: string): Promise<string> {
  await writeFile(join(root, 'film.mp4'), '')
  await truncate(join(root, 'film.mp4'), ATTACHMENT_LIMITS.plaintextBytes)
  const { body } = BODIES['intel.report/1']
  const draft = {
    kind: 'intel.report/1',
    to: { agency: 'ne.anltp-tim' },
    handling: { tlp: 'AMBER', caveats: ['test:data'] },
    groups: { body: { ...body, urgency: 'routine' } },
  }
  await writeFile(join(root, 'report.json'), JSON.stringify(draft))
  return join(root, 'report.json')
}

async function until(stateOf: () => Promise<string | undefined>): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while ((await stateOf()) !== 'whole') {
    if (performance.now() > end) throw new Error('the file does not come')
    await setTimeout(LOOK_MS)
  }
}

/** The most that a process has held before it ended, in KiB. */
async function mostUntilEnd({ ended, pid }: RunningProgram): Promise<number> {
  let most = 0
  const over = new AbortController()
  void ended.then(() => {
    over.abort()
    return undefined
  })
  while (!over.signal.aborted) {
    most = Math.max(most, await mostMemory(pid).catch(() => 0))
    await setTimeout(LOOK_MS)
  }
  return most
}

async function mostMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0)
}
