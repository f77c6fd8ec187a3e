/**
 * A case between two agencies whose nodes run: officers of both sides sign with the commands that they would type.
 *
 * @module
 * @spec docs/spec/08-exchange.md#acts-of-a-referral
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { answerOf, type DiskAgency, makeAgencies, meet, of } from './agency-on-disk.ts'
import { amana, type ProgramRun, startAmana } from './amana-program.ts'
import { FILLED_REFERRAL } from './filled-referral.ts'

const WAIT_MS = 30_000

/** The reference of the file that is sent first. */
export const CASE = 'NE-ANLTP-26-5T9XW2HD-D'

const CASE_OFFICERS = [
  ['niamey', 'escort-niamey', 'author:handover,author:referral,escort,custodian'],
  ['niamey', 'head-niamey', 'author:referral,head'],
  ['abuja', 'case-abuja', 'author:referral,author:task,case_manager'],
  ['abuja', 'reception-abuja', 'author:handover,custodian'],
  ['abuja', 'head-abuja', 'author:referral,head'],
] as const

/** Both agencies, and the programs that their nodes are. */
export interface RunningCase extends AsyncDisposable {
  readonly root: string
  readonly niamey: DiskAgency
  readonly abuja: DiskAgency
}

/** Makes both agencies with their officers, lets them meet, and starts both nodes. */
export async function beginCase(): Promise<RunningCase> {
  const root = await mkdtemp(join(tmpdir(), 'amana-case-'))
  const agencies = await makeAgencies(root)
  for (const [side, id, roles] of CASE_OFFICERS) {
    const agency = agencies[side]
    const words = ['officer', 'add', id, '--organisation', agency.id, '--roles', roles]
    await answerOf(agency, [...words, '--make-passphrases'])
  }
  await meet(root, agencies)
  const { abuja, niamey } = agencies
  const nodes = [niamey, abuja].map((agency) =>
    startAmana(['node', 'run', '--json', ...of(agency)]),
  )
  await Promise.all(nodes.map((node) => node.said('listening')))
  return {
    root,
    niamey,
    abuja,
    [Symbol.asyncDispose]: async () => {
      for (const node of nodes) node.signal('SIGTERM')
      await Promise.all(nodes.map((node) => node.ended))
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Sends the file of the case, of an exercise. */
export async function sendFile(
  { niamey, root }: RunningCase,
  changes: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<void> {
  const changed = Object.entries(changes).map(
    ([name, members]) => [name, { ...FILLED_REFERRAL[name], ...members }] as const,
  )
  const routing = { ...FILLED_REFERRAL['routing'], caseOwner: 'case-niamey' }
  const draft = {
    kind: 'victim.referral/1',
    to: { agency: 'ng.naptip' },
    handling: { tlp: 'AMBER+STRICT', caveats: ['dist:bilateral', 'test:data'] },
    groups: { ...FILLED_REFERRAL, routing, ...Object.fromEntries(changed) },
  }
  const file = join(root, 'file.json')
  await writeFile(file, JSON.stringify(draft))
  const signers = ['--officer', 'case-niamey', '--approve', 'supervisor-niamey']
  await answerOf(niamey, ['message', 'send', file, ...signers])
}

/** What an officer types; afterwards both nodes have it. */
export async function typed(
  both: RunningCase,
  side: 'niamey' | 'abuja',
  words: readonly string[],
): Promise<ProgramRun> {
  const agency = both[side]
  const run = await amana([...words, ...of(agency)])
  const { waitDelivered } = createControlClient(join(agency.folder, 'control.sock'))
  await waitDelivered({ timeoutMs: WAIT_MS })
  return run
}
