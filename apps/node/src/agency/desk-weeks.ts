/**
 * The keys of a desk that follow each other week by week: which are there, which are to be made, and the roster that lists
 * them.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#weekly-keys-of-a-desk
 */
import {
  AmanaError,
  type HpkeJwk,
  isWeekly,
  type Roster,
  TRUST_LIMITS,
  type X25519Jwk,
} from '@amana/core'
import { superseded } from './key-changes.ts'
import { type RosterChange } from './rosters.ts'

type DeskKey = Roster['desks'][number]['encryption'][number]
type Span = Pick<DeskKey, 'nbf' | 'exp'>

/** What a desk is to have. */
export interface WeeksWish {
  readonly desk: string
  readonly algorithm: DeskKey['jwk']['alg']
  /** The running week and those after it. */
  readonly weeks: number
  /** Whether the keys before are revoked at once, as superseded, the weekly ones too. */
  readonly supersede: boolean
}

/** The weeks of a desk. */
export interface WeekPlan extends WeeksWish {
  /** Weekly keys that stay. */
  readonly kept: readonly DeskKey[]
  /** The weeks for which keys are to be made; each begins where the one before ends. */
  readonly spans: readonly Span[]
}

/**
 * Which weeks are missing. Weekly keys that run now or follow without a gap stay; the first week begins now where none
 * runs.
 *
 * @throws CLI_KEY_HOLDER when the roster lists no such desk
 * @throws CLI_KEY_ROOM when the keys of the other suite leave no room for so many
 */
export function planWeeks(
  { desks }: Pick<Roster, 'desks'>,
  wish: WeeksWish,
  now: number,
): WeekPlan {
  const { algorithm, desk, supersede, weeks } = wish
  const found = desks.find(({ id }) => id === desk)
  if (found === undefined) throw new AmanaError('CLI_KEY_HOLDER', { holder: desk })
  const { same, other } = bySuite(found.encryption, algorithm, now)
  const most = TRUST_LIMITS.keysInRotation - other.length
  if (weeks > most) throw new AmanaError('CLI_KEY_ROOM', { desk, most })
  const kept = supersede ? [] : runningWeeks(same, now)
  const start = kept.at(-1)?.exp ?? now - TRUST_LIMITS.skewSeconds
  const spans = Array.from({ length: Math.max(0, weeks - kept.length) }, (_, week) => ({
    nbf: start + week * TRUST_LIMITS.weeklyKeySeconds,
    exp: start + (week + 1) * TRUST_LIMITS.weeklyKeySeconds,
  }))
  return { ...wish, kept, spans }
}

/** Lists the keys that were made for a plan, one a week; longer-lived keys of the suite are left out. */
export function listWeeks(
  { algorithm, desk, kept, spans, supersede }: WeekPlan,
  jwks: readonly (HpkeJwk | X25519Jwk)[],
): RosterChange {
  return async ({ payload }, now) => {
    const found = payload.desks.find(({ id }) => id === desk)
    if (found === undefined) throw new AmanaError('CLI_KEY_HOLDER', { holder: desk })
    const { same, other } = bySuite(found.encryption, algorithm, now)
    const made = jwks.flatMap((jwk, week) => {
      const span = spans[week]
      return span === undefined ? [] : [{ ...span, jwk }]
    })
    const encryption = [...other, ...kept, ...made]
    const desks = payload.desks.map((entry) =>
      entry.id === desk ? { ...entry, encryption } : entry,
    )
    if (!supersede) return { desks }
    return { desks, revoked: await superseded(payload, same, now) }
  }
}

function bySuite(
  keys: readonly DeskKey[],
  algorithm: WeeksWish['algorithm'],
  now: number,
): { readonly same: readonly DeskKey[]; readonly other: readonly DeskKey[] } {
  const ahead = keys.filter(({ exp }) => exp > now)
  return {
    same: ahead.filter(({ jwk }) => jwk.alg === algorithm),
    other: ahead.filter(({ jwk }) => jwk.alg !== algorithm),
  }
}

/** The weekly key that runs, and those that follow it without a gap. */
function runningWeeks(keys: readonly DeskKey[], now: number): readonly DeskKey[] {
  const running: DeskKey[] = []
  const weekly = keys.filter((key) => isWeekly(key)).toSorted((a, b) => a.nbf - b.nbf)
  for (const key of weekly) {
    const follows = running.at(-1)?.exp
    if (follows === undefined ? key.nbf <= now : key.nbf === follows) running.push(key)
  }
  return running
}
