/**
 * A stick between two agencies, by the commands alone: half of it missing, files doubled, renamed, cut, foreign.
 *
 * @module
 * @spec docs/spec/09-carriers.md#files
 */
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, type RunningProgram, startAmana } from '../support/amana-program.ts'
import { BODIES } from '../support/message-bodies.ts'
import { seededBytes } from '../support/seeded-bytes.ts'

const SETUP_TIMEOUT_MS = 300_000

const ExportSchema = z.looseObject({
  index: z.string(),
  files: z.array(z.looseObject({ digest: z.string(), order: z.int(), type: z.string() })),
})
const ImportSchema = z.looseObject({
  missing: z.int(),
  files: z.array(
    z.looseObject({
      file: z.string(),
      result: z.string(),
      code: z.exactOptional(z.string()),
      missing: z.exactOptional(z.int()),
      order: z.exactOptional(z.int()),
      released: z.exactOptional(z.int()),
      type: z.exactOptional(z.string()),
    }),
  ),
})
const SentSchema = z.looseObject({ digest: z.string() })
const MessagesSchema = z.looseObject({
  messages: z.array(z.looseObject({ digest: z.string(), state: z.string() })),
})

let root: string
let niamey: DiskAgency
let abuja: DiskAgency
let node: RunningProgram | undefined

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-stick-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  node?.signal('SIGTERM')
  await node?.ended
  await rm(root, { recursive: true, force: true })
})

async function sendMinutes(): Promise<void> {
  const file = join(root, 'minutes.json')
  const draft = {
    kind: 'jtwg.minutes/1',
    to: { agency: abuja.id },
    handling: { tlp: 'AMBER', caveats: ['test:data'] },
    groups: BODIES['jtwg.minutes/1'],
  }
  await writeFile(file, JSON.stringify(draft))
  await answerOf(niamey, ['message', 'send', file, '--officer', 'secretary-niamey'])
}

async function exported(
  from: DiskAgency,
  to: DiskAgency,
  { name, options = [] }: { readonly name: string; readonly options?: readonly string[] },
) {
  const folder = join(root, name)
  const words = ['peer', 'export-queue', to.id, '--to', folder, ...options]
  const answer = ExportSchema.parse(await answerOf(from, words))
  const pathOf = (type: string, order?: number): string => {
    const found = answer.files.find(
      (file) => file.type === type && (order === undefined || file.order === order),
    )
    return join(folder, `deposit-${found?.digest ?? ''}.json`)
  }
  const ranges = answer.files
    .filter(({ type }) => type === 'range')
    .map(({ digest }) => join(folder, `deposit-${digest}.json`))
  return { ...answer, folder, pathOf, ranges }
}

async function imported(at: DiskAgency, folder: string, ...words: readonly string[]) {
  return ImportSchema.parse(await answerOf(at, ['peer', 'import-queue', folder, ...words]))
}

async function statesAt(agency: DiskAgency): Promise<readonly string[]> {
  const { messages } = MessagesSchema.parse(await answerOf(agency, ['message', 'list']))
  return messages.map(({ state }) => state)
}

describe('a stick', { timeout: SETUP_TIMEOUT_MS }, () => {
  it('brings what is there, says what each file is, and brings the receipts back', async () => {
    const sticks = []
    for (const name of ['first', 'second', 'third']) {
      await sendMinutes()
      const dry = await amana([
        'peer',
        'export-queue',
        abuja.id,
        '--to',
        join(root, name),
        ...of(niamey),
        '--dry-run',
      ])
      expect(dry.stdout).toContain('1 messages that wait for one')
      sticks.push(await exported(niamey, abuja, { name }))
    }
    const [, second, third] = sticks
    if (second === undefined || third === undefined) throw new Error('nothing was written')
    expect(third.files.map(({ type }) => type)).toEqual([
      ...third.files.filter(({ type }) => type === 'trust').map(() => 'trust'),
      'envelope',
      'envelope',
      'envelope',
      'checkpoint',
    ])

    const mess = join(root, 'mess')
    await mkdir(mess)
    await copyFile(third.index, join(mess, basename(third.index)))
    await copyFile(third.pathOf('envelope', 3), join(mess, 'renamed.bin'))
    await copyFile(second.pathOf('envelope', 2), join(mess, 'two.json'))
    await copyFile(second.pathOf('envelope', 2), join(mess, 'two (1).json'))
    await copyFile(third.pathOf('checkpoint'), join(mess, 'checkpoint.json'))
    await writeFile(join(mess, 'holiday.jpg'), 'no deposit')
    const whole = await readFile(third.pathOf('envelope', 1))
    await writeFile(join(mess, 'cut.json'), whole.subarray(0, 1000))
    const back = await exported(abuja, niamey, { name: 'back-first' })
    await copyFile(back.pathOf('checkpoint'), join(mess, 'own.json'))

    node = startAmana(['node', 'run', ...of(abuja), '--json'])
    await node.said('listening')
    const dry = await imported(abuja, mess, '--dry-run')
    expect(dry.files.filter(({ result }) => result === 'held')).toHaveLength(2)
    expect(await statesAt(abuja)).toEqual([])
    const { files, missing } = await imported(abuja, mess)
    const said = Object.fromEntries(
      files.map(({ code, file, missing: gap, result }) => [
        basename(file).replace(/^index.*/, 'index'),
        [result, code ?? gap].filter((one) => one !== undefined).join(' '),
      ]),
    )
    expect(said).toEqual({
      index: 'index',
      'renamed.bin': 'held 1',
      'two.json': 'double',
      'two (1).json': 'held 1',
      'checkpoint.json': 'taken',
      'holiday.jpg': 'refused WIRE_JSON',
      'cut.json': 'refused WIRE_JSON',
      'own.json': 'refused WIRE_NOT_FOR_ME',
    })
    expect(missing).toBe(third.files.length - 2)
    expect(await statesAt(abuja)).toEqual([])
    const text = await amana(['peer', 'import-queue', third.folder, ...of(abuja), '--lang', 'fr'])
    expect(text.stdout).toContain('2 qui étaient gardés ont suivi')
    expect(text.stdout).toContain('amana peer export-queue ne.anltp-tim')
    expect(await statesAt(abuja)).toEqual(['received', 'received', 'received'])

    const answers = await exported(abuja, niamey, { name: 'back' })
    expect(answers.files.filter(({ type }) => type === 'receipt')).toHaveLength(3)
    await rm(answers.pathOf('receipt', 2))
    await imported(niamey, answers.folder)
    expect(await statesAt(niamey)).toEqual(['opened', 'sent', 'opened'])
    const again = await exported(abuja, niamey, { name: 'back-again' })
    await rename(again.folder, join(root, 'elsewhere'))
    const rest = await imported(niamey, join(root, 'elsewhere'))
    const receipts = rest.files.filter(({ type }) => type === 'receipt')
    expect(receipts.map(({ result }) => result)).toEqual(['known', 'taken', 'known'])
    expect(await statesAt(niamey)).toEqual(['opened', 'opened', 'opened'])
  })

  it('brings back what officers say of a message, once, and nothing of it twice', async () => {
    const { messages } = MessagesSchema.parse(await answerOf(niamey, ['message', 'list']))
    const { digest = '' } = messages[0] ?? {}
    const show = ['message', 'show', ...of(abuja), '--purpose', 'quality']
    const nobody = await amana([...show, '--', digest])
    expect(nobody).toMatchObject({ status: 0, stderr: '' })
    const read = await amana([...show, '--officer', 'secretary-abuja', '--', digest])
    expect(read).toMatchObject({ status: 0 })
    expect(read.stderr).toContain('The sender is told that an officer has read it')
    const again = await amana([...show, '--officer', 'secretary-abuja', '--', digest])
    expect(again).toMatchObject({ status: 0, stderr: '' })
    expect(again.stdout).toMatch(/  read: secretary-abuja, ng\.naptip /)
    const acted = ['message', 'acted', ...of(abuja), '--officer', 'secretary-abuja']
    expect(await amana([...acted, '--note', 'passed_on', '--', digest])).toMatchObject({
      status: 0,
    })
    expect(await amana([...acted, '--', digest])).toMatchObject({ status: 4 })

    const back = await exported(abuja, niamey, { name: 'back-read' })
    await imported(niamey, back.folder)
    await imported(niamey, back.folder)
    const list = await amana(['message', 'list', ...of(niamey), '--lang', 'fr'])
    expect(list.stdout.match(/suite donnée le 20/g)).toHaveLength(1)
    const shown = await amana([
      'message',
      'show',
      ...of(niamey),
      '--purpose',
      'audit',
      '--',
      digest,
    ])
    expect(shown.stdout).toContain('acted on (Passed on inside the agency): secretary-abuja')
    const ours = ['message', 'acted', ...of(niamey), '--officer', 'secretary-niamey']
    const own = await amana([...ours, '--', digest])
    expect(own.stderr).toContain('[CLI_NO_STAGE]')
  })

  it('brings files with a message in parts, and asks for those that are missing', async () => {
    const photo = join(root, 'photo.jpg')
    const bytes = seededBytes('photo')(2_200_000)
    await writeFile(photo, bytes)
    const words = ['message', 'send', join(root, 'minutes.json'), '--attach', photo]
    const sent = SentSchema.parse(
      await answerOf(niamey, [...words, '--officer', 'secretary-niamey']),
    )
    const queue = ['peer', 'export-queue', abuja.id, '--to', join(root, 'photo-stick')]
    expect(
      (await exported(niamey, abuja, { name: 'bare', options: ['--without-attachments'] })).ranges,
    ).toEqual([])
    const dry = await amana([...queue, ...of(niamey), '--dry-run', '--lang', 'fr'])
    expect(dry.stdout).toContain('et 3 parties de pièces jointes, environ 3 Mio en fichiers')
    const stick = await exported(niamey, abuja, { name: 'photo-stick' })
    expect(stick.ranges).toHaveLength(3)
    await Promise.all(stick.ranges.slice(1).map((path) => rm(path)))
    await imported(abuja, stick.folder)
    const attachments = ['message', 'attachments', ...of(abuja), '--', sent.digest]
    expect((await amana(attachments)).stdout).toContain('coming')
    await imported(niamey, (await exported(abuja, niamey, { name: 'photo-asked' })).folder)
    const rest = await exported(niamey, abuja, { name: 'photo-rest' })
    expect(rest.ranges).toHaveLength(2)
    await imported(abuja, rest.folder)
    expect((await amana(attachments)).stdout).toContain('whole')
    await imported(abuja, stick.folder)
    await imported(niamey, (await exported(abuja, niamey, { name: 'photo-had' })).folder)
    expect((await exported(niamey, abuja, { name: 'photo-over' })).ranges).toEqual([])
    const to = join(root, 'photo-saved.jpg')
    const reader = ['--officer', 'secretary-abuja', '--purpose', 'quality', '--to', to]
    const save = ['message', 'attachment', 'save', ...of(abuja), ...reader]
    const saved = await amana([...save, '--', sent.digest, '1'])
    expect(saved).toMatchObject({ status: 0 })
    expect(Buffer.compare(await readFile(to), bytes)).toBe(0)
  })

  it('for an agency that is not the other one is not written', async () => {
    const to = join(root, 'nobody')
    const run = await amana(['peer', 'export-queue', 'ne.dst', '--to', to, ...of(niamey)])
    expect(run).toMatchObject({ status: 4 })
    expect(run.stderr).toContain('[TRUST_NO_ROSTER]')
  })

  it('with nothing on it is said to be empty, and one that is not there an error', async () => {
    await mkdir(join(root, 'empty'))
    const empty = await amana(['peer', 'import-queue', join(root, 'empty'), ...of(niamey)])
    expect(empty).toMatchObject({ status: 0, stdout: `no file in ${join(root, 'empty')}\n` })
    const none = await amana(['peer', 'import-queue', join(root, 'none'), ...of(niamey)])
    expect(none.stderr).toContain('[CLI_FILE]')
  })
})
