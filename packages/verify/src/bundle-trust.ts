/**
 * The trust documents of a bundle: the chain of charters with the one that the policy names, and every agency's rosters
 * as chains. They are read as history: a roster that has ended since is no fault.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#trust-documents
 */
import {
  AgencyIdSchema,
  AmanaError,
  createTrustView,
  decodeBase64url,
  digest,
  type EvidenceRecord,
  type GeneralJws,
  GeneralJwsSchema,
  isAnyAmanaError,
  parseCanonical,
  type TrustView,
  type VerifiedCharter,
  type VerifiedRoster,
  verifyRoster,
} from '@amana/core'
import { z } from 'zod'
import { verifyCharters } from './bundle-charters.ts'
import { type Finding, findingOfRefusal } from './findings.ts'
import { type ParsedPolicy } from './policy.ts'

/** Far above any roster: the document's own limit is checked when it is verified. */
const PAYLOAD_BYTES = 524_288

/** The view under which statements are checked; absent when the documents do not verify. */
export interface TrustCheck {
  readonly trust?: TrustView
  readonly rosters: readonly VerifiedRoster[]
  readonly findings: readonly Finding[]
}

/** Verifies the charter and rosters among the evidence. `party` is named where a document fails. */
export async function checkTrust(
  evidence: Iterable<EvidenceRecord>,
  policy: ParsedPolicy,
  party: string,
): Promise<TrustCheck> {
  const records = [...evidence]
  const named = policy.policy.charterDigest
  try {
    const charters = await verifyCharters(records, named)
    const charter = charters?.at(-1)
    if (charters === undefined || charter === undefined) return mismatch(named, party)
    const rosters = await verifyRosters(records, charters)
    const earlier = charters.slice(0, -1)
    return { trust: createTrustView({ charter, earlier, rosters }), rosters, findings: [] }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const finding = findingOfRefusal(error, { party, otherwise: 'TRUST_INVALID' })
    return { rosters: [], findings: [{ ...finding, code: 'TRUST_INVALID' }] }
  }
}

function mismatch(where: string, party: string): TrustCheck {
  const code = 'CHARTER_MISMATCH'
  return { rosters: [], findings: [{ code, severity: 'fail', level: 'LOCAL', party, where }] }
}

const PlaceSchema = z.looseObject({
  agency: AgencyIdSchema,
  previous: z.string().nullable(),
  version: z.int(),
})

interface RosterInHand {
  readonly jws: GeneralJws
  readonly digest: string
  readonly agency: string
  readonly previous: string | null
  readonly version: number
}

/** Every chain of rosters under the charter that began it; what no later chain takes is of the first one. */
async function verifyRosters(
  records: readonly EvidenceRecord[],
  charters: readonly VerifiedCharter[],
): Promise<readonly VerifiedRoster[]> {
  const inHand = records.flatMap(({ kind, content }) =>
    kind === 'roster' ? [placeOf(content)] : [],
  )
  const verified: VerifiedRoster[] = []
  let left: readonly RosterInHand[] = inHand
  for (const { agency, charter } of laterChains(charters)) {
    const chain = chainFrom(charter.payload.agencies[agency]?.roster.digest, left)
    verified.push(...(await verifyChain(chain, charter)))
    left = left.filter((roster) => !chain.includes(roster))
  }
  for (const agency of new Set(left.map((roster) => roster.agency))) {
    const charter = charters.find(({ payload }) => payload.agencies[agency] !== undefined)
    const authority = charter ?? charters[0]
    if (authority === undefined) continue
    const chain = left.filter((roster) => roster.agency === agency)
    verified.push(...(await verifyChain(chain, authority)))
  }
  return verified
}

interface LaterChain {
  readonly agency: string
  readonly charter: VerifiedCharter
}

/** Chains that a charter after the first begins, the newest first. */
function laterChains(charters: readonly VerifiedCharter[]): readonly LaterChain[] {
  const begun = charters.slice(1).flatMap((charter, index) => {
    const before = charters[index]?.payload.agencies ?? {}
    return Object.entries(charter.payload.agencies).flatMap(([agency, { roster }]) =>
      before[agency]?.roster.digest === roster.digest ? [] : [{ agency, charter }],
    )
  })
  return begun.toReversed()
}

/** The roster of that digest and those that follow it. @throws TRUST_CHAIN when it is not there */
function chainFrom(
  start: string | undefined,
  inHand: readonly RosterInHand[],
): readonly RosterInHand[] {
  const chain: RosterInHand[] = []
  for (let next = inHand.find(({ digest: own }) => own === start); next !== undefined;) {
    chain.push(next)
    const { digest: last, version } = next
    next = inHand.find((roster) => roster.previous === last && roster.version === version + 1)
  }
  if (chain.length === 0) throw new AmanaError('TRUST_CHAIN', { document: 'roster', version: 1 })
  return chain
}

async function verifyChain(
  chain: readonly RosterInHand[],
  charter: VerifiedCharter,
): Promise<readonly VerifiedRoster[]> {
  const inHand = chain
    .filter(({ agency, version }) => !isBefore(charter, agency, version))
    .toSorted((a, b) => a.version - b.version)
  const newest = new Map<string, VerifiedRoster>()
  const verified: VerifiedRoster[] = []
  for (const { jws, agency } of inHand) {
    const previous = newest.get(agency)
    const expectation = { authority: charter, ...(previous === undefined ? {} : { previous }) }
    const roster = await verifyRoster(jws, expectation)
    newest.set(agency, roster)
    verified.push(roster)
  }
  return verified
}

/** A roster from before the charter: the log names it, and nothing is signed under it. */
function isBefore({ payload }: VerifiedCharter, agency: string, version: number): boolean {
  const bound = payload.agencies[agency]?.roster.version
  return bound !== undefined && version < bound
}

/** Which roster it says to be: only the order of verifying rests on it. */
function placeOf(content: unknown): RosterInHand {
  const jws = GeneralJwsSchema.safeParse(content)
  if (!jws.success) throw new AmanaError('WIRE_MEMBER', { path: '' })
  const payload = parseCanonical(decodeBase64url(jws.data.payload), PAYLOAD_BYTES)
  const place = PlaceSchema.safeParse(payload)
  if (!place.success) throw new AmanaError('WIRE_MEMBER', { path: 'version' })
  const { agency, previous, version } = place.data
  return { jws: jws.data, digest: digest(jws.data.payload), agency, previous, version }
}
