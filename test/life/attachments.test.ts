/**
 * Files between two agencies whose nodes are processes of their own: sealed, fetched, cut by kills on both sides, saved.
 *
 * @module
 * @spec docs/spec/10-attachments.md#transfer
 */
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { type AttachmentView } from '../../apps/node/src/service-views.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, runAmana, type RunningProgram, startAmana } from '../support/amana-program.ts'
import { FILLED_REFERRAL } from '../support/filled-referral.ts'
import { BODIES } from '../support/message-bodies.ts'
import { seededBytes } from '../support/seeded-bytes.ts'

const SETUP_TIMEOUT_MS = 300_000
const WAIT_MS = 60_000
const LARGE_BYTES = 48 * 1024 * 1024

const SentSchema = z.looseObject({ digest: z.string() })
const SIGNERS = ['--officer', 'case-niamey', '--approve', 'supervisor-niamey']

let root: string
let niamey: DiskAgency
let abuja: DiskAgency
const nodes = new Set<RunningProgram>()

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-attach-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  for (const node of nodes) node.signal('SIGTERM')
  await Promise.all([...nodes].map((node) => node.ended))
  await rm(root, { recursive: true, force: true })
})

async function run(agency: DiskAgency): Promise<RunningProgram> {
  const node = startAmana(['node', 'run', '--json', ...of(agency)])
  nodes.add(node)
  await node.said('listening')
  return node
}

async function kill(node: RunningProgram): Promise<void> {
  node.signal('SIGKILL')
  await node.ended
  nodes.delete(node)
}

function services({ folder }: DiskAgency): NodeServices {
  return createControlClient(join(folder, 'control.sock'))
}

/** A photograph needs leave, of a child that of who may speak for her. */
const PHOTO = {
  scope: 'photo',
  status: 'given',
  recorded: '2026-11-24T09:00:00Z',
  givenBy: 'guardian',
  medium: 'signature',
  understood: 'yes',
}

async function draft(): Promise<string> {
  const file = join(root, 'referral.json')
  const routing = { ...FILLED_REFERRAL['routing'], caseOwner: 'case-niamey' }
  const content = {
    kind: 'victim.referral/1',
    to: { agency: 'ng.naptip' },
    handling: { tlp: 'AMBER+STRICT', caveats: ['dist:bilateral', 'test:data'] },
    groups: {
      ...FILLED_REFERRAL,
      consent: { ...FILLED_REFERRAL['consent'], consents: [PHOTO] },
      routing,
    },
  }
  await writeFile(file, JSON.stringify(content))
  return file
}

async function reportDraft(): Promise<string> {
  const file = join(root, 'report.json')
  const content = {
    kind: 'intel.report/1',
    to: { agency: 'ne.anltp-tim' },
    handling: { tlp: 'AMBER', caveats: ['test:data'] },
    groups: BODIES['intel.report/1'],
  }
  await writeFile(file, JSON.stringify(content))
  return file
}

async function send(...paths: readonly string[]): Promise<string> {
  const words = ['message', 'send', await draft(), ...SIGNERS, '--attach', ...paths]
  return SentSchema.parse(await answerOf(niamey, words)).digest
}

async function made(name: string, sizeBytes: number): Promise<{ path: string; digest: string }> {
  const path = join(root, name)
  const bytes = seededBytes(name)(sizeBytes)
  await writeFile(path, bytes)
  return { path, digest: createHash('sha256').update(bytes).digest('hex') }
}

function isBegun([one]: readonly AttachmentView[]): boolean {
  return one !== undefined && one.cameBytes > 1_000_000
}

/** Looks until it holds; the node itself says how far it is. */
async function until(
  agency: DiskAgency,
  digest: string,
  holds: (views: readonly AttachmentView[]) => boolean,
): Promise<readonly AttachmentView[]> {
  const end = performance.now() + WAIT_MS
  for (;;) {
    const found = await services(agency)
      .attachments({ digest })
      .then(({ attachments }) => attachments)
      .catch(() => [])
    if (holds(found)) return found
    if (performance.now() > end) throw new Error(JSON.stringify(found))
  }
}

async function leavesOf(agency: DiskAgency, event: string): Promise<number> {
  const listed = await answerOf(agency, ['audit', 'list', '--event', event])
  return z.looseObject({ leaves: z.array(z.unknown()) }).parse(listed).leaves.length
}

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
}

describe('files with a message', { timeout: 4 * WAIT_MS }, () => {
  it('are said to take so long before anything is sealed', async () => {
    const { path } = await made('photo 1.jpg', 100_000)
    const words = ['message', 'send', await draft(), ...SIGNERS, '--attach', path, '--dry-run']
    const dry = await amana([...words, ...of(niamey)])
    expect(dry).toMatchObject({ status: 0, stderr: '' })
    expect(dry.stdout).toContain(`${path}: 98 KiB, about 13 s at 64 kbit/s`)
    await expect(readdir(join(niamey.folder, 'blobs'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('are told of while a large one is sealed, in JSON where that is asked for', async () => {
    const path = join(root, 'large.mp4')
    await writeFile(path, '')
    await truncate(path, 130 * 1024 * 1024)
    const words = ['message', 'send', await draft(), ...SIGNERS, '--attach', path, '--dry-run']
    const { status, stderr } = await amana([...words, '--json', ...of(niamey)])
    expect(status).toBe(0)
    const told = stderr.trim().split('\n')
    expect(told.map((line): unknown => JSON.parse(line))).toEqual(
      [1, 2].map((count) => ({
        schema: 'amana.cli.progress/1',
        file: path,
        doneBytes: count * 64 * 1024 * 1024,
        sizeBytes: 130 * 1024 * 1024,
      })),
    )
  })

  it('come whole through kills of either side, are saved for a purpose, and lie nowhere in the clear', async () => {
    const photo = await made('photo 2.jpg', 70_000)
    const film = await made('film.mp4', LARGE_BYTES)
    let sender = await run(niamey)
    let receiver = await run(abuja)
    const digest = await send(film.path, photo.path)
    await until(abuja, digest, isBegun)
    await kill(receiver)
    receiver = await run(abuja)
    const [before] = await until(abuja, digest, isBegun)
    expect(before?.cameBytes).toBeGreaterThan(1_000_000)
    await kill(sender)
    sender = await run(niamey)
    const whole = await until(
      abuja,
      digest,
      (all) => all.every(({ state }) => state === 'whole') && all.length === 2,
    )
    expect(whole.map(({ sizeBytes }) => sizeBytes)).toEqual([LARGE_BYTES, 70_000])
    const to = join(root, 'saved.mp4')
    const purpose = ['--purpose', 'protection', '--to', to]
    const reader = ['--officer', 'supervisor-abuja']
    const save = ['message', 'attachment', 'save', digest, 'film.mp4', ...purpose, ...reader]
    await answerOf(abuja, save)
    expect(await hashOf(to)).toBe(film.digest)
    expect(await leavesOf(abuja, 'x.attached')).toBe(2)
    expect(await leavesOf(abuja, 'a.export')).toBe(1)
    expect(await leavesOf(niamey, 'x.fetched')).toBe(2)
    await kill(sender)
    await kill(receiver)
    const clear = (await readFile(film.path)).subarray(1000, 1032)
    for (const { folder } of [niamey, abuja]) {
      const names = await readdir(join(folder, 'blobs'))
      expect(names).toHaveLength(2)
      for (const name of names) {
        expect((await readFile(join(folder, 'blobs', name))).includes(clear)).toBe(false)
      }
    }
  })

  it('leave nothing where the disk takes no more in the middle, and the error says so', async () => {
    const { path } = await made('long.mp4', 3_000_000)
    const before = await readdir(join(niamey.folder, 'blobs')).catch(() => [])
    const words = ['message', 'send', await draft(), ...SIGNERS, '--attach', path, ...of(niamey)]
    const { status, stderr } = await runAmana(words, { shell: 'ulimit -f 4096; exec "$@"' })
    expect(status).toBe(8)
    expect(stderr).toContain('[STORE_ROOM]')
    expect(await readdir(join(niamey.folder, 'blobs')).catch(() => [])).toEqual(before)
  })

  it('come when an officer asks for them where the settings say so, and no others', async () => {
    const [photo, scan] = [await made('photo 3.jpg', 70_000), await made('scan.pdf', 90_000)]
    const settings = join(niamey.folder, 'amana.toml')
    const before = await readFile(settings, 'utf8')
    await writeFile(settings, before.replace('[node]', '[node]\nattachments = "ask"'))
    const running = [await run(niamey), await run(abuja)]
    const words = ['message', 'send', await reportDraft(), '--officer', 'analyst-abuja']
    const signed = ['--approve', 'supervisor-abuja', '--attach', photo.path, scan.path]
    const { digest } = SentSchema.parse(await answerOf(abuja, [...words, ...signed]))
    await until(niamey, digest, (all) => all.length === 2)
    const listed = await amana(['message', 'attachments', ...of(niamey)])
    expect(listed.stdout).toContain(`${digest}  intel.report/1  urgent`)
    expect(listed.stdout).toContain('waits until it is asked for, 0%')
    const first = ['message', 'attachment', 'first', digest, 'scan.pdf', ...of(niamey)]
    expect(await amana(first)).toMatchObject({ status: 0, stderr: '' })
    const views = await until(niamey, digest, (all) => all[1]?.state === 'whole')
    expect(views.map(({ state }) => state)).toEqual(['unasked', 'whole'])
    const settled = await amana(['message', 'attachment', 'hold', digest, '2', ...of(niamey)])
    expect(settled.stderr).toContain('[CLI_ATTACHMENT_SETTLED]')
    for (const node of running) await kill(node)
    await writeFile(settings, before)
  })

  it('are refused where one is a folder', async () => {
    const words = ['message', 'send', await draft(), ...SIGNERS, '--attach', root]
    const { status, stderr } = await amana([...words, ...of(niamey)])
    expect(status).toBe(2)
    expect(stderr).toContain('[CLI_FILE]')
  })
})
