/**
 * From canonical JSON to a typed payload: the version first, then the exact members, with the code that fits the place.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#refusals
 */
import { type z } from 'zod'
import { type Json } from '../bytes/jcs.ts'
import { AmanaError } from '../errors.ts'

/** Members that hold a public key; a wrong value inside them is the key's fault, not the document's. */
const KEY_MEMBERS: ReadonlySet<PropertyKey> = new Set([
  'ed',
  'jwk',
  'key',
  'pq',
  'rosterKeys',
  'sealKey',
])

/**
 * Reads a payload by its schema.
 *
 * @throws WIRE_VERSION when `v` is not 1
 * @throws WIRE_KEY when a public key has not the form of its algorithm
 * @throws WIRE_MEMBER when any other member is unknown, missing or out of its limits
 */
export function parsePayload<S extends z.ZodType>(schema: S, payload: Json): z.output<S> {
  assertFormatVersion(payload)
  const result = schema.safeParse(payload)
  if (result.success) return result.data
  throw refusalOf(result.error.issues[0])
}

function assertFormatVersion(payload: Json): void {
  if (!isObject(payload)) throw new AmanaError('WIRE_MEMBER', { path: '' })
  const version = payload['v']
  if (version === undefined) throw new AmanaError('WIRE_MEMBER', { path: 'v' })
  if (version !== 1) {
    throw new AmanaError('WIRE_VERSION', { found: JSON.stringify(version).slice(0, 16) })
  }
}

function isObject(value: Json): value is { readonly [member: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refusalOf(issue: z.core.$ZodIssue | undefined): AmanaError {
  const path = (issue?.path ?? []).map(String).join('.').slice(0, 128)
  const inKey = issue?.path.some((part) => KEY_MEMBERS.has(part)) === true
  if (inKey && issue.code !== 'unrecognized_keys') {
    return new AmanaError('WIRE_KEY', { reason: `form of ${path}` })
  }
  return new AmanaError('WIRE_MEMBER', { path })
}
