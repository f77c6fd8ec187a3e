/**
 * Vectors of `test/vectors` as tests read them.
 *
 * @module
 * @spec docs/spec/01-bytes.md#vectors
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** Bytes that a vector writes in hexadecimal. */
export const Hex = z
  .string()
  .regex(/^(?:[0-9a-f]{2})*$/)
  .transform((text) => new Uint8Array(Buffer.from(text, 'hex')))

/** The file `test/vectors/<path>`, read by a schema that names what the test uses of it. */
export function readVectors<S extends z.ZodType>(path: string, schema: S): z.output<S> {
  const file = new URL(`../vectors/${path}`, import.meta.url)
  return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
}

/** Hexadecimal, for comparing bytes of whatever class. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
