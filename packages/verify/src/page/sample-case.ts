/**
 * How the sample begins: two agencies, a roster each, the charter that both signed, and the first leaves of their logs.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#sample
 */
import {
  type Context,
  createCharterEntry,
  createCursor,
  type Digest,
  digest,
  DigestSchema,
  encodeBase64url,
  formatVkey,
  nextLeaves,
  type RootPair,
  signCharter,
  signRoster,
  type VerifiedCharter,
  type VerifiedRoster,
  verifyFirstCharter,
  verifyRoster,
} from '@amana/core'
import { type SampleAgency, sampleAgency, sampleRoster } from './sample-agency.ts'
import { type SampleEvent, SampleLog } from './sample-log.ts'

const YEAR_SECONDS = 365 * 86_400

/** The kinds of the sample's messages. */
export const KIND = { first: 'victim.referral/1', answer: 'task.travel-document/1' } as const
const APPROVALS = { [KIND.first]: 1, [KIND.answer]: 0 }

/** One agency of the case. */
export interface Side {
  readonly log: SampleLog
  readonly agency: SampleAgency
  readonly roster: VerifiedRoster
}

/** The case as it stands. */
export interface Case {
  readonly sides: readonly [Side, Side]
  readonly charter: VerifiedCharter
  readonly context: Context
  /** Seconds since 1970. */
  readonly startedAt: number
}

/** Two logs with their trust documents, at an instant (seconds since 1970). */
export async function beginCase(at: number): Promise<Case> {
  const agencies = [
    await sampleAgency('ng.naptip', 'NAPTIP'),
    await sampleAgency('ne.anltp-tim', 'ANLTP/TIM'),
  ] as const
  const [first, second] = agencies
  const rosters = [await rosterOf(first, at), await rosterOf(second, at)] as const
  const charter = await charterOf(agencies, rosters, at)
  const context = {
    charter: charter.digest,
    rosters: Object.fromEntries(rosters.map((roster) => [roster.agency, roster.digest])),
  }
  const side = (agency: SampleAgency, roster: VerifiedRoster): Side => {
    const log = new SampleLog(agency)
    log.append(at, [genesisOf(agency), ...trustEvents(charter, rosters)])
    log.keep('charter', charter.jws)
    for (const { jws } of rosters) log.keep('roster', jws)
    return { agency, log, roster }
  }
  const sides = [side(first, rosters[0]), side(second, rosters[1])] as const
  return { sides, charter, context, startedAt: at }
}

async function rosterOf(agency: SampleAgency, at: number): Promise<VerifiedRoster> {
  const roster = await sampleRoster(agency, at - 60, genesisHash(agency, at))
  const jws = await signRoster(roster, agency.rosterKey)
  const entry = { ...entryParts(agency), roster: { digest: digest(jws.payload), version: 1 } }
  return verifyRoster(jws, { authority: { agency: agency.id, entry } })
}

async function charterOf(
  agencies: readonly [SampleAgency, SampleAgency],
  rosters: readonly [VerifiedRoster, VerifiedRoster],
  at: number,
): Promise<VerifiedCharter> {
  const aud = agencies.map(({ id }) => id).toSorted()
  const entries = agencies.map((agency, n) => {
    const roster = rosters[n] ?? rosters[0]
    return [agency.id, createCharterEntry(entryParts(agency), roster)] as const
  })
  const kinds = Object.entries(APPROVALS).map(
    ([kind, approvals]) => [kind, { approvals, aud }] as const,
  )
  const charter = {
    agencies: Object.fromEntries(entries),
    exp: at + YEAR_SECONDS,
    iat: at,
    kinds: Object.fromEntries(kinds),
    limits: { hold: 2_592_000, recipients: 16, skew: 300 },
    previous: null,
    suites: ['A1' as const],
    v: 1 as const,
    version: 1,
    witnesses: [],
  }
  const roots = agencies.flatMap((agency) => agency.roots)
  return verifyFirstCharter(await signCharter(charter, roots), {})
}

type EntryParts = Parameters<typeof createCharterEntry>[0]

function publicOf(pairs: readonly RootPair[]): EntryParts['roots'] {
  return pairs.map(({ ed, pq }) => ({ ed: ed.publicJwk, pq: pq.publicJwk }))
}

function entryParts(agency: SampleAgency): EntryParts {
  return {
    name: agency.name,
    recovery: publicOf(agency.recovery),
    recoveryThreshold: 1,
    roots: publicOf(agency.roots),
    rosterKeys: [agency.rosterKey.publicJwk],
    threshold: 2,
  }
}

function genesisOf(agency: SampleAgency): SampleEvent {
  const keys = [...agency.logSigners, ...agency.witnessSigners].map((key) => formatVkey(key))
  return { event: 'g.genesis', data: { agency: agency.id, keys } }
}

/** The hash of a log's first leaf, which was written at `at` (seconds since 1970). */
export function genesisHash(agency: SampleAgency, at: number): Digest {
  const event = { ...genesisOf(agency), actor: 'sys' }
  return digestOf(nextLeaves(createCursor(agency.origin), [event], at * 1000).leaves[0]?.hash)
}

function trustEvents(
  charter: VerifiedCharter,
  rosters: readonly VerifiedRoster[],
): readonly SampleEvent[] {
  return [
    { event: 'g.policy', data: { new: charter.digest, version: 1 } },
    ...rosters.map(({ agency, digest: own }) => ({
      event: 'g.roster',
      data: { agency, new: own, version: 1 },
    })),
  ]
}

/** A leaf's hash as receipts name it. */
export function digestOf(hash: Uint8Array | undefined): Digest {
  return DigestSchema.parse(encodeBase64url(hash ?? new Uint8Array()))
}
