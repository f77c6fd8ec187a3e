/**
 * The signed documents of trust as the store keeps them, and the verified parts that they give. Everything is verified
 * again whenever the node opens its folder: what lies on the disk proves itself or is refused.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import {
  AmanaError,
  type Charter,
  CharterEntrySchema,
  digest,
  type GeneralJws,
  GeneralJwsSchema,
  type Json,
  tallyNextCharter,
  type VerifiedCharter,
  verifyFirstCharter,
  verifyNextCharter,
  verifyRecovery,
  type VerifiedRoster,
  verifyRoster,
} from '@amana/core'
import { z } from 'zod'
import { type Store, type StoreWrite } from '../ports.ts'
import { allRecords, deleteRecord, orderKey, putRecord, RECORDS } from '../records.ts'
import { type VerifiedBefore } from './verified-before.ts'

const EntryPartsSchema = CharterEntrySchema.omit({ roster: true })

/** What an agency says of itself before a roster is bound to it: public keys and thresholds. */
export type EntryParts = z.output<typeof EntryPartsSchema>

/** Where it lies. */
export const ENTRY_PATH = 'entry'

/** Documents by their path. */
export type Documents = ReadonlyMap<string, unknown>

/** Reads every document. @throws STORE_DAMAGED */
export async function readDocuments(store: Store): Promise<Documents> {
  const rows = await allRecords(store, RECORDS.trust, {})
  return new Map(rows.map(({ key, value }) => [key, value.document]))
}

/** A document at its path; nothing where what lies there is taken away. */
export type Change = readonly [string, object | undefined]

/** The documents after changes, in the order of their paths. */
export function withDocuments(documents: Documents, changes: readonly Change[]): Documents {
  const all = new Map(documents)
  for (const [path, document] of changes) {
    if (document === undefined) all.delete(path)
    else all.set(path, plain(document))
  }
  return new Map([...all].toSorted(([first], [second]) => (first < second ? -1 : 1)))
}

/** The write of one change. */
export function writeOf([path, document]: Change): StoreWrite {
  if (document === undefined) return deleteRecord(RECORDS.trust, path)
  return putRecord(RECORDS.trust, path, { document: plain(document) })
}

/** As it comes back from the disk. */
function plain(document: object): Json {
  return z.json().parse(JSON.parse(JSON.stringify(document)))
}

/** Path of a charter. */
export function charterPath(version: number): string {
  return version === 1 ? 'charter' : `charter/${orderKey(version)}`
}

/**
 * Path of a roster: sorts by version. Rosters of a chain that a later charter began lie apart, since their versions are
 * counted anew; `chain` is the version of that charter.
 */
export function rosterPath(agency: string, version: number, chain = 1): string {
  return `${chainPath(agency, chain)}${orderKey(version)}`
}

function chainPath(agency: string, chain: number): string {
  return chain === 1 ? `roster/${agency}/` : `chain/${orderKey(chain)}/${agency}/`
}

/** The version of the charter that began the chain of an agency's rosters which a charter of `charters` continues. */
export function chainOf(
  charters: readonly { readonly payload: Charter; readonly version: number }[],
  agency: string,
): number {
  const startOf = ({ payload }: { readonly payload: Charter }): string | undefined =>
    payload.agencies[agency]?.roster.digest
  const newest = charters.at(-1)
  if (newest === undefined) return 1
  const first = charters.find((charter) => startOf(charter) === startOf(newest))
  return first?.version ?? 1
}

/** Path of the first roster that contradicts the one of its version. */
export function forkPath(agency: string, version: number, chain = 1): string {
  const chained = chain === 1 ? '' : `chain/${orderKey(chain)}/`
  return `fork/${chained}${agency}/${orderKey(version)}`
}

/** Path of the first charter that contradicts the one which was in force in its version. */
export function charterForkPath(version: number): string {
  return `forked-charter/${orderKey(version)}`
}

/** The signed form of a document. @throws STORE_DAMAGED when it is not one */
export function jwsAt(documents: Documents, path: string): GeneralJws | undefined {
  const document = documents.get(path)
  if (document === undefined) return undefined
  const parsed = GeneralJwsSchema.safeParse(document)
  if (!parsed.success) throw new AmanaError('STORE_DAMAGED', { space: 'trust' })
  return parsed.data
}

/** The own entry, which the making of the agency left. @throws STORE_DAMAGED when it is not there */
export function entryIn(documents: Documents): EntryParts {
  const entry = EntryPartsSchema.safeParse(documents.get(ENTRY_PATH))
  if (!entry.success) throw new AmanaError('STORE_DAMAGED', { space: 'trust' })
  return entry.data
}

/** The own rosters, oldest first, on the word of the own entry. */
export async function ownRosters(
  documents: Documents,
  agency: string,
  before: VerifiedBefore,
): Promise<readonly VerifiedRoster[]> {
  const entry = entryIn(documents)
  const rosters: VerifiedRoster[] = []
  for (const [path, document] of documents) {
    const jws = path.startsWith(chainPath(agency, 1)) ? jwsAt(documents, path) : undefined
    if (jws === undefined) continue
    const previous = rosters.at(-1)
    const against = [documents.get(ENTRY_PATH), previous]
    const verify = (): Promise<VerifiedRoster> => verifyOwnRoster({ agency, entry, jws, previous })
    rosters.push(await before.own.of(document, against, verify))
  }
  return rosters
}

/** A roster of the own agency, first or next. @throws as `verifyRoster` */
export async function verifyOwnRoster(options: {
  readonly agency: string
  readonly entry: EntryParts
  readonly jws: GeneralJws
  readonly previous: VerifiedRoster | undefined
}): Promise<VerifiedRoster> {
  const { agency, entry, jws, previous } = options
  const first = digest(jws.payload)
  const roster = previous ?? { digest: first, version: 1 }
  const bound = { digest: roster.digest, version: roster.version }
  return verifyRoster(jws, {
    authority: { agency, entry: { rosterKeys: entry.rosterKeys, roster: bound } },
    ...(previous === undefined ? {} : { previous }),
  })
}

/** The charter in force, those before it, and every roster known under them. */
export interface Chartered {
  readonly charter: VerifiedCharter
  /** From version 1 on. */
  readonly earlier: readonly VerifiedCharter[]
  /** Of the chains that the charter in force continues, by agency, oldest first. */
  readonly rosters: readonly VerifiedRoster[]
  /** Of all chains. */
  readonly allRosters: readonly VerifiedRoster[]
}

/** Verifies the stored charters one after the other, and the rosters of their agencies from the named versions on. */
export async function charteredFrom(
  documents: Documents,
  before: VerifiedBefore,
): Promise<Chartered | undefined> {
  const charters = await chartersIn(documents, before)
  const charter = charters.at(-1)
  if (charter === undefined) return undefined
  const rosters: VerifiedRoster[] = []
  const allRosters: VerifiedRoster[] = []
  for (const { agency, chain, isCurrent } of chainsOf(charters)) {
    const authority = charters[chain - 1] ?? charter
    const chained = await rostersUnder(authority, { agency, chain, before }, documents)
    allRosters.push(...chained)
    if (isCurrent) rosters.push(...chained)
  }
  return { charter, earlier: charters.slice(0, -1), rosters, allRosters }
}

async function chartersIn(
  documents: Documents,
  before: VerifiedBefore,
): Promise<readonly VerifiedCharter[]> {
  const first = jwsAt(documents, charterPath(1))
  if (first === undefined) return []
  const document = documents.get(charterPath(1))
  const charters = [await before.charters.of(document, [], () => verifyFirstCharter(first, {}))]
  for (const [path, later] of documents) {
    const jws = path.startsWith('charter/') ? jwsAt(documents, path) : undefined
    const previous = charters.at(-1)
    if (jws === undefined || previous === undefined) continue
    const verify = (): Promise<VerifiedCharter> => nextInHistory(jws, previous)
    charters.push(await before.charters.of(later, [previous], verify))
  }
  return charters
}

/** A renewal, or a recovery whose delay was over when it was stored. */
async function nextInHistory(jws: GeneralJws, previous: VerifiedCharter): Promise<VerifiedCharter> {
  const { recovers } = await tallyNextCharter(jws, previous)
  if (recovers === undefined) return verifyNextCharter(jws, { previous })
  return (await verifyRecovery(jws, { previous })).asHistory()
}

interface Chain {
  readonly agency: string
  readonly chain: number
  readonly isCurrent: boolean
}

/** Every chain of rosters that the charters name; an agency that keeps its roster keys keeps its chain. */
function chainsOf(charters: readonly VerifiedCharter[]): readonly Chain[] {
  const chains = new Map<string, Chain>()
  for (const [index, { payload }] of charters.entries()) {
    const isCurrent = index === charters.length - 1
    for (const agency of Object.keys(payload.agencies)) {
      const chain = chainOf(charters.slice(0, index + 1), agency)
      chains.set(`${agency} ${String(chain)}`, { agency, chain, isCurrent })
    }
  }
  return [...chains.values()]
}

async function rostersUnder(
  charter: VerifiedCharter,
  { agency, chain, before }: Pick<Chain, 'agency' | 'chain'> & { readonly before: VerifiedBefore },
  documents: Documents,
): Promise<readonly VerifiedRoster[]> {
  const bound = charter.payload.agencies[agency]?.roster.version ?? 1
  const from = rosterPath(agency, bound, chain)
  const rosters: VerifiedRoster[] = []
  for (const [path, document] of documents) {
    if (!path.startsWith(chainPath(agency, chain)) || path < from) continue
    const previous = rosters.at(-1)
    const expectation = { authority: charter, ...(previous === undefined ? {} : { previous }) }
    const verify = (): Promise<VerifiedRoster> => verifyRoster(document, expectation)
    rosters.push(await before.rosters.of(document, [charter, previous], verify))
  }
  return rosters
}
