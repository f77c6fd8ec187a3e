import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from '../support/agency-on-disk.ts'
import {
  amana,
  type ProgramRun,
  type RunningProgram,
  startAmana,
} from '../support/amana-program.ts'
import { passphraseOf } from '../support/met-agencies.ts'
import {
  beginTalk,
  carryAll,
  leaving,
  MEETING_MS,
  openSide,
  queueNew,
  receive,
  type Side,
} from '../support/node-fixture.ts'
import { sendReferral } from '../support/sent-referral.ts'

const SETUP_TIMEOUT_MS = 300_000
const WAIT_MS = 30_000

let root: string
let niamey: DiskAgency
let abuja: DiskAgency
let nodes: readonly RunningProgram[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-withdraw-'))
  const agencies = await makeAgencies(root)
  niamey = agencies.niamey
  abuja = agencies.abuja
  await meet(root, agencies)
}, SETUP_TIMEOUT_MS)

afterAll(async () => {
  for (const node of nodes) node.signal('SIGTERM')
  await Promise.all(nodes.map((node) => node.ended))
  await rm(root, { recursive: true, force: true })
})

async function withdraw(digest: string, ...words: readonly string[]): Promise<ProgramRun> {
  return amana(['message', 'withdraw', ...of(niamey), ...words, '--', digest])
}

describe('a message that waits', () => {
  it('is withdrawn by its agency, which is told first what that does', async () => {
    const digest = await sendReferral(root, niamey)
    const dry = await withdraw(digest, '--reason', 'mistake', '--dry-run')
    expect(dry).toMatchObject({ status: 0, stderr: '' })
    expect(dry.stdout).toBe(
      `${digest} waits here. It leaves the queue, and nothing of it goes out\nNothing was changed\n`,
    )
    const unsure = await withdraw(digest, '--reason', 'mistake')
    expect(unsure).toMatchObject({ status: 2, stdout: '' })
    expect(unsure.stderr).toMatch(/leaves the queue[^]+\[CLI_OPTION\]/)
    const unknown = await withdraw(digest, '--reason', 'regret', '--yes')
    expect(unknown.status).toBe(2)
    const done = await withdraw(digest, '--reason', 'mistake', '--yes', '--json')
    expect(JSON.parse(done.stdout)).toEqual({
      schema: 'amana.cli.message-withdraw/1',
      digest,
      others: [],
      reason: 'mistake',
      way: 'queue',
      withdrawn: true,
    })
    const listed = await amana(['message', 'list', '--lang', 'fr', ...of(niamey)])
    expect(listed.stdout).toContain(`  retiré  ${digest.slice(0, 12)}\n`)
    const again = await withdraw(digest, '--reason', 'mistake', '--yes')
    expect(again).toMatchObject({ status: 5, stdout: '' })
    expect(again.stderr).toMatch(/its state is withdrawn \[CLI_NOT_WITHDRAWABLE\]/)
  })
})

describe('a message that the other agency has', () => {
  it('is not withdrawn, and the one that was never came', async () => {
    const digest = await sendReferral(root, niamey)
    nodes = [niamey, abuja].map((agency) => startAmana(['node', 'run', '--json', ...of(agency)]))
    await Promise.all(nodes.map((node) => node.said('listening')))
    const { waitDelivered } = createControlClient(join(niamey.folder, 'control.sock'))
    expect(await waitDelivered({ timeoutMs: WAIT_MS })).toEqual({ queued: 0 })
    const late = await withdraw(digest, '--reason', 'consent', '--dry-run', '--lang', 'fr')
    expect(late).toMatchObject({ status: 5, stdout: '' })
    expect(late.stderr).toMatch(/son état est opened \[CLI_NOT_WITHDRAWABLE\]/)
    const listed = await answerOf(abuja, ['message', 'list'])
    expect(listed).toMatchObject({ messages: [{ digest }] })
  })
})

describe('a message in a dispatch without an answer', { timeout: MEETING_MS }, () => {
  it('is voided by the program, and the list says what became of it', async () => {
    await using talk = await beginTalk()
    const [early, beside] = await sentTo(talk.naptip)
    expect(await withdrawnFrom(talk.naptip, early)).toEqual([
      expect.stringContaining(`${early} is in a dispatch without an answer`),
      expect.stringContaining('go into a new one by themselves: 1'),
      expect.stringContaining(`Withdrawal of ${early} on its way`),
    ])
    expect(await stateOf(talk.naptip, early)).toBe('its withdrawal is on its way')
    const naptip = await openSide(talk.naptip.place, talk.clock)
    await carryAll(naptip, talk.anltp)
    const [late] = await sentTo(naptip)
    await receive(talk.anltp, naptip, (await leaving(naptip)).envelope)
    await naptip[Symbol.asyncDispose]()
    await withdrawnFrom(naptip, late)
    const again = await openSide(talk.naptip.place, talk.clock)
    await carryAll(again, talk.anltp)
    await again[Symbol.asyncDispose]()
    expect(await stateOf(again, early)).toBe('withdrawn')
    expect(await stateOf(again, beside)).toBe('opened by the other side')
    expect(await stateOf(again, late)).toBe(
      'opened by the other side; the withdrawal came too late',
    )
  })
})

/** Two statements in one dispatch that has left. */
async function sentTo(side: Side): Promise<readonly [string, string]> {
  const two = [await queueNew(side, 'jtwg.minutes/1'), await queueNew(side, 'jtwg.minutes/1')]
  await leaving(side)
  const [first = '', second = ''] = two
  return [first, second]
}

/** The program on the folder of a node that is closed by then. */
async function onFolder({ place }: Side, words: readonly string[]): Promise<ProgramRun> {
  await writeFile(join(root, 'node.txt'), passphraseOf('node'))
  return amana([
    ...words.slice(0, 2),
    '--dir',
    place.folder,
    '--passphrases',
    root,
    ...words.slice(2),
  ])
}

async function withdrawnFrom(side: Side, digest: string): Promise<readonly string[]> {
  await side[Symbol.asyncDispose]()
  const words = ['message', 'withdraw', '--reason', 'consent', '--yes', '--', digest]
  const { status, stderr, stdout } = await onFolder(side, words)
  expect(status).toBe(0)
  return `${stderr}${stdout}`.trimEnd().split('\n')
}

async function stateOf(side: Side, digest: string): Promise<string | undefined> {
  const { stdout } = await onFolder(side, ['message', 'list'])
  const line = stdout.split('\n').find((one) => one.endsWith(digest.slice(0, 12)))
  return line?.split('  ').at(-2)
}
