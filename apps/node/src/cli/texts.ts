/**
 * How instants and ids are shown on a terminal.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { type Io } from './io.ts'

const SHORT = 8
const KIB = 1024
const MIB = 1024 * KIB
const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `YYYY-MM-DD` in UTC, from seconds since 1970. */
export function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

/** `YYYY-MM-DD HH:MM` in UTC, from seconds since 1970. */
export function instantOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')
}

/** The beginning of a key id: enough for a person to tell two apart. */
export function shortId(keyId: string): string {
  return keyId.slice(0, SHORT)
}

/** Bytes, as people read them in the largest unit that is not above them. */
export function sizeOf({ say }: Pick<Io, 'say'>, bytes: number): string {
  if (bytes < KIB) return say('size.bytes', { count: bytes })
  if (bytes < MIB) return say('size.kib', { count: Math.round(bytes / KIB) })
  return say('size.mib', { count: Math.round(bytes / MIB) })
}

/** A time that something takes, in the two largest units. */
export function durationOf({ say }: Pick<Io, 'say'>, seconds: number): string {
  if (seconds < MINUTE) return say('duration.seconds', { count: seconds })
  if (seconds < HOUR) return say('duration.minutes', { count: Math.ceil(seconds / MINUTE) })
  if (seconds < DAY) {
    const hours = Math.floor(seconds / HOUR)
    return say('duration.hours', { hours, minutes: Math.ceil((seconds % HOUR) / MINUTE) })
  }
  return say('duration.days', {
    days: Math.floor(seconds / DAY),
    hours: Math.ceil((seconds % DAY) / HOUR),
  })
}
