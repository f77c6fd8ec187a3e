/**
 * The signed documents of trust as the store keeps them, and the verified parts that they give. Everything is verified
 * again whenever the node opens its folder: what lies on the disk proves itself or is refused.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#pairing
 */
import {
  AmanaError,
  CharterEntrySchema,
  digest,
  type GeneralJws,
  GeneralJwsSchema,
  type Json,
  type VerifiedCharter,
  verifyFirstCharter,
  type VerifiedRoster,
  verifyRoster,
} from '@amana/core'
import { z } from 'zod'
import { type Store, type StoreWrite } from '../ports.ts'
import { allRecords, orderKey, putRecord, RECORDS } from '../records.ts'

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

/** The documents with others added, in the order of their paths. */
export function withDocuments(
  documents: Documents,
  added: readonly (readonly [string, object])[],
): Documents {
  const all = [...documents, ...added.map(([path, document]) => [path, plain(document)] as const)]
  return new Map([...new Map(all)].toSorted(([first], [second]) => (first < second ? -1 : 1)))
}

/** A write of one document. */
export function putDocument(path: string, document: object): StoreWrite {
  return putRecord(RECORDS.trust, path, { document: plain(document) })
}

/** As it comes back from the disk. */
function plain(document: object): Json {
  return z.json().parse(JSON.parse(JSON.stringify(document)))
}

/** Path of a roster: sorts by version. */
export function rosterPath(agency: string, version: number): string {
  return `roster/${agency}/${orderKey(version)}`
}

/** Path of the first roster that contradicts the one of its version. */
export function forkPath(agency: string, version: number): string {
  return `fork/${agency}/${orderKey(version)}`
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
): Promise<readonly VerifiedRoster[]> {
  const entry = entryIn(documents)
  const rosters: VerifiedRoster[] = []
  for (const jws of rosterDocuments(documents, agency)) {
    const previous = rosters.at(-1)
    rosters.push(await verifyOwnRoster({ agency, entry, jws, previous }))
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

/** The charter in force with every roster known under it. */
export interface Chartered {
  readonly charter: VerifiedCharter
  readonly rosters: readonly VerifiedRoster[]
}

/** Verifies the stored charter and the rosters of its agencies from the bound version on. */
export async function charteredFrom(documents: Documents): Promise<Chartered | undefined> {
  const jws = jwsAt(documents, 'charter')
  if (jws === undefined) return undefined
  const charter = await verifyFirstCharter(jws, {})
  const rosters: VerifiedRoster[] = []
  for (const agency of Object.keys(charter.payload.agencies)) {
    rosters.push(...(await rostersUnder(charter, agency, documents)))
  }
  return { charter, rosters }
}

async function rostersUnder(
  charter: VerifiedCharter,
  agency: string,
  documents: Documents,
): Promise<readonly VerifiedRoster[]> {
  const bound = charter.payload.agencies[agency]?.roster.version ?? 1
  const rosters: VerifiedRoster[] = []
  for (const [path, document] of documents) {
    if (!path.startsWith(`roster/${agency}/`) || path < rosterPath(agency, bound)) continue
    const previous = rosters.at(-1)
    const expectation = { authority: charter, ...(previous === undefined ? {} : { previous }) }
    rosters.push(await verifyRoster(document, expectation))
  }
  return rosters
}

function rosterDocuments(documents: Documents, agency: string): readonly GeneralJws[] {
  return [...documents.keys()]
    .filter((path) => path.startsWith(`roster/${agency}/`))
    .flatMap((path) => jwsAt(documents, path) ?? [])
}
