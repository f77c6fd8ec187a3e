/**
 * The trust documents of a bundle: the charter that the policy names, and every agency's rosters as a chain. They are
 * read as history: a roster that has ended since is no fault.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#trust-documents
 */
import {
  AmanaError,
  createTrustView,
  decodeBase64url,
  type EvidenceRecord,
  type GeneralJws,
  GeneralJwsSchema,
  isAnyAmanaError,
  parseCanonical,
  type TrustView,
  type VerifiedCharter,
  type VerifiedRoster,
  verifyFirstCharter,
  verifyRoster,
} from '@amana/core'
import { z } from 'zod'
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
  const wanted = records.find(
    ({ kind, digest }) => kind === 'charter' && digest === policy.policy.charterDigest,
  )
  if (wanted === undefined) {
    const where = policy.policy.charterDigest
    const code = 'CHARTER_MISMATCH'
    return { rosters: [], findings: [{ code, severity: 'fail', level: 'LOCAL', party, where }] }
  }
  try {
    const charter = await verifyFirstCharter(wanted.content, {})
    const rosters = await verifyRosters(records, charter)
    return { trust: createTrustView({ charter, rosters }), rosters, findings: [] }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const finding = findingOfRefusal(error, { party, otherwise: 'TRUST_INVALID' })
    return { rosters: [], findings: [{ ...finding, code: 'TRUST_INVALID' }] }
  }
}

const PlaceSchema = z.looseObject({ agency: z.string(), version: z.int() })

interface RosterInHand {
  readonly jws: GeneralJws
  readonly agency: string
  readonly version: number
}

async function verifyRosters(
  records: readonly EvidenceRecord[],
  charter: VerifiedCharter,
): Promise<readonly VerifiedRoster[]> {
  const inHand = records
    .flatMap(({ kind, content }) => (kind === 'roster' ? [placeOf(content)] : []))
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
  return { jws: jws.data, agency: place.data.agency, version: place.data.version }
}
