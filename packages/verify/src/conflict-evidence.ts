/**
 * Evidence of two histories by itself: the notes are the log's own words, and the policy says whose keys signed them.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#conflict-evidence
 */
import {
  AmanaError,
  type ConflictEvidence,
  encodeBase64url,
  isAnyAmanaError,
  parseConflictEvidence,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from '@amana/core'
import { type Finding, findingOfRefusal, isUnreadable } from './findings.ts'
import { checkpointPolicyOf, logOf, type ParsedPolicy } from './policy.ts'
import { type ShownHistory, signsOtherwise } from './signed-history.ts'
import { type FileCheck } from './single-files.ts'

/** What a file with heads of a log showed. */
export interface HeadsCheck extends FileCheck {
  /** The heads whose signatures verified: a bundle of the log must lead to each of them. */
  readonly heads: readonly VerifiedCheckpoint[]
}

/** A log as a bundle shows it, as far as a head can be held against it. */
export interface ShownLog extends ShownHistory {
  readonly agency: string
  readonly origin: string
}

/**
 * One size under two roots, signed by the log, is proven by the two notes alone. Where no proof was shown between two
 * sizes, one side's word stands against the other's until a bundle of the log is held beside it.
 */
export async function checkConflictEvidence(
  name: string,
  bytes: Uint8Array,
  policy: ParsedPolicy,
): Promise<HeadsCheck> {
  try {
    const evidence = parseConflictEvidence(bytes)
    const log = logOf(policy, evidence.log)
    if (log === undefined) return failed('WRONG_LOG', { party: name, where: evidence.log })
    const heads = await verifiedHeads(evidence, policy, log)
    const finding = contradiction(evidence, heads, log)
    return { verdict: 'failed', findings: [finding], timeline: [], heads }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const verdict = isUnreadable(error) ? 'could-not' : 'failed'
    const finding = findingOfRefusal(error, { party: name, otherwise: 'CONFLICT_INVALID' })
    return { verdict, findings: [finding], timeline: [], heads: [] }
  }
}

/** Heads of a log, each signed by it, that the leaves which it signed in its bundle do not lead to. */
export function headsAgainst(
  log: ShownLog,
  heads: readonly VerifiedCheckpoint[],
): readonly Finding[] {
  return heads.flatMap(({ origin, root, size }): readonly Finding[] => {
    const head = { root: encodeBase64url(root), size }
    if (origin !== log.origin || !signsOtherwise(log, head)) return []
    const where = `size ${String(size)}`
    return [{ code: 'EQUIVOCATION', severity: 'fail', level: 'PROVEN', party: log.agency, where }]
  })
}

type PolicyLog = NonNullable<ReturnType<typeof logOf>>

async function verifiedHeads(
  { notes }: ConflictEvidence,
  policy: ParsedPolicy,
  log: PolicyLog,
): Promise<readonly VerifiedCheckpoint[]> {
  const heads: VerifiedCheckpoint[] = []
  for (const note of notes)
    heads.push(await verifyCheckpoint(note, checkpointPolicyOf(policy, log)))
  return heads
}

/** The log begins with the leaf that the policy names, so a head of size 1 can contradict that alone. */
function contradiction(
  { conflict }: ConflictEvidence,
  heads: readonly VerifiedCheckpoint[],
  { agency, genesis }: PolicyLog,
): Finding {
  const [before, after] = lastTwo(heads, genesis)
  const finding = { severity: 'fail', party: agency, where: whereOf(before, after) } as const
  if (before.size === after.size && before.root !== after.root) {
    return { code: 'EQUIVOCATION', level: 'PROVEN', ...finding }
  }
  if (conflict === 'unproven' && before.size < after.size) {
    return { code: 'HISTORY_UNPROVEN', level: 'CONTRADICTED', ...finding }
  }
  throw new AmanaError('AUDIT_NO_CONFLICT', { size: after.size })
}

interface Head {
  readonly size: number
  readonly root: string
}

function lastTwo(heads: readonly VerifiedCheckpoint[], genesis: string): readonly [Head, Head] {
  const beginning = { size: 1, root: genesis }
  const found = heads.map(({ root, size }) => ({ size, root: encodeBase64url(root) }))
  const [first = beginning, second] = found
  return second === undefined ? [beginning, first] : [first, second]
}

function whereOf(before: Head, after: Head): string {
  return `size ${String(before.size)}, ${String(after.size)}`
}

function failed(code: 'WRONG_LOG', place: Pick<Finding, 'party' | 'where'>): HeadsCheck {
  const finding: Finding = { code, severity: 'fail', level: 'LOCAL', ...place }
  return { verdict: 'failed', findings: [finding], timeline: [], heads: [] }
}
