/**
 * Verifies one message file: trust documents, then what was sent, answered, signed and shown of one statement. It says
 * nothing of any log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifying-a-message-file
 */
import {
  type EvidenceRecord,
  isAnyAmanaError,
  type MessageEvidence,
  type MessageFile,
  readMessageFile,
  type TrustView,
  type VerifiedRoster,
} from '@amana/core'
import { policyDigests } from './bundle-charters.ts'
import { checkTrust } from './bundle-trust.ts'
import { type Disclosed, groupFindings } from './disclosed.ts'
import { findingOfRefusal, isUnreadable, verdictOf } from './findings.ts'
import { checkDispatches, checkReceipts } from './message-delivery.ts'
import { type MessageCheck, noteOf } from './message-evidence.ts'
import { checkPresented } from './message-presented.ts'
import { checkStatements } from './message-statements.ts'
import { type ParsedPolicy } from './policy.ts'
import { type FileCheck } from './single-files.ts'

/** The outcome for one message file. */
export interface MessageVerification extends FileCheck {
  /** Under which messages of these agencies can be checked; absent when charter or rosters do not verify. */
  readonly trust?: TrustView
  readonly rosters: readonly VerifiedRoster[]
}

/**
 * Verifies a message file, given as bytes in pieces of any size. Whatever the bytes are, the answer is a verdict: a
 * refusal while it is read is its one finding, `could-not` where nothing could be read.
 */
export async function verifyMessageFile(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  policy: ParsedPolicy,
): Promise<MessageVerification> {
  try {
    return await verifyFile(name, await readMessageFile(chunks), policy)
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const finding = findingOfRefusal(error, { party: name, otherwise: 'BUNDLE_MALFORMED' })
    const verdict = isUnreadable(error) ? 'could-not' : 'failed'
    return { verdict, findings: [finding], timeline: [], rosters: [] }
  }
}

async function verifyFile(
  name: string,
  file: MessageFile,
  policy: ParsedPolicy,
): Promise<MessageVerification> {
  const documents = await checkTrust(documentsOf(file.evidence), policy, name)
  const { rosters, trust } = documents
  const check = { name, file, policy, findings: [...documents.findings] }
  if (!policyDigests(policy, documents.trust?.charters ?? []).has(file.header.policy)) {
    check.findings.unshift(noteOf(check, 'POLICY_MISMATCH', file.header.policy))
  }
  if (trust === undefined) {
    const { findings } = check
    return { verdict: verdictOf(findings, 1), findings, timeline: [], rosters }
  }
  checkRecoveries(check, trust)
  const { disclosed, timeline } = await checkMessage({
    ...check,
    trust,
    rosters,
    dispatches: new Map(),
    receipts: [],
    statements: new Map(),
  })
  const findings = [...check.findings, ...disclosed.flatMap((shown) => groupFindings(shown))]
  const result = { verdict: verdictOf(findings, 1), findings, timeline, trust, rosters }
  const [shown] = disclosed
  return shown === undefined ? result : { ...result, disclosed: shown }
}

async function checkMessage(
  check: MessageCheck,
): Promise<{ readonly disclosed: readonly Disclosed[]; readonly timeline: FileCheck['timeline'] }> {
  await checkDispatches(check)
  await checkReceipts(check)
  const timeline = await checkStatements(check)
  const disclosed = await checkPresented(check)
  const info = { severity: 'info', level: 'INFO', party: check.name } as const
  check.findings.push({ ...info, code: 'LOG_NOT_SHOWN' })
  return { disclosed, timeline }
}

/** That a recovery waited for its delay only a log shows: here none counts that the policy does not stand behind. */
function checkRecoveries(
  check: Pick<MessageCheck, 'findings' | 'name' | 'policy'>,
  { charters }: TrustView,
): void {
  const { charterDigest } = check.policy.policy
  const named = charters.findIndex(({ digest }) => digest === charterDigest)
  for (const { digest, recovers } of charters.slice(named + 1)) {
    if (recovers === undefined) continue
    check.findings.push(noteOf(check, 'RECOVERY_EARLY', `charter ${digest}`))
  }
}

/** Of a charter or roster the first record of its digest is looked at. */
function documentsOf(evidence: readonly MessageEvidence[]): readonly EvidenceRecord[] {
  const seen = new Set<string>()
  return evidence.flatMap((record): readonly EvidenceRecord[] => {
    const { content, digest, kind } = record
    if (kind !== 'charter' && kind !== 'roster') return []
    const name = `${kind} ${digest}`
    if (seen.has(name)) return []
    seen.add(name)
    return [{ content, digest, kind, record: 'evidence' }]
  })
}
