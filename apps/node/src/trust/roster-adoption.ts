/**
 * What is to be written when a roster arrives: the next one of a chain, the first one of a chain that a charter to come
 * begins, or a second one of a version that is known. Nothing is written here.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#verifying-a-roster
 */
import { AmanaError, digest, type GeneralJws, type VerifiedRoster, verifyRoster } from '@amana/core'
import { type AuditEvent } from '../ports.ts'
import { afterRoster, firstRosterFor } from './succession.ts'
import {
  type Change,
  chainOf,
  entryIn,
  forkPath,
  rosterPath,
  verifyOwnRoster,
  withDocuments,
} from './trust-documents.ts'
import { isSigned, placeOf, type Verified } from './verified-documents.ts'

/** What there is before the roster arrives. */
export interface RosterGround {
  readonly verified: Verified
  /** The own agency. */
  readonly agency: string
  /** Seconds since 1970. */
  readonly now: number
}

/** What is to be written, and what came of it then: an error is thrown once the evidence is durable. */
export interface RosterStep {
  readonly events: readonly AuditEvent[]
  readonly changes: readonly Change[]
  readonly outcome: VerifiedRoster | AmanaError
}

/**
 * A roster that is not known yet.
 *
 * @throws as `verifyRoster`
 */
export async function takeRoster(jws: GeneralJws, ground: RosterGround): Promise<RosterStep> {
  return (
    (await firstOfChain(jws, ground)) ??
    (await secondOfVersion(jws, ground)) ??
    (await nextOfChain(jws, ground))
  )
}

/** The first roster of a chain that a charter to come begins; what waited for it comes into force with it. */
async function firstOfChain(
  jws: GeneralJws,
  { agency, now, verified }: RosterGround,
): Promise<RosterStep | undefined> {
  const { chartered, documents } = verified
  if (chartered === undefined) return undefined
  const standing = { agency, chartered, documents, now }
  const first = await firstRosterFor(jws, standing)
  if (first === undefined) return undefined
  const step = await afterRoster({
    ...standing,
    documents: withDocuments(documents, [first.change]),
  })
  return {
    events: step?.events ?? [],
    changes: [first.change, ...(step?.changes ?? [])],
    outcome: first.roster,
  }
}

/** Two rosters of one version, both signed, prove that their agency told two stories: both stay, and it is refused. */
async function secondOfVersion(
  jws: GeneralJws,
  ground: RosterGround,
): Promise<RosterStep | undefined> {
  const { own, documents } = ground.verified
  const { agency, version } = placeOf(jws)
  const chain = chainIn(ground, agency)
  const unbound = chain === 1 ? own : []
  const ofAgency = [...unbound, ...rostersIn(ground)].filter((roster) => roster.agency === agency)
  if (!ofAgency.some((roster) => roster.version === version)) return undefined
  const before = ofAgency.find((roster) => roster.version === version - 1)
  if (!(await isSigned(() => verifyAfter(jws, ground, { previous: before })))) return undefined
  const path = forkPath(agency, version, chain)
  return {
    events: [],
    changes: documents.has(path) ? [] : [[path, jws]],
    outcome: new AmanaError('WIRE_FORK', { what: `roster version ${version}` }),
  }
}

async function nextOfChain(jws: GeneralJws, ground: RosterGround): Promise<RosterStep> {
  const { agency } = placeOf(jws)
  const previous = rostersIn(ground).findLast((roster) => roster.agency === agency)
  const roster = await verifyAfter(jws, ground, { previous, now: ground.now })
  const path = rosterPath(roster.agency, roster.version, chainIn(ground, roster.agency))
  return { events: [rosterEvent(roster, previous)], changes: [[path, jws]], outcome: roster }
}

interface Expected {
  readonly previous: VerifiedRoster | undefined
  /** Left out as history is read. */
  readonly now?: number
}

async function verifyAfter(
  jws: GeneralJws,
  { agency, verified: { chartered, documents } }: RosterGround,
  { previous, now }: Expected,
): Promise<VerifiedRoster> {
  if (chartered === undefined) {
    return verifyOwnRoster({ agency, entry: entryIn(documents), jws, previous })
  }
  return verifyRoster(jws, {
    authority: chartered.charter,
    ...(now === undefined ? {} : { now }),
    ...(previous === undefined ? {} : { previous }),
  })
}

function rostersIn({ verified: { chartered, own } }: RosterGround): readonly VerifiedRoster[] {
  return chartered?.rosters ?? own
}

/** Under which charter the chain of an agency's rosters began. */
function chainIn({ verified: { chartered } }: RosterGround, agency: string): number {
  return chartered === undefined ? 1 : chainOf([...chartered.earlier, chartered.charter], agency)
}

/** A roster that is known, by its digest. */
export function knownRoster(
  rosters: readonly VerifiedRoster[],
  { payload }: GeneralJws,
): VerifiedRoster | undefined {
  const found = digest(payload)
  return rosters.find((roster) => roster.digest === found)
}

/** The leaf of a roster that is adopted. */
export function rosterEvent(
  { agency, digest: own, version }: VerifiedRoster,
  previous: VerifiedRoster | undefined,
): AuditEvent {
  const old = previous === undefined ? {} : { old: previous.digest }
  return { event: 'g.roster', actor: 'sys', data: { agency, new: own, version, ...old } }
}
