/**
 * Evidence beside messages: notes of the other log that this one witnessed, presentations, and whether everything that
 * is named is there and everything that is there is named.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import { type CheckpointPolicy, CheckpointVerifier, encodeBase64url, parseVkey } from '@amana/core'
import { attempt, type EvidenceCheck, placeOf } from './evidence.ts'
import { type EvidencePlace } from './evidence-store.ts'
import { checkpointPolicyOf, logOf } from './policy.ts'
import { verifyPresentation } from './presentation.ts'

/** A word of this log about the other: the checkpoint that its witness cosigned. */
export interface WitnessedCheckpoint {
  readonly origin: string
  readonly size: number
  /** base64url. */
  readonly root: string
  /** Seconds since 1970, by this witness's clock. */
  readonly time: number
  readonly index: number
  /** The note itself is in the bundle and both keys of its log signed it. */
  readonly isSigned: boolean
}

/** Verifies what is neither statement, dispatch, receipt nor trust document, and follows the names of the log. */
export async function checkReferences(
  check: EvidenceCheck,
): Promise<readonly WitnessedCheckpoint[]> {
  const { claims, evidence, exchange } = check.reading
  for (const { data, event } of claims.governance) {
    if (event === 'g.policy') placeOf(check, 'charter', data.new)
    if (event === 'g.roster') placeOf(check, 'roster', data.new)
  }
  for (const { note } of claims.witnessed) placeOf(check, 'peer-note', note)
  const notes = {
    heads: new Map<string, SignedHead>(),
    verifiers: new Map<string, CheckpointVerifier>(),
  }
  for (const place of evidence.all()) {
    await checkText(check, place, notes)
    const isNamed = check.named.has(place) || exchange.bareNames.has(place.digest)
    if (!isNamed) noteUnnamed(check, place)
  }
  return witnessed(check, notes.heads)
}

async function checkText(
  check: EvidenceCheck,
  place: EvidencePlace,
  notes: PeerNotes,
): Promise<void> {
  const { digest, kind } = place
  if (kind !== 'peer-note' && kind !== 'presentation') return
  const { content } = await check.reading.evidence.read(place)
  const text = typeof content === 'string' ? content : ''
  if (kind === 'peer-note') await checkNote(check, { digest, text }, notes)
  else await checkPresentation(check, { digest, text })
}

interface TextEvidence {
  readonly digest: string
  readonly text: string
}

/** Notes of the other log that verified, and by what; one for each log. */
interface PeerNotes {
  readonly heads: Map<string, SignedHead>
  readonly verifiers: Map<string, CheckpointVerifier>
}

/** What a note says, under both signatures of its log. */
interface SignedHead {
  readonly origin: string
  readonly size: number
  readonly root: string
}

async function checkNote(
  check: EvidenceCheck,
  { digest, text }: TextEvidence,
  { heads, verifiers }: PeerNotes,
): Promise<void> {
  const where = `peer-note ${digest}`
  await attempt(check, { where, party: check.reading.agency, level: 'LOCAL' }, async () => {
    const policy = notePolicyOf(check, text.slice(0, text.indexOf('\n')))
    if (policy === undefined) return
    const verifier = verifiers.get(policy.origin) ?? new CheckpointVerifier(policy)
    verifiers.set(policy.origin, verifier)
    const { origin, root, size } = await verifier.verify(text)
    heads.set(digest, { origin, root: encodeBase64url(root), size })
  })
}

/**
 * Whose keys sign the heads of a log: the policy says it of the logs in force, a roster that verified of those before and
 * after. A note of a log that neither names is held against the own log, and refused.
 */
function notePolicyOf(
  { policy, reading, rosters }: EvidenceCheck,
  origin: string,
): CheckpointPolicy | undefined {
  const known = logOf(policy, origin)
  if (known !== undefined) return checkpointPolicyOf(policy, known)
  const logs = rosters.flatMap(({ payload }) => payload.nodes.map(({ log }) => log))
  const named = logs.find((log) => log.origin === origin)
  if (named !== undefined) {
    return { origin, logKeys: named.log.map((key) => parseVkey(key)), witnesses: [], quorum: 0 }
  }
  const own = logOf(policy, reading.header.log)
  return own === undefined ? undefined : checkpointPolicyOf(policy, own)
}

async function checkPresentation(
  check: EvidenceCheck,
  { digest, text }: TextEvidence,
): Promise<void> {
  const where = `presentation ${digest}`
  await attempt(check, { where, party: check.reading.agency, level: 'LOCAL' }, async () => {
    await verifyPresentation(text, check.trust)
  })
}

function witnessed(
  check: EvidenceCheck,
  notes: ReadonlyMap<string, SignedHead>,
): readonly WitnessedCheckpoint[] {
  return check.reading.claims.witnessed.map(({ index, log, note, root, size, time }) => {
    const signed = notes.get(note)
    const isSigned = signed?.origin === log && signed.size === size && signed.root === root
    return { origin: log, size, root, time, index, isSigned }
  })
}

/** Trust documents, notes and presentations stand on their own signatures; a message is there because a leaf names it. */
function noteUnnamed(check: EvidenceCheck, { kind, digest }: EvidencePlace): void {
  if (kind !== 'statement' && kind !== 'dispatch' && kind !== 'receipt') return
  const party = check.reading.agency
  const where = `${kind} ${digest}`
  const code = 'EVIDENCE_UNNAMED'
  check.findings.push({ code, severity: 'warn', level: 'LOCAL', party, where })
}
