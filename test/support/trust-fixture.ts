/**
 * Charters, rosters and invites of the test agencies with one place changed and signed again: what the hostile cases of
 * trust are made with.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#refusals
 */
import {
  type CharterEntry,
  digest,
  encodeCanonical,
  type GeneralJws,
  type Json,
  type PrivateKey,
  privateKeyFromSeed,
  type RootPair,
  sha256,
  encodeUtf8,
  signJws,
  type SigningKey,
  type VerifiedRoster,
  verifyRoster,
} from '@amana/core'
import { z } from 'zod'
import { NOW, type Pair, type TestAgency } from './agencies.ts'
import { type Path, set } from './edit-json.ts'

/** Changes, one after the other; what is put as `undefined` is left out. */
export type Edits = readonly (readonly [Path, unknown])[]

/** A JSON value of whatever a test put together, without members that are `undefined`. */
export function jsonOf(value: unknown): Json {
  return z.json().parse(JSON.parse(JSON.stringify(value)))
}

/** A value with changes. */
export function edited(value: unknown, edits: Edits): Json {
  return jsonOf(edits.reduce((current, [path, put]) => set(current, path, put), value))
}

/** Signs any payload, whatever it says. */
export async function signAny(
  typ: string,
  payload: unknown,
  keys: readonly SigningKey[],
): Promise<GeneralJws> {
  const signers = keys.map((key) => ({ key }))
  return signJws({ payload: encodeCanonical(jsonOf(payload)), typ, signers })
}

/** Both halves of pairs, as signers. */
export function halvesOf(pairs: readonly RootPair[]): readonly SigningKey[] {
  return pairs.flatMap(({ ed, pq }): readonly SigningKey[] => [ed, pq])
}

/** What an agency put into the charter. */
export function entryOf({ charter }: Pick<Pair, 'charter'>, agency: string): CharterEntry {
  const entry = charter.payload.agencies[agency]
  if (entry === undefined) throw new TypeError(`${agency} is not of the charter`)
  return entry
}

/** A roster of the agency with changes, signed by its roster key unless another is given. */
export async function signChangedRoster(
  agency: TestAgency,
  edits: Edits,
  key: SigningKey = agency.rosterKey,
): Promise<GeneralJws> {
  return signAny('amana-roster+jws', edited(agency.roster.payload, edits), [key])
}

/** Verifies a roster on the word of an entry that binds exactly it. */
export async function verifyAlone(
  agency: TestAgency,
  jws: GeneralJws,
  now = NOW,
): Promise<VerifiedRoster> {
  const bound = { digest: digest(jws.payload), version: agency.roster.version }
  const entry = { rosterKeys: [agency.rosterKey.publicJwk], roster: bound }
  return verifyRoster(jws, { authority: { agency: agency.id, entry }, now })
}

/** A signing key of a fixed seed. */
export async function signingKey(label: string): Promise<PrivateKey<'Ed25519'>> {
  return privateKeyFromSeed('Ed25519', sha256(encodeUtf8(label)))
}

/** An encryption key of a fixed seed. */
export async function sealingKey(label: string): Promise<PrivateKey<'HPKE-9-KE'>> {
  return privateKeyFromSeed('HPKE-9-KE', sha256(encodeUtf8(label)))
}

/** A root pair of a fixed seed. */
export async function rootPair(label: string): Promise<RootPair> {
  return {
    ed: await privateKeyFromSeed('Ed25519', sha256(encodeUtf8(`${label} ed`))),
    pq: await privateKeyFromSeed('ML-DSA-65', sha256(encodeUtf8(`${label} pq`))),
  }
}

/** The paths of all objects inside a value, its own among them. */
export function objectsIn(value: Json, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.entries(value).flatMap(([name, member]) =>
    objectsIn(member, [...path, Array.isArray(value) ? Number(name) : name]),
  )
  return Array.isArray(value) ? inside : [path, ...inside]
}

/** The paths of all members of objects inside a value. */
export function membersIn(value: Json): readonly Path[] {
  return objectsIn(value).flatMap((path) =>
    Object.keys(at(value, path)).map((name) => [...path, name]),
  )
}

function at(value: Json, path: Path): object {
  const found = path.reduce<unknown>((current, step) => {
    const members: Readonly<Record<string, unknown>> = { ...(isObject(current) ? current : {}) }
    return members[step]
  }, value)
  return isObject(found) ? found : {}
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
