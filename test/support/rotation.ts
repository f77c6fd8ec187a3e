/**
 * Charters after the first, as the test agencies propose and sign them.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import {
  buildNextCharter,
  type Charter,
  type CharterEntry,
  digest,
  type NextCharterParts,
  type PrivateKey,
  type RootPair,
  signCharter,
  signRoster,
  type VerifiedCharter,
  type VerifiedRoster,
  verifyNextCharter,
  verifyRoster,
} from '@amana/core'
import { NOW, type Pair, type TestAgency } from './agencies.ts'
import { rootPair } from './trust-fixture.ts'

/** Seconds of a day. */
export const DAY = 86_400

/** The public half of a pair, as a charter lists it. */
export function publicPair({ ed, pq }: RootPair): CharterEntry['roots'][number] {
  return { ed: ed.publicJwk, pq: pq.publicJwk }
}

/** The recovery pairs of a test agency. */
export async function recoveryPairs(agency: string): Promise<readonly RootPair[]> {
  return Promise.all([1, 2, 3].map((n) => rootPair(`${agency} recovery ${String(n)}`)))
}

/** New root pairs of an agency that lost or replaces its own. */
export async function newRoots(agency: string): Promise<readonly RootPair[]> {
  return Promise.all([1, 2, 3].map((n) => rootPair(`${agency} new root ${String(n)}`)))
}

/** Two pairs of each test agency. */
export function quorumsOf({ naptip, anltp }: Pair): readonly RootPair[] {
  return [...naptip.roots.slice(0, 2), ...anltp.roots.slice(0, 2)]
}

/** What NAPTIP proposes after a charter, a day later. */
export function proposed(
  previous: VerifiedCharter,
  parts: Partial<NextCharterParts> = {},
): Charter {
  const issuedAt = NOW + DAY * previous.version
  return buildNextCharter(previous, { agency: 'ng.naptip', issuedAt, ...parts })
}

/** That charter, signed by both quorums. */
export async function renewed(
  pair: Pair,
  parts: Partial<NextCharterParts> = {},
  previous: VerifiedCharter = pair.charter,
): Promise<VerifiedCharter> {
  const jws = await signCharter(proposed(previous, parts), quorumsOf(pair))
  return verifyNextCharter(jws, { previous })
}

/** A charter that gives NAPTIP another roster key, and the first roster by it. */
export interface NewChain {
  readonly charter: VerifiedCharter
  readonly roster: VerifiedRoster
}

/** NAPTIP’s roster again, changed and signed by a new roster key, under a charter that names it. */
export async function withNewRosterKey(
  pair: Pair,
  rosterKey: PrivateKey<'Ed25519'>,
  changes: Partial<TestAgency['roster']['payload']> = {},
): Promise<NewChain> {
  const { payload } = pair.naptip.roster
  const jws = await signRoster({ ...payload, ...changes }, rosterKey)
  const version = changes.version ?? payload.version
  const roster = { digest: digest(jws.payload), version }
  const entry = { rosterKeys: [rosterKey.publicJwk], roster }
  const charter = await renewed(pair, { entry })
  return { charter, roster: await verifyRoster(jws, { authority: charter }) }
}
