/**
 * The next charter as an agency's own keys propose and sign it, outside of the node.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import { mkdir } from 'node:fs/promises'
import {
  AmanaError,
  buildNextCharter,
  type Charter,
  type CharterChange,
  type CharterEntry,
  changesOf,
  CharterSchema,
  charterSafetyNumber,
  encodeBase64url,
  generateRootPair,
  type GeneralJws,
  hasLapsed,
  mergeCharterSignatures,
  type NextCharterParts,
  parseCanonical,
  decodeBase64url,
  type RootPair,
  signCharter,
} from '@amana/core'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { systemClock, systemRandom } from '../system.ts'
import { keystorePath, writeKeystore } from '../vault/keystore-file.ts'

/** Root pairs of a new set: two of three is the usual form. */
const PAIRS = 3
const CHARTER_BYTES = 64 * 1024
/** What is compared by voice once more: whose keys sign for an agency, and which agencies there are. */
const COMPARED: ReadonlySet<CharterChange['what']> = new Set([
  'joins',
  'leaves',
  'recovery',
  'recoveryThreshold',
  'roots',
  'rosterKeys',
  'threshold',
])

/** A charter that someone proposes, beside the one in force. */
export interface Renewal {
  readonly charter: Charter
  readonly changes: readonly CharterChange[]
  readonly safetyNumber: string
  /** Whether the safety number is to be compared by voice before the own agency signs. */
  readonly isCompared: boolean
}

/** The renewal that a file proposes. @throws CLI_PROPOSAL when it does not follow the charter in force */
export async function renewalIn(
  services: NodeServices,
  file: GeneralJws,
  path: string,
): Promise<Renewal> {
  const inForce = await services.charter({})
  const charter = charterOf(file, path)
  if (charter.previous !== inForce.digest || charter.version !== inForce.version + 1) {
    throw new AmanaError('CLI_PROPOSAL', { path, reason: 'version' })
  }
  return renewalOf(inForce.charter, charter)
}

/** What a charter changes, and its digits. */
export function renewalOf(before: Charter, charter: Charter): Renewal {
  const changes = changesOf(before, charter)
  return {
    charter,
    changes,
    safetyNumber: charterSafetyNumber(charter),
    isCompared: changes.some(({ what }) => COMPARED.has(what)),
  }
}

function charterOf({ payload }: GeneralJws, path: string): Charter {
  const charter = CharterSchema.safeParse(parseCanonical(decodeBase64url(payload), CHARTER_BYTES))
  if (charter.success) return charter.data
  throw new AmanaError('CLI_PROPOSAL', {
    path,
    reason: charter.error.issues[0]?.path.join('.') ?? '',
  })
}

/** The charter after the one in force, with what the own agency changes. */
export async function proposeCharter(
  services: NodeServices,
  changes: Omit<NextCharterParts, 'agency' | 'issuedAt'>,
): Promise<Renewal> {
  const inForce = await services.charter({})
  const { agency } = await services.status({})
  const parts = { ...changes, agency, issuedAt: systemClock.now() }
  return renewalOf(
    inForce.charter,
    buildNextCharter({ ...inForce, payload: inForce.charter }, parts),
  )
}

/**
 * Signs with these pairs, beside the signatures that are there, and hands all of them to the node.
 *
 * @throws TRUST_EXPIRED later than 30 days after it was dated: it has lapsed, whoever else signed it
 */
export async function signRenewal(
  services: Pick<NodeServices, 'confirmCharter'>,
  { charter }: Renewal,
  { file, pairs }: { readonly file?: GeneralJws; readonly pairs: readonly RootPair[] },
): Promise<ServiceResults['confirmCharter']> {
  const now = systemClock.now()
  if (hasLapsed(charter, now)) {
    throw new AmanaError('TRUST_EXPIRED', { document: 'charter', exp: charter.iat, bound: now })
  }
  const own = await signCharter(charter, pairs)
  const merged = file === undefined ? own : mergeCharterSignatures(file, own)
  const confirmed = await services.confirmCharter({ charter: { ...merged } })
  return { ...confirmed, charter: mergeCharterSignatures(confirmed.charter, merged) }
}

/** New pairs in keystores of their own, and how an entry lists them. */
export interface NewPairs {
  readonly files: readonly string[]
  readonly pairs: readonly RootPair[]
  readonly listed: CharterEntry['roots']
}

/** Of how many new pairs so many sign. */
export const PAIRS_THRESHOLD = 2

/** Names of the keystores of new root or recovery pairs of a version. */
export function newPairNames(use: 'root' | 'recovery', version: number): readonly string[] {
  return Array.from(
    { length: PAIRS },
    (_, index) => `${use}-${String(version)}-${String(index + 1)}`,
  )
}

/** Makes pairs and writes each to a keystore in `folder`. @throws CLI_FILE, STORE_FILE */
export async function makePairs(
  folder: string,
  names: readonly string[],
  passphraseOf: (keystore: string) => Promise<string>,
): Promise<NewPairs> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const pairs: RootPair[] = []
  const files: string[] = []
  for (const name of names) {
    const pair = await generateRootPair(systemRandom)
    const file = keystorePath(folder, name)
    const secrets = { ed: encodeBase64url(pair.ed.seed), pq: encodeBase64url(pair.pq.seed) }
    const passphrase = await passphraseOf(name)
    await writeKeystore({ path: file, passphrase, secrets }, systemRandom)
    pairs.push(pair)
    files.push(file)
  }
  const listed = pairs.map(({ ed, pq }) => ({ ed: ed.publicJwk, pq: pq.publicJwk }))
  return { files, pairs, listed }
}
