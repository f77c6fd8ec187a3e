/**
 * JSON values in tests: from what a test changed back to the type that the core takes.
 *
 * @module
 * @spec docs/spec/01-bytes.md#canonical-json
 */
import { type Json } from '@amana/core'
import { z } from 'zod'

const JsonObjectSchema = z.record(z.string(), z.json())

/** The object as the core's type. Throws when it is not JSON. */
export function asJson(value: unknown): { readonly [member: string]: Json } {
  return JsonObjectSchema.parse(value)
}

/** The value that a text of JSON says, as `unknown`. */
export function parseText(text: string): unknown {
  return JSON.parse(text)
}

/** What stands at a path; undefined where nothing does. */
export function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, step) => {
    if (typeof found !== 'object' || found === null) return undefined
    return new Map<string, unknown>(Object.entries(found)).get(String(step))
  }, value)
}

/** The text at a path. Throws when none is there. */
export function textAt(value: unknown, path: readonly (string | number)[]): string {
  return z.string().parse(at(value, path))
}
