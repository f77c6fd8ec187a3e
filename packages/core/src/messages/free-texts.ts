/**
 * The free texts of a message: what a person typed, and not a code, an id, an instant or a digest. The schema of the kind
 * says which they are.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import { z } from 'zod'
import { kindDefinition } from './kinds.ts'

/** One text with its place in the message. */
export interface FreeText {
  /** Names of members and positions, joined by points; the group first. */
  readonly path: string
  readonly group: string
  readonly text: string
  /** What its kind allows at most. */
  readonly mostChars: number
}

const NodeSchema = z.looseObject({
  type: z.string().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
})
type Node = z.output<typeof NodeSchema>

const schemas = new Map<string, unknown>()

/** The free texts of some groups of a message, in their order. @throws WIRE_SCHEMA when the kind is not known */
export function freeTextsOf(
  kind: string,
  groups: Readonly<Record<string, unknown>>,
): readonly FreeText[] {
  return Object.entries(groups).flatMap(([group, value]) => {
    const found = textsIn(schemaOf(kind, group), value, group)
    const places = new Map(found.map((one) => [one.path, { ...one, group }]))
    return [...places.values()]
  })
}

function schemaOf(kind: string, group: string): unknown {
  const key = `${kind} ${group}`
  const known = schemas.get(key)
  if (known !== undefined) return known
  const schema = kindDefinition(kind).groups[group]
  const made = schema === undefined ? {} : z.toJSONSchema(schema)
  schemas.set(key, made)
  return made
}

type Found = Omit<FreeText, 'group'>

function textsIn(schema: unknown, value: unknown, path: string): readonly Found[] {
  const node = NodeSchema.safeParse(schema).data
  if (node === undefined) return []
  const branches = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])]
  const inner = branches.flatMap((branch) => textsIn(branch, value, path))
  return [...inner, ...ownTexts(node, value, path)]
}

function ownTexts(node: Node, value: unknown, path: string): readonly Found[] {
  if (typeof value === 'string') return isFree(node) ? [textOf(node, value, path)] : []
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) =>
      textsIn(node.items, item, `${path}.${String(index)}`),
    )
  }
  const members = z.record(z.string(), z.unknown()).safeParse(value).data ?? {}
  return Object.entries(members).flatMap(([name, member]) =>
    textsIn(node.properties?.[name], member, `${path}.${name}`),
  )
}

/** Codes are lists and ids have a form: what is bounded by its length alone is typed. */
function isFree({ maxLength, pattern, type }: Node): boolean {
  return type === 'string' && maxLength !== undefined && pattern === undefined
}

function textOf({ maxLength = 0 }: Node, text: string, path: string): Found {
  return { mostChars: maxLength, path, text }
}
