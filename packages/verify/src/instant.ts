/**
 * Instants as a report writes them and as a person asks for them: RFC 3339.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#keys-of-a-day
 */
const DAY = /^\d{4}-\d{2}-\d{2}$/
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Seconds since 1970 as RFC 3339. */
export function instantOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** Seconds since 1970 of a day (its first second in UTC) or an instant; nothing where the text is neither. */
export function secondsOf(text: string): number | undefined {
  const [day = '', time] = text.split('T')
  const isTime = time === undefined || TIME.test(time)
  if (!isTime || !isDay(day)) return undefined
  const seconds = Math.floor(Date.parse(time === undefined ? `${day}T00:00:00Z` : text) / 1000)
  return seconds >= 0 ? seconds : undefined
}

/** A day that the calendar has. */
function isDay(text: string): boolean {
  if (!DAY.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text)
}
