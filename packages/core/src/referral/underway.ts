/**
 * Where she is now: one line for each person in motion, from the referral alone, so that both nodes show the same line.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#underway
 */
import { type CodeOf } from '../messages/code-lists.ts'
import { type ClockName } from './clocks.ts'
import { type CustodyLeg, type Heard } from './progress.ts'
import { type Referral } from './referral.ts'
import { type AnyState } from './table.ts'

/** A person in motion; nothing of her but who has her. */
export interface Underway {
  readonly reference: string
  readonly exercise?: true
  readonly state: AnyState
  readonly urgency?: CodeOf<'urgency'>
  /** The organisation that has her; `since` is the receipt’s instant, and absent where only the file says so. */
  readonly with?: { readonly organisation: string; readonly since?: string }
  /** The leg on which she is: released, and not received yet. */
  readonly leg?: {
    readonly to: string
    readonly legType: CodeOf<'legType'>
    readonly since: string
  }
  /** The clock that is due first. */
  readonly next?: { readonly clock: ClockName; readonly dueAt: string; readonly overdue: boolean }
  /** What was last heard from the way. */
  readonly heard?: Pick<Heard, 'place' | 'at' | 'incident'>
}

/** On the way, just arrived, or lost. */
const IN_MOTION: readonly AnyState[] = ['in_transit', 'handed_over', 'missing']

/** The persons in motion, by the clock that is due first, then by reference. */
export function underway(referrals: readonly Referral[]): readonly Underway[] {
  return referrals.flatMap((referral) => lineOf(referral) ?? []).toSorted(byClock)
}

function lineOf(referral: Referral): Underway | undefined {
  const { exercise, reference, state, urgency } = referral
  const leg = referral.custody.findLast(({ status }) => status === 'released')
  if (leg === undefined && !IN_MOTION.includes(state)) return undefined
  return {
    reference,
    state,
    ...(exercise === undefined ? {} : { exercise }),
    ...(urgency === undefined ? {} : { urgency }),
    ...custodianIn(referral),
    ...(leg === undefined ? {} : { leg: legOf(leg) }),
    ...nextClock(referral),
    ...heardIn(referral),
  }
}

function custodianIn({ custodian, custody }: Referral): Pick<Underway, 'with'> {
  if (custodian === undefined) return {}
  const { organisation, receipt } = custodian
  const since = custody.find((leg) => leg.receipt === receipt)?.receivedAt
  return {
    with: {
      organisation,
      ...(receipt === undefined || since === undefined ? {} : { since }),
    },
  }
}

function legOf({ legType, releasedAt, to }: CustodyLeg): NonNullable<Underway['leg']> {
  return { to: to.organisation, legType, since: releasedAt }
}

function nextClock({ deadlines }: Referral): Pick<Underway, 'next'> {
  const [first] = deadlines
    .filter(({ status }) => status === 'running' || status === 'overdue')
    .toSorted((one, other) => one.dueAt.localeCompare(other.dueAt))
  if (first === undefined) return {}
  const { clock, dueAt, status } = first
  return { next: { clock, dueAt, overdue: status === 'overdue' } }
}

function heardIn({ heard }: Referral): Pick<Underway, 'heard'> {
  if (heard === undefined) return {}
  const { at, incident, place } = heard
  return { heard: { place, at, ...(incident === undefined ? {} : { incident }) } }
}

/** Whose clock is due first stands first; who has none stands last. By code units, so that no locale orders it otherwise. */
function byClock(one: Underway, other: Underway): number {
  const key = ({ next, reference }: Underway): string => `${next?.dueAt ?? '~'} ${reference}`
  return key(one) < key(other) ? -1 : 1
}
