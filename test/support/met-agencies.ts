/**
 * Two agencies that have met: folders made by `createAgency`, officers in the second rosters, invites exchanged, one
 * charter signed by both. Made once a run, because every keystore costs a fifth of a second, and copied for each test.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import { cp, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { type GeneralJws } from '@amana/core'
import { z } from 'zod'
import { createAgency, ROOTS_FOLDER } from '../../apps/node/src/agency/create-agency.ts'
import { confirmHeard, makeInvite } from '../../apps/node/src/agency/pairing.ts'
import { addOfficers, adoptNextRoster } from '../../apps/node/src/agency/rosters.ts'
import { openParts } from '../../apps/node/src/node-parts.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { createAccessServices } from '../../apps/node/src/services/access-services.ts'
import { createAttachmentServices } from '../../apps/node/src/services/attachment-services.ts'
import { createAuditServices } from '../../apps/node/src/services/audit-services.ts'
import { createErasureServices } from '../../apps/node/src/services/erasure-services.ts'
import { createRightsServices } from '../../apps/node/src/services/rights-services.ts'
import { createKeyServices } from '../../apps/node/src/services/key-services.ts'
import { createCarrierServices } from '../../apps/node/src/services/carrier-services.ts'
import { createEpochServices } from '../../apps/node/src/services/epoch-services.ts'
import { createLogServices } from '../../apps/node/src/services/log-services.ts'
import { createMessageServices } from '../../apps/node/src/services/message-services.ts'
import { createReaderServices } from '../../apps/node/src/services/reader-services.ts'
import { createHandOverServices } from '../../apps/node/src/services/hand-over-services.ts'
import { createReferralServices } from '../../apps/node/src/services/referral-services.ts'
import { createStatusServices } from '../../apps/node/src/services/status-services.ts'
import { createTrustServices } from '../../apps/node/src/services/trust-services.ts'
import { createUnderwayServices } from '../../apps/node/src/services/underway-services.ts'
import { systemClock } from '../../apps/node/src/system.ts'
import {
  NodeSecretsSchema,
  RootSecretsSchema,
  RosterSecretsSchema,
} from '../../apps/node/src/vault/agency-secrets.ts'
import { keystorePath, readKeystore } from '../../apps/node/src/vault/keystore-file.ts'
import { loadRootPair, loadSigningKey } from '../../apps/node/src/vault/load-keys.ts'
import { random } from './store-fixture.ts'

/** The two agencies. */
export const AGENCIES = { naptip: 'ng.naptip', anltp: 'ne.anltp-tim' } as const
/** Name of an agency in these tests. */
export type AgencyName = keyof typeof AGENCIES

const AREAS = ['handover', 'intel', 'jtwg', 'referral', 'rights', 'task', 'victim']
const CASE_ROLES = ['case_manager', 'duty_officer', 'supervisor', 'head']
/** Officers of both agencies, by what they may do. */
const ROLES = {
  author: [...AREAS.map((area) => `author:${area}`), ...CASE_ROLES],
  approver: AREAS.map((area) => `approve:${area}`),
  reader: ['supervisor'],
} as const satisfies Readonly<Record<string, readonly string[]>>
/** Name of an officer. */
export type OfficerName = keyof typeof ROLES

const SecretsSchema = z.strictObject({
  node: NodeSecretsSchema,
  officers: z.strictObject({ approver: z.string(), author: z.string(), reader: z.string() }),
  roots: z.array(RootSecretsSchema),
  roster: RosterSecretsSchema,
})
/** What a test may open without a passphrase. */
export type TestSecrets = z.output<typeof SecretsSchema>

const MetSchema = z.strictObject({
  anltp: SecretsSchema,
  /** Seconds since 1970 at which everything was signed. */
  madeAt: z.int(),
  naptip: SecretsSchema,
})

/** The passphrase of a keystore of these agencies. */
export function passphraseOf(keystore: string): string {
  return `correct horse ${keystore} canary-passphrase`
}

/** A folder of an agency. */
export interface AgencyPlace {
  readonly id: string
  readonly folder: string
  readonly secrets: TestSecrets
}

/** Copies of both folders, gone at the end of the block that holds them. */
export interface MetAgencies extends AsyncDisposable, Readonly<Record<AgencyName, AgencyPlace>> {
  readonly path: string
  readonly madeAt: number
  /** The same agencies before they met, with their officers. */
  readonly alone: Readonly<Record<AgencyName, AgencyPlace>>
}

/** Both agencies in a fresh folder. */
export async function metAgencies(): Promise<MetAgencies> {
  const source = await madeOnce()
  const path = await mkdtemp(join(tmpdir(), 'amana-node-'))
  await cp(source, path, { recursive: true })
  const met = MetSchema.parse(JSON.parse(await readFile(join(source, 'met.json'), 'utf8')))
  const placeOf = (name: AgencyName, suffix = ''): AgencyPlace => ({
    id: AGENCIES[name],
    folder: join(path, `${name}${suffix}`),
    secrets: met[name],
  })
  return {
    path,
    madeAt: met.madeAt,
    naptip: placeOf('naptip'),
    anltp: placeOf('anltp'),
    alone: { naptip: placeOf('naptip', ALONE), anltp: placeOf('anltp', ALONE) },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** An agency that has met nobody; only its node's and its roster's keystores are read again. */
export async function newAgency(folder: string, name: AgencyName): Promise<void> {
  await createAgency(
    {
      folder,
      id: AGENCIES[name],
      name: name === 'naptip' ? 'NAPTIP' : 'ANLTP/TIM',
      city: name === 'naptip' ? 'Abuja' : 'Niamey',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      addresses: ['/ip4/127.0.0.1/tcp/4001'],
    },
    async (keystore) => passphraseOf(keystore),
  )
}

const PREFIX = 'amana-met-'
const ALONE = '-alone'
/** Longer than any run, shorter than it takes until a process has the number of another. */
const STALE_MS = 6 * 60 * 60 * 1000
let made: Promise<string> | undefined

/** The originals. The process that runs all test files gives them their name; whoever comes second finds them there. */
async function madeOnce(): Promise<string> {
  made ??= findOrMake()
  return made
}

async function findOrMake(): Promise<string> {
  const run = isMainThread ? process.ppid : process.pid
  const path = join(tmpdir(), `${PREFIX}${String(run)}`)
  await removeEnded()
  if (await isOld(path)) await rm(path, { recursive: true, force: true })
  if (await isThere(path)) return path
  const fresh = await mkdtemp(join(tmpdir(), 'amana-meeting-'))
  const madeAt = await letThemMeet(fresh)
  await writeFile(join(fresh, 'met.json'), JSON.stringify(madeAt), { mode: 0o600 })
  try {
    await rename(fresh, path)
  } catch {
    await rm(fresh, { recursive: true, force: true })
  }
  return path
}

/** Those of runs that ended. */
async function removeEnded(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX))
  for (const name of names.filter((own) => !isRunning(Number(own.slice(PREFIX.length))))) {
    await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(join(path, 'met.json')).then(
    () => true,
    () => false,
  )
}

async function isOld(path: string): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => systemClock.nowMs() - mtimeMs > STALE_MS,
    () => false,
  )
}

function isRunning(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch {
    return false
  }
}

async function letThemMeet(folder: string): Promise<z.output<typeof MetSchema>> {
  const naptip = await prepare(folder, 'naptip')
  const anltp = await prepare(folder, 'anltp')
  await using own = await openPlace(folder, 'naptip')
  await using other = await openPlace(folder, 'anltp')
  const invites = [
    await makeInvite(own.services, await loadSigningKey(naptip.roster.seed)),
    await makeInvite(other.services, await loadSigningKey(anltp.roster.seed)),
  ]
  await other.services.importInvite({ invite: jsonOf(invites[0]) })
  await own.services.importInvite({ invite: jsonOf(invites[1]) })
  const half = await confirm(own, { agency: AGENCIES.anltp, secrets: naptip })
  await confirm(other, { agency: AGENCIES.naptip, secrets: anltp })
  const whole = await other.services.confirmCharter({ charter: jsonOf(half) })
  await own.services.confirmCharter({ charter: jsonOf(whole.charter) })
  return { naptip, anltp, madeAt: systemClock.now() }
}

async function prepare(folder: string, name: AgencyName): Promise<TestSecrets> {
  const own = join(folder, name)
  await newAgency(own, name)
  const roots = join(own, ROOTS_FOLDER)
  const secrets = {
    node: await read(own, 'node', NodeSecretsSchema),
    roster: await read(own, 'roster', RosterSecretsSchema),
    roots: [
      await read(roots, 'root-1', RootSecretsSchema),
      await read(roots, 'root-2', RootSecretsSchema),
    ],
    officers: { author: seed(), approver: seed(), reader: seed() },
  }
  await addAllOfficers(folder, name, secrets)
  await cp(own, `${own}${ALONE}`, { recursive: true })
  return secrets
}

async function read<T>(folder: string, keystore: string, schema: z.ZodType<T>): Promise<T> {
  return readKeystore(keystorePath(folder, keystore), passphraseOf(keystore), schema)
}

function seed(): string {
  return Buffer.from(random(32)).toString('base64url')
}

interface OpenPlace extends AsyncDisposable {
  readonly services: NodeServices
}

/** A folder opened as a command opens it, without the program parts of the network. */
async function openPlace(folder: string, name: AgencyName): Promise<OpenPlace> {
  const parts = await openParts({ folder: join(folder, name), passphrase: passphraseOf('node') })
  const services = {
    ...createTrustServices(parts),
    ...createKeyServices(parts),
    ...createMessageServices(parts),
    ...createAttachmentServices(parts),
    ...createReaderServices(parts),
    ...createErasureServices(parts),
    ...createRightsServices(parts),
    ...createReferralServices(parts),
    ...createUnderwayServices(parts),
    ...createHandOverServices(parts),
    ...createAuditServices(parts),
    ...createEpochServices(parts),
    ...createCarrierServices(parts),
    ...createLogServices(parts),
    ...createAccessServices(parts),
    ...createStatusServices(parts, undefined),
  }
  return { services, [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose]() }
}

async function addAllOfficers(
  folder: string,
  name: AgencyName,
  { officers, roster }: TestSecrets,
): Promise<void> {
  await using node = await openPlace(folder, name)
  const agency = AGENCIES[name]
  const added = await Promise.all(
    (['author', 'approver', 'reader'] as const).map(async (id) => ({
      id,
      organisation: agency,
      roles: ROLES[id],
      key: await loadSigningKey(officers[id]),
      days: 365,
    })),
  )
  await adoptNextRoster(node.services, await loadSigningKey(roster.seed), addOfficers(added))
}

async function confirm(
  { services }: OpenPlace,
  { agency, secrets }: { readonly agency: string; readonly secrets: TestSecrets },
): Promise<GeneralJws> {
  const { charter, safetyNumber } = await services.comparison({ agency })
  const roots = await Promise.all(secrets.roots.map((root) => loadRootPair(root)))
  const heard = { charter, safetyNumber, typed: safetyNumber }
  return (await confirmHeard(services, heard, roots)).charter
}

/** A signed object as the services take it. */
export function jsonOf(jws: GeneralJws | undefined): ReturnType<typeof plain> {
  if (jws === undefined) throw new Error('nothing was signed')
  return plain(jws)
}

function plain({ payload, signatures }: GeneralJws): {
  readonly payload: string
  readonly signatures: { readonly protected: string; readonly signature: string }[]
} {
  return { payload, signatures: signatures.map((entry) => ({ ...entry })) }
}
