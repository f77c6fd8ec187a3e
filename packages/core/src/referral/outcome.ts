/**
 * What becomes of a step: it stands and changes what is known, or it is refused and changes nothing.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#refusal
 */
import { type Progress } from './progress.ts'
import { type ReferralReason } from './reasons.ts'

/** What a step that stands does: move the state, add to what is known, or wait for its other half. */
export type Effect = 'moved' | 'recorded' | 'proposed'

/** A step that stands, or the reasons for which it is refused. */
export type Outcome =
  | { readonly effect: Effect; readonly progress: Progress }
  | { readonly reasons: readonly ReferralReason[] }

/** The step is refused. */
export function refuse(reasons: readonly ReferralReason[]): Outcome {
  return { reasons: [...new Set(reasons)] }
}

/** The step stands. */
export function accept(before: Progress, progress: Progress): Outcome {
  return { effect: before.state === progress.state ? 'recorded' : 'moved', progress }
}
