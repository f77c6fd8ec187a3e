/**
 * The file as a step: who may make it, and which version is in force.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#the-file-in-force
 */
import { type ReferralFacts } from '../messages/victim-referral.ts'
import { endClocks } from './clocks.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import { stopWithdrawn } from './event-effects.ts'
import { factsWith } from './facts.ts'
import { mayBeChild } from './person.ts'
import { type Progress, recordedBy, responsibleAgency, type Step } from './progress.ts'
import { type ReferralContent } from './statement.ts'
import { type ReferralReason } from './reasons.ts'
import { type AnyState, FILE_ROLES } from './table.ts'

type FileContent = Extract<ReferralContent, { readonly type: 'file' }>

const WITHOUT_FILE: readonly AnyState[] = ['closed', 'cancelled']

/** The first file makes its agency the sending one; a next version must name the one in force. */
export function judgeFile(progress: Progress, step: Step, content: FileContent): Outcome {
  const reasons = fileReasons(progress, step)
  if (reasons.length > 0) return refuse(reasons)
  const { author, statement, occurredAt } = step
  const { file: own, stranded } = content
  const facts = factsWith(own, progress.assessments)
  const file = {
    digest: statement.digest,
    facts,
    own,
    ...(stranded === undefined ? {} : { stranded }),
    agency: author.agency,
    occurredAt,
    order: progress.order,
  }
  const sending = progress.sending ?? author.agency
  const clocks = isAfterwardsFileComplete(facts)
    ? endClocks(progress.clocks, ({ clock }) => clock === 'afterwards_file', {
        at: occurredAt,
        as: 'done',
      })
    : progress.clocks
  const known = { ...progress, sending, file, clocks }
  return accept(progress, stopWithdrawn(known, { at: occurredAt, by: recordedBy(step) }))
}

function fileReasons(progress: Progress, { author, statement }: Step): readonly ReferralReason[] {
  const { file, state } = progress
  const reasons: ReferralReason[] = []
  if (WITHOUT_FILE.includes(state)) reasons.push('wrong_state')
  const isTheirs = file === undefined || author.agency === responsibleAgency(progress)
  if (!isTheirs || !FILE_ROLES.some((role) => author.roles.includes(role))) {
    reasons.push('wrong_role')
  }
  const replaces = statement.relates.some(
    ({ relation, digest }) => relation === 'supersedes' && digest === file?.digest,
  )
  if (file !== undefined && !replaces) reasons.push('file_in_force')
  return reasons
}

/** What an emergency leaves to complete: the basis, and for a child her guardian and her best interests. */
export function isAfterwardsFileComplete(facts: ReferralFacts): boolean {
  const { legalBasis, justification } = facts.consent ?? {}
  const isGrounded =
    legalBasis === 'consent' || (legalBasis !== undefined && justification !== undefined)
  if (!mayBeChild(facts)) return isGrounded
  const { guardianSuspected, bestInterests } = facts.child ?? {}
  return (
    isGrounded &&
    guardianSuspected !== undefined &&
    guardianSuspected !== 'not_asked' &&
    bestInterests !== undefined
  )
}
