/**
 * `pnpm bench --attachments`: an urgent message while a large file is on a slow line, and the memory of two nodes while
 * they carry it.
 *
 * @module
 * @spec docs/spec/10-attachments.md#giving-way
 */
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Draft } from '@amana/core'
import { attachFiles, filesToAttach } from '../../apps/node/src/agency/attaching-files.ts'
import { sendDraft, type UnlockedOfficer } from '../../apps/node/src/agency/signing.ts'
import { freeBytes, readPieces } from '../../apps/node/src/cli/files.ts'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { type DiskAgency, makeAgencies, meet, of, unlocked } from '../support/agency-on-disk.ts'
import { type RunningProgram, startAmana } from '../support/amana-program.ts'
import { BODIES } from '../support/message-bodies.ts'
import { seededBytes } from '../support/seeded-bytes.ts'
import { ShapedLine, type LineShape } from '../support/shaped-line.ts'
import { type Figure, type Section } from './figures.ts'
import { measureStages } from './byte-stages.ts'
import { spreadOf } from './statistics.ts'

const SLOW: LineShape = { bytesPerSecond: 8000, delayMs: 300, lostOfThousand: 50 }
const WIDE: LineShape = { bytesPerSecond: 50_000_000, delayMs: 0, lostOfThousand: 0 }
const FILE_BYTES = 100_000_000
const KIB_PER_MIB = 1024
const PATIENCE_MS = 600_000
/** Between two messages: the line is full of the file again. */
const PAUSE_MS = 8000

/** How many messages are sent in each way. */
export interface AttachmentEffort {
  readonly messages: number
}

interface Running {
  readonly sender: NodeServices
  readonly receiver: NodeServices
  readonly line: ShapedLine
  readonly folder: string
  readonly signers: {
    readonly author: UnlockedOfficer
    readonly approvers: readonly UnlockedOfficer[]
  }
  readonly pids: readonly number[]
}

/** Sets two nodes up beside a slow line, and measures. */
export async function measureAttachments({ messages }: AttachmentEffort): Promise<Section> {
  const root = await mkdtemp(join(tmpdir(), 'amana-bench-attach-'))
  const nodes: RunningProgram[] = []
  try {
    const { abuja, niamey, ports } = await makeAgencies(root, { apart: true })
    await meet(root, { abuja, niamey })
    await using line = await ShapedLine.open(ports.announced, ports.listening, SLOW)
    for (const agency of [abuja, niamey]) {
      const node = startAmana(['node', 'run', '--json', ...of(agency)])
      nodes.push(node)
      await node.said('listening')
    }
    const running = await runningOf(abuja, niamey, { line, pids: nodes.map(({ pid }) => pid) })
    return await measure(running, root, messages)
  } finally {
    for (const node of nodes) node.signal('SIGKILL')
    await Promise.all(nodes.map(({ ended }) => ended))
    await rm(root, { recursive: true, force: true })
  }
}

async function runningOf(
  abuja: DiskAgency,
  niamey: DiskAgency,
  own: Pick<Running, 'line' | 'pids'>,
): Promise<Running> {
  const author = await unlocked(abuja, 'analyst-abuja')
  const approvers = [await unlocked(abuja, 'supervisor-abuja')]
  const [sender, receiver] = [servicesOf(abuja), servicesOf(niamey)]
  return { ...own, sender, receiver, folder: abuja.folder, signers: { author, approvers } }
}

function servicesOf({ folder }: DiskAgency): NodeServices {
  return createControlClient(join(folder, 'control.sock'))
}

async function measure(running: Running, root: string, messages: number): Promise<Section> {
  await sendReport(running, 'life-at-risk')
  const idleKib = await memoryOf(running.pids)
  const alone = await sendMany(running, messages)
  const digest = await sendFile(running, join(root, 'film.mp4'))
  await arrived(running, digest, 1)
  const beside = await sendMany(running, messages)
  running.line.shape = WIDE
  const most = await arrived(running, digest, FILE_BYTES)
  const above = most.map((kib, at) => (kib - (idleKib[at] ?? 0)) * KIB_PER_MIB)
  return {
    title: 'Attachments, 64 kbit/s, 600 ms, 5 % lost',
    figures: [...(await receiptFigures(alone, beside)), ...memoryFigures(above)],
    notes: [
      'The line is a relay on loopback: a lost segment, and all after it, comes a round trip later.',
      'The least is a round trip, and the frames of the message and its receipt.',
      'Memory is what is resident: before the file, and at its most while it comes over a wide line.',
      'The file goes on over a wide line when the messages were sent.',
    ],
  }
}

/** A round trip, and the frames of the message and its receipt with nothing else on the line. */
async function leastMsOf(): Promise<number> {
  const groups = { body: { ...BODIES['intel.report/1']['body'], urgency: 'life-at-risk' } }
  const sample = { kind: 'intel.report/1', desk: 'intelligence', groups }
  const { frame, receiptFrame } = await measureStages(sample)
  return 2 * SLOW.delayMs + (1000 * (frame + receiptFrame)) / SLOW.bytesPerSecond
}

async function receiptFigures(
  alone: readonly number[],
  beside: readonly number[],
): Promise<readonly Figure[]> {
  const leastMs = await leastMsOf()
  return [
    { name: 'least that the line allows', unit: 'ms', ...spreadOf([leastMs]) },
    { name: 'receipt of an urgent message, line idle', unit: 'ms', ...spreadOf(alone) },
    { name: 'the same, 100 MB on the line', unit: 'ms', ...spreadOf(beside) },
    {
      name: 'that to the least',
      unit: 'times',
      ...spreadOf(beside.map((one) => one / leastMs)),
    },
  ]
}

function memoryFigures(above: readonly number[]): readonly Figure[] {
  return ['sender', 'receiver'].map((name, at) => ({
    name: `most memory of the ${name}, above idle`,
    unit: 'bytes',
    ...spreadOf([above[at] ?? 0]),
  }))
}

async function sendReport(running: Running, urgency: string, draft?: Draft): Promise<string> {
  const { sender, signers } = running
  const { body } = BODIES['intel.report/1']
  const plain: Draft = {
    kind: 'intel.report/1',
    to: { agency: 'ne.anltp-tim' },
    handling: { tlp: 'AMBER', caveats: ['test:data'] },
    groups: { body: { ...body, urgency } },
  }
  const { digest } = await sendDraft(sender, draft ?? plain, signers)
  const { queued } = await sender.waitDelivered({ timeoutMs: PATIENCE_MS })
  if (queued > 0) throw new Error('not delivered')
  return digest
}

/** How long each took, in milliseconds. */
async function sendMany(running: Running, count: number): Promise<readonly number[]> {
  const tookMs: number[] = []
  for (let at = 0; at < count; at += 1) {
    await setTimeout(PAUSE_MS)
    const since = performance.now()
    await sendReport(running, 'life-at-risk')
    tookMs.push(performance.now() - since)
  }
  return tookMs
}

async function sendFile(running: Running, path: string): Promise<string> {
  await using file = await open(path, 'w')
  const piece = seededBytes('film')(1_000_000)
  for (let at = 0; at < FILE_BYTES; at += piece.byteLength) await file.write(piece)
  const { body } = BODIES['intel.report/1']
  const draft: Draft = {
    kind: 'intel.report/1',
    to: { agency: 'ne.anltp-tim' },
    handling: { tlp: 'AMBER', caveats: ['test:data'] },
    groups: { body: { ...body, urgency: 'routine' } },
  }
  const files = await filesToAttach([path])
  const attaching = { dryRun: false, folder: running.folder, read: readPieces, freeBytes }
  return await sendReport(running, 'routine', await attachFiles(draft, files, attaching))
}

async function cameBytes({ receiver }: Running, digest: string): Promise<number> {
  const { attachments } = await receiver.attachments({ digest })
  return attachments[0]?.cameBytes ?? 0
}

/** Waits for so many bytes of the file; the most that each process held meanwhile, in KiB. */
async function arrived(
  running: Running,
  digest: string,
  bytes: number,
): Promise<readonly number[]> {
  const end = performance.now() + PATIENCE_MS
  let most: readonly number[] = running.pids.map(() => 0)
  while ((await cameBytes(running, digest)) < bytes) {
    if (performance.now() > end) throw new Error('the file does not come')
    const now = await memoryOf(running.pids)
    most = now.map((kib, at) => Math.max(kib, most[at] ?? 0))
    await setTimeout(100)
  }
  return most
}

/** What each process holds, in KiB. */
async function memoryOf(pids: readonly number[]): Promise<readonly number[]> {
  return Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0)
    }),
  )
}
