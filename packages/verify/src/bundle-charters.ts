/**
 * The charters of a bundle as one chain: from version 1 to the one that the policy names by their digests, and on from
 * there by the quorums of each version. A recovery counts only after its delay, as the log tells it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#trust-documents
 */
import {
  AmanaError,
  decodeBase64url,
  digest,
  type Digest,
  type EvidenceRecord,
  type GeneralJws,
  GeneralJwsSchema,
  type Leaf,
  parseCanonical,
  tallyNextCharter,
  type VerifiedCharter,
  verifyFirstCharter,
  verifyNextCharter,
  verifyRecovery,
} from '@amana/core'
import { z } from 'zod'
import { type Finding } from './findings.ts'
import { type ParsedPolicy } from './policy.ts'

/** Far above any charter: the document's own limit is checked when it is verified. */
const PAYLOAD_BYTES = 524_288
const DELAY_SECONDS = 7 * 86_400
/** A node takes a recovery so much earlier from one whose clock is ahead. */
const SKEW_SECONDS = 300

const PlaceSchema = z.looseObject({ previous: z.string().nullable(), version: z.int() })

interface CharterInHand {
  readonly jws: GeneralJws
  readonly digest: string
  readonly version: number
  readonly previous: string | null
}

/**
 * Verifies the charters among the evidence, the oldest first; nothing where the one that the policy names is not there.
 *
 * @throws TRUST_CHAIN when a version between 1 and that one is missing, WIRE_FORK when two charters follow one; as
 * `verifyFirstCharter`, `verifyNextCharter` and `verifyRecovery`
 */
export async function verifyCharters(
  records: readonly EvidenceRecord[],
  named: string,
): Promise<readonly VerifiedCharter[] | undefined> {
  const inHand = records.flatMap(({ kind, content }) =>
    kind === 'charter' ? [placeOf(content)] : [],
  )
  const wanted = inHand.find((charter) => charter.digest === named)
  if (wanted === undefined) return undefined
  const [first, ...later] = backFrom(wanted, inHand)
  const charters = [await verifyFirstCharter(first.jws, {})]
  for (const { jws } of later) charters.push(await nextAfter(jws, charters))
  for (;;) {
    const following = inHand.filter(({ previous }) => previous === charters.at(-1)?.digest)
    const [next, twin] = following
    if (next === undefined) return charters
    if (twin !== undefined) {
      throw new AmanaError('WIRE_FORK', { what: `charter version ${String(twin.version)}` })
    }
    charters.push(await nextAfter(next.jws, charters))
  }
}

/** What a trusted charter names as its predecessors, by digest: nobody can put another in their place. */
function backFrom(
  wanted: CharterInHand,
  inHand: readonly CharterInHand[],
): readonly [CharterInHand, ...CharterInHand[]] {
  let [first, later]: [CharterInHand, readonly CharterInHand[]] = [wanted, []]
  while (first.previous !== null) {
    const before = inHand.find(({ digest: own }) => own === first.previous)
    if (before === undefined || before.version >= first.version) {
      throw new AmanaError('TRUST_CHAIN', { document: 'charter', version: first.version })
    }
    later = [first, ...later]
    first = before
  }
  return [first, ...later]
}

async function nextAfter(
  jws: GeneralJws,
  charters: readonly VerifiedCharter[],
): Promise<VerifiedCharter> {
  const previous = charters.at(-1)
  if (previous === undefined) return verifyFirstCharter(jws, {})
  const { recovers } = await tallyNextCharter(jws, previous)
  if (recovers === undefined) return verifyNextCharter(jws, { previous })
  return (await verifyRecovery(jws, { previous })).asHistory()
}

/** Which charter it says to be: only the order of verifying rests on it. */
function placeOf(content: unknown): CharterInHand {
  const jws = GeneralJwsSchema.safeParse(content)
  if (!jws.success) throw new AmanaError('WIRE_MEMBER', { path: '' })
  const payload = parseCanonical(decodeBase64url(jws.data.payload), PAYLOAD_BYTES)
  const place = PlaceSchema.safeParse(payload)
  if (!place.success) throw new AmanaError('WIRE_MEMBER', { path: 'version' })
  const { previous, version } = place.data
  return { jws: jws.data, digest: digest(jws.data.payload), previous, version }
}

/** Digests of the policy and of what it becomes when only its charter is one of the chain. */
export function policyDigests(
  { digest: own, policy, text }: ParsedPolicy,
  charters: readonly VerifiedCharter[],
): ReadonlySet<Digest> {
  const under = charters.map((charter) =>
    digest(
      text.replace(
        `#amana charter ${policy.charterDigest}\n`,
        `#amana charter ${charter.digest}\n`,
      ),
    ),
  )
  return new Set([own, ...under])
}

/**
 * A recovery came into force seven days after both agencies had seen it, by the leaves of this log: its own sight and
 * what the other agency said. Where the leaf of its coming into force is not shown, it counts only up to the charter that
 * the policy names: whoever writes a bundle must not get a recovery past its delay by withholding that leaf.
 */
export function checkRecoveries(
  charters: readonly VerifiedCharter[],
  leaves: readonly Leaf[],
  { named, party }: { readonly named: string; readonly party: string },
): readonly Finding[] {
  const last = charters.find(({ digest: own }) => own === named)?.version ?? 0
  return charters
    .filter(({ recovers }) => recovers !== undefined)
    .filter((charter) => isEarly(charter, charters, leaves) ?? charter.version > last)
    .map(({ digest: where }) => ({
      code: 'RECOVERY_EARLY',
      severity: 'fail',
      level: 'LOCAL',
      party,
      where: `charter ${where}`,
    }))
}

function isEarly(
  charter: VerifiedCharter,
  charters: readonly VerifiedCharter[],
  leaves: readonly Leaf[],
): boolean | undefined {
  const entered = leaves.find(
    (leaf) => leaf.event === 'g.policy' && leaf.data.new === charter.digest,
  )
  if (entered === undefined) return undefined
  const before = charters.find(({ version }) => version === charter.version - 1)
  const agencies = Object.keys(before?.payload.agencies ?? {})
  const seen = agencies.map((agency) => seenAt(charter, agency, leaves))
  const at = secondsOf(entered)
  return seen.some(
    (instant) => instant === undefined || at < instant + DELAY_SECONDS - SKEW_SECONDS,
  )
}

/** When an agency saw it: what it said, and not before this log could have heard it. */
function seenAt(
  { digest: own }: VerifiedCharter,
  agency: string,
  leaves: readonly Leaf[],
): number | undefined {
  for (const leaf of leaves) {
    if (leaf.event !== 'g.recovery') continue
    if (leaf.data.new === own && leaf.data.agency === agency) return leaf.data.time
  }
  return undefined
}

function secondsOf({ time }: Leaf): number {
  return Math.floor(Date.parse(time) / 1000)
}
