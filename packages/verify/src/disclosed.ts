/**
 * What a presentation shows of a message, field by field, for a report.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#presentations
 */
import { type Json } from '@amana/core'

/** The fields that one presentation shows; it verified. */
export interface Disclosed {
  readonly file: string
  readonly kind: string
  readonly from: string
  /** Digest of the statement. */
  readonly statement: string
  /** Path and value of every field that is shown, as text. */
  readonly fields: readonly (readonly [path: string, value: string])[]
}

/** The leaves of a value with their paths. */
export function fieldsOf(path: string, value: Json): Disclosed['fields'] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]]
  return Object.entries(value).flatMap(([name, member]) => fieldsOf(`${path}.${name}`, member))
}
