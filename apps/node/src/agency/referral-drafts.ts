/**
 * What an officer’s program writes of a referral: a draft with its place, the handling of what was said before it, and
 * every group of its kind.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#place-in-a-referral
 */
import { type Draft, groupNames, parseDraft, type Relation } from '@amana/core'
import { type ReferralPlaceView } from '../service-views.ts'
import { messageInstant } from '../statements/referral-statements.ts'

type Members = Readonly<Record<string, unknown>>

/** What is said, beside its place. */
export interface Said {
  readonly kind: string
  /** Those that are not here are empty. */
  readonly groups: Readonly<Record<string, Members>>
  readonly relates?: readonly Relation[]
  /** Seconds since 1970. */
  readonly exp?: number
  /** When it happened; now, where it is not said. */
  readonly at?: string | undefined
}

const HANDLING = { tlp: 'AMBER', caveats: ['dist:bilateral'] }

/**
 * The draft of a statement that takes `place`.
 *
 * @throws WIRE_SCHEMA with the path of the first member that does not fit, WIRE_POLICY
 */
export function referralDraft(place: ReferralPlaceView, said: Said): Draft {
  const { at = messageInstant(place.now), exp, groups, kind, relates } = said
  const names = groupNames(kind)
  const [first = ''] = ['body', 'routing'].filter((name) => names.includes(name))
  const { previous, reference, sequence } = place
  const own = {
    referral: reference,
    occurredAt: at,
    sequence,
    ...(previous === undefined ? {} : { previous }),
  }
  return parseDraft({
    kind,
    to: { agency: place.peer },
    handling: place.handling ?? HANDLING,
    ...(relates === undefined ? {} : { relates }),
    ...(exp === undefined ? {} : { exp }),
    groups: {
      ...Object.fromEntries(names.map((name) => [name, {}])),
      ...groups,
      [first]: { ...groups[first], ...own },
    },
  })
}
