/**
 * The last look before a statement is queued: whether it may go to each desk by what is known now, and whether its texts
 * tell who the person is. What an officer accepts is a leaf before it is queued.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import {
  AmanaError,
  openedValues,
  parseMessage,
  parseOpening,
  parseStatement,
  releaseFindings,
} from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { countBucket, reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { assertMayLeave } from '../outbox/release.ts'
import { type CheckedSubmission } from '../outbox/submission.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { assertFiled } from './filings.ts'
import { referenceOf } from './referral-services.ts'

/** What the officer’s program handed in beside the statement, and who he is. */
export interface Releasing {
  readonly asked: Pick<ServiceInput<'submit'>, 'accepts' | 'dryRun' | 'reason'>
  readonly who: Actor
}

/**
 * Lets a checked submission pass; the leaf of what was accepted is durable when this returns.
 *
 * @throws REFERRAL_UNFILED as `assertFiled`
 * @throws REFERRAL_LOCKED when a desk may not be told of her
 * @throws REFERRAL_FINDINGS when more is found in its texts than somebody accepted, with a reason
 */
export async function release(
  parts: NodeParts,
  { desks, record }: CheckedSubmission,
  { asked, who }: Releasing,
): Promise<void> {
  const { accepts = 0, dryRun, reason } = asked
  const { handling, kind } = parseStatement(record.statement).content
  assertFiled(parts, kind, handling.caveats)
  await assertMayLeave(parts, record, desks)
  if (referenceOf(record) === undefined || record.opening === undefined) return
  const message = parseMessage(kind, openedValues(parseOpening(record.opening)))
  const findings = releaseFindings(message, desks)
  const [first] = findings
  if (first !== undefined && (findings.length > accepts || reason === undefined)) {
    throw new AmanaError('REFERRAL_FINDINGS', { count: findings.length, path: first.path })
  }
  if (accepts === 0 || dryRun) return
  const data = { count: countBucket(accepts), std: record.digest }
  await recordAct(parts, { who, leaves: [{ event: 'a.release', data }], fields: reasonOf(asked) })
}
