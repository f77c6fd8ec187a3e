/**
 * Arithmetic on the instants of messages. All have one form, in UTC and whole seconds, so that they sort as text.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#clocks
 */

const HOUR_MS = 3_600_000

/** The instant `hours` later. */
export function addHours(instant: string, hours: number): string {
  return formatInstant(Date.parse(instant) + hours * HOUR_MS)
}

/** Hours from one instant to another; negative when the second is earlier. */
export function hoursBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / HOUR_MS
}

/** The later of two instants. */
export function later(first: string, second: string): string {
  return first < second ? second : first
}

/** The instant of a clock, seconds since 1970. */
export function instantOf(seconds: number): string {
  return formatInstant(seconds * 1000)
}

function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
