/**
 * Records of a referral in tests: made by a draft, kept in a story, and what is read of it then.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#records
 */
import { type Referral, type ReferralStatement, type ReferralStep } from '@amana/core'
import {
  type Clear,
  type Draft,
  NOON,
  type ReferralStory,
  type Told,
  toldUpTo,
  WOMAN,
} from './referral-fixture.ts'

const HOUR_MS = 3_600_000

/** The instant so many hours after noon. */
export function hour(hours: number): string {
  return new Date(Date.parse(NOON) + hours * HOUR_MS).toISOString().replace('.000Z', 'Z')
}

/** Makes a record in a story. */
export const record =
  ({ kind, by, groups }: Draft, clear: Clear = {}) =>
  (story: ReferralStory): ReferralStatement =>
    story.record({ by, kind, groups }, clear)

/** How the clocks of a name stand. */
export function clock({ deadlines }: Referral, name: string): readonly string[] {
  return deadlines.filter(({ clock: each }) => each === name).map(({ status }) => status)
}

/** Why nobody could leave now. */
export function gatesOf(story: ReferralStory): readonly string[] {
  return story.at().openGates.map(({ reason }) => reason)
}

/** A story that was told up to a state with a record kept in it, and the record’s step. */
export function kept(
  state: Told,
  make: (story: ReferralStory) => ReferralStatement,
  groups = WOMAN,
): { readonly story: ReferralStory; readonly step: ReferralStep } {
  const story = toldUpTo(state, groups)
  return { story, step: story.keep(make(story)) }
}
