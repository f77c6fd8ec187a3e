/**
 * Two agencies made and met by the commands alone, as `docs/operate` tells it, each in a folder of its own.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { type UnlockedOfficer, unlockOfficer } from '../../apps/node/src/agency/signing.ts'
import { amana } from './amana-program.ts'

/** One agency: its id, its folder, its passphrases. */
export interface DiskAgency {
  readonly id: string
  readonly folder: string
  readonly passphrases: string
}

const ADDED = {
  'ne.anltp-tim': [
    ['case-niamey', 'ne.anltp-tim', 'author:victim,author:referral,author:task,case_manager'],
    ['supervisor-niamey', 'ne.anltp-tim', 'approve:victim,supervisor'],
    ['secretary-niamey', 'ne.anltp-tim', 'author:jtwg'],
  ],
  'ng.naptip': [
    ['secretary-abuja', 'ng.naptip', 'author:jtwg'],
    ['duty-abuja', 'ng.naptip', 'author:referral,duty_officer'],
    ['analyst-abuja', 'ng.naptip', 'author:intel'],
    ['supervisor-abuja', 'ng.naptip', 'approve:intel,supervisor'],
  ],
} as const

const ComparisonSchema = z.looseObject({ safetyNumber: z.string() })

/** The words that every command on an agency's folder ends with. */
export function of({ folder, passphrases }: DiskAgency): readonly string[] {
  return ['--dir', folder, '--passphrases', passphrases]
}

/** Runs a command that must end well, and gives its JSON answer. */
export async function answerOf(agency: DiskAgency, words: readonly string[]): Promise<unknown> {
  const run = await amana([...words, ...of(agency), '--json'])
  if (run.status !== 0) throw new Error(`amana ${words.join(' ')}: ${run.stderr}`)
  return JSON.parse(run.stdout)
}

/** On which port the second agency listens, and which one its roster names. */
export interface Ports {
  readonly announced: number
  readonly listening: number
}

/** On which addresses the agencies listen, where it is not loopback. */
export interface Listen {
  readonly niamey: string
  readonly abuja: string
}

/** Both agencies with their officers; the first one dials the second, `apart` through what lies between two ports. */
export async function makeAgencies(
  root: string,
  { apart = false, listen: asked }: { readonly apart?: boolean; readonly listen?: Listen } = {},
): Promise<{ readonly niamey: DiskAgency; readonly abuja: DiskAgency; readonly ports: Ports }> {
  const listening = await freePort()
  const announced = apart ? await freePort() : listening
  const niamey = agencyIn(root, 'ne.anltp-tim', 'niamey')
  const abuja = agencyIn(root, 'ng.naptip', 'abuja')
  const listen = ['--listen', asked?.niamey ?? '/ip4/127.0.0.1/tcp/0']
  const address = apart ? ['--address', addressOf(announced)] : []
  await Promise.all([
    make(niamey, ['--name', 'ANLTP/TIM', '--city', 'Niamey', ...listen]),
    make(abuja, [
      '--name',
      'NAPTIP',
      '--city',
      'Abuja',
      '--listen',
      asked?.abuja ?? addressOf(listening),
      ...address,
    ]),
  ])
  return { niamey, abuja, ports: { announced, listening } }
}

function addressOf(port: number): string {
  return `/ip4/127.0.0.1/tcp/${String(port)}`
}

/** Invites, comparison, charter, by files: afterwards the charter is in force on both sides. */
export async function meet(
  root: string,
  { niamey, abuja }: { readonly niamey: DiskAgency; readonly abuja: DiskAgency },
): Promise<void> {
  const invites = [join(root, 'invite-niamey.json'), join(root, 'invite-abuja.json')] as const
  await answerOf(niamey, ['peer', 'invite', '--to', invites[0]])
  await answerOf(abuja, ['peer', 'invite', '--to', invites[1]])
  await answerOf(niamey, ['peer', 'import', invites[1]])
  await answerOf(abuja, ['peer', 'import', invites[0]])
  const heard = ComparisonSchema.parse(await answerOf(niamey, ['peer', 'compare', abuja.id]))
  const digits = join(root, 'digits.txt')
  await writeFile(digits, heard.safetyNumber)
  await answerOf(niamey, ['peer', 'confirm', abuja.id, '--digits', digits])
  await answerOf(abuja, ['peer', 'confirm', niamey.id, '--digits', digits])
  await answerOf(niamey, ['peer', 'import', charterOf(abuja)])
  await answerOf(abuja, ['peer', 'import', charterOf(niamey)])
}

/** An officer of an agency with the key open, as the officer’s own program has it. */
export async function unlocked(agency: DiskAgency, id: string): Promise<UnlockedOfficer> {
  const text = await readFile(join(agency.passphrases, `officer-${id}.txt`), 'utf8')
  return unlockOfficer(agency.folder, id, text.trimEnd())
}

async function make(agency: DiskAgency, words: readonly string[]): Promise<void> {
  await answerOf(agency, ['init', '--agency', agency.id, '--make-passphrases', ...words])
  for (const [id, organisation, roles] of officersOf(agency)) {
    const added = ['officer', 'add', id, '--organisation', organisation, '--roles', roles]
    await answerOf(agency, [...added, '--make-passphrases'])
  }
}

function officersOf({ id }: DiskAgency): readonly (readonly [string, string, string])[] {
  return id === 'ng.naptip' ? ADDED['ng.naptip'] : ADDED['ne.anltp-tim']
}

function agencyIn(root: string, id: string, name: string): DiskAgency {
  return { id, folder: join(root, name), passphrases: join(root, `${name}-passphrases`) }
}

function charterOf({ folder, id }: DiskAgency): string {
  return join(folder, 'public', `charter-${id}.json`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address: AddressInfo | string | null = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
