/**
 * How old the newest cosignature of the own log is, and what follows: a warning, an alarm, then intelligence waits.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#age-of-the-newest-cosignature
 */
import { TRUST_LIMITS } from '@amana/core'

/** Old cosignatures are told of from these ages on, in seconds. */
export const WITNESS_AGES = { late: 3600, alarm: 86_400, held: 259_200 } as const

/**
 * `held`: no intelligence goes into a new dispatch. Referrals always go. `ahead`: it bears a time that the own clock has
 * not reached, so one of the two clocks is wrong and the age is worth nothing.
 */
export type WitnessLevel = 'ahead' | 'fresh' | keyof typeof WITNESS_AGES

/** The newest cosignature as it is told to people. */
export interface WitnessAge {
  readonly level: WitnessLevel
  /** Since the newest cosignature, or since there is somebody to give one; not below 0. */
  readonly seconds: number
}

/** A cosignature by both clocks, in seconds since 1970: its own time, and when this node took it. */
export interface CosignedTimes {
  readonly time: number
  readonly takenAt: number
}

/**
 * The age of the newest of these cosignatures, counted from its time or from when it was taken, whichever is earlier: a
 * time that lies ahead makes it no younger. Without any it is counted from `since`, and never from before it.
 */
export function witnessAge(
  cosigned: readonly CosignedTimes[],
  { now, since }: { readonly now: number; readonly since: number },
): WitnessAge {
  const newest = cosigned.toSorted((a, b) => a.takenAt - b.takenAt).at(-1)
  const times = cosigned.map(({ takenAt, time }) => Math.min(takenAt, time))
  const seconds = now - Math.max(since, ...times)
  const isAhead =
    newest !== undefined && newest.time - Math.min(newest.takenAt, now) > TRUST_LIMITS.skewSeconds
  const level = levelOf(seconds)
  const isToldAnyway = level === 'alarm' || level === 'held'
  return { level: isAhead && !isToldAnyway ? 'ahead' : level, seconds: Math.max(0, seconds) }
}

function levelOf(seconds: number): WitnessLevel {
  if (seconds >= WITNESS_AGES.held) return 'held'
  if (seconds >= WITNESS_AGES.alarm) return 'alarm'
  return seconds >= WITNESS_AGES.late ? 'late' : 'fresh'
}
