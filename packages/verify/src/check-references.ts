/**
 * Evidence beside messages: notes of the other log that this one witnessed, presentations, and whether everything that
 * is named is there and everything that is there is named.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import {
  encodeBase64url,
  type EvidenceRecord,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from '@amana/core'
import { attempt, type EvidenceCheck, evidenceOf } from './evidence.ts'
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
  for (const { leaf } of check.reading.leaves) {
    if (leaf.event === 'g.policy') evidenceOf(check, 'charter', leaf.data.new)
    if (leaf.event === 'g.roster') evidenceOf(check, 'roster', leaf.data.new)
  }
  const notes = new Map<string, VerifiedCheckpoint>()
  const rejected = rejectedEnvs(check)
  const records = [...check.reading.evidence.values()].flatMap((alike) => [...alike.values()])
  for (const record of records) {
    if (record.kind === 'peer-note') await checkNote(check, record, notes)
    if (record.kind === 'presentation') await checkPresentation(check, record)
    if (!check.named.has(record) && !rejected.has(record.digest)) noteUnnamed(check, record)
  }
  return witnessed(check, notes)
}

async function checkNote(
  check: EvidenceCheck,
  record: Extract<EvidenceRecord, { kind: 'peer-note' | 'presentation' }>,
  notes: Map<string, VerifiedCheckpoint>,
): Promise<void> {
  const where = `peer-note ${record.digest}`
  await attempt(check, { where, party: check.reading.agency, level: 'LOCAL' }, async () => {
    const origin = record.content.slice(0, record.content.indexOf('\n'))
    const log = logOf(check.policy, origin) ?? logOf(check.policy, check.reading.header.log)
    if (log === undefined) return
    const checkpoint = await verifyCheckpoint(record.content, checkpointPolicyOf(check.policy, log))
    notes.set(record.digest, checkpoint)
  })
}

async function checkPresentation(
  check: EvidenceCheck,
  record: Extract<EvidenceRecord, { kind: 'peer-note' | 'presentation' }>,
): Promise<void> {
  const where = `presentation ${record.digest}`
  await attempt(check, { where, party: check.reading.agency, level: 'LOCAL' }, async () => {
    await verifyPresentation(record.content, check.trust)
  })
}

function witnessed(
  check: EvidenceCheck,
  notes: ReadonlyMap<string, VerifiedCheckpoint>,
): readonly WitnessedCheckpoint[] {
  return check.reading.leaves.flatMap(({ leaf }) => {
    if (leaf.event !== 'w.witness') return []
    const { log, note, root, size, time } = leaf.data
    const signed = notes.get(note)
    const isSigned =
      signed?.origin === log && signed.size === size && encodeBase64url(signed.root) === root
    return [{ origin: log, size, root, time, index: leaf.index, isSigned }]
  })
}

/** Trust documents, notes and presentations stand on their own signatures; a message is there because a leaf names it. */
function noteUnnamed(check: EvidenceCheck, { kind, digest }: EvidenceRecord): void {
  if (kind !== 'statement' && kind !== 'dispatch' && kind !== 'receipt') return
  const party = check.reading.agency
  const where = `${kind} ${digest}`
  const code = 'EVIDENCE_UNNAMED'
  check.findings.push({ code, severity: 'warn', level: 'LOCAL', party, where })
}

/** Dispatches that took no place and that a leaf names all the same. */
function rejectedEnvs({ reading }: EvidenceCheck): ReadonlySet<string | undefined> {
  return new Set(
    reading.leaves.flatMap(({ leaf }) => (leaf.event === 'x.rejected' ? [leaf.data.env] : [])),
  )
}
