/**
 * Two agencies in temporary folders with a charter in force, made with the functions behind `init`, `officer add` and
 * `peer`: what the bench runs nodes on.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createAgency,
  type NewAgency,
  ROOTS_FOLDER,
} from '../../apps/node/src/agency/create-agency.ts'
import { confirmHeard, makeInvite, readRootPair } from '../../apps/node/src/agency/pairing.ts'
import { addOfficers, adoptNextRoster, loadRosterKey } from '../../apps/node/src/agency/rosters.ts'
import { openNode } from '../../apps/node/src/node.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { keystorePath } from '../../apps/node/src/vault/keystore-file.ts'
import { benchOfficers } from './officers.ts'

/** Of every keystore here; nothing in them outlives the run. */
export const PASSPHRASE = 'bench bench bench bench'

/** A node's folder. */
export interface AgencyFolder {
  readonly id: string
  readonly folder: string
}

/** Both folders, and the folder around them that goes at the end. */
export interface TwoAgencies extends AsyncDisposable {
  readonly path: string
  readonly sender: AgencyFolder
  readonly receiver: AgencyFolder
  /** A folder with the passphrase of a node in a file, as `--passphrases` takes it. */
  readonly passphrases: string
}

/** Makes both agencies; the receiver listens, the sender dials. */
export async function makeTwoAgencies(): Promise<TwoAgencies> {
  const path = await mkdtemp(join(tmpdir(), 'amana-bench-'))
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true })
  try {
    return { ...(await fill(path)), [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw error
  }
}

async function fill(path: string): Promise<Omit<TwoAgencies, keyof AsyncDisposable>> {
  const address = `/ip4/127.0.0.1/tcp/${String(await freePort())}`
  const sender = { id: 'ne.anltp-tim', folder: join(path, 'sender') }
  const receiver = { id: 'ng.naptip', folder: join(path, 'receiver') }
  const dialling = { listen: ['/ip4/127.0.0.1/tcp/0'], addresses: [] }
  const reachable = { listen: [address], addresses: [address] }
  await Promise.all([
    makeAgency({ ...sender, name: 'ANLTP/TIM', city: 'Niamey', ...dialling }),
    makeAgency({ ...receiver, name: 'NAPTIP', city: 'Abuja', ...reachable }),
  ])
  await meet(sender, receiver)
  const passphrases = join(path, 'passphrases')
  await mkdir(passphrases, { mode: 0o700 })
  await writeFile(join(passphrases, 'node.txt'), `${PASSPHRASE}\n`, { mode: 0o600 })
  return { path, sender, receiver, passphrases }
}

async function makeAgency(agency: NewAgency): Promise<void> {
  await createAgency(agency, () => Promise.resolve(PASSPHRASE))
}

async function meet(first: AgencyFolder, second: AgencyFolder): Promise<void> {
  await using one = await openNode({ ...first, passphrase: PASSPHRASE })
  await using other = await openNode({ ...second, passphrase: PASSPHRASE })
  const rosterKey = await loadRosterKey(first.folder, PASSPHRASE)
  await adoptNextRoster(one.services, rosterKey, addOfficers(await benchOfficers(first.id)))
  const own = await makeInvite(one.services, rosterKey)
  const peers = await makeInvite(other.services, await loadRosterKey(second.folder, PASSPHRASE))
  await one.services.importInvite({ invite: { ...peers } })
  await other.services.importInvite({ invite: { ...own } })
  const signed = await confirm(first, one.services, second.id)
  const both = await confirm(second, other.services, first.id)
  await other.services.confirmCharter({ charter: { ...signed.charter } })
  const { inForce } = await one.services.confirmCharter({ charter: { ...both.charter } })
  if (!inForce) throw new Error('the charter is not in force')
}

async function confirm(
  { folder }: AgencyFolder,
  services: NodeServices,
  peer: string,
): ReturnType<typeof confirmHeard> {
  const heard = await services.comparison({ agency: peer })
  const roots = await Promise.all(
    ['root-1', 'root-2'].map((name) =>
      readRootPair(keystorePath(join(folder, ROOTS_FOLDER), name), PASSPHRASE),
    ),
  )
  return confirmHeard(services, { ...heard, typed: heard.safetyNumber }, roots)
}

/** A port that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
