/**
 * The published JSON Schema of each kind, made from the schema that the program itself uses.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#published-schemas
 */
import { z } from 'zod'
import { DraftSchema } from './message.ts'
import { kindDefinition } from './kinds.ts'

/**
 * JSON Schema (2020-12) of the groups of `kind`. Rules over several members (a link that resolves, legs that join) are in
 * the specification, not in it.
 *
 * @throws WIRE_SCHEMA when the kind is not known
 */
export function messageJsonSchema(kind: string): Readonly<Record<string, unknown>> {
  const { groups } = kindDefinition(kind)
  return publish(`urn:amana:kind:${kind}`, z.strictObject(groups))
}

/** JSON Schema (2020-12) of the file that a sender writes. */
export function draftJsonSchema(): Readonly<Record<string, unknown>> {
  return publish('urn:amana:draft:1', DraftSchema)
}

function publish(id: string, schema: z.ZodType): Readonly<Record<string, unknown>> {
  return {
    $id: id,
    ...z.toJSONSchema(schema, { target: 'draft-2020-12', unrepresentable: 'throw' }),
  }
}
