/**
 * Changes one place of a JSON value: what the hostile cases of the message tests are made with.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#reading-a-body
 */

/** Where to change: member names and positions. */
export type Path = readonly (string | number)[]

/** A copy of `value` in which `path` holds `put`. */
export function set(value: unknown, path: Path, put: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return put
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === first ? set(item, rest, put) : item))
  }
  const members: Record<string, unknown> = { ...(typeof value === 'object' ? value : {}) }
  return { ...members, [first]: set(members[first], rest, put) }
}

/** A copy of `value` without the member at `path`. */
export function without(value: unknown, path: Path): unknown {
  const [first, ...rest] = path
  if (first === undefined) return undefined
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === first ? without(item, rest) : item))
  }
  const members: Record<string, unknown> = { ...(typeof value === 'object' ? value : {}) }
  if (rest.length > 0) return { ...members, [first]: without(members[first], rest) }
  return Object.fromEntries(Object.entries(members).filter(([name]) => name !== first))
}
