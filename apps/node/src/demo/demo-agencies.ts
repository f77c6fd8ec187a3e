/**
 * First chapter of the demonstration: two agencies are made, add their officers and meet, through the same functions as
 * the commands `init`, `officer add` and `peer`.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AmanaError,
  type GeneralJws,
  isAmanaError,
  type PrivateKey,
  type RootPair,
} from '@amana/core'
import {
  createAgency,
  NEW_KEYSTORES,
  type NewAgency,
  ROOTS_FOLDER,
} from '../agency/create-agency.ts'
import { confirmHeard, makeInvite, readRootPair } from '../agency/pairing.ts'
import { addOfficers, adoptNextRoster, loadRosterKey } from '../agency/rosters.ts'
import { type UnlockedOfficer } from '../agency/signing.ts'
import { makePassphrases } from '../cli/passphrases.ts'
import { openNode, type OpenNode } from '../node.ts'
import { type NodeServices } from '../services.ts'
import { systemRandom } from '../system.ts'
import { createOfficerSecrets } from '../vault/agency-secrets.ts'
import { keystorePath, officerKeystorePath, writeKeystore } from '../vault/keystore-file.ts'
import { loadReadingKeys, loadSigningKey } from '../vault/load-keys.ts'
import { type DemoFolder } from './demo-folder.ts'
import { type Side, type Story } from './story.ts'

/** An agency of the demonstration, with the keys that its people hold. */
export interface DemoAgency {
  readonly side: Side
  readonly rosterKey: PrivateKey<'Ed25519'>
  readonly officers: ReadonlyMap<string, UnlockedOfficer>
}

/** Both agencies. */
export type DemoAgencies = Readonly<Record<Side, DemoAgency>>

/** The agencies as they call themselves. */
export const AGENCIES = {
  niamey: { id: 'ne.anltp-tim', name: 'ANLTP/TIM', city: 'Niamey' },
  abuja: { id: 'ng.naptip', name: 'NAPTIP', city: 'Abuja' },
} as const

const OFFICER_DAYS = 365
const ROOTS = ['root-1', 'root-2'] as const

/** Where a node listens, and where the other one reaches it. */
export type Addresses = Pick<NewAgency, 'listen' | 'addresses'>

/** Makes the agency of one side with passphrases that lie beside it, and its officers, each with keys of their own. */
export async function makeDemoAgency(
  folder: DemoFolder,
  story: Story,
  { side, ...addresses }: Addresses & { readonly side: Side },
): Promise<DemoAgency> {
  const names = NEW_KEYSTORES.map(({ name }) => name)
  await makePassphrases(folder.passphrases(side), names, systemRandom)
  const agency = { ...AGENCIES[side], ...addresses, folder: folder.node(side) }
  await createAgency(agency, (keystore) => passphraseOf(folder, side, keystore))
  const rosterKey = await loadRosterKey(
    folder.node(side),
    await passphraseOf(folder, side, 'roster'),
  )
  const officers = await Promise.all(
    story.officers[side].map(async (officer) => ({
      ...officer,
      ...(await makeOfficer(folder, side, officer.id)),
      days: OFFICER_DAYS,
    })),
  )
  return { side, rosterKey, officers: new Map(officers.map((officer) => [officer.id, officer])) }
}

/**
 * Rosters with the officers, invites, safety number, charter: each side takes the other’s files. A number with one wrong
 * digit must sign nothing.
 *
 * @throws CLI_UNEXPECTED when the two numbers differ, or the wrong one is taken
 */
export async function meet(
  folder: DemoFolder,
  story: Story,
  agencies: DemoAgencies,
): Promise<{ readonly safetyNumber: string }> {
  await using niamey = await openDemoNode(folder, 'niamey')
  await using abuja = await openDemoNode(folder, 'abuja')
  const nodes = { niamey: niamey.services, abuja: abuja.services }
  const invites = await bothSides(async (side) => {
    await addToRoster(nodes[side], story, agencies[side])
    return makeInvite(nodes[side], agencies[side].rosterKey)
  })
  await nodes.niamey.importInvite({ invite: { ...invites.abuja } })
  await nodes.abuja.importInvite({ invite: { ...invites.niamey } })
  const heard = await nodes.niamey.comparison({ agency: AGENCIES.abuja.id })
  const same = await nodes.abuja.comparison({ agency: AGENCIES.niamey.id })
  const { safetyNumber } = heard
  if (safetyNumber !== same.safetyNumber) throw unexpected('safety number')
  await refusesWrongDigit(nodes.niamey)
  const charters = await bothSides((side) => confirm(folder, side, nodes[side]))
  await nodes.niamey.confirmCharter({ charter: { ...charters.abuja } })
  const { inForce } = await nodes.abuja.confirmCharter({ charter: { ...charters.niamey } })
  if (!inForce) throw unexpected('charter')
  return { safetyNumber }
}

async function bothSides<T>(of: (side: Side) => Promise<T>): Promise<Record<Side, T>> {
  const [niamey, abuja] = await Promise.all([of('niamey'), of('abuja')])
  return { niamey, abuja }
}

async function addToRoster(
  services: NodeServices,
  story: Story,
  { side, officers, rosterKey }: DemoAgency,
): Promise<void> {
  const added = story.officers[side].map((officer) => {
    const { key, reading = [] } = officers.get(officer.id) ?? {}
    if (key === undefined) throw unexpected(officer.id)
    return { ...officer, encryption: reading.at(-1)?.publicJwk, key, days: OFFICER_DAYS }
  })
  await adoptNextRoster(services, rosterKey, addOfficers(added))
}

/** The number is held against what was heard before any root key is used; here there is none. */
async function refusesWrongDigit(services: NodeServices): Promise<void> {
  const heard = await services.comparison({ agency: AGENCIES.abuja.id })
  const last = Number(heard.safetyNumber.at(-1))
  const typed = `${heard.safetyNumber.slice(0, -1)}${String((last + 1) % 10)}`
  try {
    await confirmHeard(services, { ...heard, typed }, [])
  } catch (error) {
    if (isAmanaError(error, 'TRUST_SAFETY_NUMBER')) return
    throw error
  }
  throw unexpected('wrong digit')
}

async function confirm(
  folder: DemoFolder,
  side: Side,
  services: NodeServices,
): Promise<GeneralJws> {
  const agency = side === 'niamey' ? AGENCIES.abuja.id : AGENCIES.niamey.id
  const heard = await services.comparison({ agency })
  const typed = heard.safetyNumber
  const confirmed = await confirmHeard(services, { ...heard, typed }, await rootsOf(folder, side))
  return confirmed.charter
}

async function rootsOf(folder: DemoFolder, side: Side): Promise<readonly RootPair[]> {
  return Promise.all(
    ROOTS.map(async (name) =>
      readRootPair(
        keystorePath(join(folder.node(side), ROOTS_FOLDER), name),
        await passphraseOf(folder, side, name),
      ),
    ),
  )
}

async function makeOfficer(
  folder: DemoFolder,
  side: Side,
  id: string,
): Promise<Required<UnlockedOfficer>> {
  const name = `officer-${id}`
  await makePassphrases(folder.passphrases(side), [name], systemRandom)
  const secrets = createOfficerSecrets(AGENCIES[side].id, id, systemRandom)
  const path = officerKeystorePath(folder.node(side), id)
  const passphrase = await passphraseOf(folder, side, name)
  await writeKeystore({ path, secrets, passphrase }, systemRandom)
  return { id, key: await loadSigningKey(secrets.seed), reading: await loadReadingKeys(secrets) }
}

async function openDemoNode(folder: DemoFolder, side: Side): Promise<OpenNode> {
  const passphrase = await passphraseOf(folder, side, 'node')
  return openNode({ folder: folder.node(side), passphrase })
}

async function passphraseOf(folder: DemoFolder, side: Side, keystore: string): Promise<string> {
  const path = join(folder.passphrases(side), `${keystore}.txt`)
  return (await readFile(path, 'utf8')).trimEnd()
}

function unexpected(what: string): AmanaError {
  return new AmanaError('CLI_UNEXPECTED', { what })
}
