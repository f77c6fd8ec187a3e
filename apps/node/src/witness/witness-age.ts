/**
 * How old the newest cosignature of the own log is, and what follows: a warning, an alarm, then intelligence waits.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#age-of-the-newest-cosignature
 */

/** Old cosignatures are told of from these ages on, in seconds. */
export const WITNESS_AGES = { late: 3600, alarm: 86_400, held: 259_200 } as const

/** `held`: no intelligence goes into a new dispatch. Referrals always go. */
export type WitnessLevel = 'fresh' | keyof typeof WITNESS_AGES

/** The newest cosignature as it is told to people. */
export interface WitnessAge {
  readonly level: WitnessLevel
  /** Since the newest cosignature, or since there is somebody to give one; not below 0. */
  readonly seconds: number
}

/** The level of an age in seconds. */
export function witnessAge(seconds: number): WitnessAge {
  return { level: levelOf(seconds), seconds: Math.max(0, seconds) }
}

function levelOf(seconds: number): WitnessLevel {
  if (seconds >= WITNESS_AGES.held) return 'held'
  if (seconds >= WITNESS_AGES.alarm) return 'alarm'
  return seconds >= WITNESS_AGES.late ? 'late' : 'fresh'
}
