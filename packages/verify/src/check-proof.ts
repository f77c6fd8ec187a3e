/**
 * The proof of one entry by itself: that it stands in a log whose head the log signed and the other agency cosigned.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#proof-of-one-entry
 */
import {
  decodeUtf8,
  isAnyAmanaError,
  type Leaf,
  type LogProof,
  parseLogProof,
  type VerifiedCheckpoint,
  verifyLogProof,
} from '@amana/core'
import { type HeadsCheck } from './conflict-evidence.ts'
import { type Finding, findingOfRefusal, isUnreadable } from './findings.ts'
import { instantOf } from './instant.ts'
import { checkpointPolicyOf, logOf, type ParsedPolicy } from './policy.ts'

/** Says which entry is proven, and whether anybody but its own log stands behind the head. */
export async function checkLogProof(
  name: string,
  bytes: Uint8Array,
  policy: ParsedPolicy,
): Promise<HeadsCheck> {
  try {
    const proof = parseLogProof(decodeUtf8(bytes))
    const origin = originOf(proof)
    const log = logOf(policy, origin)
    if (log === undefined) return checkOf([failing('WRONG_LOG', name, origin)])
    const { checkpoint, leaf } = await verifyLogProof(proof, checkpointPolicyOf(policy, log))
    return checkOf(findingsOf(log.agency, leaf, checkpoint), [checkpoint])
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const finding = findingOfRefusal(error, { party: name, otherwise: 'PROOF_INVALID' })
    return { ...checkOf([finding]), verdict: isUnreadable(error) ? 'could-not' : 'failed' }
  }
}

/** The log that signed the head, by its own word: its keys are looked up by it. */
function originOf({ note }: LogProof): string {
  return note.slice(0, Math.max(note.indexOf('\n'), 0))
}

function findingsOf(
  party: string,
  { event, index, time }: Leaf,
  { cosignatures, size }: VerifiedCheckpoint,
): readonly Finding[] {
  const [first] = cosignatures.map((line) => line.time).toSorted((a, b) => a - b)
  if (first === undefined) return [failing('NOT_WITNESSED', party, `size ${String(size)}`)]
  const where = `index ${String(index)}, ${event}, ${time}; size ${String(size)}, ${instantOf(first)}`
  return [{ code: 'ENTRY_PROVEN', severity: 'info', level: 'PROVEN', party, where }]
}

function checkOf(
  findings: readonly Finding[],
  heads: readonly VerifiedCheckpoint[] = [],
): HeadsCheck {
  const isFailed = findings.some(({ severity }) => severity === 'fail')
  return { verdict: isFailed ? 'failed' : 'verified', findings, timeline: [], heads }
}

function failing(code: 'NOT_WITNESSED' | 'WRONG_LOG', party: string, where: string): Finding {
  return { code, severity: 'fail', level: 'LOCAL', party, where }
}
