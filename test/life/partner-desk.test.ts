import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import {
  amana,
  type ProgramRun,
  type RunningProgram,
  startAmana,
} from '../support/amana-program.ts'
import { sendingReferral, SentSchema } from '../support/sent-referral.ts'

const SETUP_TIMEOUT_MS = 300_000
const WAIT_MS = 60_000
const DESK = 'shelter-x'

const OpenedSchema = z.looseObject({
  desk: z.string(),
  messages: z.array(
    z.looseObject({
      digest: z.string(),
      groups: z.record(z.string(), z.unknown()),
      withheld: z.array(z.string()),
    }),
  ),
})
const FileSchema = z.looseObject({ file: z.string() })
const ListSchema = z.looseObject({
  messages: z.array(
    z.looseObject({
      desks: z.array(z.looseObject({ desk: z.string(), state: z.string() })),
      digest: z.string(),
      kind: z.string(),
    }),
  ),
})

let root: string
let shelter: string
let niamey: DiskAgency
let abuja: DiskAgency
let nodes: readonly RunningProgram[] = []
let digest: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-partner-'))
  shelter = join(root, 'shelter')
  await mkdir(shelter)
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await answerOf(abuja, ['desk', 'add', DESK, '--roles', 'shelter', '--make-passphrases'])
  await answerOf(abuja, ['desk', 'add', 'clinic-x', '--roles', 'medical', '--make-passphrases'])
  for (const [id, roles] of [
    ['worker', `author:desk,desk:${DESK}`],
    ['nurse', 'author:desk,desk:clinic-x'],
  ] as const) {
    const officer = ['officer', 'add', id, '--organisation', 'ng.shelter-x', '--roles', roles]
    await answerOf(abuja, [...officer, '--make-passphrases'])
  }
  await meet(root, agencies)
  for (const [folder, id] of [
    ['desks', DESK],
    ['desks', 'clinic-x'],
    ['officers', 'worker'],
    ['officers', 'nurse'],
  ] as const) {
    const file = `${id}.keystore.json`
    await rename(join(abuja.folder, folder, file), join(shelter, file))
  }
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  for (const node of nodes) node.signal('SIGTERM')
  await Promise.all(nodes.map((node) => node.ended))
  await rm(root, { recursive: true, force: true })
})

async function desksAt(agency: DiskAgency, statement: string): Promise<readonly string[]> {
  const { messages } = ListSchema.parse(await answerOf(agency, ['message', 'list']))
  const found = messages.find((message) => message.digest === statement)
  return (found?.desks ?? []).map(({ desk, state }) => `${desk} ${state}`)
}

async function delivered(agency: DiskAgency): Promise<void> {
  const { waitDelivered } = createControlClient(join(agency.folder, 'control.sock'))
  expect(await waitDelivered({ timeoutMs: WAIT_MS })).toEqual({ queued: 0 })
}

/** At the shelter there is no node: files, two keystores and their passphrases. */
async function atShelter(desk: string, ...words: readonly string[]): Promise<ProgramRun> {
  return amana([
    'message',
    'open',
    join(shelter, 'case.amana.json'),
    '--keystore',
    join(shelter, `${desk}.keystore.json`),
    '--evidence',
    join(shelter, 'case.message.jsonl'),
    '--policy',
    join(shelter, 'policy.txt'),
    '--passphrases',
    abuja.passphrases,
    ...words,
  ])
}

describe('a partner desk', () => {
  it('is added once, and only as something that the matrix knows', async () => {
    const again = await amana(['desk', 'add', DESK, '--roles', 'shelter', ...of(abuja)])
    expect(again.stderr).toMatch(/a desk shelter-x already \[CLI_DESK\]|\[CLI_PASSPHRASE\]/)
    for (const [id, roles] of [
      ['x', 'case_manager'],
      ['x', ''],
      ['a'.repeat(28), 'shelter'],
    ] as const) {
      const refused = await amana(['desk', 'add', id, '--roles', roles, ...of(abuja)])
      expect(refused).toMatchObject({ status: 2, stdout: '' })
    }
  })

  it('is sent the same statement as the own desk', async () => {
    const send = await sendingReferral(root)
    const nowhere = await amana([...send, '--desk', 'nowhere', '--dry-run', ...of(niamey)])
    expect(nowhere.stderr).toContain('WIRE_POLICY')
    const sent = await answerOf(niamey, [...send, '--desk', DESK])
    digest = SentSchema.parse(sent).digest
    expect(await desksAt(niamey, digest)).toEqual(['protection queued', `${DESK} queued`])
    nodes = [niamey, abuja].map((agency) => startAmana(['node', 'run', '--json', ...of(agency)]))
    await Promise.all(nodes.map((node) => node.said('listening')))
    await delivered(niamey)
    expect(await desksAt(niamey, digest)).toEqual(['protection opened', `${DESK} stored`])
    expect(await desksAt(abuja, digest)).toEqual(['protection received', `${DESK} stored`])
    const listed = await amana(['message', 'list', '--lang', 'fr', ...of(niamey)])
    expect(listed.stdout).toMatch(/protection: ouvert[^,]*, shelter-x: /)
  })

  it('gets its envelope as a file, and what it is checked by', async () => {
    const envelope = join(shelter, 'case.amana.json')
    const out = ['message', 'export', '--purpose', 'protection']
    const toDesk = ['--format', 'envelope', '--desk', DESK, '--to', envelope]
    const wrong = await amana([
      ...out,
      '--format',
      'envelope',
      '--to',
      envelope,
      ...of(abuja),
      '--',
      digest,
    ])
    expect(wrong.stderr).toContain('CLI_OPTION')
    await answerOf(abuja, [...out, ...toDesk, digest])
    await answerOf(abuja, [...out, '--to', join(shelter, 'case.message.jsonl'), digest])
    const policy = ['audit', 'export', '--format', 'policy', '--to', shelter]
    const { file } = FileSchema.parse(await answerOf(abuja, policy))
    expect(file).toBe(join(shelter, 'policy.txt'))
    const inspected = await amana(['message', 'inspect', envelope])
    expect(inspected.stdout).toContain(DESK)
    const own = await amana([
      ...out,
      '--format',
      'envelope',
      '--desk',
      'protection',
      '--to',
      envelope,
      ...of(abuja),
      '--',
      digest,
    ])
    expect(own.stderr).toContain('CLI_NOT_KEPT')
  })

  it('opens it without a node, sees its own groups, and nobody else’s key opens it', async () => {
    const run = await atShelter(DESK, '--json')
    expect(run).toMatchObject({ status: 0, stderr: '' })
    const { desk, messages } = OpenedSchema.parse(JSON.parse(run.stdout))
    expect([desk, messages.length, messages[0]?.digest]).toEqual([DESK, 1, digest])
    expect(Object.keys(messages[0]?.groups ?? {}).toSorted()).toEqual([
      'custody',
      'fitness',
      'needs',
      'person',
      'placement',
      'routing',
      'safeContact',
      'safety',
    ])
    expect(messages[0]?.withheld).toContain('identity')
    const clinic = await atShelter('clinic-x')
    expect(clinic).toMatchObject({ status: 4, stdout: '' })
    expect(clinic.stderr).toContain('WIRE_NOT_FOR_ME')
    const text = await readFile(join(shelter, 'case.message.jsonl'), 'utf8')
    await writeFile(
      join(shelter, 'case.message.jsonl'),
      text.replace('"record":"evidence"', '"record":"evidenc"'),
    )
    const damaged = await atShelter(DESK)
    expect(damaged).toMatchObject({ status: 4, stdout: '' })
    expect(damaged.stderr).toContain('CLI_NOT_VERIFIED')
    await writeFile(join(shelter, 'case.message.jsonl'), text)
  })

  it('answers by its officer alone, and that is the last word at both sides', async () => {
    const answers = join(shelter, 'answers.json')
    const nurse = join(shelter, 'nurse.keystore.json')
    const other = await atShelter(DESK, '--officer', nurse, '--to', answers)
    expect(other.stderr).toContain('CLI_OFFICER')
    const worker = join(shelter, 'worker.keystore.json')
    const signed = await atShelter(DESK, '--officer', worker, '--to', answers)
    expect(signed).toMatchObject({ status: 0, stderr: '' })
    expect(signed.stdout).toContain(`amana message answer ${answers}`)
    await answerOf(abuja, ['message', 'answer', answers, '--dry-run'])
    expect(await desksAt(niamey, digest)).toContain(`${DESK} stored`)
    await answerOf(abuja, ['message', 'answer', answers])
    await answerOf(abuja, ['message', 'answer', answers])
    await delivered(abuja)
    expect(await desksAt(niamey, digest)).toEqual(['protection opened', `${DESK} opened`])
    expect(await desksAt(abuja, digest)).toEqual(['protection received', `${DESK} opened`])
    const { messages } = ListSchema.parse(await answerOf(niamey, ['message', 'list']))
    expect(messages.map(({ kind }) => kind)).toContain('desk.answer/1')
    const gone = [
      'message',
      'export',
      '--purpose',
      'protection',
      '--format',
      'envelope',
      '--desk',
      DESK,
    ]
    const late = await amana([
      ...gone,
      '--to',
      join(root, 'late.amana.json'),
      ...of(abuja),
      '--',
      digest,
    ])
    expect(late.stderr).toContain('CLI_NOT_KEPT')
  })

  it('and both logs verify with it', async () => {
    for (const { folder } of [niamey, abuja]) {
      const { witness } = createControlClient(join(folder, 'control.sock'))
      await witness({ timeoutMs: WAIT_MS })
    }
    const files = await Promise.all(
      [niamey, abuja].map(async (agency) => {
        const exported = await answerOf(agency, ['audit', 'export', '--to', join(root, agency.id)])
        return FileSchema.parse(exported).file
      }),
    )
    const policy = ['--policy', join(shelter, 'policy.txt')]
    const verified = await amana(['verify', ...files, ...policy, '--json'])
    expect(verified.status, verified.stdout).toBe(0)
    expect(verified.stdout).toContain('desk.answer/1')
  })
})
