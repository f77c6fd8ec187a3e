/**
 * How instants and ids are shown on a terminal.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */

const SHORT = 8

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
