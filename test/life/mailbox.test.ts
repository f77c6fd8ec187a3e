/**
 * Two agencies that are never on at the same time, and a mailbox between them: three processes of the program.
 *
 * @module
 * @spec docs/spec/09-carriers.md#mailbox
 */
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import { amana, type RunningProgram, startAmana } from '../support/amana-program.ts'
import { BODIES } from '../support/message-bodies.ts'

const SETUP_TIMEOUT_MS = 300_000

const StatusSchema = z.looseObject({
  status: z.looseObject({ peerId: z.string(), log: z.looseObject({ cosignedSize: z.int() }) }),
})
const MadeSchema = z.looseObject({ peerId: z.string(), settings: z.string() })
const ListeningSchema = z.looseObject({ addresses: z.array(z.string()).min(1) })
const MessagesSchema = z.looseObject({
  messages: z.array(
    z.looseObject({
      digest: z.string(),
      stages: z.array(z.looseObject({ stage: z.string() })),
      state: z.string(),
    }),
  ),
})
const MailSchema = z.looseObject({
  running: z.boolean(),
  counts: z.array(z.looseObject({ agency: z.string(), deposits: z.int() })),
})

let root: string
let niamey: DiskAgency
let abuja: DiskAgency
let mailbox: DiskAgency
let running: RunningProgram | undefined

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-mailbox-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  running?.signal('SIGTERM')
  await running?.ended
  await rm(root, { recursive: true, force: true })
})

async function peerIdOf(agency: DiskAgency): Promise<string> {
  return StatusSchema.parse(await answerOf(agency, ['node', 'status'])).status.peerId
}

/** Runs a node by itself until it has gone to the mailbox so many times. */
async function runFor(agency: DiskAgency, visits: number): Promise<string> {
  const node = startAmana(['node', 'run', ...of(agency), '--json'], { shell: 'exec "$@" 2>&1' })
  await node.said('mailbox visited', visits)
  node.signal('SIGTERM')
  return (await node.ended).stdout
}

async function statesAt(agency: DiskAgency): Promise<readonly string[]> {
  const { messages } = MessagesSchema.parse(await answerOf(agency, ['message', 'list']))
  return messages.map(({ state }) => state)
}

describe('a mailbox', { timeout: SETUP_TIMEOUT_MS }, () => {
  it('lets two nodes that are never on at once deliver, answer and witness', async () => {
    const folder = join(root, 'mailbox')
    mailbox = { id: 'mailbox', folder, passphrases: `${folder}-passphrases` }
    const peers = [`${niamey.id}=${await peerIdOf(niamey)}`, `${abuja.id}=${await peerIdOf(abuja)}`]
    const made = MadeSchema.parse(
      await answerOf(mailbox, [
        'mailbox',
        'init',
        '--listen',
        '/ip4/127.0.0.1/tcp/0',
        '--make-passphrases',
        '--peer',
        ...peers,
      ]),
    )
    expect((await stat(join(folder, 'mailbox.toml'))).mode & 0o777).toBe(0o600)
    running = startAmana(['mailbox', 'run', ...of(mailbox), '--json'])
    await running.said('listening')
    const status = await readFile(join(folder, 'status.json'), 'utf8')
    const [address = ''] = ListeningSchema.parse(JSON.parse(status)).addresses
    for (const agency of [niamey, abuja]) {
      await appendFile(
        join(agency.folder, 'amana.toml'),
        `\n[mailbox]\npeerId = "${made.peerId}"\naddresses = ["${address}"]\nafterSeconds = 0\neverySeconds = 1\n`,
      )
    }
    const file = join(root, 'minutes.json')
    const draft = {
      kind: 'jtwg.minutes/1',
      to: { agency: abuja.id },
      handling: { tlp: 'AMBER', caveats: ['test:data'] },
      groups: BODIES['jtwg.minutes/1'],
    }
    await writeFile(file, JSON.stringify(draft))
    await answerOf(niamey, ['message', 'send', file, '--officer', 'secretary-niamey'])

    expect(await runFor(niamey, 2)).not.toContain('mailbox failed')
    expect(await statesAt(niamey)).toEqual(['sent'])
    expect(await runFor(abuja, 2)).not.toContain('mailbox failed')
    expect(await statesAt(abuja)).toEqual(['received'])
    await runFor(niamey, 2)
    expect(await statesAt(niamey)).toEqual(['opened'])
    const { log } = StatusSchema.parse(await answerOf(niamey, ['node', 'status'])).status
    expect(log.cosignedSize).toBeGreaterThan(0)

    const { messages } = MessagesSchema.parse(await answerOf(abuja, ['message', 'list']))
    const show = ['message', 'show', ...of(abuja), '--officer', 'secretary-abuja']
    const shown = await amana([...show, '--purpose', 'quality', '--', messages[0]?.digest ?? ''])
    expect(shown).toMatchObject({ status: 0 })
    await runFor(abuja, 2)
    await runFor(niamey, 2)
    const said = MessagesSchema.parse(await answerOf(niamey, ['message', 'list'])).messages
    expect(said.flatMap(({ stages }) => stages.map(({ stage }) => stage))).toEqual(['read'])

    running.signal('SIGTERM')
    expect((await running.ended).status).toBe(0)
    const { counts } = MailSchema.parse(await answerOf(mailbox, ['mailbox', 'status']))
    expect(counts.map(({ agency }) => agency).toSorted()).toEqual([niamey.id, abuja.id].toSorted())
    const text = await amana(['mailbox', 'status', ...of(mailbox), '--lang', 'fr'])
    expect(text.stdout).toContain('gardés 30 jours')
  })

  it('is made for two agencies, in a folder of its own', async () => {
    const folder = join(root, 'other')
    const words = ['mailbox', 'init', '--dir', folder, '--make-passphrases', '--peer']
    const one = await amana([...words, `ng.naptip=${await peerIdOf(abuja)}`])
    expect(one).toMatchObject({ status: 2 })
    expect(one.stderr).toContain('[CLI_OPTION]')
    const none = await amana(['mailbox', 'status', '--dir', folder])
    expect(none).toMatchObject({ status: 3 })
    expect(none.stderr).toContain('[CLI_NO_MAILBOX]')
  })
})
